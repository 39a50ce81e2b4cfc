load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "old/project",
    requirements = ["."],
)

python_executable(
    name = "old",
    resources = [":old/project"],
    interpreter = True,
)
