load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/app_version",
    contents = {"app_version.py": "version = \"0.0\"\nplatform = \"x86_64-unknown-linux-musl\"\n"},
)

python_resources(
    name = "app/app_data",
    contents = {"app_data/__init__.py": ""},
)

python_executable(
    name = "app",
    resources = [":app/app_version", ":app/app_data"],
    interpreter = True,
)
