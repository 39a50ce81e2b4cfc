def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.config_profile = "python"
    config.allocator_backend = "mimalloc"
    config.allocator_raw = True
    config.allocator_debug = False
    config.isolated = False
    config.buffered_stdio = False
    config.utf8_mode = True
    config.user_site_directory = False
    config.x_options = ["faulthandler"]
    config.write_modules_directory_env = "APP_MODULES"
    config.multiprocessing_start_method = "spawn"
    config.terminfo_resolution = "dynamic"
    config.sys_meipass = True
    config.warn_options = ["ignore"]
    config.run_command = "import app; app.serve()"
    exe = dist.to_python_executable("service", config = config)
    exe.add_python_resources(exe.read_package_root("src", ["app"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
