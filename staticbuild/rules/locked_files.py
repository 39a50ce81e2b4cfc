"""The files that a lock names, as artifacts: of the user's index, of an address, of this host. Unaware of what is in them."""

from __future__ import annotations

from staticbuild.graph.action import Download, Place
from staticbuild.packing.lock import File
from staticbuild.packing.package_index import Pin
from staticbuild.rules.context import Context


def locked_file(context: Context, pin: Pin, file: File) -> Download:
    """A wheel or an sdist; whatever its place is, the digest decides."""
    # A file of this host is a download, too: if it was changed since, that is an error, and not another input.
    place = f"file://{absolute(context, file.path)}" if file.path is not None else file.place or "index:"
    return Download(pin.name, pin.version, file.sha256, (Place(place),), file.filename)


def absolute(context: Context, path: str) -> str:
    """Where a path of the lock is on this host."""
    return path if path.startswith("/") else f"{context.roots['']}/{path}"
