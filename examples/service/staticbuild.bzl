load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static", python_version = "3.13")

python_resources(
    name = "app",
    package_roots = ["src"],
    requirements = ["tzdata"],
)

python_executable(
    name = "ledger",
    resources = [":app"],
    entry_point = "ledger.cli:main",
)
