"""Who may import whom, who may touch the world, and whether ARCHITECTURE.md speaks of what is there.

Read the tables as the architecture's short form: a line less is progress, a line more needs a reason.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "staticbuild"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"

# What each layer may import, beside itself. Engine and domain have no word for each other; they meet in `rules`.
ENGINE = {"config", "graph", "executor"}
DOMAIN = {"building", "distribution", "toolchain", "packing", "linking"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "program": {"errors"},
    "host": {"errors"},
    "graph": {"errors"},
    "config": {"errors", "graph"},
    "executor": {"errors", "graph", "host", "program"},
    "distribution": {"errors", "program"},
    "toolchain": {"errors"},
    "packing": {"errors", "program"},
    "linking": {"errors", "distribution", "program", "toolchain"},
    "building": {"errors", "distribution", "linking", "program"},
    "rules": {"errors", "host", *ENGINE, *DOMAIN} - {"executor"},
    "cli": {"errors", "host", "rules", *ENGINE, *DOMAIN},
}
# Of the graph, config knows the values that it makes.
CONFIG_SEES = {"graph.label", "graph.target"}
# Parts of the domain that run in staticbuild's own process, with the host as an argument.
ON_THE_HOST = {"packing.crates", "packing.package_index", "packing.sources"}
# Functions that import on their own, and why.
LATE_IMPORTS = {
    "cli.completion": "the command line lists this module, and it lists the command line",
    "packing.pack": "each of its steps imports what it needs: its start-up is a good part of a small pack",
}

WORLD = {
    *(
        "_thread",
        "ctypes",
        "datetime",
        "fcntl",
        "ftplib",
        "getpass",
        "glob",
        "http",
        "multiprocessing",
        "os",
        "platform",
        "pty",
    ),
    *("pwd", "random", "requests", "resource", "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess"),
    *("tempfile", "time", "urllib.request", "urllib3", "uuid", "webbrowser"),
}
# Programs that run inside of an action: their private folder is theirs.
IN_ACTIONS = {
    "building.backend",
    "building.driver",
    "building.frontend",
    "building.__main__",
    "distribution.accept",
    "distribution.archive",
    "distribution.assemble",
    "distribution.unpack",
    "linking.__main__",
    "linking.bitcode",
    "linking.files",
    "linking.packages",
    "linking.startup",
    "linking.tool",
    "packing.bytecode",
    "packing.installers",
    "packing.pack",
    "packing.tools",
    "packing.wheel",
}
# Everybody else who knows a module of the world, each with what for.
EXCUSED = {
    "host": WORLD,
    "cli.console": {"time"},  # the live view shows how long something has been running
    "cli.doctor": {"platform"},  # says which system this is
    "cli.explain": {"datetime"},  # shows moments that the journal holds
    "cli.main": {"os"},  # a closed pipe behind `| head`
    # Evaluates in a forked child whose memory the system bounds; nothing of the host but its own processes is touched.
    "config.isolation": {"os", "resource", "select", "signal", "time"},
}
# Who starts threads: the executor's workers, one for each transfer, one with a large stack for Starlark, the compiler's in one
# action, and the view's.
THREADS = {"executor.run", "host", "config.engine", "linking.tool", "linking.bitcode", "cli.console"}
# A generator of files of this repository.
GENERATORS = {"packing.format"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules() -> dict[str, Path]:
    """All modules by dotted name below `staticbuild`, without the run time's, which live in other programs."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.parts[0] not in ("runtime", "stdlib"):
            found[".".join(relative.with_suffix("").parts)] = path
    return found


MODULES = modules()


def imports(name: str, *, everywhere: bool = True) -> Iterator[str]:
    """The full names of all modules that `name` imports; `everywhere` includes functions and `if TYPE_CHECKING`."""
    module = tree(MODULES[name])
    for node in ast.walk(module) if everywhere else module.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute"
            base = str(node.module)
            inner = [f"{base}.{alias.name}" for alias in node.names]
            yield from (one if one.removeprefix("staticbuild.") in MODULES else base for one in inner)


def own_imports(name: str, *, everywhere: bool = True) -> set[str]:
    found = {one for one in imports(name, everywhere=everywhere) if one.startswith("staticbuild")}
    return {one.removeprefix("staticbuild").removeprefix(".") for one in found} - {"", name}


