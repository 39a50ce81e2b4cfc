# 2:21: `PythonInterpreterConfig(…)` is of an older PyOxidizer; `dist.make_python_interpreter_config()` gives one now, to assign attributes of
# 3:16: an argument of `to_python_executable` for resources is of an older PyOxidizer; `make_python_packaging_policy()` has the attributes now
# 11:45: `PythonDistribution.pip_install` is of an older PyOxidizer; it is a method of the executable now
# 11:9: `add_in_memory_python_resources` is of an older PyOxidizer; `add_python_resources` adds them where their `add_location` says

load("@stdlib//python.bzl", "python_executable", "python_resources")

python_resources(
    name = "pip",
    requirements = ["demo"],
)

python_executable(
    name = "demo",
    resources = [":pip"],
    entry_point = "demo",
    allocator = "libc",
)
