"""PYTHON.json: what it says, what of it is wrong, and what it must not say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from staticbuild.distribution.metadata import Distribution, LinkKind, ObjectFormat, parse, why_not_linkable
from staticbuild.errors import FormatError

# 102 entries made by python-build-standalone's own code for CPython 3.11, static musl.
EXTENSIONS = json.loads((Path(__file__).parent / "pbs-extensions-3.11-static.json").read_text())

DOCUMENT: dict[str, Any] = {
    "version": "8",
    "target_triple": "x86_64-unknown-linux-musl",
    "build_options": "noopt+static",
    "optimizations": "noopt+static",
    "python_tag": "cp311",
    "python_abi_tag": "",
    "python_platform_tag": "linux-x86_64",
    "python_implementation_name": "cpython",
    "python_implementation_cache_tag": "cpython-311",
    "python_implementation_version": ["3", "11", "16", "final", "0"],
    "python_implementation_hex_version": 51056880,
    "python_version": "3.11.16",
    "python_major_minor_version": "3.11",
    "python_bytecode_magic_number": "a70d0d0a",
    "python_suffixes": {"extension": [".so"], "source": [".py"], "bytecode": [".pyc"]},
    "python_paths": {"include": "install/include/python3.11", "stdlib": "install/lib/python3.11"},
    "python_paths_abstract": {},
    "python_config_vars": {"CC": "musl-clang", "prefix": "/install"},
    "python_exe": "install/bin/python3.11",
    "python_stdlib_platform_config": "install/lib/python3.11/config-3.11-x86_64-linux-musl",
    "python_stdlib_test_packages": ["test"],
    "libpython_link_mode": "static",
    "python_symbol_visibility": "global-default",
    "python_extension_module_loading": ["builtin"],
    "crt_features": ["static"],
    "run_tests": "build/run_tests.py",
    "licenses": ["Python-2.0", "CNRI-Python"],
    "license_path": "licenses/LICENSE.cpython.txt",
    "build_info": {
        "object_file_format": "elf",
        "inittab_object": "build/Modules/config.o",
        "inittab_source": "build/Modules/config.c",
        "inittab_cflags": ["-std=c99", "-DNDEBUG", "-DPy_BUILD_CORE"],
        "core": {
            "objs": [
                "build/Objects/abstract.o",
                "build/Python/deepfreeze/deepfreeze.o",
                "build/Modules/config.o",
                "build/Modules/getpath.o",
            ],
            "links": [{"name": "dl", "system": True}, {"name": "m", "system": True}],
            "static_lib": "install/lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a",
        },
        "extensions": EXTENSIONS,
    },
}


def changed(path: str, value: object) -> bytes:
    """The document with `value` at the dotted `path`; a value of None removes it."""
    document = copy.deepcopy(DOCUMENT)
    *folders, last = path.split(".")
    place: Any = document
    for folder in folders:
        place = place[int(folder) if folder.isdigit() else folder]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(document).encode()


def read(path: str = "version", value: object = "8") -> Distribution:
    return parse(changed(path, value))


def check_error(path: str, value: object, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(path, value)
    assert message in caught.value.message


def check_refused(data: bytes, message: str, **options: Any) -> None:
    (found, hint), *_ = why_not_linkable(parse(data), **{"llvm": 22, **options})
    assert message in found
    assert hint


class TestReading:
    def test_values(self) -> None:
        distribution = read()
        assert distribution.triple == "x86_64-unknown-linux-musl"
        assert distribution.build_options == ("noopt", "static")
        assert distribution.major_minor == "3.11"
        assert distribution.bytecode_magic == bytes.fromhex("a70d0d0a")
        assert distribution.include == "install/include/python3.11"
        assert distribution.is_static
        assert distribution.inittab.flags == ("-std=c99", "-DNDEBUG", "-DPy_BUILD_CORE")
        assert len(distribution.extensions) == len(EXTENSIONS) == 102
        assert why_not_linkable(distribution, llvm=22) == []

    def test_extension(self) -> None:
        ssl = read().extension("_ssl")
        assert ssl.init == "PyInit__ssl"
        assert [(link.name, link.kind, link.path) for link in ssl.links] == [
            ("crypto", LinkKind.STATIC, "build/lib/libcrypto.a"),
            ("ssl", LinkKind.STATIC, "build/lib/libssl.a"),
        ]
        assert "licenses/LICENSE.openssl-3.txt" in ssl.license_paths

    def test_module_that_the_core_makes_has_no_init_function(self) -> None:
        assert read().extension("sys").init is None

    def test_public_domain(self) -> None:
        assert read().extension("_sqlite3").public_domain

    def test_format_7_without_newer_fields(self) -> None:
        document = json.loads(changed("version", "7"))
        del document["build_options"]
        assert parse(json.dumps(document).encode()).build_options == ("noopt", "static")

    def test_first_variant_where_none_is_the_default(self) -> None:
        variants = [{**EXTENSIONS["readline"][0], "variant": name} for name in ("libedit", "readline")]
        assert read("build_info.extensions.readline", variants).extension("readline").variant == "libedit"

    def test_nulls_of_windows_count_as_missing(self) -> None:
        entry = {**EXTENSIONS["_abc"][0], "shared_lib": None, "license_public_domain": None, "licenses": None}
        assert read("build_info.extensions._abc", [entry]).extension("_abc").shared_library is None


class TestCorrections:
    def test_init_table_is_not_an_object_of_the_core(self) -> None:
        assert "build/Modules/config.o" not in read().core_objects

    @pytest.mark.parametrize(("flags", "name"), [("", "libpython3.11.a"), ("t", "libpython3.11t.a")])
    def test_static_library_is_where_it_really_is(self, flags: str, name: str) -> None:
        assert read("python_abi_tag", flags).static_library == f"install/lib/{name}"

    @pytest.mark.parametrize("text", ["llvm-bitcode:%22.1.3", "llvm-bitcode:22.1.3+20260410"])
    def test_version_of_bitcode(self, text: str) -> None:
        distribution = read("build_info.object_file_format", text)
        assert (distribution.object_format, distribution.llvm_version) == (ObjectFormat.BITCODE, 22)

    def test_library_that_leaked_out_of_the_makefile(self) -> None:
        entry = {**EXTENSIONS["_md5"][0], "links": [{"name": "Hacl_Hash_SHA2", "system": True}]}
        assert read("build_info.extensions._md5", [entry]).extension("_md5").links == ()


class TestRefusing:
    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("version", "9", "is of format '9'"),
            ("version", 8, "`version` is 8; wanted a string"),
            ("target_triple", None, "`target_triple` is missing"),
            ("build_info.inittab_object", None, "`build_info.inittab_object` is missing"),
            ("build_info.core.objs", "x", "`build_info.core.objs` is 'x'; wanted a list"),
            ("build_info.extensions", [], "`build_info.extensions` is a list; wanted a map"),
            ("build_info.extensions._abc", [], "at least one variant"),
            ("build_info.extensions._abc.0.in_core", 0, "`build_info.extensions._abc[0].in_core` is 0; wanted true or"),
            ("build_info.extensions._abc.0.init_fn", "a;b", "wanted the name of a C function"),
            ("build_info.extensions._ssl.0.links", [{"name": "x"}], "wanted one of `path_static`"),
            ("build_info.extensions._ssl.0.links", [{"name": "-x", "system": True}], "wanted a library's name"),
            ("build_info.object_file_format", "a.out", "wanted `elf`"),
            ("build_info.object_file_format", "llvm-bitcode:new", "wanted the version of LLVM"),
            ("python_version", "three", "wanted a version"),
            ("python_bytecode_magic_number", "xyz", "wanted bytes in hexadecimal"),
            ("python_paths", {}, "the entry `include`"),
            ("python_tag", "\ud800", "without lone surrogates"),
            ("python_abi_tag", "../../x", "wanted ABI flags"),
        ],
    )
    def test_field(self, path: str, value: object, message: str) -> None:
        check_error(path, value, message)

    @pytest.mark.parametrize("bad", ["/etc/passwd", "../x.o", "build/../../x.o", "a//b", "", ".", "C:x.o", "a\\b", "a\nb"])
    @pytest.mark.parametrize(
        "path",
        [
            "python_exe",
            "python_paths.include",
            "build_info.inittab_source",
            "build_info.extensions._ssl.0.objs.0",
            "license_path",
        ],
    )
    def test_path_outside(self, path: str, bad: str) -> None:
        if path.endswith("objs.0"):
            check_error("build_info.extensions._ssl.0.objs", [bad], "a path inside of the archive")
        else:
            check_error(path, bad, "a path inside of the archive")

    @pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}", b"[]", b"null"])
    def test_not_such_a_document(self, data: bytes) -> None:
        with pytest.raises(FormatError):
            parse(data)


class TestLinkable:
    def test_newer_bitcode(self) -> None:
        check_refused(changed("build_info.object_file_format", "llvm-bitcode:%23.1.0"), "bitcode of LLVM 23; this linker reads")
        assert why_not_linkable(read("build_info.object_file_format", "llvm-bitcode:%22.9.0"), llvm=22) == []

    def test_release_without_lexer(self) -> None:
        check_refused(changed("python_version", "3.13.0"), "no objects in `build/Parser/lexer/`, as releases before 20250106")

    def test_release_without_deepfreeze(self) -> None:
        check_refused(changed("build_info.core.objs", ["build/Objects/abstract.o"]), "releases before 20240909")

    def test_old_release_by_its_tag(self) -> None:
        check_refused(changed("version", "8"), "release 20241016 lacks objects", release="20241016")
        assert why_not_linkable(read(), llvm=22, release="20241205") == []

    def test_shared_extensions_only(self) -> None:
        check_refused(changed("python_extension_module_loading", ["shared-library"]), "shared libraries only")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def places(value: object, prefix: str = "") -> list[str]:
    """The dotted paths of all members of maps."""
    result = []
    if isinstance(value, dict):
        for key, member in value.items():
            if "." not in key:
                result += [f"{prefix}{key}", *places(member, f"{prefix}{key}.")]
    return result


@settings(deadline=None)
@given(st.sampled_from(places({**DOCUMENT, "build_info": {**DOCUMENT["build_info"], "extensions": {}}})), json_values)
def test_any_value_anywhere_is_read_or_refused(path: str, value: object) -> None:
    try:
        distribution = read(path, value)
    except FormatError:
        return
    for object_path in (*distribution.core_objects, distribution.executable, *distribution.paths.values()):
        assert not object_path.startswith("/")
        assert ".." not in object_path.split("/")


@settings(deadline=None)
@given(json_values | st.binary())
def test_any_bytes_are_read_or_refused(value: object) -> None:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(FormatError):
        parse(data)
