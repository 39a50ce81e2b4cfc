load("@stdlib//python.bzl", "python_executable", "python_resources")

python_resources(
    name = "app/root",
    package_roots = ["."],
    only = ["app/**", "app.py"],
)

python_executable(
    name = "app",
    resources = [":app/root"],
    entry_point = "app",
)
