"""What is imported where no statement says so: tables of names. Knows no code.

A key is a module that is imported, one in C among them; the values are names, or globs of names, that it may import while it
runs. Checked against CPython 3.11 to 3.14; a name that a version does not have is no matter.
"""

from __future__ import annotations

from collections.abc import Mapping

# What the interpreter's own C code imports by name, and what any program has: codecs are looked up by the name of an encoding.
INTERPRETER = (
    *(
        "encodings",
        "encodings.*",
        "codecs",
        "io",
        "abc",
        "_collections_abc",
        "os",
        "site",
        "_sitebuiltins",
        "stat",
        "posixpath",
    ),
    *("collections", "collections.abc", "copyreg", "functools", "types", "typing", "warnings", "_py_warnings", "weakref"),
    *("importlib", "importlib._bootstrap", "importlib._bootstrap_external", "importlib.machinery", "importlib.util"),
    *("importlib.abc", "importlib._abc", "zipimport", "runpy", "pkgutil", "linecache", "traceback", "tracemalloc", "threading"),
    *("_threading_local", "_weakrefset", "signal", "atexit", "string.templatelib", "annotationlib", "contextlib", "keyword"),
    *("_staticbuild_support", "_staticbuild_files", "_staticbuild_metadata", "_staticbuild_resources", "re", "re.*", "time"),
    *("__future__", "reprlib", "enum", "operator", "heapq", "struct", "_compat_pickle", "_colorize", "_pylong"),
)

# The run time's own modules: each is asked for only by a part of the standard library, which then imports what it needs.
LEAVES = frozenset({"_staticbuild_support", "_staticbuild_metadata", "_staticbuild_resources"})

# Imports that only an interactive interpreter or a module's own self-test does.
NEVER: Mapping[str, frozenset[str]] = {
    "site": frozenset({"_pyrepl", "rlcompleter", "readline", "sitecustomize", "usercustomize"}),
    "_sitebuiltins": frozenset({"pydoc"}),
    "bdb": frozenset({"pdb"}),
    "calendar": frozenset({"argparse"}),
    "codecs": frozenset({"test"}),
    # For those who ask them for metadata or data files, which are other modules that are reached then.
    "importlib._bootstrap_external": frozenset({"importlib"}),
    "zipimport": frozenset({"importlib"}),
    "pickle": frozenset({"doctest", "argparse", "pprint"}),
    "pickletools": frozenset({"doctest"}),
    "random": frozenset({"doctest", "statistics"}),
    "statistics": frozenset({"doctest"}),
    "traceback": frozenset({"_pyrepl"}),
}

