"""Which calls make one path of another, which look at files, and which do no harm: tables of names. Knows no syntax.

Names are dotted, as imports resolve them. What is in no table is unknown, and a path that is passed to it may be opened.
"""

from __future__ import annotations

from typing import Final

# A source with none of these has no place; to look is a thousand times quicker than to parse.
_WORDS: Final = (
    *(b"__file__", b"__path__", b"__spec__", b"__loader__", b"getfile", b"getsourcefile", b"getabsfile", b"co_filename"),
    *(b"resource_filename", b"find_spec", b"get_loader", b"resources", b"PackageLoader", b"Flask", b"Quart", b"Blueprint"),
    b"AppConfig",
)


def may_use_files(source: bytes) -> bool:
    """Whether there can be any path in a source that comes from where a module lies."""
    return any(word in source for word in _WORDS)


# Modules that are another's copy, as the names of the tables have them.
ALIASES: Final = {
    "posixpath": "os.path",
    "ntpath": "os.path",
    "importlib_resources": "importlib.resources",
    "importlib_metadata": "importlib.metadata",
}

# One folder up.
PARENT: Final = frozenset({"os.path.dirname"})
# The first argument, and the others below it.
JOIN: Final = frozenset({"os.path.join"})
# Another spelling of the same place, or a container that holds it.
SAME: Final = frozenset(
    (
        *(f"os.path.{name}" for name in ("abspath", "realpath", "normpath", "normcase", "expanduser", "expandvars", "relpath")),
        *("os.fspath", "os.fsencode", "os.fsdecode", "str", "bytes", "list", "tuple", "set", "frozenset", "sorted", "reversed"),
        *(f"pathlib.{name}" for name in ("Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath")),
        *("anyio.Path", "trio.Path", "aiopath.AsyncPath", "typing.cast", "urllib.request.pathname2url", "enumerate", "iter"),
    )
)
# Pairs of a folder and what is in it.
SPLIT: Final = frozenset({"os.path.split", "os.path.splitext", "os.path.splitdrive"})

