"""Reads the arguments of `pip_install` and `pip_download` as pip would. Knows no index, and nothing of how packages come."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from staticbuild.config.pyoxidizer.model import DialectError

# Options that change nothing about which files a package has, or what pip shows; with whether a value follows.
_WITHOUT_EFFECT: Final = {
    **dict.fromkeys(
        ("-U", "--upgrade", "--no-cache-dir", "-q", "--quiet", "-v", "-vv", "-vvv", "--verbose", "--isolated"), False
    ),
    **dict.fromkeys(("--disable-pip-version-check", "--no-warn-script-location", "--no-input", "--no-color"), False),
    **dict.fromkeys(("--ignore-installed", "-I", "--force-reinstall", "--no-compile", "--compile", "--use-pep517"), False),
    **dict.fromkeys(("--no-use-pep517", "--no-warn-conflicts", "--require-virtualenv", "--no-build-isolation"), False),
    **dict.fromkeys(("--prefer-binary", "--require-hashes", "--user", "--no-user", "--break-system-packages"), False),
    **dict.fromkeys(("--progress-bar", "--retries", "--timeout", "--root-user-action", "--use-feature"), True),
    **dict.fromkeys(("--use-deprecated", "--exists-action", "--upgrade-strategy", "--cache-dir", "--log", "--src"), True),
    **dict.fromkeys(("-d", "--dest", "-t", "--target", "--prefix", "--root", "--python", "-b", "--build"), True),
}
# Those that say which files are taken: what is linked follows from the distribution's flavor.
_CHOICES: Final = ("--no-binary", "--only-binary", "--platform", "--python-version", "--implementation", "--abi")
_NAME_IT: Final = "name the index in uv's or pip's configuration, which every build asks"
_BUILDS: Final = "options of builds are in the table of packages"
_SAID: Final = {
    **dict.fromkeys(("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "--proxy"), _NAME_IT),
    **dict.fromkeys(("--cert", "--client-cert", "--no-index"), _NAME_IT),
    **dict.fromkeys(("--global-option", "--config-settings", "-C", "--install-option", "--build-option"), _BUILDS),
    "--no-deps": "what a package requires comes along",
    "--pre": "name the version, as in `package>=2.0rc1`",
}
_FLAGS: Final = ("--no-index", "--no-deps", "--pre")
_ARCHIVES: Final = (".whl", ".tar.gz", ".zip", ".tar.bz2")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call of pip asks for: `requirements` as specifiers and names of requirements files, and projects on disk.

    `remarks` are sentences about options that are done differently here.
    """

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read(arguments: Sequence[str]) -> Asked:
    """What `arguments` mean. Raises DialectError for an option that pip has not."""
    reader = _Reader()
    words = iter(_split(arguments))
    for word in words:
        if word.startswith("-"):
            reader.option(word, words)
        else:
            (reader.projects if _is_project(word) else reader.requirements).append(word)
    return Asked(tuple(reader.requirements), tuple(reader.constraints), tuple(reader.projects), tuple(reader.remarks))


class _Reader:
    """What was read so far."""

    def __init__(self) -> None:
        self.requirements: list[str] = []
        self.constraints: list[str] = []
        self.projects: list[str] = []
        self.remarks: list[str] = []

    def option(self, word: str, words: Iterator[str]) -> None:
        """Take up one option, and the value behind it."""
        name, equals, value = word.partition("=")
        if _takes_value(name) and not equals:
            value = next(words, "")
            if not value:
                raise DialectError(f"pip's option `{name}` wants a value behind it")
        if name in _FILES:
            {"r": self.requirements, "c": self.constraints, "e": self.projects}[name.lstrip("-")[0]].append(value)
        elif name in _SAID:
            self.remarks.append(f"pip's `{name}` has no effect: {_SAID[name]}")
        elif name not in _WITHOUT_EFFECT and name not in _CHOICES:
            known = (*_WITHOUT_EFFECT, *_SAID, *_CHOICES, *_FILES)
            near = difflib.get_close_matches(name, known, n=1)
            raise DialectError(f"pip has no option `{name}`", f"did you mean `{near[0]}`?" if near else None)


def _takes_value(name: str) -> bool:
    return _WITHOUT_EFFECT.get(name, False) or name in _CHOICES or name in _FILES or (name in _SAID and name not in _FLAGS)


_FILES: Final = ("-r", "--requirement", "-c", "--constraint", "-e", "--editable")


def _split(arguments: Sequence[str]) -> Iterator[str]:
    """`-rfile` as `-r` and `file`."""
    for word in arguments:
        if word[:2] in {"-r", "-c", "-e"} and len(word) > len("-r") and not word.startswith("--"):
            yield word[:2]
            yield word[2:].lstrip("=")
        else:
            yield word


def _is_project(word: str) -> bool:
    """Whether pip would look for a file or folder of this name."""
    bare = word.partition("[")[0] if word.endswith("]") else word
    if "@" in word or "://" in word:
        return False
    return bare in {".", ".."} or "/" in bare.partition(";")[0] or bare.endswith(_ARCHIVES) or "\\" in bare
