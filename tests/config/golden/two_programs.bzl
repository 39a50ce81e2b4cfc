load("@stdlib//build.bzl", "install")
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

install(
    name = "install",
    targets = {"bin/first": ":first", "bin/second": ":second"},
    program = "bin/second",
)
