"""Target triples: which are known, and what each means to a compiler and a linker. Touches no files."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

from staticbuild.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Triple:
    """What to build for, as Rust and python-build-standalone spell it: `x86_64-unknown-linux-musl`.

    `level` is the x86-64 level of triples such as `x86_64_v3-unknown-linux-musl`, 1 for all others.
    """

    text: str
    architecture: str
    level: int
    system: str
    abi: str

    @classmethod
    def parse(cls, text: str) -> Triple:
        """The triple written as `text`; a `ConfigError` with a suggestion for one that is not known."""
        if text not in KNOWN:
            raise ConfigError(f"unknown target `{text}`", hint=_hint(text))
        machine, _, system, *abi = text.split("-")
        architecture, _, level = machine.partition("_v")
        return cls(text, architecture, int(level or 1), system, abi[0] if abi else "")

    def __str__(self) -> str:
        return self.text

    @property
    def is_static(self) -> bool:
        """Whether its executables need nothing of the host but the kernel."""
        return self.abi == "musl"

    @property
    def clang(self) -> str:
        """The triple as clang's `--target` takes it."""
        system = {"darwin": "macos"}.get(self.system, self.system)
        return "-".join(part for part in (self.architecture, system, self.abi) if part)

    @property
    def cpu_flags(self) -> tuple[str, ...]:
        """What makes clang use this triple's instructions; its default is the architecture's baseline."""
        return () if self.level == 1 else (f"-march=x86-64-v{self.level}",)

    @property
    def interpreter(self) -> str | None:
        """The program of the host that loads its executables; None where they need none."""
        return (
            None
            if self.is_static
            else {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}[self.architecture]
        )

    def with_abi(self, abi: str) -> Triple:
        """The same machine and system with another C library. Raises `ConfigError` if no such target is known."""
        return Triple.parse("-".join((*self.text.split("-")[:3], abi)))

    @property
    def emulation(self) -> str:
        """What LLD's `-m` takes."""
        return {"x86_64": "elf_x86_64", "aarch64": "aarch64linux"}[self.architecture]


KNOWN: Final = (
    "x86_64-unknown-linux-musl",
    "x86_64_v2-unknown-linux-musl",
    "x86_64_v3-unknown-linux-musl",
    "x86_64_v4-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
)
"""All targets that have a name; which of them can be built is the catalog's to say. The first is the default."""

DEFAULT: Final = KNOWN[0]

_ALIASES: Final = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "macos": "darwin", "win": "windows"}


def _hint(text: str) -> str:
    words = [_ALIASES.get(word, word) for word in re.split(r"[-_./ ]", text.lower().replace("x86_64", "x64"))]
    close = difflib.get_close_matches("-".join(words), KNOWN, n=1)
    # Same system and machine come before similar letters: `linux-arm64` means the musl target of aarch64.
    exact = [known for known in KNOWN if all(word in known.split("-") for word in words)]
    if exact:
        return f"did you mean `{exact[0]}`?"
    if close:
        return f"did you mean `{close[0]}`?"
    return "known targets: " + ", ".join(KNOWN)
