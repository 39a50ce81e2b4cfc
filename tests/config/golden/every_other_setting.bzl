load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "python",
    interpreter = True,
    frozen = False,
    multiprocessing = False,
    environment = True,
    coerce_c_locale = True,
    coerce_c_locale_warn = True,
    python_allocator = "pymalloc",
    hash_seed = 1,
    stdio_encoding = "utf-8",
    stdio_errors = "strict",
    filesystem_encoding = "utf-8",
    filesystem_errors = "surrogateescape",
    pycache_prefix = "/tmp/pycache",
    check_hash_pycs_mode = "never",
    site_import = True,
    write_bytecode = True,
    configure_c_stdio = False,
    dev_mode = True,
    faulthandler = True,
    import_time = True,
    inspect = True,
    install_signal_handlers = False,
    malloc_stats = True,
    quiet = True,
    bytes_warning = 1,
    tracemalloc = 1,
    verbose = 1,
)
