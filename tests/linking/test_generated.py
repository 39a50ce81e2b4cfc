"""The C that is generated for a link, and what it refuses to generate."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staticbuild.errors import ConfigError
from staticbuild.linking import inittab, symbols
from staticbuild.linking.inittab import Builtin
from staticbuild.linking.plan import LinkPlan, PreparePlan
from staticbuild.linking.select import Selection

Golden = Callable[[str, str], None]

EMPTY = Selection((), (), (), (), (), ())


def test_init_table(check_golden: Golden) -> None:
    modules = inittab.builtins(
        EMPTY,
        [
            Builtin("zlib", "PyInit_zlib"),
            Builtin("_staticbuild", "PyInit__staticbuild"),
            Builtin("sys", None),
            Builtin("marshal", "PyMarshal_Init"),
            Builtin("package._speedups", "sb_package_speedups"),
            Builtin("é2", "PyInitU_2_9ca"),
        ],
    )
    check_golden("inittab.c", inittab.generate(modules))


def test_empty_init_table(check_golden: Golden) -> None:
    check_golden("inittab_empty.c", inittab.generate(()))


def test_table_of_symbols(check_golden: Golden) -> None:
    check_golden("symbols.c", symbols.generate(["PyLong_Type", "PyList_New", "_PyLong_Sign"]))


def test_table_of_symbols_with_those_of_the_c_library() -> None:
    text = symbols.generate(["PyList_New", "getpid"], ["time", "getpid", "abs"])
    assert [line for line in text.splitlines() if line.startswith("extern")] == [
        "extern const char PyList_New[];",
        "extern const char abs[] __attribute__((weak));",
        "extern const char getpid[];",
        "extern const char time[] __attribute__((weak));",
    ]
    assert "sb_symbols_count = 4" in text


def test_empty_table_of_symbols(check_golden: Golden) -> None:
    check_golden("symbols_empty.c", symbols.generate(()))


def test_list_of_symbols(check_golden: Golden) -> None:
    check_golden("exports.txt", symbols.generate_list(["PyLong_Type", "PyList_New", "_PyLong_Sign"]))


def test_empty_list_of_symbols() -> None:
    assert symbols.generate_list([]) == "{\n};\n"


def test_plans(check_golden: Golden) -> None:
    check_golden("prepare.json", PreparePlan(modules=("_ssl",), symbols=True).to_json().decode())
    check_golden("link.json", LinkPlan("hello").to_json().decode())


def test_plans_are_read_as_they_were_written() -> None:
    plan = PreparePlan(modules=("_ssl",), exclude=("_dbm",))
    assert PreparePlan.parse(plan.to_json()) == plan


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (Builtin('x"y', "PyInit_x"), "is not the name of a module"),
        (Builtin("a..b", "PyInit_x"), "is not the name of a module"),
        (Builtin("x", "f(void); int g"), "is not the name of a C function"),
        (Builtin("x", "PyInit_é"), "is not the name of a C function"),
    ],
)
def test_names_that_are_none(module: Builtin, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        inittab.generate([module])
    assert message in caught.value.message


def test_two_of_one_name() -> None:
    with pytest.raises(ConfigError, match="two extensions are called `x`"):
        inittab.builtins(EMPTY, [Builtin("x", "a"), Builtin("x", "b")])