HIDDEN: Mapping[str, tuple[str, ...]] = {
    # Modules in C of the standard library.
    "_asyncio": ("asyncio", "asyncio.*", "traceback"),
    "_ctypes": ("ctypes", "ctypes._endian"),
    "_datetime": ("_strptime", "time"),
    "_decimal": ("numbers", "collections"),
    "_elementtree": ("xml.etree.ElementPath", "copy"),
    "_interpreters": ("concurrent.interpreters", "interpreters", "pickle"),
    "_pickle": ("copyreg", "_compat_pickle"),
    "_sqlite3": ("sqlite3.dump",),
    "_ssl": ("_socket", "socket"),
    "_zoneinfo": ("zoneinfo._common", "zoneinfo._tzpath"),
    "array": ("collections.abc",),
    "pyexpat": ("xml.parsers.expat",),
    "time": ("_strptime",),
    # Modules in Python of the standard library.
    "asyncio": ("asyncio.*",),
    "concurrent.futures": ("concurrent.futures.*",),
    "ctypes": ("ctypes._endian", "ctypes._layout"),
    "curses": ("curses.*",),
    "datetime": ("_strptime", "_pydatetime"),
    "dbm": ("dbm.*",),
    "decimal": ("_pydecimal", "numbers"),
    "distutils": ("distutils.*",),
    "email": ("email.*",),
    "hashlib": ("_blake2", "_hashlib"),
    "importlib.metadata": ("importlib.metadata.*", "_staticbuild_metadata", "pathlib", "pathlib.*", "re"),
    "importlib.resources": ("importlib.resources.*", "importlib.readers", "pathlib", "pathlib.*", "tempfile", "contextlib"),
    "logging.config": ("logging.handlers", "logging"),
    "multiprocessing": ("multiprocessing", "multiprocessing.*", "ast", "runpy", "secrets", "_posixshmem"),
    "pathlib": ("pathlib.*",),
    "pydoc": ("pydoc_data", "pydoc_data.*"),
    "sqlite3": ("sqlite3.dbapi2", "sqlite3.dump"),
    "sysconfig": ("sysconfig.*", "_sysconfigdata_*", "_sysconfig", "_aix_support", "_osx_support"),
    "tkinter": ("tkinter.*",),
    "unittest": ("unittest.*",),
    "uuid": ("_uuid",),
    "warnings": ("tracemalloc", "linecache"),
    "wsgiref": ("wsgiref.*",),
    "xml.dom": ("xml.dom.*",),
    "xml.etree.ElementTree": ("xml.etree.ElementPath",),
    "xml.parsers.expat": ("xml.parsers.*",),
    "xml.sax": ("xml.sax.*",),
    "zipfile": ("zipfile.*",),
    "zoneinfo": ("zoneinfo.*", "tzdata", "tzdata.*", "importlib.resources"),
    # Packages.
    "aiohttp": ("aiohttp.*",),
    "anyio": ("anyio", "anyio.*"),
    "attr": ("attr.*", "attrs", "attrs.*"),
    "babel": ("babel.*",),
    "botocore": ("botocore.*",),
    "celery": ("celery.*", "kombu", "kombu.*", "billiard", "billiard.*"),
    "certifi": ("certifi.*", "importlib.resources"),
    "charset_normalizer": ("charset_normalizer.*",),
    "chardet": ("chardet.*",),
    "dateutil": ("dateutil.*",),
    "django": ("django.*",),
    "dns": ("dns.*",),
    "docutils": ("docutils.*",),
    "google.protobuf": ("google.protobuf.*",),
    "gunicorn": ("gunicorn.*",),
    "httpcore": ("httpcore.*",),
    "jinja2": ("jinja2.*",),
    "jsonschema": ("jsonschema.*", "jsonschema_specifications", "jsonschema_specifications.*"),
    "keyring": ("keyring.*",),
    "markdown": ("markdown.*",),
    "passlib": ("passlib.*",),
    "pip": ("pip.*",),
    "pkg_resources": ("pkg_resources.*", "setuptools", "setuptools.*"),
    "platformdirs": ("platformdirs.*",),
    "pydantic": ("pydantic.*", "email_validator"),
    "pygments": ("pygments.*",),
    "pytest": ("_pytest", "_pytest.*", "pluggy", "pluggy.*", "iniconfig"),
    "pytz": ("pytz.*",),
    "requests": ("requests.*", "chardet", "charset_normalizer", "idna", "idna.*", "socks", "certifi"),
    "rich": ("rich.*",),
    "setuptools": ("setuptools.*", "pkg_resources", "pkg_resources.*", "_distutils_hack", "_distutils_hack.*"),
    "six": ("six.*",),
    "sqlalchemy": ("sqlalchemy.*",),
    "tzlocal": ("tzlocal.*", "tzdata", "tzdata.*"),
    "urllib3": ("urllib3.*", "brotli", "brotlicffi", "zstandard"),
    "uvicorn": ("uvicorn.*", "httptools", "h11", "h11.*", "websockets", "wsproto", "uvloop", "watchfiles"),
    "websockets": ("websockets.*",),
    "werkzeug": ("werkzeug.*",),
    "yt_dlp": ("yt_dlp.*",),
}
