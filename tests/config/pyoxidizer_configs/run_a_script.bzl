def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_filename = "main.py"
    config.module_search_paths = ["$ORIGIN", "$ORIGIN/lib"]
    exe = dist.to_python_executable("runner", config = config)
    exe.tcl_files_path = "lib"
    exe.windows_runtime_dlls_mode = "always"
    exe.windows_subsystem = "console"
    exe.licenses_filename = None
    return exe

register_target("exe", make_exe)
resolve_targets()
