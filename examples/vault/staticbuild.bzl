load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static", python_version = "3.13")

python_resources(
    name = "app",
    package_roots = ["src"],
    requirements = ["click>=8.1", "rich>=14", "PyYAML>=6", "PyNaCl>=1.5"],
)

python_executable(
    name = "vault",
    resources = [":app"],
    entry_point = "vault.cli:main",
)