def layer(name: str) -> str:
    return name.partition(".")[0]


def is_of(name: str, known: set[str]) -> str | None:
    """Which of `known` the module `name` is or lies in."""
    return next((one for one in known if name == one or name.startswith(f"{one}.")), None)


def has_entry(name: str) -> bool:
    """Whether a module is a program: `if __name__ == "__main__"`."""
    return any(isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) for node in tree(MODULES[name]).body)


class TestImports:
    def test_each_module_has_a_layer(self) -> None:
        assert {layer(name) for name in MODULES} - {"__init__", "__main__"} == set(MAY_IMPORT)

    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_direction(self, name: str) -> None:
        own = layer(name)
        if own in ("__init__", "__main__"):
            assert {layer(one) for one in own_imports(name)} <= {"cli"}
            return
        allowed = {own, *MAY_IMPORT[own], *({"host"} if name in ON_THE_HOST else ())}
        assert {one for one in own_imports(name) if layer(one) not in allowed} == set()

    def test_engine_and_domain_know_nothing_of_each_other(self) -> None:
        for one in ENGINE:
            assert not MAY_IMPORT[one] & DOMAIN
        for one in DOMAIN:
            assert not MAY_IMPORT[one] & ENGINE

    def test_config_sees_values_of_the_graph_only(self) -> None:
        seen = {one for name in MODULES if layer(name) == "config" for one in own_imports(name) if layer(one) == "graph"}
        assert seen <= CONFIG_SEES

    def test_one_seam_to_starlark(self) -> None:
        assert {name for name in MODULES if is_of("starlark", set(map(top, imports(name))))} == {"config.engine"}

    def test_no_cycles(self) -> None:
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            assert name not in path, " -> ".join((*path[path.index(name) :], name))
            if name not in done and name in MODULES:
                for one in sorted(own_imports(name, everywhere=False)):
                    visit(one, (*path, name))
                done.add(name)

        for name in MODULES:
            visit(name, ())

    def test_imports_stand_at_the_top(self) -> None:
        late = {}
        for name, path in MODULES.items():
            functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
            inner = [one for function in functions for one in ast.walk(function) if isinstance(one, ast.ImportFrom)]
            if any(str(one.module).startswith("staticbuild") for one in inner):
                late[name] = True
        assert set(late) == set(LATE_IMPORTS)


class TestWorld:
    @pytest.mark.parametrize("name", sorted(set(MODULES) - IN_ACTIONS))
    def test_only_the_host_touches_it(self, name: str) -> None:
        used = {found for one in imports(name) if (found := is_of(one, WORLD))}
        assert used <= EXCUSED.get(name, set())

    @pytest.mark.parametrize("name", sorted(set(MODULES) - IN_ACTIONS - GENERATORS - {"host", "config.isolation"}))
    def test_nobody_opens_files_by_path(self, name: str) -> None:
        module = tree(MODULES[name])
        opened = [
            node.lineno
            for node in ast.walk(module)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
        ]
        paths = "pathlib" in imports(name) and re.search(r"\bPath\(", MODULES[name].read_text(encoding="utf-8"))
        assert not opened
        assert not paths or name == "cli.dist"  # a pure name there

    def test_excuses_are_needed(self) -> None:
        for name, excused in EXCUSED.items():
            used = {found for one in imports(name) if (found := is_of(one, WORLD))}
            assert name == "host" or used == excused
        for name in ON_THE_HOST:
            assert "host" in own_imports(name)

    def test_programs_in_actions_know_no_host(self) -> None:
        assert [name for name in sorted(IN_ACTIONS) if "host" in own_imports(name)] == []

    def test_threads_are_started_in_few_places(self) -> None:
        starts = re.compile(r"\b(?:Thread|ThreadPoolExecutor|Timer|ProcessPoolExecutor)\(")
        assert {name for name, path in MODULES.items() if starts.search(path.read_text(encoding="utf-8"))} == THREADS


