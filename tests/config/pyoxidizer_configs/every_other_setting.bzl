def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.configure_locale = True
    config.coerce_c_locale = "LC_CTYPE"
    config.coerce_c_locale_warn = True
    config.development_mode = True
    config.use_environment = True
    config.bytes_warning = "warn"
    config.check_hash_pycs_mode = "never"
    config.configure_c_stdio = False
    config.fault_handler = True
    config.filesystem_encoding = "utf-8"
    config.filesystem_errors = "surrogateescape"
    config.hash_seed = 1
    config.import_time = True
    config.inspect = True
    config.install_signal_handlers = False
    config.malloc_stats = True
    config.pycache_prefix = "/tmp/pycache"
    config.quiet = True
    config.site_import = True
    config.stdio_encoding = "utf-8"
    config.stdio_errors = "strict"
    config.tracemalloc = True
    config.verbose = True
    config.write_bytecode = True
    config.multiprocessing_auto_dispatch = False
    config.sys_frozen = False
    config.allocator = "py-malloc"
    return dist.to_python_executable("python", config = config)

register_target("exe", make_exe)
resolve_targets()
