"""An executable that is CPython as nearly as one file can be, with the regression suite inside."""

load("@stdlib//python.bzl", "make_dist", "python_executable")

# `--var archive=FILE` takes a distribution that is there already, such as one with Python's own checks.
make_dist(
    flavor = "standalone_static",
    python_version = "3.13",
    path = config.var("archive", "") or None,
)

python_executable(
    name = "python",
    dist = ":dist",
    interpreter = True,
    include_test = True,
    include_tools = True,
    # Tests list the folder that they are in, and run the files there.
    location = {"test": "extracted"},
    # What `python` does by default, and an application's executable does not.
    environment = True,
    gc_freeze = False,
    safe_path = False,
    site_import = True,
    write_bytecode = True,
)
