# 7:9: `PythonExecutable.tcl_files_path`: the distributions here have no Tcl, so that `tkinter` is not there

load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "runner",
    command = "import runpy, sys; sys.argv[0] = 'main.py'; runpy.run_path(sys.argv[0], run_name='__main__')",
    sys_path = ["$ORIGIN", "$ORIGIN/lib"],
)
