"""The packing actions, run as the program they are, on folders like those of an action."""

from __future__ import annotations

import ast
import json
import marshal
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import installer
import pytest

import staticbuild
from staticbuild.packing.pack import main
from staticbuild.packing.plan import (
    ApplicationPlan,
    DataFile,
    MergePlan,
    Pack,
    Plan,
    Root,
    StandardLibraryPlan,
    ToolsPlan,
    WheelPlan,
)
from staticbuild.packing.reader import read
from staticbuild.packing.resource import Resources

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def action(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private folder of an action, entered."""
    folder = tmp_path / "action"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(plan: Plan) -> Resources:
    """Carry out `plan` in this process; gives what was packed."""
    Path("plan.json").write_bytes(plan.to_json())
    assert main(["plan.json"]) == 0
    return read(Path(plan.output).read_bytes())


def write(**files: str | bytes) -> None:
    """Write files of the application's only root; `__` in a name stands for a slash, `_dot_` for a dot."""
    for name, content in files.items():
        path = Path("roots/0", name.replace("_dot_", ".").replace("__", "/").replace("INIT", "__init__"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


APP = ApplicationPlan(roots=(Root("roots/0", "src"),))


@pytest.mark.usefixtures("action")
class TestApplication:
    def test_modules_and_data(self) -> None:
        write(greet__INIT_dot_py="", greet__cli_dot_py="def main(): return 3\n", greet__data__names_dot_txt="Ada\n")
        resources = run(APP)
        assert [module.name for module in resources.modules] == ["greet", "greet.cli", "greet.data"]
        assert [(file.path, file.data) for file in resources.files] == [("greet/data/names.txt", b"Ada\n")]
        names: dict[str, Callable[[], int]] = {}
        code = resources.modules[1].bytecode
        assert code is not None
        exec(marshal.loads(code), names)
        assert names["main"]() == 3

    def test_data_files_with_a_destination(self) -> None:
        Path("file").write_bytes(b"x")
        resources = run(ApplicationPlan(files=(DataFile("file", "greet/templates/a.html", executable=True),)))
        assert [(file.path, file.executable) for file in resources.files] == [("greet/templates/a.html", True)]

    def test_exclude_and_symlinked_roots(self) -> None:
        Path("real/tests").mkdir(parents=True)
        Path("real/a.py").write_bytes(b"")
        Path("real/tests/b.py").write_bytes(b"")
        Path("roots").mkdir()
        Path("roots/0").symlink_to("../real")
        assert [module.name for module in run(ApplicationPlan(APP.roots, exclude=("tests/**",))).modules] == ["a"]

    def test_the_same_bytes_whatever_the_order_of_the_disk(self, tmp_path: Path) -> None:
        names = [f"m{number}" for number in range(30)]
        for order in (names, names[::-1]):
            folder = tmp_path / order[0]
            for name in order:
                (folder / "roots/0" / name).mkdir(parents=True)
                (folder / "roots/0" / name / "__init__.py").write_text(f"x = {{{name!r}, 'z'}}\n")
            os.chdir(folder)
            run(APP)
        packs = [(tmp_path / name / APP.output).read_bytes() for name in ("m0", "m29")]
        assert packs[0] == packs[1]

    def test_where_sources_use_files(self) -> None:
        write(greet__INIT_dot_py="import os\nopen(os.path.dirname(__file__) + '/a.txt')\n", greet__a_dot_txt="")
        run(ApplicationPlan(APP.roots, uses="uses.json"))
        (use,) = json.loads(Path("uses.json").read_bytes())
        assert (use["shown"], use["line"], use["reach"], use["certain"]) == ("src/greet/__init__.py", 2, "../a.txt", True)

    def test_files_on_disk(self) -> None:
        write(greet__INIT_dot_py="import os\nopen(os.path.dirname(__file__) + '/a.txt')\n", greet__a_dot_txt="x")
        write(there__INIT_dot_py="", there__run_dot_sh="y")
        Path("roots/0/there/run.sh").chmod(0o755)
        run(ApplicationPlan(APP.roots, uses="uses.json"))
        pack = Pack(APP.output, "application", ":app", uses="uses.json")
        plan = MergePlan((pack,), locations={"there": "beside"}, application="greet", beside="lib", report="report.json")
        resources = run(plan)
        assert [(item.name, item.kind.value, len(item.paths)) for item in resources.locations] == [
            ("greet", "extracted", 2),
            ("there", "beside", 2),
        ]
        assert resources.locations[0].folder.startswith("greet/")
        beside = {path.relative_to("lib").as_posix(): path for path in Path("lib").rglob("*") if path.is_file()}
        assert sorted(beside) == ["there/__init__.py", "there/run.sh"]
        assert os.access(beside["there/run.sh"], os.X_OK)
        report = json.loads(Path("report.json").read_bytes())
        assert [(item["packages"], item["location"], item["files"]) for item in report["on_disk"]] == [
            (["greet"], "extracted", 2),
            (["there"], "beside", 2),
        ]

    def test_report(self) -> None:
        write(a_dot_py="x = '\\d'\n", b_dot_txt="")
        run(ApplicationPlan(APP.roots, report="report.json"))
        report = json.loads(Path("report.json").read_bytes())
        assert (report["modules"], report["files"]) == (1, 1)
        assert report["warnings"] == ["src/a.py:1: invalid escape sequence '\\d'"]


@pytest.mark.usefixtures("action")
class TestErrors:
    def check(self, plan: Plan, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("plan.json").write_bytes(plan.to_json())
        assert main(["plan.json"]) == 1
        assert expected in capsys.readouterr().err
        assert not Path(plan.output).exists()

    def test_syntax_errors_of_the_application(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(greet__cli_dot_py="x = 1\ndef f(:\n", other_dot_py="1 +\n")
        expected = "error: invalid syntax\n --> src/greet/cli.py:2:7\n  |\n2 | def f(:\n  |       ^\nerror: invalid syntax\n"
        self.check(APP, expected, capsys)

    def test_locations_of_packages_that_there_are_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(greet__INIT_dot_py="")
        run(APP)
        plan = MergePlan((Pack(APP.output, "application", ":app"),), locations={"gret": "extracted"})
        expected = "`location` names `gret`, and the executable has no such package\nhint: did you mean `greet`?\n"
        self.check(plan, f"error: {expected}", capsys)

    def test_machine_code(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(greet___x_dot_so=b"\x7fELF")
        sentence = "`src` has machine code that an executable of the flavor `standalone_static` cannot load: `greet/_x.so`"
        self.check(APP, f"error: {sentence}\nhint: have the package built from its sdist", capsys)

    def test_file_names_that_are_not_utf8(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(a_dot_py="")
        with open(b"roots/0/\xff.txt", "wb"):
            pass
        self.check(APP, "error: the file name `src/\\xff.txt` is not UTF-8\nhint: rename the file", capsys)

    def test_symlink_circles(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(a_dot_py="")
        Path("roots/0/loop").symlink_to(".")
        self.check(APP, "error: the symlink `src/loop` leads in a circle", capsys)

    def test_missing_inputs(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.check(APP, "error: No such file or directory: `roots/0`", capsys)
        self.check(StandardLibraryPlan(), "error: the distribution has no standard library", capsys)

    def test_a_plan_that_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("plan.json").write_bytes(b"{}")
        assert main(["plan.json"]) == 1
        assert "the plan is of no known kind" in capsys.readouterr().err
        assert main([]) == 2

    def test_two_roots_with_different_files(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(a_dot_py="1")
        Path("file").write_bytes(b"2")
        plan = ApplicationPlan(APP.roots, (DataFile("file", "a.py"),))
        self.check(plan, "`src/a.py` and `a.py` are different files for `a.py`", capsys)


@pytest.mark.usefixtures("action")
class TestWheels:
    def test_modules_data_and_metadata(self, make_wheel: Callable[..., Path]) -> None:
        path = make_wheel(files={"demo/__init__.py": b"x = 1", "demo/bad.py": b"print 1", "demo/py.typed": b""})
        resources = run(WheelPlan(str(path), "demo==1.0", version="3.13", report="report.json"))
        site = "lib/python3.13/site-packages"
        assert [(m.name, m.path, bool(m.bytecode)) for m in resources.modules] == [
            ("demo", f"{site}/demo/__init__.py", True),
            ("demo.bad", f"{site}/demo/bad.py", False),
        ]
        assert f"{site}/demo-1.0.dist-info/METADATA" in [file.path for file in resources.files]
        (warning,) = json.loads(Path("report.json").read_bytes())["warnings"]
        assert warning.startswith("demo==1.0: demo/bad.py:1: Missing parentheses")


@pytest.mark.usefixtures("action")
def test_support_modules_are_packed_with_the_library() -> None:
    library = Path(f"install/lib/python{VERSION}")
    (library / "test").mkdir(parents=True)
    (library / "os.py").write_bytes(b"")
    (library / "test/x.py").write_bytes(b"")
    Path("support").mkdir()
    Path("support/_helper.py").write_bytes(b"")
    resources = run(StandardLibraryPlan("install", VERSION, support="support"))
    assert [module.path for module in resources.modules] == ["lib/_helper.py", f"lib/python{VERSION}/os.py"]


class TestProgram:
    """Everything at once, as the executor runs it: another process with nothing but what was staged."""

    def start(self, folder: Path, plan: Plan, seed: str = "random", path: str = "tools") -> None:
        (folder / "plan.json").write_bytes(plan.to_json())
        argv = [sys.executable, "-P", "-S", "-B", "-m", "staticbuild.packing.pack", "plan.json"]
        env = {"PYTHONPATH": path, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        done = subprocess.run(argv, cwd=folder, env=env, check=False, capture_output=True, text=True)
        assert done.stderr == ""
        assert done.returncode == 0

    def stage(self, folder: Path) -> None:
        (folder / "src").mkdir(parents=True)
        (folder / "src/staticbuild").symlink_to(Path(staticbuild.__file__).parent)
        (folder / "installer").mkdir()
        (folder / "installer/installer").symlink_to(Path(installer.__file__).parent)
        (folder / "roots/0/greet").mkdir(parents=True)
        (folder / "roots/0/greet/cli.py").write_text("NAMES = {'a', 'b', 'c'}\n")
        library = folder / f"dist/python/install/lib/python{VERSION}"
        library.mkdir(parents=True)
        for path in sorted(Path(os.__file__).parent.glob("[a-j]*.py")):
            (library / path.name).symlink_to(path)

    def build(self, folder: Path, wheel: Path, seed: str) -> bytes:
        self.stage(folder)
        self.start(folder, ToolsPlan(), seed, "src:installer")
        # With the tree of tools nothing else of ours is needed.
        (folder / "src/staticbuild").unlink()
        (folder / "installer/installer").unlink()
        (folder / "wheels").symlink_to(wheel.parent)
        self.start(folder, StandardLibraryPlan(version=VERSION), seed)
        self.start(folder, APP, seed)
        self.start(folder, WheelPlan(f"wheels/{wheel.name}", "demo==1.0", version=VERSION), seed)
        packs = (
            Pack("stdlib.pack", "stdlib", f"python {VERSION}"),
            Pack("wheel.pack", "requirement", "demo==1.0"),
            Pack("application.pack", "application", ":app"),
        )
        self.start(folder, MergePlan(packs, {"entry_point": "greet.cli"}), seed)
        return (folder / "blob").read_bytes()

    def test_twice_the_same_bytes(self, tmp_path: Path, make_wheel: Callable[..., Path]) -> None:
        wheel = make_wheel(files={"demo/__init__.py": b"x = {'p', 'q', 'r'}"})
        folders = (tmp_path / "one", tmp_path / "another/two")
        blobs = [self.build(folder, wheel, seed) for folder, seed in zip(folders, "12", strict=True)]
        assert blobs[0] == blobs[1]
        names = {module.name for module in read(blobs[0]).modules}
        assert {"demo", "greet", "greet.cli", "argparse", "abc"} <= names
        assert str(tmp_path).encode() not in blobs[0]
        tools = [{path.relative_to(folder): path.read_bytes() for path in folder.glob("tools/**/*.pyc")} for folder in folders]
        assert tools[0] == tools[1]

    def test_all_that_is_imported_is_in_the_tools(self, tmp_path: Path, make_wheel: Callable[..., Path]) -> None:
        """Else a start takes ten times as long. What the codecs need is the one exception."""
        self.stage(tmp_path)
        self.start(tmp_path, ToolsPlan(), path="src:installer")
        plans: list[Plan] = [APP, WheelPlan(str(make_wheel()), "demo==1.0", version=VERSION)]
        plans.append(MergePlan((Pack(APP.output, "application", ":app"),)))
        program = (
            "import sys; from staticbuild.packing.pack import main; assert main(sys.argv[1:]) == 0\n"
            "loaded = [(name, str(getattr(module, '__spec__', ''))) for name, module in sys.modules.items()]\n"
            "print([name for name, spec in loaded if 'SourceFileLoader' in spec])"
        )
        for plan in plans:
            (tmp_path / "plan.json").write_bytes(plan.to_json())
            argv = [sys.executable, "-P", "-S", "-B", "-c", program, "plan.json"]
            done = subprocess.run(argv, cwd=tmp_path, env={"PYTHONPATH": "tools"}, check=True, capture_output=True)
            assert [name for name in ast.literal_eval(done.stdout.decode()) if not name.startswith("encodings")] == []
