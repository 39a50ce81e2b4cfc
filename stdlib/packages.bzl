"""What common packages need where they are built from their sources. Knows packages of the index, and the recipes' names.

Each row has the form of a `python_package`: which libraries the build finds, what it is told, what of its wheel an executable does not
want. A package without a row needs nothing, however much C it has: most bring their libraries along, or have none.
"""

# The libraries of a row are all that a static link needs, also those that others need.
_LIBPQ = ["@stdlib//recipes:libpq", "@stdlib//recipes:openssl-dev"]

# psycopg links with `-lpq` and nothing else, as if it were shared. Setuptools puts LDFLAGS into each link.
_LIBPQ_FLAGS = {"LDFLAGS": "-lssl -lcrypto"}

# Where the extension is an option, a failure to build it must be one: its place would be taken by Python code, unseen and slow.
_ROWS = {
    "cffi": {
        "libraries": ["@stdlib//recipes:libffi-dev"],
    },
    "cryptography": {
        "libraries": ["@stdlib//recipes:openssl-dev"],
        "env": {"OPENSSL_DIR": "{openssl-dev}", "OPENSSL_STATIC": "1"},
    },
    "gevent": {
        # Its tests are a package inside of it, larger than the rest.
        "exclude": ["gevent/tests/*"],
    },
    "lxml": {
        "libraries": ["@stdlib//recipes:libxml2", "@stdlib//recipes:libxslt", "@stdlib//recipes:zlib-dev"],
        # Headers for those who compile against lxml.
        "exclude": ["lxml/includes/*.h", "lxml/includes/*.pxd", "lxml/*.pxd", "lxml/*.pxi", "lxml/*.h"],
    },
    "lz4": {
        # Without it, the copy that it brings is compiled.
        "libraries": ["@stdlib//recipes:lz4"],
    },
    "markupsafe": {
        # There is no other way to insist.
        "env": {"CIBUILDWHEEL": "1"},
    },
    "numpy": {
        # What it needs of BLAS and LAPACK it has itself, in C.
        "config_settings": {"setup-args": "-Dblas=none\n-Dlapack=none"},
        # Libraries and headers for those who compile against numpy.
        "exclude": ["numpy/_core/include/*", "numpy/_core/lib/*.a", "numpy/random/lib/*.a"],
    },
    "pillow": {
        "libraries": [
            "@stdlib//recipes:freetype",
            "@stdlib//recipes:libjpeg-turbo",
            "@stdlib//recipes:libpng",
            "@stdlib//recipes:libtiff",
            "@stdlib//recipes:libwebp",
            "@stdlib//recipes:zlib-dev",
        ],
        # What is enabled must be there; what is disabled is not looked for. The platform would be the host's: /usr/include.
        "config_settings": {
            "platform-guessing": "disable",
            "zlib": "enable",
            "jpeg": "enable",
            "freetype": "enable",
            "tiff": "enable",
            "webp": "enable",
            "raqm": "disable",
            "jpeg2000": "disable",
            "lcms": "disable",
            "imagequant": "disable",
            "xcb": "disable",
            "avif": "disable",
        },
        # It names no library that another one needs.
        "env": {"LDFLAGS": "-lpng16 -ljpeg -lsharpyuv -lz"},
    },
    "psycopg-c": {
        "libraries": _LIBPQ,
        "env": _LIBPQ_FLAGS,
    },
    "psycopg2": {
        "libraries": _LIBPQ,
        "env": _LIBPQ_FLAGS,
    },
    "pynacl": {
        "libraries": ["@stdlib//recipes:libsodium"],
        # Else it runs the configure script and make of the copy that it brings.
        "env": {"SODIUM_INSTALL": "system"},
    },
    "pyyaml": {
        "libraries": ["@stdlib//recipes:libyaml"],
        "env": {"PYYAML_FORCE_LIBYAML": "1"},
    },
    "simplejson": {
        "env": {"REQUIRE_SPEEDUPS": "1"},
    },
    "sqlalchemy": {
        "env": {"REQUIRE_SQLALCHEMY_CEXT": "1"},
    },
    "tornado": {
        "env": {"TORNADO_EXTENSION": "1"},
    },
    "uvloop": {
        "libraries": ["@stdlib//recipes:libuv"],
        # Else it runs the configure script and make of the copy that it brings.
        "config_settings": {"--build-option": "build_ext\n--use-system-libuv"},
    },
    "websockets": {
        "env": {"BUILD_EXTENSION": "yes"},
    },
    "wrapt": {
        "env": {"WRAPT_INSTALL_EXTENSIONS": "true"},
    },
}

# These have pure wheels, too, which do the same several times slower.
_FASTER = ["frozenlist", "multidict", "propcache", "simplejson", "sqlalchemy", "websockets", "wrapt", "yarl"]

# The backends of these are their own, and ask for it when they are asked.
_IN_CYTHON = ["frozenlist", "propcache", "yarl"]

def _row(name):
    row = dict(_ROWS.get(name, {}))
    if name in _IN_CYTHON:
        row["build_requires"] = ["Cython"]
    if name in _FASTER:
        row["policy"] = "native"
    return row

packages = struct(rows = {name: _row(name) for name in sorted({name: None for name in list(_ROWS.keys()) + _FASTER})})
