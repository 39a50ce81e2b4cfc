"""A toolchain to compile small C files with, and a distribution that consists of such files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from staticbuild.toolchain.triple import DEFAULT, Triple
from staticbuild.toolchain.zig import Toolchain, compile_source

# As little of Python.h as the generated init table needs.
PYTHON_H = """\
#include <stddef.h>
typedef struct { int x; } PyObject;
struct _inittab { const char *name; PyObject *(*initfunc)(void); };
"""

CORE = {
    "main.c": """\
        #include "Python.h"
        #include <stdio.h>
        extern struct _inittab _PyImport_Inittab[];
        extern const unsigned char sb_blob_start[], sb_blob_end[];
        extern int atexit_call(void);
        const unsigned char _Py_M__os[] = {1};
        const char *_Py_PackageContext;
        int PyFoo_Size(void) { return 1; }
        int main(void) {
            for (struct _inittab *m = _PyImport_Inittab; m->name; m++) {
                printf("%s %s\\n", m->name, m->initfunc ? "yes" : "no");
                for (const char *c = m->name; *c; c++)
                    if (*c == '.') m->initfunc();
            }
            fwrite(sb_blob_start, 1, (size_t)(sb_blob_end - sb_blob_start), stdout);
            return atexit_call();
        }
        """,
    "config.c": "int wrong_table;",
    "getpath.c": "int replaced_by_the_runtime(void) { return 1; }",
}

# What each extension has besides its init function; None: nothing, it is part of the core.
EXTENSIONS = {
    "sys": None,
    "posix": "",
    "atexit": "int atexit_call(void) { return 0; }",
    "_md5": "int hash_md5(void) { return 5; }",
    "_hmac": "extern int hash_md5(void); int hmac(void) { return hash_md5(); }",
    "zlib": "",
}


@dataclass(frozen=True)
class Compiler:
    """The toolchain in its folder, and what the tests want of it."""

    folder: Path
    toolchain: Toolchain = field(default_factory=lambda: Toolchain(Triple.parse(DEFAULT)))

    def stage(self, folder: Path) -> None:
        """Put the toolchain where an action would find it."""
        for name in ("zig", "sysroot"):
            (folder / name).symlink_to((self.folder / name).resolve())

    def compile(self, source: str, output: Path, *flags: str, suffix: str = ".c", includes: Sequence[str] = ()) -> Path:
        """Compile the text `source` into the object `output`."""
        output.parent.mkdir(parents=True, exist_ok=True)
        file = output.with_suffix(suffix)
        file.write_text(source)
        self.run(compile_source(self.toolchain, str(file), str(output), flags=("-O1", *flags), includes=includes))
        return output

    def run(self, argv: Sequence[str]) -> None:
        """Run one of the toolchain's commands; paths in it are absolute or below the toolchain."""
        subprocess.run(argv, cwd=self.folder, check=True)


@pytest.fixture(scope="session")
def toolchain(toolchain_folder: Path) -> Compiler:
    """Zig and its sysroot."""
    return Compiler(toolchain_folder)


@pytest.fixture(scope="session")
def glibc_toolchain(glibc_toolchain_folder: Path) -> Compiler:
    """The same for glibc 2.17."""
    return Compiler(glibc_toolchain_folder, Toolchain(Triple.parse(DEFAULT).with_abi("gnu")))


