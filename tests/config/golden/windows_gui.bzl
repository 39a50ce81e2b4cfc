# 5:9: `PythonExecutable.packed_resources_load_mode`: they are always inside of the executable, from where they are mapped
# 6:9: `PythonExecutable.add_cargo_manifest_licensing`: no crate is part of an executable here, so that there is none to name

load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "gui",
    interpreter = True,
)
