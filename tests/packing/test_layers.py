"""Who wins where several packs have one name."""

from __future__ import annotations

import pytest

from staticbuild.errors import ConfigError
from staticbuild.packing.collect import FOREIGN, Found, collect_tree
from staticbuild.packing.layers import ORDER, Part, United, unite_parts
from staticbuild.packing.plan import Layer
from staticbuild.packing.resource import ModuleKind, collect

PREFIX: dict[Layer, str] = {
    "application": "",
    "stdlib": "lib/python3.13",
    "requirement": "lib/python3.13/site-packages",
}


def part(layer: Layer, name: str, *paths: str) -> Part:
    """A pack of files that hold their owner's name, except for empty `__init__.py` files of namespaces' likes."""
    found = [Found(path, b"" if path.endswith("empty.py") else f"owner = {name!r}\n".encode()) for path in paths]
    made = collect_tree(found, prefix=PREFIX[layer], strictness=FOREIGN, optimize=0)
    return Part(layer, name, collect(made.modules, made.files, {}))


def app(*paths: str) -> Part:
    return part("application", ":app", *paths)


def std(*paths: str) -> Part:
    return part("stdlib", "python 3.13", *paths)


def req(name: str, *paths: str) -> Part:
    return part("requirement", name, *paths)


def owners(*parts: Part) -> str:
    """Each module as `name=path`, namespaces as `name=portion+portion`."""
    united = unite_parts(parts, {})
    return " ".join(
        f"{module.name}={'+'.join(module.portions) if module.kind is ModuleKind.NAMESPACE else module.path}"
        for module in united.resources.modules
    )


def check_conflict(message: str, *parts: Part) -> None:
    with pytest.raises(ConfigError) as caught:
        unite_parts(parts, {})
    assert message in [problem.message for problem in caught.value.problems]


SITE = PREFIX["requirement"]


class TestBetweenLayers:
    def test_the_application_hides_the_library_and_says_so(self) -> None:
        united: United = unite_parts([std("json/__init__.py", "json/tool.py"), app("json.py")], {})
        assert [module.path for module in united.resources.modules] == ["json.py"]
        assert united.warnings == ("`json` of `python 3.13` is hidden by that of the application",)

    def test_the_library_hides_backports(self) -> None:
        assert owners(req("enum34==1", "enum/__init__.py"), std("enum.py")) == "enum=lib/python3.13/enum.py"

    def test_a_regular_package_wins_over_namespaces_of_earlier_layers(self) -> None:
        """PEP 420: a namespace package is what is left when the whole path has nothing else."""
        assert owners(app("a/data.txt", "a/x.py"), req("a==1", "a/__init__.py")) == f"a={SITE}/a/__init__.py"

    def test_namespace_packages_unite(self) -> None:
        united = owners(req("one==1", "ns/one.py"), app("ns/two.py"), req("three==1", "ns/three/__init__.py"))
        assert united == f"ns=ns+{SITE}/ns ns.one={SITE}/ns/one.py ns.three={SITE}/ns/three/__init__.py ns.two=ns/two.py"

    def test_inside_of_namespaces_the_same_rules_hold(self) -> None:
        united = owners(app("ns/p/__init__.py", "ns/p/a.py"), req("r==1", "ns/p/__init__.py", "ns/p/b.py", "ns/q.py"))
        assert united == f"ns=ns+{SITE}/ns ns.p=ns/p/__init__.py ns.p.a=ns/p/a.py ns.q={SITE}/ns/q.py"

    def test_files_of_what_is_hidden_stay_where_they_were(self) -> None:
        united = unite_parts([app("a.py"), req("a==1", "a/__init__.py", "a/data.txt")], {})
        assert [file.path for file in united.resources.files] == [f"{SITE}/a/data.txt"]


class TestWithinALayer:
    def test_two_requirements(self) -> None:
        check_conflict(
            f"`a==1` and `b==1` have different files for `{SITE}/x/m.py`", req("a==1", "x/m.py"), req("b==1", "x/m.py")
        )

    def test_files(self) -> None:
        check_conflict(
            f"`a==1` and `b==1` have different files for `{SITE}/LICENSE`",
            req("a==1", "LICENSE"),
            req("b==1", "LICENSE"),
        )

    def test_all_conflicts_at_once(self) -> None:
        with pytest.raises(ConfigError) as caught:
            unite_parts([req("a==1", "x.py", "y.py"), req("b==1", "x.py", "y.py")], {})
        assert len(caught.value.problems) == 2

    def test_two_versions_of_one_package(self) -> None:
        check_conflict("`a==1` and `a==2` are in one executable", req("a==2", "x.py"), req("a==1", "x.py"), req("b==1"))

    def test_equal_files_are_fine(self) -> None:
        assert owners(req("a==1", "t/empty.py"), req("b==1", "t/empty.py")) == f"t={SITE}/t t.empty={SITE}/t/empty.py"

    def test_a_module_and_a_package(self) -> None:
        check_conflict(
            f"`a==1` and `b==1` both have a module `x`: `{SITE}/x.py` and `{SITE}/x/__init__.py`",
            req("a==1", "x.py"),
            req("b==1", "x/__init__.py"),
        )

    def test_a_folder_of_one_in_the_package_of_another(self) -> None:
        """As in one `site-packages`, e.g. types or plug-ins beside the package they are for."""
        united = owners(req("a==1", "x/__init__.py"), req("b==1", "x/plugins/b.py"))
        assert united == f"x={SITE}/x/__init__.py x.plugins={SITE}/x/plugins x.plugins.b={SITE}/x/plugins/b.py"


def test_order_of_the_packs_does_not_matter() -> None:
    parts = [app("a.py", "n/a.txt"), std("os.py", "a.py"), req("r==1", "n/x.py", "r.py"), req("s==1", "n/y.py")]
    assert unite_parts(parts, {"k": "v"}) == unite_parts(parts[::-1], {"k": "v"})
    assert set(PREFIX) == set(ORDER)


def test_settings_of_the_plan_win() -> None:
    packed = Part("application", ":app", collect((), (), {"a": "1", "b": "1"}))
    united = unite_parts([packed], {"b": "2"})
    assert {setting.key: setting.value for setting in united.resources.settings} == {"a": "1", "b": "2"}
