"""`staticbuild clean`: removes results, and on request the cache."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from staticbuild.cli.console import size
from staticbuild.cli.session import find_workspace
from staticbuild.errors import StaticbuildError
from staticbuild.host import Host

# What only a folder of ours has, so that a mistyped $STATICBUILD_CACHE does not cost somebody's files.
_OURS = frozenset({"actions", "apps", "blobs", "downloads", "locks", "sources", "tmp", "trees", "workspaces"})


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "clean",
        help="remove results, or the cache",
        description="Removes the workspace's folder build/. With --cache it empties the cache of this user instead: everything "
        "will be downloaded and built again.",
    )
    parser.add_argument("-f", "--file", metavar="FILE", help="the config")
    parser.add_argument("--cache", action="store_true", help="empty the cache of all workspaces")
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Remove, and say how much that was."""
    if arguments.cache:
        removed = _clean_cache(host)
    else:
        root, _ = find_workspace(host, arguments.file)
        removed = f"{root}/build"
        _, count = host.tree_size(removed)
        host.remove(removed)
        removed = f"{removed} ({size(count)})"
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"removed {removed}")
    return 0


def _clean_cache(host: Host) -> str:
    root = host.cache_dir
    _, count = host.tree_size(root)
    entries = host.scan(root) if host.is_dir(root) else []
    strange = [entry.name for entry in entries if entry.name not in _OURS and not entry.name.startswith("run-")]
    if strange:
        raise StaticbuildError(
            f"`{root}` holds `{strange[0]}`, which is not ours: nothing was removed", hint="is $STATICBUILD_CACHE right?"
        )
    for entry in entries:
        if entry.name.startswith("run-"):
            with host.lock(f"{root}/locks/{entry.name}", wait=False) as free:
                if not free:
                    raise StaticbuildError("a build is running: nothing was removed", hint="wait until it has ended")
    for entry in entries:
        host.remove(entry.path)
    return f"the cache {root} ({size(count)})"
