"""Which files below a folder are an application's sources, so that they can be declared as inputs. Reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from staticbuild.errors import ConfigError, Problem, StaticbuildError
from staticbuild.host import Entry
from staticbuild.packing.policy import is_wanted, is_wanted_folder, matcher
from staticbuild.packing.resource import is_text

_MOST_LINKS = 40


class Scanner(Protocol):
    """What `walk` needs of the host."""

    def scan(self, folder: str) -> Sequence[Entry]:
        """What a folder holds; symlinks are not followed."""


@dataclass(frozen=True, slots=True)
class Staged:
    """One file to stage: its path below the root, and the real file that has the content."""

    path: str
    source: str


def walk(host: Scanner, folder: str, *, exclude: Iterable[str] = ()) -> tuple[Staged, ...]:
    """The files below `folder` that belong to it as a package root, sorted by path.

    Symlinks are followed where they lead to something below `folder`, so that a build depends on nothing undeclared.
    Raises ConfigError for links that lead out or in circles, and for names that are not UTF-8.
    """
    excluded = matcher(exclude)
    tree = dict(_scan(host, folder))
    inside: dict[str, list[str]] = {}
    for path in tree:
        inside.setdefault(path.rpartition("/")[0], []).append(path)
    staged: list[Staged] = []
    problems: list[Problem] = []
    pending = [(path, path, frozenset({""})) for path in inside.get("", [])]
    while pending:
        shown, real, above = pending.pop()
        if excluded(shown):
            continue
        try:
            real = _resolve(tree, folder, real)
            if real in above:
                raise _broken_link(folder, shown, "leads in a circle")
        except StaticbuildError as error:
            problems += error.problems
            continue
        if tree[real].is_dir:
            pending += [(f"{shown}/{path.rpartition('/')[2]}", path, above | {real}) for path in inside.get(real, [])]
        elif is_wanted(shown):
            staged.append(Staged(shown, f"{folder}/{real}"))
    problems += [_not_text(folder, item.path) for item in staged if not is_text(item.path)]
    ConfigError.raise_all(problems)
    return tuple(sorted(staged, key=lambda item: item.path))


def _scan(host: Scanner, folder: str) -> Iterator[tuple[str, Entry]]:
    pending = [""]
    while pending:
        path = pending.pop()
        entries = host.scan(f"{folder}/{path}" if path else folder)
        if any(entry.name == "pyvenv.cfg" for entry in entries):
            continue  # a virtual environment is no part of anybody's sources
        for entry in entries:
            inner = f"{path}/{entry.name}" if path else entry.name
            if entry.is_dir and not is_wanted_folder(entry.name):
                continue
            yield inner, entry
            if entry.is_dir:
                pending.append(inner)


def _resolve(tree: Mapping[str, Entry], folder: str, path: str) -> str:
    """Where `path` leads below `folder` when every symlink on the way is followed."""
    done: list[str] = []
    todo = path.split("/")
    links = 0
    while todo:
        part = todo.pop(0)
        if part in {"", "."}:
            continue
        if part == "..":
            if not done:
                raise _broken_link(folder, path, "leads out of the folder")
            done.pop()
            continue
        here = "/".join([*done, part])
        entry = tree.get(here)
        if entry is None:
            raise _broken_link(folder, path, "leads to nothing that belongs to the folder")
        if entry.target is None:
            done.append(part)
            continue
        links += 1
        if links > _MOST_LINKS:
            raise _broken_link(folder, path, "leads in a circle")
        if entry.target.startswith("/"):
            if not entry.target.startswith(folder + "/"):
                raise _broken_link(folder, path, f"leads out of the folder, to `{entry.target}`")
            done, todo = [], [*entry.target[len(folder) + 1 :].split("/"), *todo]
        else:
            todo = [*entry.target.split("/"), *todo]
    return "/".join(done)


def _broken_link(folder: str, path: str, why: str) -> ConfigError:
    return ConfigError(
        f"the symlink `{folder}/{path}` {why}",
        hint="replace it with a file, or leave it out with `exclude`",
    )


def _not_text(folder: str, path: str) -> Problem:
    shown = f"{folder}/{path}".encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Problem(f"the file name `{shown}` is not UTF-8", hint="rename the file, or leave it out with `exclude`")
