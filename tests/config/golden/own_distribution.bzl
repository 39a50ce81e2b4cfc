# 7:12: `PythonPackagingPolicy.set_preferred_extension_module_variant`: the distributions here have one variant of each extension module; another one is not chosen

load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist(
    python_version = "3.12",
    url = "https://example.org/cpython-3.12.4-x86_64-unknown-linux-musl-noopt-full.tar.zst",
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000",
)

python_executable(
    name = "python",
    extension_modules = "minimal",
    interpreter = True,
)