# Nothing is opened by the name, or what opens it knows the executable: `sys.path` and `pkgutil` ask our finder.
HARMLESS: Final = frozenset(
    (
        *("os.path.basename", "os.path.isabs", "os.path.commonprefix", "os.path.commonpath"),
        *("print", "repr", "len", "isinstance", "type", "id", "hash", "bool", "any", "all", "min", "max", "format", "ascii"),
        *(f"sys.path.{name}" for name in ("insert", "append", "extend", "remove", "index", "count")),
        *(f"__path__.{name}" for name in ("insert", "append", "extend", "remove")),
        *(f"pkgutil.{name}" for name in ("extend_path", "iter_modules", "walk_packages", "get_importer", "get_data")),
        *("sys.exit", "sys.stderr.write", "sys.stdout.write", "logging.getLogger", "logging.info", "logging.debug"),
        *("logging.warning", "logging.error", "logging.critical", "logging.exception", "logging.log"),
        *("warnings.warn", "warnings.warn_explicit", "warnings.filterwarnings", "re.compile", "re.match", "re.search"),
        *("re.escape", "re.sub", "fnmatch.fnmatch", "importlib.resources.as_file", "hasattr", "getattr", "textwrap.dedent"),
        *("importlib.metadata.version", "importlib.metadata.distribution", "argparse.ArgumentParser", "optparse.OptionParser"),
    )
)
# Methods with which programs tell something.
TELLING: Final = frozenset(
    ("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "echo", "secho")
)

# Methods of texts and paths that compare.
COMPARING: Final = frozenset(
    (
        *("startswith", "endswith", "find", "rfind", "index", "count", "removeprefix", "split", "partition", "rpartition"),
        *("relative_to", "is_relative_to", "match", "fullmatch", "search", "sub", "__contains__", "__eq__", "casefold"),
    )
)

# What looks at files: whole modules of it, and single names.
FILE_MODULES: Final = frozenset(
    (
        *("os", "glob", "shutil", "subprocess", "ctypes", "ctypes.cdll", "ctypes.windll", "sqlite3", "zipfile", "tarfile"),
        *("tempfile", "mmap", "linecache", "tokenize", "filecmp", "fileinput", "gettext", "mimetypes", "runpy", "zipimport"),
        *("importlib.machinery", "aiofiles", "aiosqlite", "apsw", "wave", "dbm", "shelve", "configparser", "netrc", "site"),
        *("gzip", "bz2", "lzma", "codecs", "io", "ssl", "cffi"),
    )
)
FILE_CALLS: Final = frozenset(
    (
        *("open", "execfile", "importlib.util.spec_from_file_location", "imp.load_source", "imp.find_module"),
        *(f"os.path.{name}" for name in ("exists", "lexists", "isfile", "isdir", "islink", "ismount", "getsize", "getmtime")),
        *(f"os.path.{name}" for name in ("getctime", "getatime", "samefile")),
        *(
            "json.load",
            "pickle.load",
            "tomllib.load",
            "toml.load",
            "yaml.load",
            "numpy.load",
            "numpy.loadtxt",
            "pandas.read_csv",
        ),
        *("xml.etree.ElementTree.parse", "lxml.etree.parse", "logging.config.fileConfig", "PIL.Image.open", "Image.open"),
        *("xml.etree.ElementTree.ElementTree", "csv.reader", "asyncio.create_subprocess_exec"),
    )
)
# The same by their last name, whatever they are methods of or imported from.
FILE_NAMES: Final = frozenset(
    (
        *(
            "FileSystemLoader",
            "ModuleLoader",
            "CDLL",
            "PyDLL",
            "WinDLL",
            "LoadLibrary",
            "load_library",
            "dlopen",
            "load_verify_locations",
        ),
        *("load_cert_chain", "StaticFiles", "Jinja2Templates", "TemplateLookup", "read_file", "load_file", "load_from_file"),
        *("add_static_files", "send_file", "send_from_directory", "from_file", "load_module_from_file", "add_static_folder"),
        *("SourceFileLoader", "SourcelessFileLoader", "ExtensionFileLoader", "spec_from_file_location", "copyfile", "copytree"),
        *("read_csv", "exec_driver_sql", "FileStorage", "FileFinder", "set_default_verify_paths", "imread", "loadtxt"),
    )
)
# Functions of those modules that only work on the text of a path.
NOT_FILES: Final = frozenset(
    (
        "os.getenv",
        "os.environ.get",
        "os.environ.setdefault",
        "os.putenv",
        "io.StringIO",
        "io.BytesIO",
        "os.PathLike",
        "subprocess.list2cmdline",
    )
)

# Methods of a path.
PATH_METHODS: Final = frozenset(
    (
        *("resolve", "absolute", "expanduser", "as_posix", "as_uri", "relative_to", "__str__", "__fspath__", "strip", "rstrip"),
        *(
            "lstrip",
            "replace",
            "removeprefix",
            "removesuffix",
            "lower",
            "encode",
            "decode",
            "get",
            "pop",
            "items",
            "values",
            "copy",
        ),
        *("format", "setdefault", "__getitem__", "as_string"),
    )
)
FILE_METHODS: Final = frozenset(
    (
        *(
            "open",
            "read_text",
            "read_bytes",
            "write_text",
            "write_bytes",
            "exists",
            "is_file",
            "is_dir",
            "is_symlink",
            "iterdir",
        ),
        *(
            "glob",
            "rglob",
            "walk",
            "stat",
            "lstat",
            "mkdir",
            "rmdir",
            "touch",
            "unlink",
            "rename",
            "samefile",
            "readlink",
            "chmod",
        ),
        *("owner", "group", "symlink_to", "hardlink_to", "is_mount", "copy_into", "move"),
    )
)

# Calls that are given a module's name and look for files beside it: which argument names the module, what is looked for
# there unless another argument (by number) says it, and whether they fail without.
BESIDE_MODULE: Final[dict[str, tuple[int, str, int, bool]]] = {
    "PackageLoader": (0, "templates", 1, True),
    "Flask": (0, "", -1, False),
    "Quart": (0, "", -1, False),
    "Blueprint": (1, "", -1, False),
}
# Classes of frameworks that look for files beside the modules of their subclasses.
BESIDE_CLASSES: Final = frozenset({"django.apps.AppConfig"})

FIND_SPEC: Final = frozenset({"importlib.util.find_spec", "importlib.machinery.PathFinder.find_spec"})
GET_LOADER: Final = frozenset({"pkgutil.get_loader", "pkgutil.find_loader", "importlib.find_loader"})
GET_MODULE: Final = frozenset({"importlib.import_module", "__import__", "sys.modules.get"})
GET_FILE: Final = frozenset({"inspect.getfile", "inspect.getsourcefile", "inspect.getabsfile"})
FRAMES: Final = frozenset({"inspect.currentframe", "sys._getframe"})
RESOURCE_FILENAME: Final = frozenset({"pkg_resources.resource_filename"})
FILES: Final = frozenset({"importlib.resources.files"})
