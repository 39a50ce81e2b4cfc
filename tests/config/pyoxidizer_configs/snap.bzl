def make_snap():
    app = SnapApp()
    app.command = "bin/app"
    app.plugs = ["network", "home"]
    part = SnapPart()
    part.plugin = "dump"
    part.source = "."
    part.stage_packages = []
    snap = Snap("app", "1.0", "an app", "It does\nthis and that.")
    snap.base = "core22"
    snap.grade = "stable"
    snap.confinement = "strict"
    snap.apps = {"app": app}
    snap.parts = {"app": part}
    builder = snap.to_builder()
    builder.add_invocation(["snap"])
    files = FileManifest()
    files.add_python_resource(".", default_python_distribution().to_python_executable("app"))
    builder.add_file_manifest(files)
    return builder

register_target("snap", make_snap)
resolve_targets()
