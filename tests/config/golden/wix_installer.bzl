load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "wix_msi")

install(
    name = "msi-files",
    srcs = {"extra.txt": "LICENSE"},
    contents = {"readme.txt": "hello"},
)

wix_msi(
    name = "msi",
    id_prefix = "app",
    product_name = "App",
    product_version = "1.0",
    product_manufacturer = "Example",
    filename = "app-setup.msi",
    files = ":msi-files",
)
