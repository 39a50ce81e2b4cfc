"""Lays out CPython's build and install trees as a python-build-standalone *full* archive, format "8".

Knows that layout, CPython's generated Makefile and `Modules/config.c`, and the interpreter that was built, which it runs. Which
extension is made of which objects, and linked with which libraries, is read from those two files, never from a list kept here.
Knows nothing of how anything was compiled. It is an action's command, not a part of the running staticbuild: it imports nothing
of the package, reads and writes the folders named on its command line, and works alike for any CPython 3.11 or newer.

Beside `PYTHON.json` stands `SOURCES.json`, which a strict reader of the former never sees: the name, version, digest, licence
and libraries of every source that is inside. python-build-standalone does not record these, and an SBOM cannot do without.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "8"

#: Runs in the interpreter that was built; everything it prints is about that interpreter.
_PROBE = """
import importlib.machinery, importlib.util, json, os, sys, sysconfig
base = {"installed_base": "/install", "base": "/install", "installed_platbase": "/install", "platbase": "/install"}
print(json.dumps({
    "abiflags": sys.abiflags,
    "cache_tag": sys.implementation.cache_tag,
    "config_vars": {name: str(value) for name, value in sysconfig.get_config_vars().items()},
    "hexversion": sys.hexversion,
    "implementation": sys.implementation.name,
    "implementation_version": [str(part) for part in sys.implementation.version],
    "magic": importlib.util.MAGIC_NUMBER.hex(),
    "paths": sysconfig.get_paths(vars=base),
    "paths_abstract": sysconfig.get_paths(expand=False),
    "platform": sysconfig.get_platform(),
    "prefixes": sorted({os.path.realpath(sys.prefix), sys.prefix}),
    "suffixes": {
        "bytecode": importlib.machinery.BYTECODE_SUFFIXES,
        "debug_bytecode": importlib.machinery.DEBUG_BYTECODE_SUFFIXES,
        "extension": importlib.machinery.EXTENSION_SUFFIXES,
        "optimized_bytecode": importlib.machinery.OPTIMIZED_BYTECODE_SUFFIXES,
        "source": importlib.machinery.SOURCE_SUFFIXES,
    },
    "version": "%d.%d.%d" % sys.version_info[:3],
}))
"""

#: The same twelve names in every archive, whether or not a version has them.
_TEST_PACKAGES = [
    "bsddb.test",
    "ctypes.test",
    "distutils.tests",
    "email.test",
    "idlelib.idle_test",
    "json.tests",
    "lib-tk.test",
    "lib2to3.tests",
    "sqlite3.test",
    "test",
    "tkinter.test",
    "unittest.test",
]


@dataclass(frozen=True, slots=True)
class Component:
    """One source that ended up in the archive."""

    name: str
    version: str
    sha256: str
    license: str
    libraries: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> Component:
        """Read one element of the recipes' list."""
        return cls(value["name"], value["version"], value["sha256"], value["license"], tuple(value.get("libraries", ())))


@dataclass(frozen=True, slots=True)
class Target:
    """What the archive was built for: `glibc` is the oldest that it runs with, None for musl."""

    triple: str
    options: str
    glibc: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """One row of the table of builtin modules, with what has to be linked for it."""

    name: str
    init: str
    in_core: bool = False
    objects: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbols:
    """The global names of one object file."""

    defined: frozenset[str] = frozenset()
    undefined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Makefile:
    """The variables and the rules of a generated Makefile, as text."""

    variables: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Makefile:
        """Read assignments and `target: prerequisites; command` lines; of two definitions the last one holds, as in make."""
        variables: dict[str, str] = {}
        rules: dict[str, str] = {}
        for line in text.replace("\\\n", " ").splitlines():
            if assignment := re.match(r"([A-Za-z_]\w*)\s*=(.*)", line):
                variables[assignment[1]] = assignment[2].strip()
            elif rule := re.match(r"(\S+):(?!=)(.*)", line):
                rules[rule[1]] = rule[2].strip()
        return cls(variables, rules)

    def expand(self, text: str) -> str:
        """Replace every `$(NAME)`; names that the Makefile does not define vanish."""
        while "$(" in text:
            replaced = re.sub(r"\$\((\w+)\)", lambda match: self.variables.get(match[1], ""), text)
            if replaced == text:
                break
            text = replaced
        return text


