# 7:5: ["app"] FileContent None

load("@stdlib//build.bzl", "install")
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)

install(
    name = "files",
    targets = {"app": ":app"},
    program = "app",
)
