load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences", "wix_msi")
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "demo/pip",
    requirements = ["demo"],
)

python_executable(
    name = "demo",
    resources = [":demo/pip"],
    entry_point = "demo",
)

licences(
    name = "demo/licences",
    resources = [":demo/pip"],
)

install(
    name = "install",
    targets = {"demo": ":demo", "COPYING.txt": ":demo/licences"},
    program = "demo",
)

wix_msi(
    name = "msi",
    id_prefix = "myapp",
    product_name = "My Application",
    product_version = "1.0",
    product_manufacturer = "Alice Jones",
    filename = "My Application-1.0.msi",
    files = ":install",
)
