def make_msi(arch):
    msi = WiXMSIBuilder("tool", "Tool", "1.0", "Example", arch = arch)
    msi.msi_filename = "tool-" + arch + ".msi"
    files = FileManifest()
    files.add_file(FileContent(path = "targets/" + arch + "/tool.exe"))
    msi.add_program_files_manifest(files)
    return msi

def make_bundle():
    bundle = WiXBundleBuilder(id_prefix = "tool", name = "Tool", version = "1.0", manufacturer = "Example")
    for arch in ["x86", "x64"]:
        bundle.add_vc_redistributable(arch)
        bundle.add_wix_msi_builder(builder = make_msi(arch), install_condition = "VersionNT64" if arch == "x64" else "Not VersionNT64")
    return bundle

register_target("bundle", make_bundle)
resolve_targets()
