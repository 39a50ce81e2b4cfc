"""`staticbuild app`: makes one executable of a package or a project, without a config.

Writes a config of its own into a folder of the cache, one for each program, and does there what `lock` and `build` do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from staticbuild.cli import arguments as shared
from staticbuild.cli import lock as locking
from staticbuild.cli import on_disk
from staticbuild.cli.build import Delivered, build_labels
from staticbuild.cli.console import QuietView, View, emit, remark, size, view_for
from staticbuild.cli.session import CONFIG_NAME, Session
from staticbuild.distribution.versions import DEFAULT, VERSIONS
from staticbuild.errors import ConfigError, FormatError, StaticbuildError
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.packing.lock import FILENAME as LOCK_NAME
from staticbuild.packing.project_files import describe_project

_CONFIG = """\
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = {flavor}, python_version = {python})

python_resources(name = {resources}, requirements = {requirements})

python_executable(name = {name}, resources = [{label}], entry_point = {entry_point})
"""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*\Z")
_ARCHIVES = (".whl", ".tar.gz", ".zip")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: requirements as a config has them, what is run, and what the file is called."""

    requirements: tuple[str, ...]
    entry_point: str
    name: str
    python: str
    flavor: str

    @property
    def config(self) -> str:
        """The config that says so."""
        texts = {
            "flavor": self.flavor,
            "python": self.python,
            "resources": f"{self.name}-requirements",
            "requirements": list(self.requirements),
            "name": self.name,
            "label": f":{self.name}-requirements",
            "entry_point": self.entry_point,
        }
        # Starlark's strings are JSON's.
        return _CONFIG.format(**{key: json.dumps(value) for key, value in texts.items()})


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "app",
        help="make one executable of a package or a project, without a config",
        description="Resolves REQUIREMENT with all that it needs, pins it, builds it, and leaves one executable in the current "
        "folder. What is pinned stays for the next time, which then takes a moment; --upgrade takes newer versions. "
        "For more than this (data files, several programs, settings) there are configs: `staticbuild init`.",
        epilog="examples:\n"
        "  staticbuild app yt-dlp                        the newest version, as ./yt-dlp\n"
        "  staticbuild app black==26.1 --script blackd   another of its commands\n"
        "  staticbuild app ./myproject                   a project with a pyproject.toml\n"
        "  staticbuild app httpie --with httpie-plugin --output tools/http\n",
    )
    parser.add_argument(
        "requirement", metavar="REQUIREMENT", help="a package as pip takes it, a folder with a project, a wheel, or an sdist"
    )
    group = parser.add_argument_group("program")
    what = group.add_mutually_exclusive_group()
    what.add_argument(
        "--script",
        metavar="NAME",
        help="the command to run, one that pip would install (default: the one called like the package, or its only one, "
        "or `python -m PACKAGE`)",
    )
    what.add_argument("--module", metavar="MODULE", help="the module to run, as `python -m` does; or `MODULE:FUNCTION`")
    group.add_argument(
        "--with", dest="more", metavar="REQ", action="append", default=[], help="something else to take along; may be repeated"
    )
    group.add_argument(
        "--python",
        metavar="VERSION",
        choices=[version.short for version in VERSIONS],
        default=DEFAULT,
        help=f"the Python inside (default: {DEFAULT})",
    )
    group.add_argument(
        "--dynamic",
        action="store_true",
        help="link glibc dynamically: the program can load shared libraries, and needs a host with glibc",
    )
    group.add_argument("-o", "--output", metavar="FILE", help="where the executable is put (default: its name, in this folder)")
    pins = parser.add_argument_group("versions")
    pins.add_argument("-U", "--upgrade", action="store_true", help="take the newest versions that fit")
    pins.add_argument("--lock", metavar="FILE", help="keep what is pinned in this file, to be committed; default: in the cache")
    shared.add_build(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    shared.without_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Lock, build, and put the executable where it is wanted."""
    wanted = _wanted(host, arguments)
    output = _output(host, arguments.output, wanted.name)
    folder = f"{host.cache_dir}/apps/{_key(wanted)}"
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    # One at a time: two that make the same program would write the same lock.
    with host.lock(f"{host.cache_dir}/locks/app-{_key(wanted)}"):
        host.write_bytes(f"{folder}/{CONFIG_NAME}", wanted.config.encode())
        try:
            built = _make(host, arguments, folder, wanted, view)
        except StaticbuildError as error:
            raise _in_words_of_the_user(error, wanted) from error
        _put(host, built.path, output)
    if arguments.json:
        emit({"event": "result", "target": wanted.name, "path": output, "size": built.size})
    else:
        print(output)  # noqa: T201 - the command's data
    if isinstance(view, QuietView) and not arguments.quiet:
        for text in on_disk.remarks(built.report, wanted.name) if built.report else ():
            remark(view, text)
        remark(view, f"made {output} ({size(built.size)}; {view.counts.summary})")
    return 0


def _make(host: Host, arguments: argparse.Namespace, folder: str, wanted: Wanted, view: View) -> Delivered:
    kept = arguments.lock and _absolute(host, arguments.lock)
    lock_path = f"{folder}/{LOCK_NAME}"
    if kept is not None:
        text = host.read_text(kept)
        host.remove(lock_path) if text is None else host.write_bytes(lock_path, text.encode())
    arguments.file = f"{folder}/{CONFIG_NAME}"
    session = shared.open_session(host, arguments, view)
    if arguments.upgrade or not _is_locked(session):
        if not arguments.quiet:
            remark(view, f"resolving {' '.join(wanted.requirements)}")
        host.write_bytes(lock_path, locking.renewed(session, upgrade=arguments.upgrade).to_text().encode())
        session = shared.open_session(host, arguments, view)
    if kept is not None:
        host.write_bytes(kept, host.read_bytes(lock_path))
    return build_labels(session, [Label("", "", wanted.name)], view)[0]


def _is_locked(session: Session) -> bool:
    try:
        locking.check(session)
    except ConfigError:
        return False
    return True


def _wanted(host: Host, arguments: argparse.Namespace) -> Wanted:
    """What the words of the command line mean. Raises ConfigError."""
    requirement, name, scripts = _subject(host, arguments.requirement)
    entry_point = f"program:{name}"
    called = name
    if arguments.module:
        entry_point, called = arguments.module, arguments.module.partition(":")[0].rpartition(".")[2]
    elif arguments.script or len(scripts) == 1:
        called = arguments.script or scripts[0]
        entry_point = f"script:{called}"
    if arguments.output:
        called = arguments.output.rstrip("/").rpartition("/")[2]
    return Wanted(
        requirements=(requirement, *(_subject(host, text)[0] for text in arguments.more)),
        entry_point=entry_point,
        name=called if _NAME.match(called) else "app",
        python=arguments.python,
        flavor="standalone_dynamic" if arguments.dynamic else "standalone_static",
    )


def _subject(host: Host, text: str) -> tuple[str, str, Sequence[str]]:
    """The requirement that `text` is, the package's name, and the commands that it is known to have."""
    place, bracket, extras = text.partition("[") if text.startswith((".", "/")) else (text, "", "")
    path = _absolute(host, place)
    if host.is_dir(path) and ("/" in text or text in {".", ".."}):
        return f"{path}{bracket}{extras}", *_project(host, path, text)
    if place.endswith(_ARCHIVES) and "@" not in place and "://" not in place:
        if not host.exists(path):
            raise ConfigError(f"there is no file `{place}`")
        return f"{path}{bracket}{extras}", _archive_name(path), ()
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        first = (str(error).splitlines() or ["?"])[0]
        hint = "write for example `black==26.1`, or `./folder` for a project"
        raise ConfigError(f"`{text}` is no requirement: {first}", hint=hint) from error
    if host.is_dir(path) and host.exists(f"{path}/pyproject.toml"):
        # Both could be meant; nobody should get a stranger's package for a project of their own.
        raise ConfigError(f"is `{text}` the folder or a package of the index?", hint=f"for the folder, write `./{text}`")
    return text, parsed.name, ()


def _project(host: Host, path: str, text: str) -> tuple[str, Sequence[str]]:
    found = host.read_text(f"{path}/pyproject.toml")
    if found is None:
        hint = "it needs a `pyproject.toml`; for a folder of modules write a config: `staticbuild init`"
        raise ConfigError(f"the folder `{text}` is no project", hint=hint)
    try:
        project = describe_project(found)
    except FormatError as error:
        raise ConfigError(f"`{text}/pyproject.toml` {error.message}") from error
    return project.name or path.rpartition("/")[2], project.scripts


def _archive_name(path: str) -> str:
    filename = path.rpartition("/")[2]
    try:
        return parse_wheel_filename(filename)[0] if filename.endswith(".whl") else parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise ConfigError(f"`{filename}` is not named as a wheel or an sdist is") from error


def _key(wanted: Wanted) -> str:
    """A name for what is wanted, the same each time."""
    return hashlib.sha256(wanted.config.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _output(host: Host, asked: str | None, name: str) -> str:
    """Where the executable is put. Raises ConfigError if something of the user's is there."""
    path = _absolute(host, asked or name)
    if host.is_dir(path):
        if asked:
            raise ConfigError(f"`{asked}` is a folder", hint=f"name the file: `--output {asked.rstrip('/')}/{name}`")
        # A project's folder of modules is often called like its command.
        path = _absolute(host, f"dist/{name}")
    if host.exists(path) and host.find_in_file(path, b"\x7fELF") != 0:
        raise ConfigError(f"there is a file `{path}` that is no executable of ours", hint="name another with `--output`")
    return path


def _put(host: Host, built: str, output: str) -> None:
    """Copy the executable to `output`, unless it is there."""
    if host.fingerprint(output) is not None and host.hash_file(output) == host.hash_file(built):
        return
    copy = f"{output}.{host.unique()}.new"
    host.copy_and_hash(built, copy)
    host.chmod(copy, 0o755)
    # Renamed: a program that runs from there keeps its own file.
    host.rename(copy, output)


def _absolute(host: Host, path: str) -> str:
    joined = path if path.startswith("/") else f"{host.cwd}/{path}"
    parts: list[str] = []
    for part in joined.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)


def _in_words_of_the_user(error: StaticbuildError, wanted: Wanted) -> StaticbuildError:
    """The error without lines and names of a config that the user has not written."""
    group, asked = f"`//:{wanted.name}-requirements`", " ".join(f"`{text}`" for text in wanted.requirements)
    return type(error).of(
        [
            replace(
                problem,
                message=problem.message.replace(group, asked),
                where=None if problem.where is not None and problem.where.path == CONFIG_NAME else problem.where,
            )
            for problem in error.problems
        ]
    )
