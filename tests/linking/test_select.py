"""Which extensions and objects a link takes, on symbol tables made up here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from staticbuild.distribution.metadata import Distribution, parse
from staticbuild.errors import ConfigError
from staticbuild.linking.elf import Interface
from staticbuild.linking.select import Selection, select

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


def choose(document: Any, names: str | None = None, exclude: str = "", core: Symbols = CORE) -> Selection:
    distribution = distribution_of(document)
    wanted = None if names is None else names.split()
    return select(distribution, interfaces({**core, **MODULES}), wanted, exclude.split())


def distribution_of(document: Any) -> Distribution:
    entries = {
        name: {
            "variant": "default",
            "init_fn": f"PyInit_{name}",
            "in_core": False,
            "required": False,
            "objs": objects,
            "links": [{"name": "ssl", "path_static": "lib/libssl.a"}, {"name": "m", "system": True}]
            if name in {"_ssl", "_block"}
            else [],
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


def test_bootstrap_module_comes_unasked(document: Any) -> None:
    assert reasons(choose(document, "")) == {"atexit": "CPython needs it to start"}


def test_what_the_core_refers_to_comes_unasked(document: Any) -> None:
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
    assert choose(document, "_ssl").objects == ("core.o", "ssl.o", "atexit.o")


@pytest.mark.parametrize(
    ("names", "exclude", "core", "message"),
    [
        ("ssl", "", CORE, "has no extension `ssl`"),
        ("", "maths", CORE, "has no extension `maths`"),
        (None, "atexit", CORE, "`atexit` cannot be left out: CPython needs it to start"),
        (None, "_block", {"core.o": ("", "hash_block")}, "`_block` cannot be left out: `core.o` of the core refers to"),
    ],
)
def test_refused(document: Any, names: str | None, exclude: str, core: Symbols, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        choose(document, names, exclude, core)
    assert message in caught.value.message
    assert caught.value.problems[0].hint


def test_result_does_not_depend_on_the_order_of_names(document: Any) -> None:
    assert choose(document, "math _hmac _ssl") == choose(document, "_ssl math _hmac")
