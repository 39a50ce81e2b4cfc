"""Configs in PyOxidizer's dialect, built and run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.project import TRIPLE, Project, run

MUSL = ("--target", TRIPLE)


def result(project: Project, path: str, *, profile: str = "debug") -> Path:
    return project.folder / "build" / TRIPLE / profile / path


def test_the_founding_scenario(project: Project) -> None:
    """The config that `init-config-file` writes, with a static distribution, is a static executable."""
    project.run("init-config-file", "myapp", "--python-code", "import ssl, sqlite3, sys; print('static', sys.argv[1:])")
    config = project.folder / "myapp/pyoxidizer.bzl"
    text = config.read_text()
    static = 'default_python_distribution(flavor = "standalone_static")'
    config.write_text(text.replace("default_python_distribution()", static))
    assert project.run("list-targets", "myapp").stdout == "exe\n*install\nmsi_installer\nresources\n"
    project.run("build", "--path", "myapp", "--target", "x86_64-unknown-linux-musl")
    program = project.folder / "myapp/build/x86_64-unknown-linux-musl/debug/install/myapp"
    assert "not a dynamic executable" in run(["ldd", program], code=None).stderr
    assert run([program, "a", "b"]).stdout == "static ['a', 'b']\n"


def test_run_passes_arguments(project: Project) -> None:
    project.write(
        "pyoxidizer.bzl",
        """
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = "import sys, greet; print(greet.text, VARIABLE, sys.argv[1:])".replace("VARIABLE", repr(VARS["NAME"]))
    exe = dist.to_python_executable(name = "app", config = config)
    exe.add_python_resources(exe.read_package_root(path = CWD, packages = ["greet"]))
    return exe

register_target("exe", make_exe)
resolve_targets()
""",
    )
    project.write("greet/__init__.py", "text = open(__file__.replace('__init__.py', 'words.txt')).read()\n")
    project.write("greet/words.txt", "hello")
    project.write("other.py", "1 / 0\n")
    done = project.run("run", *MUSL, "--release", "--var", "NAME", "Ada", "exe", "--", "--x", "1")
    assert done.stdout == "hello Ada ['--x', '1']\n"
    assert result(project, "exe/app", profile="release").is_file()


@pytest.mark.usefixtures("package_index")
def test_packages_are_pinned_once_and_callbacks_place_them(project: Project) -> None:
    project.write(
        "pyoxidizer.bzl",
        """
def resource_callback(policy, resource):
    if type(resource) == "PythonModuleSource" and resource.name.startswith("idna"):
        resource.add_location = "filesystem-relative:site"

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.register_resource_callback(resource_callback)
    policy.extension_module_filter = "no-copyleft"
    policy.include_distribution_sources = False
    config = dist.make_python_interpreter_config()
    config.run_command = "import idna, json; print(idna.__file__, idna.encode('bücher.example')); json.loads"
    exe = dist.to_python_executable("app", policy, config)
    exe.add_python_resources(exe.pip_install(["idna==3.10"]))
    return exe

def make_install(exe):
    files = FileManifest()
    files.add_python_resource("bin", exe)
    files.add_file(FileContent(filename = "VERSION", content = "1.0\\n"), directory = "share")
    return files

register_target("exe", make_exe)
register_target("install", make_install, depends = ["exe"], default = True)
resolve_targets()
""",
    )
    done = project.run("build", *MUSL)
    assert "idna==3.10`: pinned in staticbuild.lock (1 package)" in done.stderr.replace("\n", "")
    assert "pinned" not in project.run("build", *MUSL).stderr
    program = result(project, "install/bin/app")
    shown = run([program]).stdout
    assert shown.startswith(str(program.parent / "site"))
    assert shown.endswith("b'xn--bcher-kva.example'\n")
    assert result(project, "install/share/VERSION").read_text() == "1.0\n"


@pytest.mark.usefixtures("package_index")
def test_plain_files_beside_the_executable(project: Project) -> None:
    project.write(
        "pyoxidizer.bzl",
        """
def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.set_resource_handling_mode("files")
    policy.resources_location = "filesystem-relative:lib"
    config = dist.make_python_interpreter_config()
    config.module_search_paths = ["$ORIGIN/lib"]
    config.run_command = "import idna; print(idna.__file__)"
    exe = dist.to_python_executable(name = "app", packaging_policy = policy, config = config)
    for resource in exe.pip_install(["idna==3.10"]):
        exe.add_python_resource(resource)
    return exe

