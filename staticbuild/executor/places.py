"""Turns places such as `debian:pool/…` into addresses, from what this host's own package manager is configured with.

Knows the two formats of apt's source lists (sources.list(5)), and no server's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from staticbuild.graph.action import Download
from staticbuild.host import Host

_APT = "/etc/apt"
_ONE_LINE = re.compile(r"^deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(?P<uri>https?://\S+)", re.MULTILINE)


class DebianArchive:
    """The package archives that apt on this host asks."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._bases: tuple[str, ...] | None = None

    def __call__(self, _download: Download, address: str) -> Sequence[str]:
        """The addresses that `debian:PATH` stands for; none where the host has no apt."""
        path = address.removeprefix("debian:")
        return [f"{base}/{path}" for base in self.bases()]

    def bases(self) -> tuple[str, ...]:
        """The archives' root addresses, those that carry Debian's own pool first."""
        if self._bases is None:
            found = dict.fromkeys(base for text in self._texts() for base in _uris(text))
            # A host can list archives of other vendors; they are asked too, but last.
            self._bases = tuple(sorted(found, key=lambda base: not base.endswith(("/debian", "/ubuntu"))))
        return self._bases

    def _texts(self) -> list[str]:
        paths = [f"{_APT}/sources.list"]
        folder = f"{_APT}/sources.list.d"
        if self._host.is_dir(folder):
            paths += [entry.path for entry in self._host.scan(folder) if entry.name.endswith((".list", ".sources"))]
        return [text for path in paths if (text := self._host.read_text(path)) is not None]


def _uris(text: str) -> list[str]:
    found = [match["uri"] for match in _ONE_LINE.finditer(text)]
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([A-Za-z-]+):\s*(.*(?:\n[ \t]+.*)*)", stanza, re.MULTILINE))
        if fields.get("Enabled", "yes").strip().lower() != "no":
            found += [uri for uri in fields.get("URIs", "").split() if uri.startswith(("http://", "https://"))]
    return [uri.rstrip("/") for uri in found]
