def make_exe():
    dist = default_python_distribution(flavor = "standalone_dynamic" if BUILD_TARGET_TRIPLE.endswith("gnu") else "standalone_static")
    exe = dist.to_python_executable("gui")
    exe.windows_subsystem = "windows"
    exe.packed_resources_load_mode = "binary-relative-memory-mapped:packed"
    exe.add_cargo_manifest_licensing("Cargo.toml")
    return exe

register_target("exe", make_exe)
resolve_targets()
