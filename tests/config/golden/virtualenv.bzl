load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/virtualenv",
    package_roots = [".venv/lib/python3.13/site-packages"],
    exclude = ["**/*.pth", "pip/**", "pip-*.dist-info/**", "_virtualenv.py"],
)

python_executable(
    name = "app",
    resources = [":app/virtualenv"],
    interpreter = True,
)
