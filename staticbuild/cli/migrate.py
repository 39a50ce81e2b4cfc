"""`staticbuild migrate`: writes the staticbuild.bzl that means what a pyoxidizer.bzl means."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import remark, view_for
from staticbuild.cli.session import CONFIG_NAME, PYOXIDIZER_NAME, Session
from staticbuild.config.writing import config_text
from staticbuild.errors import ConfigError
from staticbuild.executor.events import Event, Warned
from staticbuild.graph.target import Target
from staticbuild.host import Host
from staticbuild.packing.lock import Lock
from staticbuild.rules.registry import RULES

_REGISTERED = "pyoxidizer_target"


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "migrate",
        help="write the staticbuild.bzl of a pyoxidizer.bzl",
        description="Evaluates all targets of a pyoxidizer.bzl and prints the staticbuild.bzl that means the same, with "
        "comments where a person must decide. It says what the evaluation came to, for one platform and the given variables: "
        "branches that were not taken are not in it.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these; default: all that the config registers")
    parser.add_argument(
        "--write", action="store_true", help="write it beside the pyoxidizer.bzl, with the versions that are pinned already"
    )
    shared.add_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Evaluate, and print or write the text."""
    notes: list[str] = []
    with view_for(as_json=arguments.json, quiet=True) as view:

        def listen(event: Event) -> None:
            if isinstance(event, Warned):
                notes.append(event.message)
            else:
                view(event)

        session = shared.open_session(host, arguments, listen)
        if not session.is_pyoxidizer:
            raise ConfigError(f"there is no `{PYOXIDIZER_NAME}` here", hint="`--path` names the folder, `-f` the file")
        text, names = migrated(session, notes)
        if not arguments.write:
            print(text, end="")  # noqa: T201 - the command's data
            return 0
        path = f"{session.root}/{CONFIG_NAME}"
        if host.exists(path):
            raise ConfigError(f"there is a `{CONFIG_NAME}` in this folder already", hint="without `--write` it is printed")
        lock = session.read_lock()
        host.write_bytes(path, text.encode())
        if lock is not None:
            session.write_lock(with_new_names(lock, names))
        remark(view, f"wrote {path}; `staticbuild build` takes it from now on")
    return 0


def migrated(session: Session, notes: list[str]) -> tuple[str, dict[str, str]]:
    """The text, and the new names of targets."""
    targets = session.workspace.package("", "")
    declared = [target for target in targets.values() if target.rule != _REGISTERED]
    names = new_names(declared)
    head = [
        f"What {PYOXIDIZER_NAME} says for {session.triple}, written by `staticbuild migrate`.",
        *([""] if notes else []),
        *(f"To be decided: {note}" for note in dict.fromkeys(notes)),
        *_differences(targets.values()),
    ]
    return config_text(declared, {rule.name: rule for rule in RULES}, names, head), names


def _differences(targets: Iterable[Target]) -> list[str]:
    """What a native config says elsewhere."""
    found = []
    for target in targets:
        installs = cast("tuple[Mapping[str, object], ...]", target.attributes.get("installs") or ())
        found += [f"To be decided: `{target.label.name}` also wrote its files to {each['folder']}" for each in installs]
        if target.rule == _REGISTERED and target.attributes["build_path"]:
            found.append("To be decided: results are in `build/` now; `set_build_path` has no counterpart")
    return list(dict.fromkeys(found))


def new_names(targets: list[Target]) -> dict[str, str]:
    """Shorter names where they are free: `exe/app` is `app`, `install/files` is `install`."""
    taken = {target.label.name for target in targets}
    names: dict[str, str] = {}
    for target in targets:
        old = target.label.name
        first, slash, rest = old.partition("/")
        new = rest if target.rule != "install" or rest != "files" else first
        if slash and new not in taken:
            names[old] = new
            taken.add(new)
    return names


def with_new_names(lock: Lock, names: dict[str, str]) -> Lock:
    """`lock` with the groups of renamed targets under both names, so that each config finds the same versions."""
    groups = {group.name: group for group in lock.groups}
    renamed = []
    for old, new in names.items():
        group = groups.get(f"//:{old}")
        if group is not None and f"//:{new}" not in groups:
            renamed.append(replace(group, name=f"//:{new}"))
    return replace(lock, groups=(*lock.groups, *renamed))
