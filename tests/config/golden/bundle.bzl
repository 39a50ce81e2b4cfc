# 12:16: `WiXBundleBuilder.add_vc_redistributable`: Microsoft's runtime libraries are not here to be put in: the installer has none
# 16:1: installers of several parts are made by WiX's Burn, which runs on Windows only; the MSIs that it would hold are built instead

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "wix_msi")

install(
    name = "msi-files",
    srcs = {"tool.exe": "targets/x86/tool.exe"},
)

wix_msi(
    name = "msi",
    id_prefix = "tool",
    product_name = "Tool",
    product_version = "1.0",
    product_manufacturer = "Example",
    arch = "x86",
    filename = "tool-x86.msi",
    files = ":msi-files",
)

install(
    name = "msi-files-2",
    srcs = {"tool.exe": "targets/x64/tool.exe"},
)

wix_msi(
    name = "msi-2",
    id_prefix = "tool",
    product_name = "Tool",
    product_version = "1.0",
    product_manufacturer = "Example",
    filename = "tool-x64.msi",
    files = ":msi-files-2",
)

install(
    name = "bundle",
    targets = {"tool-x86.msi": ":msi#tool-x86.msi", "tool-x64.msi": ":msi-2#tool-x64.msi"},
)
