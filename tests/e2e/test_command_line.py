"""The commands that look, and how mistakes are answered."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from staticbuild.cli.main import main
from tests.project import Project, run

CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")
python_resources(name = "app", srcs = glob(["*.py"]))
python_executable(name = "app1", resources = [":app"], entry_point = "main:main")
"""


@pytest.fixture
def app(project: Project) -> Project:
    project.write("staticbuild.bzl", CONFIG)
    project.write("main.py", "def main():\n    print('hi')\n")
    return project


class TestMistakes:
    """Exit code 2: the config or the command line is wrong."""

    def check(self, project: Project, *words: str, says: str, hint: str = "") -> None:
        done = project.run(*words, code=2)
        assert done.stdout == ""
        assert says in done.stderr
        assert hint in done.stderr
        assert "Traceback" not in done.stderr

    def test_no_config(self, project: Project) -> None:
        self.check(project, "build", says="there is no `staticbuild.bzl` in this folder or above it", hint="staticbuild init")

    def test_unknown_attribute(self, app: Project) -> None:
        app.write("staticbuild.bzl", CONFIG.replace("entry_point", "entrypoint"))
        self.check(app, "build", says="--> staticbuild.bzl:5:", hint="did you mean `entry_point`?")

    def test_syntax(self, app: Project) -> None:
        app.write("staticbuild.bzl", CONFIG + "python_executable(\n")
        self.check(app, "targets", says="--> staticbuild.bzl:")

    def test_endless_loop(self, app: Project) -> None:
        app.write(
            "staticbuild.bzl",
            "def f():\n    for a in range(1 << 30):\n        for b in range(1 << 30):\n            pass\nf()\n",
        )
        self.check(app, "targets", says="staticbuild.bzl")

    def test_unknown_target(self, app: Project) -> None:
        self.check(app, "build", "ap1", says="there is no target `:ap1`", hint="did you mean `:app1`?")

    def test_not_an_executable(self, app: Project) -> None:
        self.check(app, "run", "app", says="`app` is not an executable")

    def test_a_missing_source(self, app: Project) -> None:
        app.write("staticbuild.bzl", CONFIG.replace('glob(["*.py"])', '["gone.py"]'))
        self.check(app, "build", says="gone.py")

    def test_sources_that_do_not_compile(self, app: Project) -> None:
        app.write("main.py", "def main(:\n    pass\n")
        app.write("other.py", "1 +\n")
        done = app.run("build", code=1)
        main, other = done.stderr.partition("error: ")[2].split("\nerror: ")
        assert main == "invalid syntax\n --> main.py:1:10\n  |\n1 | def main(:\n  |          ^\n"
        assert other.startswith("invalid syntax\n --> other.py:1:")
        assert "in //:app: PackApplication ended with exit code 1" in other

    def test_unknown_option_and_command(self, app: Project) -> None:
        self.check(app, "build", "--frobnicate", says="unrecognized arguments: --frobnicate", hint="`staticbuild")
        self.check(app, "biuld", says="biuld")

    def test_bad_values(self, app: Project) -> None:
        self.check(app, "build", "-j", "0", says="not a number of at least 1")
        self.check(app, "build", "--var", "x", says="NAME=VALUE")
        self.check(app, "build", "--target", "z80", says="z80")

    def test_a_cache_that_make_cannot_name(self, app: Project, tmp_path: Path) -> None:
        done = Project(app.folder, {"STATICBUILD_CACHE": str(tmp_path / "a cache")}).run("build", code=3)
        assert "Makefiles cannot name" in done.stderr
        assert "$STATICBUILD_CACHE" in done.stderr

    def test_as_json(self, app: Project) -> None:
        app.write("staticbuild.bzl", CONFIG.replace("entry_point", "entrypoint"))
        (error, *_) = app.events("targets", code=2)
        assert (error["event"], error["file"], error["line"]) == ("error", "staticbuild.bzl", 5)
        assert isinstance(error["column"], int)
        assert error["hint"]


