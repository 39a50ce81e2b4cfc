"""Which extensions and objects a link takes, on symbol tables made up here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from staticbuild.distribution.metadata import Distribution, parse
from staticbuild.errors import ConfigError
from staticbuild.linking.elf import Interface
from staticbuild.linking.licences import is_permissive
from staticbuild.linking.select import Selection, is_test, select
from tests.distribution.test_metadata import DOCUMENT

Symbols = Mapping[str, tuple[str, str]]


@pytest.fixture
def document(python_json: Any) -> Any:
    return python_json


def interfaces(symbols: Symbols) -> dict[str, Interface]:
    """`{"a.o": ("defined names", "wanted names")}` as symbol tables."""
    return {
        path: Interface(frozenset(defined.split()), frozenset(wanted.split())) for path, (defined, wanted) in symbols.items()
    }


CORE = {"core.o": ("main", "_PyAtExit_Call write")}
MODULES = {
    "atexit.o": ("PyInit_atexit _PyAtExit_Call", "main"),
    "math.o": ("PyInit_math", "_Py_log1p"),
    "cmath.o": ("PyInit_cmath", "_Py_log1p"),
    "_math.o": ("_Py_log1p", ""),
    "hmac.o": ("PyInit__hmac", "hash_sha2"),
    "sha2.o": ("hash_sha2", "hash_block"),
    "sha2module.o": ("PyInit__sha2", "hash_sha2"),
    "block.o": ("hash_block", ""),
    "ssl.o": ("PyInit__ssl", "SSL_new"),
}
EXTENSIONS = {
    "atexit": ["atexit.o"],
    "math": ["math.o", "_math.o"],
    "cmath": ["cmath.o", "_math.o"],
    "_hmac": ["hmac.o"],
    "_sha2": ["sha2module.o", "sha2.o"],
    "_block": ["block.o"],
    "_ssl": ["ssl.o"],
}


def choose(
    document: Any, names: str | None = None, exclude: str = "", core: Symbols = CORE, startup: str = "", **licences: Any
) -> Selection:
    """`names` are separated by blanks, or begin with the `=` of a filter; None: all."""
    distribution = distribution_of(document, licences)
    wanted = "all" if names is None else names[1:] if names.startswith("=") else names.split()
    imported = dict.fromkeys(startup.split(), "site")
    return select(distribution, interfaces({**core, **MODULES}), wanted, exclude.split(), imported)


def distribution_of(document: Any, licences: Mapping[str, Any]) -> Distribution:
    entries = {
        name: {
            "variant": "default",
            "init_fn": f"PyInit_{name}",
            "in_core": False,
            "required": False,
            "objs": objects,
            "links": [{"name": "ssl", "path_static": "lib/libssl.a"}, {"name": "m", "system": True}]
            if name in {"_ssl", "_block"}
            else [{"name": "m", "system": True}],
            **licences.get(name, {}),
        }
        for name, objects in EXTENSIONS.items()
    }
    return parse(json.dumps(document(["core.o"], {name: [entry] for name, entry in entries.items()})).encode())


def reasons(selection: Selection) -> dict[str, str]:
    return {chosen.extension.name: chosen.reason for chosen in selection.chosen}


def test_all(document: Any) -> None:
    selection = choose(document)
    assert sorted(reasons(selection)) == sorted(EXTENSIONS)
    assert selection.borrowed == ()
    assert len(selection.objects) == len(set(selection.objects)) == len(CORE) + len(MODULES)
    assert selection.archives == ("lib/libssl.a",)
    assert selection.system_libraries == ("m",)


def test_shared_object_is_linked_once(document: Any) -> None:
    selection = choose(document, "math cmath")
    assert selection.objects == ("core.o", "atexit.o", "cmath.o", "_math.o", "math.o")


def test_what_a_start_imports_comes_unasked(document: Any) -> None:
    assert reasons(choose(document, "", startup="math"))["math"] == "`site` imports it when CPython starts"


def test_what_the_core_refers_to_comes_unasked(document: Any) -> None:
    assert reasons(choose(document, "")) == {"atexit": "`core.o` of the core refers to `_PyAtExit_Call`"}
    core = {"core.o": ("main", "hash_block")}
    assert reasons(choose(document, "", core=core))["_block"] == "`core.o` of the core refers to `hash_block`"


def test_object_of_another_extension_is_borrowed(document: Any) -> None:
    selection = choose(document, "_hmac")
    assert sorted(reasons(selection)) == ["_hmac", "atexit"]
    assert [(item.path, item.symbol, item.user) for item in selection.borrowed] == [
        ("sha2.o", "hash_sha2", "hmac.o"),
        ("block.o", "hash_block", "sha2.o"),
    ]
    # And with an object the libraries that its owner names.
    assert selection.archives == ("lib/libssl.a",)


def test_excluded(document: Any) -> None:
    assert "_ssl" not in reasons(choose(document, exclude="_ssl"))


def test_symbols_of_libraries_are_left_to_the_linker(document: Any) -> None:
    assert choose(document, "_ssl").objects == ("core.o", "atexit.o", "ssl.o")


@pytest.mark.parametrize(
    ("names", "exclude", "core", "message"),
    [
        ("ssl", "", CORE, "has no extension `ssl`"),
        ("", "maths", CORE, "has no extension `maths`"),
        (None, "atexit", CORE, "`atexit` cannot be left out: `core.o` of the core refers to `_PyAtExit_Call`"),
        (None, "_block", {"core.o": ("", "hash_block")}, "`_block` cannot be left out: `core.o` of the core refers to"),
    ],
)
def test_refused(document: Any, names: str | None, exclude: str, core: Symbols, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        choose(document, names, exclude, core)
    assert message in caught.value.message
    assert caught.value.problems[0].hint


class TestFilters:
    """`lenders`: `_hmac` borrows objects of `_sha2`, and that one of `_block`, which needs the library."""

    def left_out(self, document: Any, name: str, **options: Any) -> dict[str, str]:
        return {item.name: item.reason for item in choose(document, f"={name}", **options).left_out}

    def test_all(self, document: Any) -> None:
        assert self.left_out(document, "all") == {}
        assert self.left_out(document, "all", exclude="math") == {"math": "excluded"}

    def test_minimal_is_what_the_core_refers_to_and_a_start_imports(self, document: Any) -> None:
        selection = choose(document, "=minimal", startup="cmath")
        assert sorted(reasons(selection)) == ["atexit", "cmath"]
        assert selection.objects == ("core.o", "cmath.o", "_math.o", "atexit.o")
        assert selection.archives == ()

    def test_metadata_that_says_required_changes_nothing(self, document: Any) -> None:
        assert sorted(reasons(choose(document, "=minimal", math={"required": True}))) == ["atexit"]

    def test_no_libraries(self, document: Any) -> None:
        assert self.left_out(document, "no-libraries") == {
            "_block": "needs the library `ssl`",
            "_hmac": "needs the library `ssl`",
            "_sha2": "needs the library `ssl`",
            "_ssl": "needs the library `ssl`",
        }
        assert choose(document, "=no-libraries").archives == ()

    def test_what_the_interpreter_needs_is_in_whatever_it_is_linked_with(self, document: Any) -> None:
        core = {"core.o": ("main", "hash_block")}
        selection = choose(document, "=no-libraries", core=core)
        assert sorted(reasons(selection)) == ["_block", "_hmac", "_sha2", "atexit", "cmath", "math"]
        assert selection.archives == ("lib/libssl.a",)

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"licenses": ["Apache-2.0", "OpenSSL"]}, None),
            ({"licenses": [], "license_public_domain": True}, None),
            ({"licenses": ["GPL-3.0-only OR MIT"]}, None),
            ({"licenses": ["MIT", "Sleepycat"]}, "its licence `Sleepycat` is copyleft, or not known to be permissive"),
            ({"licenses": ["MIT AND LGPL-2.1-only"]}, "its licence `MIT AND LGPL-2.1-only` is copyleft"),
            ({}, "the licence of its library `ssl` is not recorded"),
        ],
    )
    def test_no_copyleft(self, document: Any, fields: Any, reason: str | None) -> None:
        left_out = self.left_out(document, "no-copyleft", _ssl=fields, _block={"licenses": ["MIT"]})
        assert sorted(left_out) == (["_ssl"] if reason else [])
        assert (reason or "") in left_out.get("_ssl", "")

    def test_real_archive(self) -> None:
        """The extensions of a static python-build-standalone archive, as its own code describes them."""
        distribution = parse(json.dumps(DOCUMENT).encode())
        paths = [path for name in distribution.extensions for path in distribution.extension(name).objects]
        nothing = dict.fromkeys((*distribution.core_objects, *paths), Interface(frozenset(), frozenset()))
        free = select(distribution, nothing, "no-copyleft")
        assert [item.name for item in free.left_out if not is_test(item.name)] == ["_dbm"]
        bare = {item.name for item in select(distribution, nothing, "no-libraries").left_out if not is_test(item.name)}
        with_libraries = {
            "_bz2",
            "_ctypes",
            "_curses",
            "_curses_panel",
            "_dbm",
            "_decimal",
            "_elementtree",
            "_hashlib",
            "_lzma",
        }
        assert bare == with_libraries | {"_sqlite3", "_ssl", "_tkinter", "_uuid", "pyexpat", "readline", "zlib"}

    def test_names(self, document: Any) -> None:
        left_out = {item.name: item.reason for item in choose(document, "math _ssl", exclude="_ssl").left_out}
        assert left_out == {"_ssl": "excluded"} | dict.fromkeys(["_block", "_hmac", "_sha2", "cmath"], "not selected")


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("Sleepycat", False),
        ("LicenseRef-Ours", False),
        ("MIT AND (BSD-3-Clause OR GPL-2.0-only)", True),
        ("MIT OR GPL-2.0-only AND LGPL-2.1-only", True),
        ("(MIT OR GPL-2.0-only) AND LGPL-2.1-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        *(
            (text, False)
            for text in ("", "(", ")", "MIT MIT", "(MIT", "MIT)", "MIT AND", "OR MIT", "MIT; x", "(" * 5000 + "MIT")
        ),
    ],
)
def test_permissive(expression: str, permissive: bool) -> None:  # noqa: FBT001 - an answer
    assert is_permissive(expression) is permissive


def test_result_does_not_depend_on_the_order_of_names(document: Any) -> None:
    assert choose(document, "math _hmac _ssl") == choose(document, "_ssl math _hmac")


class TestCPythonsOwnTests:
    """Extensions that exist for CPython's own tests come along on request only."""

    def chosen(self, document: Any, modules: str | list[str] = "all", *, tests: bool = False) -> set[str]:
        row = {"variant": "default", "in_core": False, "required": False, "links": []}
        rows = {
            "atexit": [row | {"init_fn": "PyInit_atexit", "objs": ["atexit.o"]}],
            "_testcapi": [row | {"init_fn": "PyInit__testcapi", "objs": ["capi.o"]}],
        }
        distribution = parse(json.dumps(document(["core.o"], rows)).encode())
        symbols = interfaces({**CORE, **MODULES, "capi.o": ("PyInit__testcapi", "")})
        return {item.extension.name for item in select(distribution, symbols, modules, tests=tests).chosen}

    @pytest.mark.parametrize("modules", ["all", "no-libraries", "no-copyleft"])
    def test_filters_are_without_them(self, document: Any, modules: str) -> None:
        assert self.chosen(document, modules) == {"atexit"}
        assert self.chosen(document, modules, tests=True) == {"atexit", "_testcapi"}

    def test_by_name(self, document: Any) -> None:
        assert self.chosen(document, ["_testcapi"]) == {"atexit", "_testcapi"}

    @pytest.mark.parametrize("name", ["_testcapi", "_ctypes_test", "_xxtestfuzz", "xxlimited", "xxlimited_35", "xxsubtype"])
    def test_names(self, name: str) -> None:
        assert is_test(name)

    @pytest.mark.parametrize("name", ["_ctypes", "test", "xxhash", "_opcode", "_interpreters"])
    def test_other_names(self, name: str) -> None:
        assert not is_test(name)
