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
    name = "release",
    targets = {"app": ":app", "COPYING.txt": ":app/licences"},
    program = "app",
)
