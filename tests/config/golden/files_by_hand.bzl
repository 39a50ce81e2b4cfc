# 9:12: `PythonPackagingPolicy.allow_in_memory_shared_library_loading`: this is for Windows; elsewhere it has no effect, as before

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences")
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "viewer/pip",
    requirements = ["numbers_like"],
)

python_executable(
    name = "viewer",
    interpreter = True,
)

licences(
    name = "viewer/licences",
)

install(
    name = "exe",
    targets = {"viewer": ":viewer", "COPYING.txt": ":viewer/licences"},
    resources = {
        "lib#:viewer/pip#:dist": [
            "lib/python3.13/site-packages/numbers_like/__init__.py",
            "lib/python3.13/site-packages/numbers_like/core.py",
            "lib/python3.13/site-packages/numbers_like/_fast.so",
            "lib/python3.13/site-packages/numbers_like-1.0.dist-info/METADATA",
        ],
    },
    program = "viewer",
)
