"""`staticbuild lock`: resolves requirements and pins them, with digests, in `staticbuild.lock`."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping
from typing import Any, cast

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import remark, view_for
from staticbuild.cli.session import Session
from staticbuild.errors import ConfigError
from staticbuild.executor.events import Warned
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.packing.lock import Lock
from staticbuild.packing.package_index import PackageIndex
from staticbuild.packing.resolving import Choice, Key, resolve, unusable
from staticbuild.rules.distribution import distribution
from staticbuild.rules.providers import PythonResources
from staticbuild.rules.requirements import choices, index_target, lock_group


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "lock",
        help="pin requirements in staticbuild.lock",
        description="Resolves the requirements of every python_resources that an executable takes, for its platform and "
        "Python, and writes staticbuild.lock. Builds use only what is pinned there. Versions that are pinned already stay.",
    )
    parser.add_argument("-U", "--upgrade", action="store_true", help="take the newest versions that fit")
    parser.add_argument("--offline", action="store_true", help="ask no index; use what uv has kept, and folders of this host")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the lock is not up to date")
    shared.add_workspace(parser)
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Resolve, and write the file if it changes."""
    with view_for(as_json=arguments.json, quiet=True) as view:
        session = shared.open_session(host, arguments, view)
        if arguments.check:
            check(session)
            return 0
        lock = renewed(session, upgrade=arguments.upgrade)
        text = lock.to_text()
        changed = host.read_text(session.lock_path) != text
        if changed:
            host.write_bytes(session.lock_path, text.encode())
        for problem in unusable(lock, _choices(session, required(session))):
            view(Warned(problem.message, problem.hint or ""))
    what = "wrote" if changed else "nothing changed in"
    remark(view, f"{what} {session.lock_path}: {len(lock.packages)} packages")
    return 0


def renewed(session: Session, *, upgrade: bool) -> Lock:
    """A lock of all that the workspace requires now. Versions that are pinned already stay, unless `upgrade`."""
    groups = required(session)
    previous = None
    # A lock that cannot be read is no reason not to write a new one.
    with contextlib.suppress(ConfigError):
        previous = session.read_any_lock()
    return resolve(
        lambda target: PackageIndex(session.host, session.root, target, session.options.offline),
        {key: resources.requirements for key, resources in groups.items() if resources.requirements is not None},
        choices=_choices(session, groups),
        previous=previous,
        upgrade=upgrade,
    )


def required(session: Session) -> dict[Key, PythonResources]:
    """Every resources target with requirements that an executable takes, for that executable's Python."""
    groups: dict[Key, PythonResources] = {}
    for target in session.workspace.targets():
        if target.rule != "python_executable":
            continue
        dist = distribution(session.context, cast("Label", target.attributes["dist"]), target, "dist")
        for label in cast("tuple[Label, ...]", target.attributes["resources"]):
            provider = session.context.provider(label, target.where("resources"))
            if isinstance(provider, PythonResources) and provider.requirements is not None:
                groups[lock_group(label), index_target(dist)] = provider
    return groups


def check(session: Session) -> None:
    """Raise ConfigError if the lock is not what the workspace requires."""
    groups, lock = required(session), session.read_lock()
    if lock is None and groups:
        raise ConfigError("there is no `staticbuild.lock`", hint="run `staticbuild lock`")
    said = _choices(session, groups)
    for key, resources in groups.items():
        if lock is None or resources.requirements is None:
            continue
        name, target = key
        for package in lock.packages_for(name, resources.requirements, target):
            choice = said[key].get(package.pin.name, Choice())
            # What cannot be used at all is said by the build, which knows where it was required.
            file = None
            with contextlib.suppress(ConfigError):
                file = package.file_for(target, choice.policy)
            if file is not None and not file.is_wheel:
                lock.build_environment(package.pin, target, choice.build_requires)


def _choices(session: Session, groups: Mapping[Key, PythonResources]) -> dict[Key, Mapping[str, Choice]]:
    return {key: choices(session.context, resources) for key, resources in groups.items()}
