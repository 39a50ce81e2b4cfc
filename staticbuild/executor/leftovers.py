"""Removes what killed builds left in the cache. Knows nothing of what they were building."""

from __future__ import annotations

from staticbuild.executor.sandbox import KEPT
from staticbuild.executor.store import scratch
from staticbuild.host import Host

_DAY = 86400.0


def clean_after_dead_builds(host: Host, root: str) -> None:
    """Remove what killed builds left: the processes that they started, then their folders.

    Each build holds a lock named like its folder as long as it lives, which the kernel frees however it ends.
    """
    if not host.is_dir(root):
        return
    _remove_old(host, scratch(root))
    for entry in host.scan(root):
        if not entry.name.startswith("run-") or not entry.is_dir:
            continue
        with host.lock(f"{root}/locks/{entry.name}", wait=False) as free:
            if free and not _is_kept(host, entry.path):
                for group in host.processes_of(entry.path):
                    host.kill_group(group)
                host.remove(entry.path)
                host.remove(f"{root}/locks/{entry.name}")


def _remove_old(host: Host, folder: str) -> None:
    """Remove what nobody can still be writing. Only its age tells: other machines may share the cache."""
    for entry in host.scan(folder) if host.is_dir(folder) else ():
        if host.wall_clock() - entry.ctime_ns / 1e9 > _DAY:
            host.remove(entry.path)


def _is_kept(host: Host, run_path: str) -> bool:
    mark = host.fingerprint(f"{run_path}/{KEPT}")
    return mark is not None and host.wall_clock() - mark.mtime_ns / 1e9 < _DAY
