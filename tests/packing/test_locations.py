"""Which files a program finds on disk: by what its code does, and by what its config says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from staticbuild.errors import ConfigError
from staticbuild.packing.collect import APPLICATION, Found, classify, collect_tree
from staticbuild.packing.file_uses import FileUse, file_uses
from staticbuild.packing.layers import Part, unite_parts
from staticbuild.packing.locations import Decision, decide
from staticbuild.packing.plan import Layer
from staticbuild.packing.resource import Resources, collect
from tests.packing.elves import elf, extension

SITE = "lib/python3.13/site-packages"
OPENS = "import os\nopen(os.path.join(os.path.dirname(__file__), 'data.txt'))\n"
KEEPS = "import os\nHERE = os.path.dirname(__file__)\n"
LISTS = "import os\nos.listdir(os.path.dirname(__file__))\n"


class World:
    """An executable in the making: parts with their files."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.uses: list[FileUse] = []
        self.united: Resources = collect()

    def add(self, name: str, files: Mapping[str, str | bytes], layer: Layer = "application") -> World:
        """Add a part with these files; those that are bytes are machine code."""
        prefix = {"application": "", "stdlib": "lib/python3.13", "requirement": SITE}[layer]
        sources = {path: text.encode() for path, text in files.items() if isinstance(text, str)}
        found = [Found(path, data, path.endswith(".sh"), path) for path, data in {**files, **sources}.items()]  # type: ignore[arg-type]
        collected = collect_tree(found, prefix=prefix, strictness=APPLICATION, optimize=0, suffixes=(".abi3.so", ".so"))
        self.parts.append(Part(layer, name, collect(collected.modules, collected.files)))
        for path, module in classify(sources).items():
            package = path.endswith("__init__.py")
            self.uses += file_uses(sources[path], module=module, is_package=package, shown=f"{name}/{path}")
        return self

    def decide(self, **wanted: str) -> Decision:
        """Decide, with dots for two underscores and `*` for `others`."""
        names = {("*" if name == "others" else name.replace("__", ".")): choice for name, choice in wanted.items()}
        self.united = unite_parts(self.parts, {}).resources
        return decide(self.parts, self.united, self.uses, names, "greet")

    def on_disk(self, **wanted: str) -> dict[str, list[str]]:
        """The packages of each location, and its paths."""
        return {
            ", ".join(item.packages): [path.removeprefix(f"{SITE}/") for path in item.location.paths]
            for item in self.decide(**wanted).placed
        }


def world(files: Mapping[str, str | bytes], layer: Layer = "application") -> World:
    """One part with these files."""
    return World().add("app", files, layer)


