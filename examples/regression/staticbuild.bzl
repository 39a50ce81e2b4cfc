load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static", python_version = "3.13")

python_resources(
    name = "app",
    srcs = ["regression.py"],
    requirements = ["numpy>=2.2"],
)

python_executable(
    name = "regression",
    resources = [":app"],
    entry_point = "regression",
)
