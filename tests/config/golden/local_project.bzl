load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "tool/pip",
    requirements = ["."],
)

python_resources(
    name = "tool/pip-2",
    requirements = ["./dist/tool-1.0-py3-none-any.whl"],
)

python_executable(
    name = "tool",
    resources = [":tool/pip"],
    interpreter = True,
)