class TestAutomatic:
    def test_a_package_that_opens_its_file(self) -> None:
        files = {"greet/__init__.py": "", "greet/cli.py": OPENS, "greet/data.txt": "x", "other.py": "", "more.txt": "x"}
        assert world(files).on_disk() == {"greet": ["greet/__init__.py", "greet/cli.py", "greet/data.txt"]}

    def test_the_outermost_regular_package_goes_as_a_whole(self) -> None:
        files = {"ns/a/__init__.py": "", "ns/a/b/__init__.py": OPENS, "ns/a/b/data.txt": "", "ns/c/__init__.py": ""}
        assert list(world(files).on_disk().values()) == [["ns/a/__init__.py", "ns/a/b/__init__.py", "ns/a/b/data.txt"]]

    @pytest.mark.parametrize(
        ("source", "files"),
        [
            (OPENS, {}),
            ("import os\nos.path.exists(os.path.dirname(__file__) + '/../.git')\n", {"greet/data.txt": ""}),
            ("import os\nopen(os.path.join(os.path.dirname(__file__), '../../../../x'))\n", {"greet/data.txt": ""}),
            (KEEPS, {}),
            (KEEPS, {"greet/py.typed": "", "greet/README.md": "", "greet/x.pyi": "", "greet/LICENSE": ""}),
            ("import os\nHERE = os.path.dirname(__file__) + '/static'\n", {"greet/data.txt": ""}),
            (KEEPS, {"greet/vendor/__init__.py": "", "greet/vendor/x/a.js": ""}),
            ("import os, subprocess\nsubprocess.run(['git'], cwd=os.path.dirname(__file__))", {"greet/b.py": ""}),
            ("import os\nopen(os.path.join(os.path.dirname(os.__file__), 'os.py'))\n", {"greet/data.txt": ""}),
        ],
    )
    def test_what_extraction_would_not_help(self, source: str, files: dict[str, str]) -> None:
        app = {"greet/__init__.py": "", "greet/cli.py": source, **files}
        assert World().add("python", {"os.py": ""}, "stdlib").add("app", app).on_disk() == {}

    def test_a_path_that_leaves_a_package_with_data(self) -> None:
        files = {"greet/__init__.py": KEEPS, "greet/templates/a.html": ""}
        assert world(files).on_disk() == {"greet": ["greet/__init__.py", "greet/templates/a.html"]}

    def test_a_folder_of_modules_that_is_listed(self) -> None:
        files = {"greet/__init__.py": "", "greet/plugins/__init__.py": LISTS, "greet/plugins/a.py": ""}
        assert list(world(files).on_disk()) == ["greet"]

    def test_files_above_the_package(self) -> None:
        source = "from pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\n(BASE / 'views').iterdir()\n"
        files = {"site/__init__.py": "", "site/settings.py": source, "views/a.html": "", "blog/__init__.py": "", "a.py": ""}
        requests = {"requests/__init__.py": "", "requests/data.txt": ""}
        assert World().add("app", files).add("requests==1", requests, "requirement").on_disk() == {
            "site": ["a.py", "blog/__init__.py", "site/__init__.py", "site/settings.py", "views/a.html"]
        }

    def test_only_what_is_looked_at_above_the_package(self) -> None:
        source = "from pathlib import Path\nopen(Path(__file__).resolve().parent.parent / 'conf/a.ini')\n"
        files = {"app/__init__.py": source, "conf/a.ini": "", "conf/b.ini": "", "blog/__init__.py": ""}
        assert world(files).on_disk() == {"app": ["app/__init__.py", "conf/a.ini"]}

    def test_a_single_module_and_its_file(self) -> None:
        files = {"hello.py": OPENS, "data.txt": "", "other.py": "", "other.txt": ""}
        assert world(files).on_disk() == {"hello": ["data.txt", "hello.py"]}

    def test_the_files_of_another_package(self) -> None:
        source = "import os, words\nopen(os.path.join(os.path.dirname(words.__file__), 'en.txt'))\n"
        worlds = World().add("app", {"greet/__init__.py": source, "greet/data.txt": ""})
        worlds.add("words==1", {"words/__init__.py": "", "words/en.txt": ""}, "requirement")
        assert worlds.on_disk() == {"words": ["words/__init__.py", "words/en.txt"]}

    def test_packages_that_share_files_are_one(self) -> None:
        source = "import os\nROOT = os.path.dirname(os.path.dirname(__file__))\n"
        files = {"a/__init__.py": source, "b/__init__.py": source, "c/__init__.py": "", "x.txt": ""}
        assert world(files).on_disk() == {"a, b": ["a/__init__.py", "b/__init__.py", "c/__init__.py", "x.txt"]}

    def test_packages_that_do_not_are_not(self) -> None:
        files = {"a/__init__.py": OPENS, "a/data.txt": "", "b/__init__.py": OPENS, "b/data.txt": ""}
        assert list(world(files).on_disk()) == ["a", "b"]

    def test_the_standard_library_stays_in_memory(self) -> None:
        assert world({"venv/__init__.py": LISTS, "venv/data.txt": ""}, "stdlib").on_disk() == {}

    def test_reasons(self) -> None:
        decision = world({"greet/__init__.py": OPENS, "greet/data.txt": "", "greet/b.py": OPENS.replace("data", "no")}).decide()
        (placed,) = decision.placed
        assert [(use.shown, use.line) for use in placed.reasons] == [("app/greet/__init__.py", 2)]
        (dismissed,) = decision.dismissed
        assert (dismissed.use.shown, dismissed.why) == ("app/greet/b.py", "there is no `greet/no.txt` in the executable")


FILES = {
    "greet/__init__.py": OPENS,
    "greet/data.txt": "",
    "greet/assets/__init__.py": "",
    "greet/assets/a.png": "",
    "b.py": "",
}