def main() -> None:
    """Assemble one archive tree from the folders on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpython", type=Path, required=True, help="folder with build/ and install/")
    parser.add_argument("--libraries", type=Path, required=True, help="folder with one prefix tree per library")
    parser.add_argument("--components", type=Path, required=True, help="JSON list of the sources, CPython among them")
    parser.add_argument("--triple", required=True, help="Rust-style target triple")
    parser.add_argument("--options", default="noopt+static", help="build_options of the archive")
    parser.add_argument("--glibc", help="the oldest glibc that it runs with; not given for musl")
    parser.add_argument("--output", type=Path, required=True, help="the folder to write, usually named python")
    arguments = parser.parse_args()
    components = [Component.parse(value) for value in json.loads(arguments.components.read_text())]
    target = Target(arguments.triple, arguments.options, arguments.glibc)
    assemble(arguments.cpython, arguments.libraries, components, target, arguments.output)


def assemble(cpython: Path, libraries: Path, components: list[Component], target: Target, output: Path) -> None:
    """Write the archive tree `output`."""
    build = cpython / "build"
    makefile = Makefile.parse((build / "Makefile").read_text())
    table = parse_inittab((build / "Modules" / "config.c").read_text())
    extensions = [describe_extension(makefile, name, init) for name, init in table]
    library_objects = makefile.expand(makefile.variables["LIBRARY_OBJS"]).split()
    symbols = {path: read_symbols((build / path).read_bytes()) for path in {*library_objects, *all_objects(extensions)}}
    extensions = [complete(extension, extensions, library_objects, symbols) for extension in extensions]
    core = sorted(set(library_objects) - set(all_objects(extensions)))
    required = required_extensions(extensions, core, symbols, bootstrap_modules(build))

    copy_build(build, [*core, *all_objects(extensions)], output / "build")
    archives = copy_libraries(libraries, output)
    copy_install(cpython / "install", output / "install")
    for text in sorted((cpython / "licenses").iterdir()):
        shutil.copyfile(text, output / "licenses" / text.name)

    probe = run_probe(cpython / "install")
    document = describe(probe, target)
    document["build_info"] = {
        "object_file_format": "elf",
        "inittab_object": "build/Modules/config.o",
        "inittab_source": "build/Modules/config.c",
        "inittab_cflags": ["-std=c99", "-DNDEBUG", "-DPy_BUILD_CORE"],
        "core": {
            "objs": [f"build/{path}" for path in core],
            "links": links_of(linked_libraries(makefile.expand(makefile.variables["LIBS"])), archives),
            "static_lib": f"{document['python_stdlib_platform_config']}/libpython{document['python_major_minor_version']}.a",
        },
        "extensions": {
            extension.name: [
                {
                    "in_core": extension.in_core,
                    "init_fn": extension.init,
                    "links": links_of(extension.links, archives),
                    "objs": [f"build/{path}" for path in extension.objects],
                    "required": extension.name in required,
                    "variant": "default",
                    **licences_of(extension, components),
                }
            ]
            for extension in extensions
        },
    }
    write_json(output / "PYTHON.json", document)
    write_json(output / "SOURCES.json", {"components": [describe_component(component, output) for component in components]})


def parse_inittab(text: str) -> list[tuple[str, str]]:
    """The rows of `Modules/config.c`: module names and the names of their init functions, `NULL` where there is none."""
    return re.findall(r'^\s*\{"([\w.]+)",\s*(\w+)\},', text, re.MULTILINE)


def describe_extension(makefile: Makefile, name: str, init: str) -> Extension:
    """What makesetup wrote down for a module; one without a rule is a part of the core.

    For a builtin module too, makesetup writes the rule that would link it as a shared one. That rule names its objects, its
    archives made of more objects (`libHacl_Hash_SHA2.a`), and its libraries.
    """
    rule = makefile.rules.get(f"Modules/{name}$(EXT_SUFFIX)")
    if rule is None:
        return Extension(name, init, in_core=True)
    prerequisites, _, command = rule.partition(";")
    objects = makefile.expand(prerequisites).split()
    words = makefile.expand(command).split()
    for variable, path in makefile.variables.items():
        if path in words and path.endswith(".a") and (parts := makefile.rules.get(f"$({variable})")):
            objects += makefile.expand(parts).split()
    return Extension(
        name, init, objects=tuple(path for path in objects if path.endswith(".o")), links=linked_libraries(" ".join(words))
    )


def linked_libraries(flags: str) -> tuple[str, ...]:
    """The names behind `-l`, each once. Sorted, as python-build-standalone has them; LLD does not mind the order."""
    return tuple(sorted(set(re.findall(r"(?:^|\s)-l(\S+)", flags))))


def all_objects(extensions: Iterable[Extension]) -> list[str]:
    """Every object of every extension, once."""
    return sorted({path for extension in extensions for path in extension.objects})


def complete(
    extension: Extension, extensions: Iterable[Extension], library_objects: list[str], symbols: Mapping[str, Symbols]
) -> Extension:
    """Add the objects of other extensions that this one calls, so that it links when those are left out.

    Some modules share code (HACL's hashes from CPython 3.14 on), and makesetup says so for none of them. A reader of the
    archive takes each path once, so naming an object twice costs nothing.
    """
    others = {path for other in extensions if other.name != extension.name for path in other.objects}
    provider = {name: path for path in sorted(others) for name in symbols[path].defined}
    core = {name for path in library_objects if path not in others for name in symbols[path].defined}
    objects = list(extension.objects)
    for path in objects:  # grows while it is walked, until nothing is missing
        for name in sorted(symbols[path].undefined - core):
            needed = provider.get(name)
            if needed and needed not in objects and needed not in _always(extensions):
                objects.append(needed)
    return Extension(extension.name, extension.init, extension.in_core, tuple(objects), extension.links)


def _always(extensions: Iterable[Extension]) -> set[str]:
    """Objects of the modules without which no interpreter starts; calling into those needs no note."""
    return {path for extension in extensions if extension.name in _STARTUP for path in extension.objects}


#: What CPython imports, or calls, before it runs anything: a floor below `required_extensions`, which finds the rest.
_STARTUP = frozenset(
    {"_codecs", "_io", "_signal", "_thread", "_tracemalloc", "_weakref", "atexit", "faulthandler", "posix", "time"}
)


def bootstrap_modules(build: Path) -> set[str]:
    """The modules that CPython's own `Setup.bootstrap` builds first, because the interpreter needs them to start."""
    lines = (build / "Modules" / "Setup.bootstrap").read_text().splitlines()
    return {line.split()[0] for line in lines if line.strip() and line[0] not in "#*"}


def required_extensions(
    extensions: list[Extension], core: list[str], symbols: Mapping[str, Symbols], bootstrap: set[str]
) -> set[str]:
    """The modules that cannot be left out: the core calls their objects, or the interpreter imports them while it starts.

    python-build-standalone's own list lacks `atexit`, without which nothing links.
    """
    required = {extension.name for extension in extensions if not extension.in_core and extension.name in bootstrap}
    provider = {name: extension for extension in extensions for path in extension.objects for name in symbols[path].defined}
    pending = list(core)
    while pending:
        for name in symbols[pending.pop()].undefined:
            extension = provider.get(name)
            # `config.o` calls every init function; it is replaced by a table of what was selected.
            if extension and name != extension.init and extension.name not in required:
                required.add(extension.name)
                pending += extension.objects
    return required


def read_symbols(data: bytes) -> Symbols:
    """The global symbols of a 64-bit little-endian ELF relocatable (gABI, chapters 4 "Sections" and "Symbol Table")."""
    sections_at = struct.unpack_from("<Q", data, 0x28)[0]
    entry_size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQII", data, sections_at + index * entry_size) for index in range(count)]
    defined: set[str] = set()
    undefined: set[str] = set()
    symbol_table, local, weak = 2, 0, 2
    for _, kind, _, _, at, size, link, _ in headers:
        if kind != symbol_table:
            continue
        names_at = headers[link][4]
        for offset in range(at, at + size, 24):
            name_at, info, _, section = struct.unpack_from("<IBBH", data, offset)
            if info >> 4 == local or not name_at:
                continue
            start = names_at + name_at
            name = data[start : data.index(b"\0", start)].decode()
            if section:
                defined.add(name)
            elif info >> 4 != weak:
                undefined.add(name)
    return Symbols(frozenset(defined), frozenset(undefined))


def copy_build(build: Path, objects: list[str], destination: Path) -> None:
    """Copy the objects that are listed, the program's `main`, and what a table of modules is made from."""
    extra = [path.relative_to(build).as_posix() for path in sorted((build / "Modules").glob("Setup*"))]
    extra += [path.relative_to(build).as_posix() for path in sorted((build / "Misc").glob("*.spdx.json"))]
    for path in [*objects, "Programs/python.o", "Modules/config.c", "Modules/config.c.in", *extra]:
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(build / path, target)


def copy_libraries(libraries: Path, output: Path) -> set[str]:
    """Copy every static library and licence text; give the libraries' names."""
    (output / "build" / "lib").mkdir(parents=True)
    (output / "licenses").mkdir()
    for archive in sorted(libraries.glob("*/lib/lib*.a")):
        shutil.copyfile(archive, output / "build" / "lib" / archive.name)
    for text in sorted(libraries.glob("*/licenses/LICENSE.*.txt")):
        shutil.copyfile(text, output / "licenses" / text.name)
    return {archive.name.removeprefix("lib").removesuffix(".a") for archive in (output / "build" / "lib").iterdir()}


def copy_install(install: Path, destination: Path) -> None:
    """Copy the install tree without bytecode; of the two copies of libpython one becomes a link to the other."""
    shutil.copytree(install, destination, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    # An action's input is read-only, and so would be its copy.
    for folder in (destination, *(path for path in destination.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(0o755)
    for inner in sorted(destination.glob("lib/python*/config-*/libpython*.a")):
        outer = destination / "lib" / inner.name
        outer.unlink()
        outer.symlink_to(inner.relative_to(destination / "lib"))


def run_probe(install: Path) -> dict[str, Any]:
    """What the interpreter says of itself, with the folder it happens to run in replaced by `/install`."""
    (interpreter,) = (path for path in (install / "bin").glob("python3.*") if re.fullmatch(r"python3\.\d+[a-z]*", path.name))
    # Absolute, but not resolved: the folder may be a link to one that the interpreter must not name.
    command = [str(interpreter.absolute()), "-I", "-B", "-c", _PROBE]
    # Who asks must not show: sysconfig names the folder for a user's own packages after HOME.
    ran = subprocess.run(command, check=True, env={"HOME": "/"}, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter
    answer = ran.stdout
    for prefix in json.loads(answer)["prefixes"]:
        answer = answer.replace(prefix, "/install")
    probe: dict[str, Any] = json.loads(answer)
    return probe


def describe(probe: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """All of PYTHON.json but `build_info`."""
    version: str = probe["version"]
    major_minor = ".".join(version.split(".")[:2])
    config_vars = probe["config_vars"]
    return {
        "version": FORMAT,
        "target_triple": target.triple,
        "build_options": target.options,
        "optimizations": target.options.removeprefix("freethreaded+"),
        "python_tag": "cp" + major_minor.replace(".", ""),
        "python_abi_tag": probe["abiflags"],
        "python_platform_tag": probe["platform"],
        "python_implementation_name": probe["implementation"],
        "python_implementation_cache_tag": probe["cache_tag"],
        "python_implementation_version": probe["implementation_version"],
        "python_implementation_hex_version": probe["hexversion"],
        "python_version": version,
        "python_major_minor_version": major_minor,
        "python_bytecode_magic_number": probe["magic"],
        "python_suffixes": probe["suffixes"],
        "python_paths": {name: path.lstrip("/") for name, path in probe["paths"].items()},
        "python_paths_abstract": probe["paths_abstract"],
        "python_config_vars": config_vars,
        "python_exe": f"install/bin/python{major_minor}{probe['abiflags']}",
        "python_stdlib_platform_config": config_vars["LIBPL"].lstrip("/"),
        "python_stdlib_test_packages": _TEST_PACKAGES,
        "libpython_link_mode": "static",
        "python_symbol_visibility": "global-default",
        "python_extension_module_loading": ["builtin", "shared-library"] if target.glibc else ["builtin"],
        "crt_features": ["glibc-dynamic", f"glibc-max-symbol-version:{target.glibc}"] if target.glibc else ["static"],
        "run_tests": "build/run_tests.py",
        "licenses": ["Python-2.0", "CNRI-Python"],
        "license_path": "licenses/LICENSE.cpython.txt",
    }


def links_of(names: Iterable[str], archives: set[str]) -> list[dict[str, Any]]:
    """The `links` of an entry: a library that the archive carries has a path, any other belongs to the C library."""
    return [
        {"name": name, "path_static": f"build/lib/lib{name}.a"} if name in archives else {"name": name, "system": True}
        for name in names
    ]


def licences_of(extension: Extension, components: list[Component]) -> dict[str, Any]:
    """The licence fields of an entry. One that links nothing of others has none: CPython's own licence covers it."""
    linked = [component for component in components if set(component.libraries) & set(extension.links)]
    if not linked:
        return {}
    return {
        "licenses": [component.license for component in linked],
        "license_paths": [f"licenses/LICENSE.{component.name}.txt" for component in linked],
        "license_public_domain": all(component.license == "blessing" for component in linked),
    }


def describe_component(component: Component, output: Path) -> dict[str, Any]:
    """One entry of SOURCES.json."""
    path = f"licenses/LICENSE.{component.name}.txt"
    return {
        "name": component.name,
        "version": component.version,
        "sha256": component.sha256,
        "license": component.license,
        "license_path": path if (output / path).exists() else None,
        "libraries": sorted(component.libraries),
    }


def write_json(path: Path, value: object) -> None:
    """Write a document whose bytes depend on nothing but its value."""
    path.write_text(json.dumps(value, indent=4, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
