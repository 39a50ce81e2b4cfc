# 8:1: installers of several parts are made by WiX's Burn, which runs on Windows only; the MSIs that it would hold are built instead

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences", "wix_msi")
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)

licences(
    name = "app/licences",
)

install(
    name = "msi-files",
    targets = {"app": ":app", "COPYING.txt": ":app/licences"},
    program = "app",
)

wix_msi(
    name = "msi",
    id_prefix = "app",
    product_name = "App",
    product_version = "2.0",
    product_manufacturer = "Example",
    filename = "App-2.0.msi",
    files = ":msi-files",
    help_url = "https://example.org",
)

install(
    name = "bundle",
    targets = {"App-2.0.msi": ":msi#App-2.0.msi"},
)