class TestConfig:
    def test_memory(self) -> None:
        decision = world(FILES).decide(greet="memory")
        assert decision.placed == ()
        assert [item.why for item in decision.dismissed] == ["`location` decides about `greet`"]

    @pytest.mark.parametrize("choice", ["extracted", "beside"])
    def test_named(self, choice: str) -> None:
        (placed,) = world(FILES).decide(greet=choice).placed
        assert placed.location.kind.value == choice
        assert placed.location.paths == tuple(sorted(set(FILES) - {"b.py"}))
        assert placed.reasons == ()

    def test_the_innermost_decides(self) -> None:
        assert world(FILES).on_disk(greet="memory", greet__assets="extracted") == {
            "greet.assets": ["greet/assets/__init__.py", "greet/assets/a.png"]
        }
        assert world(FILES).on_disk(greet="beside", greet__assets="memory") == {
            "greet": ["greet/__init__.py", "greet/data.txt"]
        }

    def test_part_of_an_automatic_package_kept_in_memory(self) -> None:
        assert world(FILES).on_disk(greet__assets="memory") == {"greet": ["greet/__init__.py", "greet/data.txt"]}

    def test_all_others(self) -> None:
        files = {**FILES, "c/__init__.py": ""}
        worlds = world(files).add("python", {"json/__init__.py": ""}, "stdlib")
        assert worlds.on_disk(others="memory") == {}
        everything = worlds.on_disk(others="beside", c="memory")
        assert sorted(path for paths in everything.values() for path in paths) == sorted(FILES)

    def test_a_package_of_the_standard_library(self) -> None:
        worlds = world({"venv/__init__.py": "", "venv/scripts/a": "", "os.py": ""}, "stdlib")
        assert [len(paths) for paths in worlds.on_disk(venv="extracted").values()] == [2]

    @pytest.mark.parametrize(
        ("name", "message", "hint"),
        [
            ("gret", "`location` names `gret`, and the executable has no such package", "did you mean `greet`?"),
            ("greet__asets", "`location` names `greet.asets`, and", "did you mean `greet.assets`?"),
            ("zzz", "`location` names `zzz`, and", "name packages as they are imported, or `*` for all others"),
            (
                "os",
                "`location` names `os`, a module of the standard library, which has no folder of its own",
                "of the standard",
            ),
        ],
    )
    def test_mistakes(self, name: str, message: str, hint: str) -> None:
        worlds = world(FILES).add("python", {"os.py": ""}, "stdlib")
        with pytest.raises(ConfigError) as caught:
            worlds.decide(**{name: "extracted", "greet": "memory"})
        (problem,) = caught.value.problems
        assert problem.message.startswith(message)
        assert str(problem.hint).startswith(hint)


DEMO: Mapping[str, str | bytes] = {
    "demo/__init__.py": "",
    "demo/data.txt": "",
    "demo/_fast.abi3.so": extension("_fast", needs=("libsum-1.so", "libc.so.6"), rpath="$ORIGIN/../demo.libs"),
    "demo/sub/__init__.py": "",
    "demo/sub/_slow.so": extension("_slow", needs=("libstdc++.so.6",)),
    "demo.libs/libsum-1.so": elf(soname="libsum-1.so", needs=("libbase-1.so",)),
    "demo.libs/libbase-1.so": elf(soname="libbase-1.so"),
    "demo.libs/libplugin.so": elf(soname="libplugin.so"),
}
LIBRARIES = [path for path in sorted(DEMO) if path.endswith(".so")]
OTHER: Mapping[str, str | bytes] = {"other/__init__.py": "", "other/_x.so": extension("_x")}


