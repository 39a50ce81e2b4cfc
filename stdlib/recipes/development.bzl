"""The libraries of CPython's archives once more, the way other builds look for them: `zlib-dev` is zlib with its pkg-config file.

Knows their names in pkg-config. The libraries themselves stay as they are: what is added to their trees would rebuild every CPython.
"""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

_MODULES = {
    "bzip2": {"bzip2": pkgconfig.module("a compressor", "-lbz2")},
    "expat": {"expat": pkgconfig.module("an XML parser", "-lexpat -lm")},
    "libffi": {"libffi": pkgconfig.module("calls of functions whose types are known at run time", "-lffi -lpthread")},
    "libuuid": {"uuid": pkgconfig.module("universally unique identifiers", "-luuid", cflags = "-I${includedir}/uuid")},
    "mpdecimal": {"libmpdec": pkgconfig.module("decimal arithmetic", "-lmpdec -lm")},
    "ncurses": {
        "ncursesw": pkgconfig.module("screens of terminals", "-lncursesw"),
        "ncurses": pkgconfig.module("screens of terminals", "-lncursesw"),
    },
    "openssl": {
        "libcrypto": pkgconfig.module("OpenSSL's cryptography", "-lcrypto -lpthread"),
        "libssl": pkgconfig.module("TLS", "-lssl", requires = ["libcrypto"]),
        "openssl": pkgconfig.module("TLS and cryptography", "", requires = ["libssl", "libcrypto"]),
    },
    "sqlite": {"sqlite3": pkgconfig.module("a database in a file", "-lsqlite3 -lpthread -lm -ldl")},
    "xz": {"liblzma": pkgconfig.module("a compressor", "-llzma -lpthread")},
    "zlib": {"zlib": pkgconfig.module("a compressor", "-lz")},
    "zstd": {"libzstd": pkgconfig.module("a fast compressor", "-lzstd -lpthread")},
}

def development(platform, libraries):
    """Declares `<name>-dev` for `platform` and each of `libraries`, which are what `recipe.declare` returned."""
    for library in libraries:
        if library.name in _MODULES:
            recipe.describe(platform, library, _MODULES[library.name])
