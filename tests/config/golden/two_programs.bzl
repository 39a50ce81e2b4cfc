load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences")
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "first/pip",
    requirements = ["demo"],
)

python_resources(
    name = "second/pip",
    requirements = ["demo"],
)

python_executable(
    name = "first",
    resources = [":first/pip"],
    entry_point = "demo",
)

python_executable(
    name = "second",
    resources = [":second/pip"],
    entry_point = "demo.core",
)

licences(
    name = "first/licences",
    resources = [":first/pip"],
)

licences(
    name = "second/licences",
    resources = [":second/pip"],
)

install(
    name = "install",
    targets = {
        "bin/first": ":first",
        "bin/COPYING.txt": ":first/licences",
        "bin/second": ":second",
    },
    program = "bin/second",
)
