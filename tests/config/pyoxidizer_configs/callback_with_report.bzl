report = {"files": 0}
seen = []

def callback(policy, resource):
    if type(resource) == "File":
        report["files"] = report["files"] + 1
        seen.append(resource.path)
    elif type(resource) == "PythonExtensionModule":
        resource.add_location = "in-memory"

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.file_scanner_emit_files = True
    policy.register_resource_callback(callback)
    exe = dist.to_python_executable("app", policy)
    exe.add_python_resources(exe.pip_install(["demo"]))
    print(report["files"], "files, the first is", seen[0])
    return exe

register_target("exe", make_exe)
resolve_targets()
