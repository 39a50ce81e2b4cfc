load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "demo/pip",
    requirements = ["demo"],
)

python_executable(
    name = "demo",
    resources = [":demo/pip"],
    entry_point = "demo",
)