class TestMachineCode:
    def test_that_of_a_requirement_is_together(self) -> None:
        worlds = World().add("demo==1", DEMO, "requirement").add("other==1", OTHER, "requirement")
        assert worlds.on_disk() == {"demo": LIBRARIES, "other": ["other/_x.so"]}
        demo, other = worlds.decide().placed
        assert [(file.path.removeprefix(f"{SITE}/"), file.kind, file.wants) for file in demo.native] == [
            ("demo.libs/libbase-1.so", "shared library", ()),
            ("demo.libs/libplugin.so", "shared library", ()),
            ("demo.libs/libsum-1.so", "shared library", ()),
            ("demo/_fast.abi3.so", "extension module", ()),
            ("demo/sub/_slow.so", "extension module", ("libstdc++.so.6",)),
        ]
        assert (demo.reasons, other.reasons) == ((), ())

    def test_that_of_an_application_is_together_by_who_asks_for_whom(self) -> None:
        plugin = "demo.libs/libplugin.so"
        assert world({**DEMO, **OTHER}).on_disk() == {
            "demo": [path for path in LIBRARIES if path != plugin],
            "other": ["other/_x.so"],
        }
        assert [file.path for file in world({**DEMO, **OTHER}).decide().left] == [plugin]

    def test_requirements_that_ask_for_each_other(self) -> None:
        user: Mapping[str, str | bytes] = {
            "user/__init__.py": "",
            "user/_u.so": extension("_u", needs=("libsum-1.so",), runpath="${ORIGIN}/../demo.libs"),
        }
        worlds = World().add("demo==1", DEMO, "requirement").add("user==1", user, "requirement")
        assert worlds.on_disk() == {"demo, user": [*LIBRARIES, "user/_u.so"]}

    def test_a_package_that_is_a_shared_library_goes_as_a_whole(self) -> None:
        files: Mapping[str, str | bytes] = {"demo/__init__.abi3.so": extension("demo"), "demo/data.txt": "", "demo/a.py": ""}
        assert world(files).on_disk() == {"demo": sorted(files)}

    @pytest.mark.parametrize(
        "code", [elf(soname="libz.so"), elf(kind=2, interpreter=True), elf(kind=2, dynamic=False), elf(pie=True)]
    )
    def test_what_is_looked_for_by_name_brings_its_package_along(self, code: bytes) -> None:
        files: Mapping[str, str | bytes] = {"demo/__init__.py": "", "demo/bin/tool": code, "demo/data.txt": "", "b.py": ""}
        assert world(files).on_disk() == {"demo": ["demo/__init__.py", "demo/bin/tool", "demo/data.txt"]}
        assert world(files).on_disk(demo="memory") == {}
        assert [file.path for file in world(files).decide(others="memory").left] == ["demo/bin/tool"]

    def test_what_lies_in_no_package_stays(self) -> None:
        files: Mapping[str, str | bytes] = {
            "tool-1.0.data/scripts/tool": elf(kind=2, interpreter=True, needs=("libgcc_s.so.1",))
        }
        decision = World().add("tool==1.0", files, "requirement").decide()
        assert decision.placed == ()
        assert [(file.kind, file.wants) for file in decision.left] == [("program", ("libgcc_s.so.1",))]

    def test_what_nothing_here_can_run_is_data(self) -> None:
        files: Mapping[str, str | bytes] = {"demo/__init__.py": "", "demo/arm": elf(machine=183), "demo/a.o": elf(kind=1)}
        assert world(files).on_disk() == {}

    def test_a_package_in_memory_keeps_its_extension_modules_on_disk(self) -> None:
        worlds = World().add("demo==1", DEMO, "requirement")
        assert worlds.on_disk(demo="memory") == {"demo": LIBRARIES}
        assert worlds.on_disk(others="memory") == {"demo": LIBRARIES}

    @pytest.mark.parametrize("wanted", ["demo", "others"])
    def test_beside(self, wanted: str) -> None:
        (placed,) = World().add("demo==1", DEMO, "requirement").decide(**{wanted: "beside"}).placed
        assert placed.location.kind.value == "beside"
        assert [path.removeprefix(f"{SITE}/") for path in placed.location.paths] == sorted(DEMO)

    def test_a_package_that_opens_files_has_them_with_its_machine_code(self) -> None:
        worlds = World().add("demo==1", {**DEMO, "demo/__init__.py": OPENS}, "requirement")
        assert worlds.on_disk() == {"demo": sorted(DEMO)}

    def test_extension_modules_are_no_data(self) -> None:
        files: Mapping[str, str | bytes] = {"demo/__init__.py": KEEPS, "demo/_fast.so": extension("_fast")}
        assert world(files).on_disk() == {"demo": ["demo/_fast.so"]}

    def test_the_file_of_an_extension_module_is_there_in_any_case(self) -> None:
        source = "import ctypes\nfrom demo import _fast\nctypes.CDLL(_fast.__file__)\n"
        decision = world({"demo/__init__.py": "", "demo/c.py": source, "demo/_fast.so": extension("_fast")}).decide()
        assert [item.location.paths for item in decision.placed] == [("demo/_fast.so",)]
        assert [item.why for item in decision.dismissed] == ["an extension module is on disk in any case"]


class TestDigest:
    def folder(self, files: Mapping[str, str]) -> str:
        (placed,) = world(files).decide(greet="extracted").placed
        return placed.location.folder

    def test_it_names_the_folder_and_follows_the_files(self) -> None:
        files = {"greet/__init__.py": "", "greet/a.txt": "x"}
        first = self.folder(files)
        assert first.startswith("greet/")
        assert len(first) == len("greet/") + 64
        assert self.folder({**files, "other.py": "changed"}) == first
        changed = [
            {**files, "greet/a.txt": "y"},
            {**files, "greet/b.txt": ""},
            {"greet/__init__.py": "", "greet/b.txt": "x"},
            {"greet/__init__.py": "", "greet/a.sh": "x"},
        ]
        assert len({first, *map(self.folder, changed)}) == 1 + len(changed)
