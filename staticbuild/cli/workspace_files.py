"""Gives the config layer the files of one repository. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from staticbuild.errors import ConfigError, Location
from staticbuild.host import Host
from staticbuild.packing.policy import is_wanted, is_wanted_folder, matcher


class WorkspaceFiles:
    """The files below `root`; paths are relative to it, with `/` between their parts."""

    def __init__(self, host: Host, root: str) -> None:
        self._host = host
        self._root = root
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> str | None:
        """The text of a file, None if there is none. Raises ConfigError for bytes that are not UTF-8."""
        try:
            return self._host.read_text(f"{self._root}/{path}")
        except UnicodeDecodeError as error:
            data = self._host.read_bytes(f"{self._root}/{path}")
            line = data.count(b"\n", 0, error.start) + 1
            raise ConfigError(
                f"byte {error.start + 1} is not UTF-8", where=Location(path, line), hint="save the file as UTF-8"
            ) from error

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        """The files below the folder `package` that match, sorted, relative to it. `build/` at the root holds results."""
        if package not in self._listed:
            folder = f"{self._root}/{package}".rstrip("/")
            self._listed[package] = tuple(self._walk(folder, "", at_root=not package)) if self._host.is_dir(folder) else ()
        wanted, unwanted = matcher(include), matcher(exclude)
        return sorted(path for path in self._listed[package] if wanted(path) and not unwanted(path))

    def _walk(self, folder: str, inner: str, *, at_root: bool) -> Iterator[str]:
        for entry in self._host.browse(folder):
            path = f"{inner}{entry.name}"
            if entry.is_dir:
                if is_wanted_folder(entry.name) and not (at_root and entry.name == "build"):
                    yield from self._walk(entry.path, f"{path}/", at_root=False)
            elif is_wanted(path) and (entry.target is None or self._host.fingerprint(entry.path) is not None):
                yield path
