load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(
    python_version = "3.12",
)

python_resources(
    name = "demo/pip",
    requirements = ["requirements.txt"],
)

python_resources(
    name = "demo/root",
    package_roots = ["."],
    only = ["app/**", "app.py"],
)

python_executable(
    name = "demo",
    resources = [":demo/root"],
    command = "from demo.core import main; main()",
)
