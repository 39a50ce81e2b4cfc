"""`staticbuild build`: makes targets, and puts their results into `build/`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from staticbuild.cli import arguments as shared
from staticbuild.cli import on_disk
from staticbuild.cli.console import QuietView, View, emit, remark, size, view_for
from staticbuild.cli.session import Session
from staticbuild.errors import ConfigError
from staticbuild.executor.run import Build
from staticbuild.graph.action import Artifact, SourceFile, SourceTree
from staticbuild.graph.digest import FileState, State
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.rules.providers import Executable, outputs_of, triple_of, wanted_of


@dataclass(frozen=True, slots=True)
class Delivered:
    """A result that was put at `path`; `size` counts bytes."""

    label: Label
    path: str
    size: int
    report: on_disk.Report | None = None


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = shared.add_building_command(
        commands,
        "build",
        call,
        "staticbuild build",
        "staticbuild build greet",
        "staticbuild build //tools:app @stdlib//recipes:zlib",
        help="build targets",
        description="Builds targets, by default every executable of the workspace, into build/<triple>/<target>/, and prints "
        "the paths of the results.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="`name`, `//folder:name` or `@stdlib//recipes:name`")


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Build, and print where the results are."""
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    delivered = build_targets(host, arguments, view, lambda session: wanted_labels(session, arguments.targets))
    for one in delivered:
        if arguments.json:
            emit({"event": "result", "target": str(one.label), "path": one.path, "size": one.size})
        else:
            print(one.path)  # noqa: T201 - the command's data
    if isinstance(view, QuietView) and not arguments.quiet:
        what = ", ".join(dict.fromkeys(one.label.short for one in delivered))
        for one in delivered:
            for text in on_disk.remarks(one.report, one.label.short.removeprefix(":")) if one.report else ():
                remark(view, text)
        remark(view, f"built {what} ({size(sum(one.size for one in delivered))}; {view.counts.summary})")
    return 0


def build_targets(
    host: Host, arguments: argparse.Namespace, view: View, choose: Callable[[Session], Sequence[Label]]
) -> list[Delivered]:
    """Build what `choose` finds in the workspace, and lay the results out. `view` shows it."""
    # The config is evaluated before the view has threads: a process with threads cannot be forked to bound it.
    session = shared.open_session(host, arguments, view)
    return build_labels(session, choose(session), view)


def build_labels(session: Session, labels: Sequence[Label], view: View) -> list[Delivered]:
    """Build `labels`, and lay the results out."""
    session.analyse(labels)
    with view, session.build() as build:
        return _make(session, build, labels)


def wanted_labels(session: Session, texts: Sequence[str]) -> list[Label]:
    """The labels that somebody wrote, or all executables. Raises ConfigError where there are none."""
    if texts:
        return [session.label(text) for text in texts]
    if session.is_pyoxidizer:
        return [session.default_target()]
    labels = session.executables()
    if not labels:
        raise ConfigError("there is no `python_executable` in this workspace", hint="name the targets to build")
    return labels


def _make(session: Session, build: Build, labels: Sequence[Label]) -> list[Delivered]:
    providers = [(label, session.context.provider(label)) for label in labels]
    wanted: dict[Artifact, None] = {}
    for _, provider in providers:
        wanted.update(dict.fromkeys(wanted_of(provider)))
    for label in labels:
        for _, files in session.installs(label):
            wanted.update(dict.fromkeys(files.values()))
    states = build.make(list(wanted))
    results = []
    # One at a time: another build of this workspace may have the same results to put there.
    with session.host.lock(f"{build.store.root}/locks/results-{session.key}"):
        for label, provider in providers:
            folder = session.output_folder(label, triple_of(provider))
            for name, artifact in outputs_of(provider).items():
                path = f"{folder}/{name}" if name else folder
                count = _deliver(session.host, build, artifact, states[artifact], path)
                report = None
                if isinstance(provider, Executable) and artifact is provider.artifact:
                    report = _report(build, states[provider.report])
                results.append(Delivered(label, path, count, report))
            for folder, files in session.installs(label):
                for name, artifact in files.items():
                    count = _deliver(session.host, build, artifact, states[artifact], f"{folder}/{name}")
                    results.append(Delivered(label, f"{folder}/{name}", count))
    return results


def _report(build: Build, state: State) -> on_disk.Report:
    if not isinstance(state, FileState):
        raise TypeError(state)
    report: on_disk.Report = json.loads(build.store.read(state.digest))
    return report


def _deliver(host: Host, build: Build, artifact: Artifact, state: State, path: str) -> int:
    """Put a result at `path`, unless it is there already; returns its size in bytes."""
    if isinstance(artifact, SourceTree):
        # Not in the store: the files of an installed package are read where they are.
        host.remove(path)
        for inner in artifact.members:
            _copy(host, f"{artifact.root}/{inner}", f"{path}/{inner}")
        return host.tree_size(path)[1]
    if isinstance(state, FileState):
        if (
            (found := host.fingerprint(path)) is None
            or (found.size, found.executable)
            != (
                state.digest.size,
                state.executable,
            )
            or build.sources.hash_of(path) != state.digest.hash
        ):
            if isinstance(artifact, SourceFile):
                build.store.add_file(artifact.path, executable=state.executable)
            host.make_dirs(path.rpartition("/")[0])
            # Beside it and then renamed: a program that runs from there keeps its own file, and another build its own copy.
            copy = f"{path}.{host.unique()}.new"
            build.store.copy_out(state, copy)
            host.rename(copy, path)
        return state.digest.size
    laid_out = build.store.lay_out(state)
    host.remove(path)
    host.copy_tree(laid_out, path)
    return host.tree_size(path)[1]


def _copy(host: Host, source: str, target: str) -> None:
    """Copy a file or a folder that is not ours."""
    if host.is_dir(source):
        host.copy_tree(source, target)
    elif (found := host.fingerprint(source)) is not None:
        host.copy_and_hash(source, target)
        host.chmod(target, 0o755 if found.executable else 0o644)
