"""Turns `crate:` into addresses, by asking the host's own cargo where its registry serves files. Knows no registry's name.

A registry says it in the `config.json` of its index (The Cargo Book, "Index Format"), and cargo fetches that file as soon as it
looks a crate up. So cargo is given a project that wants one crate, in folders of ours, with the user's own settings: which
registry takes the place of the usual one, proxies, credentials.
"""

from __future__ import annotations

import json
import posixpath
import re
import threading
from collections.abc import Sequence

from staticbuild.errors import SourceError, ToolchainError
from staticbuild.graph.action import Download
from staticbuild.host import Host

_PATIENCE = 120.0
_SETTINGS = ("config.toml", "config", "credentials.toml", "credentials")
_MARKER = re.compile(r"\{(crate|version|prefix|lowerprefix|sha256-checksum)\}")
_MANIFEST = '[package]\nname = "question"\nversion = "0.0.0"\nedition = "2021"\n\n[lib]\npath = "lib.rs"\n\n[dependencies]\n'


class CrateRegistry:
    """The registry that cargo on this host asks; it is asked once, when the first crate is wanted. Threads may share it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._asking = threading.Lock()
        self._template: str | None = None

    def __call__(self, download: Download, _address: str) -> Sequence[str]:
        """The address of one crate. Raises SourceError where cargo does not say where crates are."""
        with self._asking:
            if self._template is None:
                self._template = self._ask(download)
        return [address_of(self._template, download)]

    def _ask(self, download: Download) -> str:
        host = self._host
        cargo = host.find_tool("cargo", host.environ.get("PATH", ""))
        if cargo is None:
            raise SourceError(
                f"`{download.filename}` comes from the registry that cargo is set up for, and this host has no cargo",
                hint="install Rust, or name a folder that holds the file: `--mirror /path/to/folder`",
            )
        folder = host.temporary_dir(host.cache_dir)
        try:
            self._write_project(folder, download)
            env = {**host.environ, "CARGO_HOME": f"{folder}/home", "CARGO_NET_RETRY": "2"}
            try:
                answer = host.run([cargo, "generate-lockfile"], cwd=folder, env=env, timeout=_PATIENCE)
                said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
            except (TimeoutError, ToolchainError) as error:
                said = [str(error)]
            # Whether the crate could be resolved does not matter, if cargo came as far as the index.
            template = self._template_in(f"{folder}/home/registry/index")
        finally:
            host.remove(folder)
        if template is None:
            raise SourceError(
                "cargo does not say where its registry serves crates",
                notes=tuple(said[-6:]),
                hint="try `cargo search` on this host; `--mirror /path/to/folder` names a folder that holds the crates",
            )
        return template

    def _write_project(self, folder: str, download: Download) -> None:
        host = self._host
        own = host.environ.get("CARGO_HOME") or posixpath.join(host.environ.get("HOME", ""), ".cargo")
        host.make_dirs(f"{folder}/home", mode=0o700)
        for name in _SETTINGS:
            if host.exists(f"{own}/{name}"):
                host.symlink(f"{own}/{name}", f"{folder}/home/{name}")
        host.write_bytes(f"{folder}/Cargo.toml", f'{_MANIFEST}{download.name} = "={download.version}"\n'.encode())
        host.write_bytes(f"{folder}/lib.rs", b"")

    def _template_in(self, indexes: str) -> str | None:
        if not self._host.is_dir(indexes):
            return None
        for entry in self._host.scan(indexes):
            try:
                template = json.loads(self._host.read_bytes(f"{entry.path}/config.json"))["dl"]
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
            if isinstance(template, str) and template.startswith(("https://", "http://", "file://")):
                return template
        return None


def address_of(template: str, download: Download) -> str:
    """Where a registry with this `dl` serves a crate: markers are replaced; without any, the usual path is appended."""
    if not _MARKER.search(template):
        template = f"{template.rstrip('/')}/{{crate}}/{{version}}/download"
    prefix = _prefix(download.name)
    values = {
        "crate": download.name,
        "version": download.version,
        "prefix": prefix,
        "lowerprefix": prefix.lower(),
        "sha256-checksum": download.sha256,
    }
    return _MARKER.sub(lambda match: values[match[1]], template)


def _prefix(name: str) -> str:
    """The folder of a crate in an index, by the length of its name."""
    if len(name) <= 2:  # noqa: PLR2004 - the format's rule: `1`, `2`, `3/a`, `ab/cd`
        return str(len(name))
    if len(name) == 3:  # noqa: PLR2004
        return f"3/{name[0]}"
    return f"{name[:2]}/{name[2:4]}"
