load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences")
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)

licences(
    name = "app/licences",
)

install(
    name = "install",
    targets = {"bin/app": ":app", "bin/COPYING.txt": ":app/licences"},
    srcs = {
        "README.md": "README.md",
        "a.txt": "docs/a.txt",
        "share/LICENSE": "LICENSE",
        "data/one.json": "data/one.json",
        "data/two.json": "data/two.json",
    },
    contents = {"run.sh": "#!/bin/sh\nexec bin/app\n"},
    executable = {"run.sh": True},
    program = "bin/app",
)
