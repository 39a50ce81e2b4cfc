APP = "tool"
VERSION = VARS.get("version", "1.2.3")

def make_msi():
    msi = WiXMSIBuilder(id_prefix = APP, product_name = APP, product_version = VERSION, product_manufacturer = "Example")
    msi.msi_filename = "%s-%s.msi" % (APP, VERSION)
    msi.help_url = "https://example.org/help"
    msi.license_path = CWD + "/LICENSE"
    msi.product_icon_path = "tool.ico"
    msi.upgrade_code = "5F0C1A9E-92A1-5C52-9A4C-0F6F6F0C8D11"
    files = FileManifest()
    files.add_path("targets/x86_64-pc-windows-msvc/tool.exe", strip_prefix = "targets/x86_64-pc-windows-msvc")
    msi.add_program_files_manifest(files)
    msi.add_visual_cpp_redistributable(redist_version = "14", platform = "x64")
    return msi

register_target("msi", make_msi, default = True)
resolve_targets()
