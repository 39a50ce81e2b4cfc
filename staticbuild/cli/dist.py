"""`staticbuild dist`: what a Python distribution consists of. Its catalog is `dist_catalog`'s affair."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.table import Table

from staticbuild.cli import arguments as shared
from staticbuild.cli import dist_catalog
from staticbuild.cli.console import data_console, emit, view_for
from staticbuild.distribution import metadata
from staticbuild.distribution.metadata import Distribution, LinkKind
from staticbuild.errors import ConfigError
from staticbuild.graph.digest import TreeState
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.rules.providers import PythonDistribution

_CORE = "the interpreter"


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the commands."""
    parser = commands.add_parser(
        "dist", help="show what a Python distribution consists of", description="Python distributions."
    )
    inner = parser.add_subparsers(metavar="COMMAND", required=True, title="commands", parser_class=shared.Parser)
    dist_catalog.add(inner)
    info = inner.add_parser(
        "info",
        help="version, platform, extension modules, libraries, licences",
        description="Shows what a distribution consists of. One that is not in the cache is built first.",
    )
    licenses = inner.add_parser(
        "licenses",
        help="the licences of what is in it",
        description="Shows the licences of the interpreter and of the libraries that its extension modules are linked "
        "with, and which file of the archive has the text.",
    )
    licenses.add_argument("--text", action="store_true", help="print the texts, too")
    extract = inner.add_parser(
        "extract",
        help="copy its files into a folder",
        description="Copies the distribution's folder `python`, as an archive holds it, into FOLDER.",
    )
    extract.add_argument("folder", metavar="FOLDER", help="a folder that does not exist yet")
    for command, call in ((info, call_info), (licenses, call_licenses), (extract, call_extract)):
        command.add_argument("target", nargs="?", metavar="TARGET", default=":dist", help="a make_dist target (default: :dist)")
        shared.add_workspace(command)
        shared.add_build(command)
        command.set_defaults(call=call)


@contextmanager
def _unpacked(host: Host, arguments: argparse.Namespace) -> Iterator[Path]:
    """The folder of PYTHON.json, made if need be; it is the cache's and must not be changed."""
    view = view_for(as_json=arguments.json, quiet=arguments.quiet)
    session = shared.open_session(host, arguments, view)
    label = Label.parse(arguments.target)
    provider = session.context.provider(label)
    if not isinstance(provider, PythonDistribution):
        raise ConfigError(f"`{label.short}` is not a Python distribution", hint="`staticbuild targets` lists them")
    with view, session.build() as build:
        state = build.make([provider.tree])[provider.tree]
        if not isinstance(state, TreeState):
            raise TypeError(state)
        yield Path(build.store.lay_out(state)) / "python"


def call_info(host: Host, arguments: argparse.Namespace) -> int:
    """Print PYTHON.json as a person reads it."""
    with _unpacked(host, arguments) as folder:
        found = metadata.parse(host.read_bytes(str(folder / metadata.FILE_NAME)))
        sources = _sources(host, folder)
    if arguments.json:
        emit(_record(found, sources))
    else:
        _show(found, sources)
    return 0


def _sources(host: Host, folder: Path) -> list[dict[str, Any]]:
    text = host.read_text(str(folder / "SOURCES.json"))
    record = json.loads(text) if text else {}
    return list(record["components"] if record else [])


def _record(found: Distribution, sources: list[dict[str, Any]]) -> dict[str, object]:
    return {
        "python_version": found.python_version,
        "target": found.triple,
        "format": found.format_version,
        "build_options": list(found.build_options),
        "objects": found.object_format.value,
        "extensions": sorted(found.extensions),
        "sources": sources,
    }


def _show(found: Distribution, sources: list[dict[str, Any]]) -> None:
    console = data_console()
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Python", found.python_version)
    facts.add_row("target", found.triple)
    facts.add_row("build", f"{'+'.join(found.build_options)} (archive format {found.format_version})")
    facts.add_row("extensions", f"{len(found.extensions)}: {', '.join(sorted(found.extensions))}")
    console.print(facts)
    if sources:
        console.print()
        table = Table("source", "version", "licence", "sha256", box=None, padding=(0, 2, 0, 0))
        for source in sources:
            table.add_row(*(str(source.get(key, "")) for key in ("name", "version", "license", "sha256")))
        console.print(table)


def call_licenses(host: Host, arguments: argparse.Namespace) -> int:
    """Print who needs which licence, and where its text is."""
    with _unpacked(host, arguments) as folder:
        found = metadata.parse(host.read_bytes(str(folder / metadata.FILE_NAME)))
        rows = [
            {
                "extension": name,
                "libraries": libraries,
                "licenses": list(licenses),
                # Archives list texts that they do not have.
                "files": [path for path in paths if host.exists(str(folder / path))],
                "missing": [path for path in paths if not host.exists(str(folder / path))],
            }
            for name, libraries, licenses, paths in _licenses(found)
        ]
        files = sorted({str(path) for row in rows for path in row["files"]})
        texts = {path: host.read_bytes(str(folder / path)).decode("utf-8", "replace") for path in files if arguments.text}
    if arguments.json:
        for row in rows:
            emit({**row, **({"texts": {path: texts[path] for path in row["files"]}} if texts else {})})
        return 0
    console = data_console()
    table = Table("of", "libraries", "licences", "texts", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        shown = [*row["files"], *(f"{path} (not in the archive)" for path in row["missing"])]
        table.add_row(
            str(row["extension"]), ", ".join(row["libraries"]), ", ".join(row["licenses"]) or "public domain", ", ".join(shown)
        )
    console.print(table)
    for path, text in texts.items():
        console.print(f"\n--- {path} ---\n")
        console.print(text, markup=False)
    return 0


def _licenses(found: Distribution) -> Iterator[tuple[str, list[str], tuple[str, ...], tuple[str, ...]]]:
    """Who (the interpreter, then each extension with libraries of others), these libraries, licences and paths of texts."""
    yield _CORE, [], found.licenses, (found.license_path,) if found.license_path is not None else ()
    for name in sorted(found.extensions):
        extension = found.extension(name)
        libraries = [link.name for link in extension.links if link.kind is not LinkKind.SYSTEM]
        if libraries or extension.licenses:
            known = extension.licenses or (() if extension.public_domain else ("not recorded",))
            yield name, libraries, known, extension.license_paths


def call_extract(host: Host, arguments: argparse.Namespace) -> int:
    """Copy the folder."""
    target = arguments.folder if arguments.folder.startswith("/") else f"{host.cwd}/{arguments.folder}"
    if host.exists(target) or host.is_link(target):
        raise ConfigError(f"`{arguments.folder}` exists already", hint="name a folder that does not, or remove it")
    # Beside it and then renamed, so that a folder of this name is whole.
    new = f"{target}.{host.unique()}.new"
    try:
        with _unpacked(host, arguments) as folder:
            host.copy_tree(str(folder), f"{new}/python")
        host.rename(new, target)
    finally:
        host.remove(new)
    if arguments.json:
        emit({"path": target})
    else:
        data_console().print(f"{target}/python")
    return 0
