"""Tests, type stubs and sources that are left out on request."""

from __future__ import annotations

from staticbuild.packing.collect import FOREIGN, Found, collect_tree
from staticbuild.packing.layers import Part
from staticbuild.packing.leave_out import without_sources, without_tests
from staticbuild.packing.plan import Layer
from staticbuild.packing.resource import Location, LocationKind, collect


def part(layer: Layer, **files: str) -> Part:
    """A pack; `__` in a name stands for a slash, `_dot_` for a dot."""
    found = [
        Found(name.replace("_dot_", ".").replace("__", "/").replace("INIT", "__init__"), text.encode())
        for name, text in files.items()
    ]
    made = collect_tree(found, prefix="", strictness=FOREIGN, optimize=0)
    return Part(layer, "some==1", collect(made.modules, made.files))


def names(*parts: Part) -> list[str]:
    modules = [module.name for part in parts for module in part.resources.modules]
    return sorted([*modules, *(file.path for part in parts for file in part.resources.files)])


class TestTests:
    def test_packages_with_all_that_is_in_them(self) -> None:
        before = part(
            "requirement",
            p__INIT_dot_py="import p.core",
            p__core_dot_py="",
            p__tests__INIT_dot_py="",
            p__tests__deep__test_x_dot_py="from p.tests import data",
            p__tests__data__big_dot_bin="0123456789",
            p__testing_dot_py="",
            tests__INIT_dot_py="",
            p__core_dot_pyi="x: int",
            p__py_dot_typed="",
        )
        (after,), left_out = without_tests([before], [])
        assert names(after) == ["p", "p.core", "p.testing"]
        assert left_out.names == ("p.tests", "tests")
        assert (left_out.modules, left_out.files) == (5, 3)
        assert left_out.bytes > 10

    def test_a_module_is_no_package(self) -> None:
        before = part("requirement", jinja__tests_dot_py="", jinja__test_dot_py="", jinja__INIT_dot_py="")
        assert without_tests([before], [])[0] == [before]

    def test_what_other_code_imports_stays(self) -> None:
        before = [
            part("requirement", a__INIT_dot_py="", a__test__INIT_dot_py="from . import helper", a__test__helper_dot_py=""),
            part("application", main_dot_py="def f():\n    from a.test.helper import x"),
        ]
        assert without_tests(before, [])[0] == before
        other = part("application", main_dot_py="PLUGINS = ['a.test.helper:main']")
        assert without_tests([before[0], other], [])[0] == [before[0], other]
        (after, _), left_out = without_tests([before[0], part("application", main_dot_py="")], [])
        assert names(after) == ["a"]
        assert left_out.names == ("a.test",)

    def test_what_the_program_runs_stays(self) -> None:
        before = [part("application", app__tests__run_dot_py="")]
        assert without_tests(before, ["app.tests.run:main"])[0] == before
        assert without_tests(before, [])[1].names == ("app.tests",)

    def test_the_standard_library_has_its_own_switch(self) -> None:
        before = [part("stdlib", test__INIT_dot_py="")]
        assert without_tests(before, [])[0] == before


def test_sources() -> None:
    packed = part("requirement", a__INIT_dot_py="x = 1", a__b_dot_py="y = 2", broken_dot_py="1 +", on__INIT_dot_py="")
    location = Location("on", LocationKind.EXTRACTED, "app/0", ("on/__init__.py",))
    resources = collect(packed.resources.modules, locations=[location])
    after, left_out = without_sources(resources)
    assert [module.name for module in after.modules if module.source is not None] == ["broken", "on"]
    assert [module.bytecode for module in after.modules] == [module.bytecode for module in resources.modules]
    assert (left_out.what, left_out.files, left_out.bytes) == ("sources", 2, 10)
