load("@stdlib//build.bzl", "install")
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)

install(
    name = "release",
    targets = {"app": ":app"},
    program = "app",
)
