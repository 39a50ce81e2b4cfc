load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static", python_version = "3.13")

python_resources(
    name = "app",
    package_roots = ["src"],
    requirements = ["pyproject.toml"],
)

python_executable(
    name = "guestbook",
    resources = [":app"],
    entry_point = "guestbook.server:main",
)