@pytest.fixture(scope="session")
def tiny_python(toolchain: Compiler, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution of a few C files: a `python/` folder with PYTHON.json and objects."""
    return make_tiny_python(toolchain, tmp_path_factory.mktemp("dist") / "python")


def make_tiny_python(toolchain: Compiler, root: Path, **fields: object) -> Path:
    """Write such a distribution to the folder `root`; `fields` of PYTHON.json are as given."""
    include = root / "install/include/python3.13"
    include.mkdir(parents=True)
    (include / "Python.h").write_text(PYTHON_H)
    for name, source in CORE.items():
        toolchain.compile(source, root / "build/Modules" / f"{name[:-2]}.o", includes=[str(include)])
    extensions: dict[str, list[dict[str, object]]] = {}
    for name, text in EXTENSIONS.items():
        objects = []
        if text is not None:
            source = f'#include "Python.h"\nPyObject *PyInit_{name}(void) {{ return NULL; }}\n{text}\n'
            toolchain.compile(source, root / f"build/Modules/{name}module.o", includes=[str(include)])
            objects = [f"build/Modules/{name}module.o"]
        init = "NULL" if text is None else f"PyInit_{name}"
        extensions[name] = [extension_entry(name, objects, init=init, in_core=text is None)]
    toolchain.compile("int inflate_it(void) { return 0; }", root / "build/lib/inflate.o")
    (root / "build/lib/libz.a").unlink(missing_ok=True)
    toolchain.run((toolchain.toolchain.program, "ar", "rcsD", f"{root}/build/lib/libz.a", f"{root}/build/lib/inflate.o"))
    extensions["zlib"][0]["links"] = [{"name": "z", "path_static": "build/lib/libz.a"}]
    (root / "install/bin").mkdir()
    (root / "install/bin/python3").symlink_to(sys.executable)
    library = root / "install/lib/python3.13"
    library.mkdir(parents=True)
    (library / "os.py").write_text("import sys\nfrom posix import stat\ndef later():\n    import zlib\n")
    (library / "zipfile.py").write_text("import zlib\n")
    core = [f"build/Modules/{name[:-2]}.o" for name in CORE]
    (root / "PYTHON.json").write_text(json.dumps(document(core, extensions) | fields))
    return root


def extension_entry(name: str, objects: Sequence[str], *, init: str, in_core: bool = False) -> dict[str, object]:
    """One variant as PYTHON.json lists it."""
    return {
        "variant": "default",
        "init_fn": init,
        "in_core": in_core,
        "required": name == "posix",
        "objs": list(objects),
        "links": [],
    }


def document(core: Sequence[str], extensions: Mapping[str, object]) -> dict[str, object]:
    """PYTHON.json with what a link reads of it."""
    return {
        "version": "8",
        "target_triple": "x86_64-unknown-linux-musl",
        "build_options": "noopt+static",
        "python_tag": "cp312",
        "python_abi_tag": "",
        "python_implementation_cache_tag": "cpython-312",
        "python_implementation_hex_version": 0x030C00F0,
        "python_version": "3.10.0",
        "python_bytecode_magic_number": "00",
        "python_suffixes": {"extension": []},
        "python_paths": {"include": "install/include/python3.13", "stdlib": "install/lib/python3.13"},
        "python_config_vars": {},
        "python_exe": "install/bin/python3",
        "python_stdlib_test_packages": [],
        "libpython_link_mode": "static",
        "python_symbol_visibility": "global-default",
        "python_extension_module_loading": ["builtin"],
        "crt_features": ["static"],
        "build_info": {
            "object_file_format": "elf",
            "inittab_object": "build/Modules/config.o",
            "inittab_source": "build/Modules/config.c",
            "inittab_cflags": ["-std=c99"],
            "core": {"objs": list(core), "links": [{"name": "m", "system": True}]},
            "extensions": dict(extensions),
        },
    }


@pytest.fixture
def action_folder(toolchain: Compiler, tiny_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private folder with the toolchain, the tiny distribution, an empty runtime and a blob; the current folder."""
    folder = stage_action(tmp_path / "private" / "folder", toolchain, tiny_python)
    monkeypatch.chdir(folder)
    return folder


def stage_action(folder: Path, toolchain: Compiler, python: Path) -> Path:
    """Lay out such a private folder."""
    folder.mkdir(parents=True)
    toolchain.stage(folder)
    (folder / "dist").mkdir()
    (folder / "dist/python").symlink_to(python)
    (folder / "runtime").mkdir()
    (folder / "runtime/support.c").write_text(
        '#include "Python.h"\n'
        "PyObject *PyInit__staticbuild(void) { return NULL; }\n"
        "int replaced_by_the_runtime(void) { return 2; }\n"
    )
    (folder / "blob").write_bytes(b"the blob\n")
    return folder


@pytest.fixture
def python_json() -> object:
    """A function from the core's objects and the extensions' entries to PYTHON.json."""
    return document


@pytest.fixture
def check_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """A function that compares a text with the file of a name in `golden/`."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden", default=False):
            path.write_text(text)
        assert text == path.read_text()

    return check
