"""`staticbuild init`: writes a config for the project in a folder."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from staticbuild.cli.session import CONFIG_NAME
from staticbuild.errors import ConfigError
from staticbuild.host import Host

_TEMPLATE = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")

python_resources(
    name = "app",
{resources})

python_executable(
    name = "{name}",
    resources = [":app"],
    entry_point = "{entry_point}",
)
"""
_STARTER = '''\
"""The program: change it, and run `staticbuild run {name}` again."""


def main() -> None:
    print("Hello from {name}!")


if __name__ == "__main__":
    main()
'''


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "init",
        help="write a staticbuild.bzl for a project",
        description="Looks at the project in FOLDER (its pyproject.toml, its packages) and writes a staticbuild.bzl that "
        "builds it. In an empty folder it writes a small program too. Overwrites nothing.",
    )
    parser.add_argument("folder", nargs="?", metavar="FOLDER", default=".")
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Write the files, and say what to do next."""
    folder = arguments.folder if arguments.folder.startswith("/") else f"{host.cwd}/{arguments.folder}"
    folder = folder.rstrip("/").removesuffix("/.")
    path = f"{folder}/{CONFIG_NAME}"
    if host.exists(path):
        raise ConfigError(f"there is a `{CONFIG_NAME}` in this folder already")
    host.make_dirs(folder)
    found = _look(host, folder)
    for name, text in found["files"].items():
        host.write_bytes(f"{folder}/{name}", text.encode())
    config = _TEMPLATE.format(name=found["name"], entry_point=found["entry_point"], resources=found["resources"])
    host.write_bytes(path, config.encode())
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"wrote {', '.join([CONFIG_NAME, *found['files']])}")
    steps = ["staticbuild lock", f"staticbuild run {found['name']}"] if found["locks"] else [f"staticbuild run {found['name']}"]
    console.print("next: " + ", then ".join(f"`{step}`" for step in steps))
    return 0


def _look(host: Host, folder: str) -> dict[str, Any]:
    """What kind of project lies here, as the parts of the config."""
    project = _project(host, folder)
    fallback = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.rpartition("/")[2]).strip("-") or "app"
    scripts = project.get("scripts") or {}
    name, entry_point = next(iter(scripts.items()), (str(project.get("name") or fallback), ""))
    roots = ["src"] if host.is_dir(f"{folder}/src") else []
    packages = _packages(host, f"{folder}/src" if roots else folder)
    lines, files = [], {}
    if roots:
        lines.append('    package_roots = ["src"],\n')
    elif packages:
        globs = ", ".join(f'"{package}/**"' for package in packages)
        lines.append(f"    srcs = glob([{globs}]),\n")
    module = packages[0] if packages else ""
    if not entry_point and module:
        base = f"{folder}/{'src/' if roots else ''}{module}"
        entry_point = (
            module
            if host.exists(f"{base}/__main__.py")
            else f"{module}.cli:main"
            if host.exists(f"{base}/cli.py")
            else f"{module}:main"
        )
    if not entry_point:
        scripts_here = [item for item in ("main.py", "app.py", "__main__.py") if host.exists(f"{folder}/{item}")]
        script = scripts_here[0] if scripts_here else "main.py"
        if not scripts_here:
            files[script] = _STARTER.format(name=name)
        lines.append('    srcs = glob(["*.py"]),\n')
        entry_point = script.removesuffix(".py") + ("" if scripts_here else ":main")
    requirements = _requirements(host, folder, project)
    if requirements:
        lines.append("    requirements = [" + ", ".join(f'"{item}"' for item in requirements) + "],\n")
    return {"name": name, "entry_point": entry_point, "resources": "".join(lines), "files": files, "locks": bool(requirements)}


def _project(host: Host, folder: str) -> Mapping[str, Any]:
    text = host.read_text(f"{folder}/pyproject.toml")
    if text is None:
        return {}
    try:
        project = tomllib.loads(text).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"pyproject.toml: {error}") from error
    return project if isinstance(project, dict) else {}


def _packages(host: Host, folder: str) -> list[str]:
    skipped = {"tests", "test", "docs", "build", "dist", "examples"}
    return [
        entry.name
        for entry in host.scan(folder)
        if entry.is_dir and entry.name not in skipped and entry.name.isidentifier() and host.exists(f"{entry.path}/__init__.py")
    ]


def _requirements(host: Host, folder: str, project: Mapping[str, Any]) -> list[str]:
    """The file that says what the project requires: what is pinned already comes first."""
    if host.exists(f"{folder}/uv.lock"):
        return ["uv.lock"]
    if host.exists(f"{folder}/requirements.txt"):
        return ["requirements.txt"]
    return ["pyproject.toml"] if project.get("dependencies") else []
