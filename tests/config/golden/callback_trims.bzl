load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "small/pip",
    requirements = ["demo"],
)

python_executable(
    name = "small",
    resources = [":small/pip"],
    entry_point = "demo",
    optimize = 2,
    exclude = ["lib/python3.13/antigravity.py"],
    exclude_sources = [
        "lib/python3.13/antigravity.py",
        "lib/python3.13/json/__init__.py",
        "lib/python3.13/json/decoder.py",
    ],
)