class TestPrinting:
    @pytest.mark.parametrize("name", sorted(name for name in MODULES if layer(name) not in ("cli", "__main__")))
    def test_only_programs_print_or_exit(self, name: str) -> None:
        found = []
        for node in ast.walk(tree(MODULES[name])):
            text = ast.unparse(node) if isinstance(node, ast.Call | ast.Attribute | ast.Raise) else ""
            if text.startswith(("print(", "sys.exit(", "exit(", "sys.stdout", "sys.stderr", "raise SystemExit")):
                found.append(text)
        assert not found or has_entry(name)


class TestImportingDoesNothing:
    def test_no_statement_acts(self) -> None:
        allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
        for name, path in MODULES.items():
            for node in tree(path).body:
                is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                is_guard = isinstance(node, ast.If) and re.match(r"TYPE_CHECKING|__name__|sys\.", ast.unparse(node.test))
                is_choice = isinstance(node, ast.Try) and all(isinstance(one, ast.Import | ast.ImportFrom) for one in node.body)
                assert isinstance(node, allowed) or is_text or is_guard or is_choice, f"{name}:{node.lineno}"

    def test_no_process_no_network_no_file_is_written(self) -> None:
        names = [f"staticbuild.{name}".removesuffix(".__init__") for name in MODULES if not name.endswith("__main__")]
        script = f"""
import sys
def hook(event, details):
    acts = event.startswith(("socket.", "subprocess.", "os.system", "os.mkdir", "os.remove", "os.rename", "shutil."))
    writes = event == "open" and isinstance(details[1], str) and set(details[1]) & set("wax+")
    if (acts and event != "socket.__new__") or writes:
        sys.stderr.write(f"{{event}} {{details}}\\n")
        raise SystemExit(1)
sys.dont_write_bytecode = True
sys.path.insert(0, {str(ROOT)!r})
# Libraries may do at import what they want; ours come after them.
import platformdirs, rich.console, rich.live, rich.table, zstandard, packaging.utils
before = set(sys.modules)
sys.addaudithook(hook)
for name in {names!r}:
    __import__(name)
"""
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd="/")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestContracts:
    @pytest.mark.parametrize("folder", ["staticbuild", "bench", "docs"])
    def test_each_module_opens_with_a_sentence(self, folder: str) -> None:
        for path in sorted((ROOT / folder).rglob("*.py")):
            first = (ast.get_docstring(tree(path)) or "").partition("\n\n")[0]
            assert re.search(r"[.:`]\Z", first), f"{path}: {first!r}"

    def test_each_starlark_file_does(self) -> None:
        assert [str(path) for path in sorted((ROOT / "stdlib").rglob("*.bzl")) if not path.read_text().startswith('"""')] == []


class TestArchitectureDocument:
    def test_every_test_that_it_names_exists(self) -> None:
        named = set(re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", ARCHITECTURE.read_text(encoding="utf-8")))
        assert named, "invariants name their tests"
        for file, test in sorted(named):
            assert test in names_in(ROOT / file), f"{file}::{test}"

    def test_every_file_that_it_names_exists(self) -> None:
        text = ARCHITECTURE.read_text(encoding="utf-8")
        named = set(re.findall(r"`((?:staticbuild|stdlib|tests|docs|bench|examples)/[\w/.-]*)`", text))
        assert [name for name in sorted(named) if not (ROOT / name).exists()] == []

    def test_invariants_are_numbered_and_each_names_a_test(self) -> None:
        text = ARCHITECTURE.read_text(encoding="utf-8").partition("## Invariants")[2].partition("\n## ")[0]
        invariants = re.split(r"\n(?=\d+\. )", text)[1:]
        assert [int(one.partition(".")[0]) for one in invariants] == list(range(1, len(invariants) + 1))
        assert [one for one in invariants if not re.search(r"`tests/[\w/]+\.py::", one)] == []


def top(name: str) -> str:
    return name.partition(".")[0]


def names_in(path: Path) -> set[str]:
    """`test_one`, `TestMany` and `TestMany::test_one` of a file."""
    found = set()
    for node in tree(path).body if path.exists() else ():
        if isinstance(node, ast.ClassDef):
            found |= {node.name, *(f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef))}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return found


def test_no_two_files_of_tests_share_a_name() -> None:
    """pytest imports them by their bare names, and stops at the second of one name; a run of one folder does not notice."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
