# 14:9: `WiXMSIBuilder.add_visual_cpp_redistributable`: Microsoft's runtime libraries are not here to be put in: the installer has none

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "wix_msi")

install(
    name = "msi-files",
    srcs = {"tool.exe": "targets/x86_64-pc-windows-msvc/tool.exe"},
)

wix_msi(
    name = "msi",
    id_prefix = "tool",
    product_name = "tool",
    product_version = "1.2.3",
    product_manufacturer = "Example",
    filename = "tool-1.2.3.msi",
    files = ":msi-files",
    help_url = "https://example.org/help",
    license_path = "LICENSE",
    product_icon_path = "tool.ico",
    upgrade_code = "5F0C1A9E-92A1-5C52-9A4C-0F6F6F0C8D11",
)
