def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.raw_allocator = "jemalloc"
    config.run_mode = "module:demo"
    exe = dist.to_python_executable("demo", config = config)
    exe.add_python_resources(exe.pip_install(["demo"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
