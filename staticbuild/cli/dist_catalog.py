"""`staticbuild dist list` and `dist catalog import`: which distributions are pinned, and how more come in. Reads no archive."""

from __future__ import annotations

import argparse
from typing import Any

from rich.table import Table

from staticbuild.cli import arguments as shared
from staticbuild.cli.console import data_console, emit
from staticbuild.cli.session import find_workspace, own_folder, read_catalog
from staticbuild.distribution import versions
from staticbuild.distribution.catalog import FILENAME, OWN, Archive, Catalog
from staticbuild.errors import ConfigError, SourceError
from staticbuild.host import DownloadError, Host

# The checksum file of a release has some thousand lines of 150 characters.
_LARGEST = 8 << 20


def add(inner: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the commands."""
    listing = inner.add_parser(
        "list",
        help="the archives that the catalog pins",
        description="Lists the archives that `make_dist(prebuilt = …)` can take: those of staticbuild's own catalog and of "
        f"`{FILENAME}` beside the config.",
    )
    _add_config(listing)
    listing.set_defaults(call=call_list)
    catalog = inner.add_parser("catalog", help="pin archives of a release", description="The catalog of pinned archives.")
    commands = catalog.add_subparsers(metavar="COMMAND", required=True, title="commands", parser_class=shared.Parser)
    importing = commands.add_parser(
        "import",
        help="take a release's checksums into the catalog",
        description=f"Adds the archives of static builds that a release's SHA256SUMS lists to `{FILENAME}` beside the config, "
        "which is to be committed. What is pinned already stays.",
    )
    importing.add_argument("sums", metavar="SHA256SUMS", help="the checksum file of a release: a path or an address")
    importing.add_argument("--into", metavar="FILE", help=f"another catalog than the workspace's `{FILENAME}`")
    _add_config(importing)
    importing.set_defaults(call=call_import)


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="the config; default: the nearest staticbuild.bzl, upwards from here"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def call_list(host: Host, arguments: argparse.Namespace) -> int:
    """Print what is pinned, and which versions can be built from source."""
    rows = [(archive, "staticbuild") for archive in read_catalog(host, _own(host), OWN).archives]
    try:
        root, _ = find_workspace(host, arguments.file)
    except ConfigError:
        if arguments.file is not None:
            raise
        # What staticbuild brings can be listed anywhere.
    else:
        rows += [(archive, FILENAME) for archive in read_catalog(host, f"{root}/{FILENAME}", FILENAME).archives]
    if arguments.json:
        for archive, origin in rows:
            emit(_record(archive, origin))
        return 0
    console = data_console()
    table = Table("Python", "release", "target", "prebuilt", "pinned by", "", box=None, padding=(0, 2, 0, 0))
    for archive, origin in rows:
        note = "" if versions.find(archive.version) else "this staticbuild cannot link it"
        table.add_row(archive.version, archive.release, archive.triple, archive.options, origin, note)
    console.print(table)
    console.print(f"\nbuilt from source without `prebuilt`: Python {versions.listed()}")
    return 0


def _record(archive: Archive, origin: str) -> dict[str, object]:
    return {
        "python_version": archive.version,
        "release": archive.release,
        "target": archive.triple,
        "prebuilt": archive.options,
        "name": archive.name,
        "sha256": archive.sha256,
        "pinned_by": origin,
        "usable": versions.find(archive.version) is not None,
    }


def call_import(host: Host, arguments: argparse.Namespace) -> int:
    """Merge the checksums into the catalog, and write it if it changes."""
    if arguments.into is not None:
        path, name = _absolute(host, arguments.into), arguments.into
    else:
        path, name = f"{find_workspace(host, arguments.file)[0]}/{FILENAME}", FILENAME
    known = read_catalog(host, path, name)
    offered = Catalog.of_release(_text(host, arguments.sums), arguments.sums)
    # Also against our own: a workspace that contradicts it could not be read any more.
    read_catalog(host, _own(host), OWN).merged(offered, arguments.sums)
    merged = known.merged(offered, arguments.sums)
    new = len(merged.archives) - len(known.archives)
    if new:
        host.write_bytes(path, merged.to_text().encode())
    if arguments.json:
        emit({"path": path, "new": new, "archives": len(merged.archives)})
    else:
        what = f"{new} new in" if new else "nothing new in"
        data_console().print(f"{what} {path}: {len(merged.archives)} archives")
    return 0


def _text(host: Host, place: str) -> str:
    """The checksum file at `place`, a path or an address. Raises ConfigError or SourceError."""
    try:
        if not place.startswith(("http://", "https://")):
            found = host.fingerprint(path := _absolute(host, place))
            if found is None or found.size > _LARGEST:
                raise ConfigError(f"`{place}` {'does not exist' if found is None else 'is too large for a checksum file'}")
            return host.read_bytes(path).decode()
        folder = host.temporary_dir(f"{host.cache_dir}/downloads")
        try:
            with host.open_append(f"{folder}/sums") as file:
                host.download(place, file, limit=_LARGEST)
            return host.read_bytes(f"{folder}/sums").decode()
        finally:
            host.remove(folder)
    except DownloadError as error:
        hint = "fetch the file in another way, and give its path"
        raise SourceError(f"`{place}` cannot be had: {error}", hint=hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"`{place}` is not text", hint="give the `SHA256SUMS` of a release") from error


def _absolute(host: Host, path: str) -> str:
    return path if path.startswith("/") else f"{host.cwd}/{path}"


def _own(host: Host) -> str:
    return f"{own_folder(host)}/staticbuild/{OWN}"
