# 9:12: `PythonInterpreterConfig.oxidized_importer`: they always can be; files on `sys.path` can, too

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences")
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "numbers_app/pip",
    requirements = ["numbers_like"],
)

python_executable(
    name = "numbers_app",
    entry_point = "numbers_app",
    sys_path = ["$ORIGIN/lib"],
)

licences(
    name = "numbers_app/licences",
)

install(
    name = "exe",
    targets = {"numbers_app": ":numbers_app", "COPYING.txt": ":numbers_app/licences"},
    resources = {
        "lib#:numbers_app/pip#:dist": [
            "lib/python3.13/site-packages/numbers_like/__init__.py",
            "lib/python3.13/site-packages/numbers_like/core.py",
            "lib/python3.13/site-packages/numbers_like/_fast.so",
            "lib/python3.13/site-packages/numbers_like-1.0.dist-info/METADATA",
        ],
    },
    program = "numbers_app",
)
