# 3:14: `PythonInterpreterConfig(…)` is of an older PyOxidizer; `dist.make_python_interpreter_config()` gives one now, to assign attributes of
# 4:16: an argument of `to_python_executable` for resources is of an older PyOxidizer; `make_python_packaging_policy()` has the attributes now
# 5:62: `PythonDistribution.read_package_root` is of an older PyOxidizer; it is a method of the executable now
# 5:9: `add_filesystem_relative_python_resources` is of an older PyOxidizer; `add_python_resources` adds them where their `add_location` says

load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "root",
    package_roots = ["."],
    only = ["app/**", "app.py"],
)

python_executable(
    name = "demo",
    resources = [":root"],
    command = "import demo; demo.main()",
    location = {"*": "beside"},
)
