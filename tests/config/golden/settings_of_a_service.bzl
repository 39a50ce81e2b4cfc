# 13:12: `PythonInterpreterConfig.write_modules_directory_env`: `python -X importtime` shows what is imported
# 14:12: `PythonInterpreterConfig.multiprocessing_start_method`: it stays what Python's version has; `multiprocessing.set_start_method` works with each

load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "service/root",
    package_roots = ["src"],
    only = ["app/**", "app.py"],
)

python_executable(
    name = "service",
    resources = [":service/root"],
    command = "import app; app.serve()",
    allocator = "mimalloc",
    meipass = "$ORIGIN",
    environment = True,
    warn_options = ["ignore"],
    x_options = ["faulthandler"],
    buffered_stdio = False,
)
