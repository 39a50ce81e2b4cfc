load("@stdlib//build.bzl", "install")
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/pip",
    requirements = ["demo"],
)

python_resources(
    name = "app/pip-2",
    requirements = ["other"],
)

python_executable(
    name = "app",
    interpreter = True,
)

install(
    name = "files",
    resources = {
        "lib#:app/pip#:dist": [
            "lib/python3.13/site-packages/demo/__init__.py",
            "lib/python3.13/site-packages/demo/core.py",
            "lib/python3.13/site-packages/demo/tests/__init__.py",
            "lib/python3.13/site-packages/demo/data.txt",
            "lib/python3.13/site-packages/demo-1.0.dist-info/METADATA",
        ],
        "more#:app/pip-2#:dist": [
            "lib/python3.13/site-packages/other/__init__.py",
            "lib/python3.13/site-packages/other/x.py",
            "lib/python3.13/site-packages/other-1.0.dist-info/METADATA",
        ],
    },
)
