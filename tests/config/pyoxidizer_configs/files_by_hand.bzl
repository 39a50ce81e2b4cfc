def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.allow_files = True
    policy.file_scanner_emit_files = True
    policy.file_scanner_classify_files = False
    policy.include_file_resources = True
    policy.include_classified_resources = True
    policy.allow_in_memory_shared_library_loading = True
    policy.resources_location_fallback = "filesystem-relative:lib"
    exe = dist.to_python_executable("viewer", policy)
    for resource in exe.pip_install(["numbers_like"]):
        resource.add_location = "filesystem-relative:lib"
        exe.add_python_resource(resource)
    return exe

def make_install(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    return files

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()