register_target("exe", make_exe)
resolve_targets()
""",
    )
    project.run("build", *MUSL)
    program = result(project, "exe/app")
    assert run([program]).stdout == f"{program.parent}/lib/idna/__init__.py\n"


def test_mistakes_end_with_a_place_and_no_frame_of_ours(project: Project) -> None:
    project.write("pyoxidizer.bzl", "dist = default_python_distribution()\ndist.to_python_executble('x')\n")
    done = project.run("build", code=2)
    assert "pyoxidizer.bzl:2:6" in done.stderr
    assert "did you mean `to_python_executable`?" in done.stderr
    assert "Traceback" not in done.stderr


def test_installers_ask_for_their_tool(project: Project) -> None:
    project.run("init-config-file", ".")
    done = project.run("build", *MUSL, "msi_installer", code=None, timeout=1200)
    assert done.returncode in (0, 2)
    assert done.returncode == 0 or "apt install wixl" in done.stderr


@pytest.mark.usefixtures("package_index")
def test_migration_gives_the_same_bytes(project: Project) -> None:
    project.write(
        "pyoxidizer.bzl",
        """
def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.extension_module_filter = "no-copyleft"
    config = dist.make_python_interpreter_config()
    config.run_module = "cli"
    exe = dist.to_python_executable("app", policy, config)
    for resource in exe.pip_install(["idna==3.10"]):
        if resource.name != "idna.uts46data":
            exe.add_python_resource(resource)
    exe.add_python_resources(exe.read_package_root(CWD, ["cli"]))
    exe.add_python_resource(exe.make_python_module_source("cli_version", "text = '1.0'"))
    return exe

register_target("exe", make_exe)
resolve_targets()
""",
    )
    project.write("cli.py", "import idna, cli_version; print(cli_version.text, idna.encode('bücher.example'))\n")
    project.run("build", *MUSL)
    project.run("migrate", *MUSL, "--write")
    assert "python_executable(" in (project.folder / "staticbuild.bzl").read_text()
    project.run("build", "app")
    before, after = result(project, "exe/app"), project.result("app/app")
    assert before.read_bytes() == after.read_bytes()
    assert run([after]).stdout == "1.0 b'xn--bcher-kva.example'\n"


@pytest.mark.usefixtures("package_index")
def test_a_project_on_disk_a_wheel_and_files_of_packages(project: Project) -> None:
    project.write(
        "pyproject.toml",
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
        '[project]\nname = "greet"\nversion = "1.0"\ndependencies = ["idna==3.10"]\n',
    )
    project.write(
        "src/greet/__init__.py", "import importlib.metadata, idna\n\ndef main():\n    print(__name__, idna.__version__)\n"
    )
    project.write(
        "pyoxidizer.bzl",
        """
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = "import greet; greet.main()"
    exe = dist.to_python_executable(name = "greet", config = config)
    exe.add_python_resources(exe.pip_install([CWD]))
    return exe

def make_wheel():
    wheel = PythonWheelBuilder("demo-app", "1.0")
    wheel.add_file(FileContent(filename = "demo_app.py", content = "print(1)\\n"))
    wheel.add_file_data("scripts", FileContent(filename = "demo", content = "#!python\\nprint(2)\\n", executable = True))
    return wheel

def make_files(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    files.add_python_resources("lib", exe.pip_install(["idna==3.10"]))
    return files

register_target("exe", make_exe)
register_target("wheel", make_wheel)
register_target("files", make_files, depends = ["exe"])
resolve_targets()
""",
    )
    project.run("build", *MUSL, "wheel", "files")
    assert run([result(project, "files/greet")]).stdout == "greet 3.10\n"
    assert result(project, "files/lib/idna/core.py").is_file()
    assert "idna 3.10: BSD License" in result(project, "files/COPYING.txt").read_text()
    folder = project.folder / "installed"
    wheel = result(project, "wheel/demo_app-1.0-py3-none-any.whl")
    run([sys.executable, "-m", "pip", "install", "--no-index", "--target", folder, wheel])
    assert (folder / "demo_app.py").read_text() == "print(1)\n"
    assert (folder / "bin/demo").stat().st_mode & 0o111
