load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/pip",
    requirements = ["demo"],
)

python_executable(
    name = "app",
    resources = [":app/pip"],
    interpreter = True,
)