class TestLooking:
    def test_help_of_every_command(self, app: Project, capsys: pytest.CaptureFixture[str]) -> None:
        commands = (
            "init",
            "app",
            "build",
            "run",
            "targets",
            "explain",
            "lock",
            "dist",
            "cache",
            "clean",
            "doctor",
            "completion",
        )
        top = app.run("--help").stdout
        for command in commands:
            assert f"\n    {command} " in top
            with pytest.raises(SystemExit, match="0"):
                main([command, "--help"])
            assert f"usage: staticbuild {command} " in capsys.readouterr().out

    def test_targets(self, app: Project) -> None:
        lines = [line.split() for line in app.run("targets").stdout.splitlines()]
        assert lines == [
            ["dist", "make_dist", "staticbuild.bzl:3"],
            ["app", "python_resources", "staticbuild.bzl:4"],
            ["app1", "python_executable", "staticbuild.bzl:5"],
        ]
        assert [event["target"] for event in app.events("targets")] == ["//:dist", "//:app", "//:app1"]

    def test_targets_from_a_folder_below(self, app: Project) -> None:
        (app.folder / "deep/er").mkdir(parents=True)
        assert Project(app.folder / "deep/er").run("targets").stdout == app.run("targets").stdout

    def test_doctor(self, app: Project) -> None:
        checks = {str(check["check"]): check for check in app.events("doctor")}
        assert checks["ziglang"]["good"]
        assert checks["cache"]["found"]
        assert "ok      ziglang" in app.run("doctor").stdout

    def test_cache_info(self, app: Project, tmp_path: Path) -> None:
        other = Project(app.folder, {"STATICBUILD_CACHE": str(tmp_path / "cache")})
        (info,) = other.events("cache", "info")
        assert info["path"] == str(tmp_path / "cache")
        assert info["bytes"] == 0

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion(self, app: Project, shell: str) -> None:
        script = app.run("completion", shell).stdout
        assert "staticbuild" in script
        if program := shutil.which(shell):
            subprocess.run([program, "-n"], input=script, text=True, check=True)


class TestCleaning:
    def test_clean_removes_results(self, app: Project) -> None:
        app.write("build/x86_64-unknown-linux-musl/app1/app1", "result")
        assert "removed " in app.run("clean").stderr
        assert not (app.folder / "build").exists()
        assert (app.folder / "main.py").exists()

    def test_clean_cache_removes_only_what_is_ours(self, app: Project, tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        other = Project(app.folder, {"STATICBUILD_CACHE": str(cache)})
        (cache / "blobs/aa").mkdir(parents=True)
        (cache / "precious").write_text("x")
        assert "not ours: nothing was removed" in other.run("clean", "--cache", code=1).stderr
        assert (cache / "blobs/aa").exists()
        (cache / "precious").unlink()
        other.run("clean", "--cache")
        assert list(cache.iterdir()) == []


@pytest.mark.slow
class TestBuilding:
    def test_events_of_a_build(self, app: Project) -> None:
        app.write("main.py", f"def main():\n    print({str(app.folder)!r})\n")
        events = app.events("build")
        names = [event["event"] for event in events]
        assert names[0] == "planned"
        assert names[-1] == "result"
        assert events[-1]["path"] == str(app.result("app1/app1"))
        (packed,) = [event for event in events if event["event"] == "started" and event["action"] == "PackApplication"]
        assert packed["reason"] == "never built here"

    def test_plain_lines_in_a_log(self, app: Project) -> None:
        app.write("main.py", f"def main():\n    print({str(app.folder)!r})\n")
        done = app.run("build")
        assert done.stdout == f"{app.result('app1/app1')}\n"
        assert "PackApplication app (never built here)\n" in done.stderr
        assert "\x1b" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("built app1 (")

    def test_quiet(self, app: Project) -> None:
        assert app.run("build", "-q").stderr == ""

    def test_dist_info(self, example: Callable[[str], Project]) -> None:
        hello = example("hello")
        shown = hello.run("dist", "info").stdout
        assert "3.13.5" in shown
        assert "openssl" in shown
        names = set(str(hello.events("dist", "info")[-1]["extensions"]).split("'"))
        assert {"_ssl", "_sqlite3", "_ctypes", "_decimal", "_lzma", "_curses", "readline"} <= names

    def test_two_builds_at_the_same_time(self, app: Project) -> None:
        app.write("main.py", f"def main():\n    print({str(app.folder)!r})\n")
        command = ["sh", "-c", '"$@" & "$@"; wait', "sh"]
        done = run([*command, sys.executable, "-m", "staticbuild", "run", "-q"], cwd=app.folder)
        assert done.stdout == f"{app.folder}\n" * 2
        assert done.stderr == ""

    def test_offline_with_a_warm_cache(self, app: Project, example: Callable[[str], Project]) -> None:
        example("hello")
        assert app.run("run", "--offline", "-q").stdout == "hi\n"

    def test_offline_with_an_empty_cache(self, app: Project, tmp_path: Path) -> None:
        other = Project(app.folder, {"STATICBUILD_CACHE": str(tmp_path / "cache")})
        done = other.run("build", "--offline", code=1)
        assert "`--offline` forbids to download it" in done.stderr
