"""What the link's actions do with files and processes, each in one way: read parts of a distribution, run a tool.

Runs inside of actions. Knows nothing of what is read or run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from staticbuild.distribution import metadata
from staticbuild.distribution.metadata import Distribution
from staticbuild.errors import ActionError, ConfigError, FormatError
from staticbuild.linking import diagnose


def read_distribution(folder: str, target: str) -> Distribution:
    """What PYTHON.json in `folder` describes. Raises ConfigError if it is for another target."""
    distribution = metadata.parse(read_part(Path(folder, metadata.FILE_NAME)))
    if distribution.triple != target:
        raise ConfigError(
            f"the distribution is for `{distribution.triple}`, the executable for `{target}`",
            hint=f"build with `--target {distribution.triple}`, or use another distribution",
        )
    return distribution


def read_part(path: Path) -> bytes:
    """The file `path` of a distribution. Raises FormatError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"the distribution is not complete: cannot read `{path}`: {error.strerror}") from error


def run(argv: Sequence[str], owners: dict[str, str] | None = None) -> None:
    """Run a compiler or linker; raise `ActionError` with what it said."""
    # Neither has a word to say in the user's language, and zig looks for a home only to keep a cache there.
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    if done.returncode == 0:
        return
    if done.returncode < 0:
        raise ActionError(
            f"`{' '.join(argv[:2])}` was killed by signal {-done.returncode}",
            notes=(" ".join(argv),),
            # The linker writes through a mapping, so a full disk is a bus error to it.
            hint="is the disk full, or memory short?",
        )
    if owners is not None:
        raise ActionError.of(diagnose.explain(done.stderr, owners))
    raise ActionError(
        f"the compiler failed with exit code {done.returncode}", notes=(" ".join(argv), *done.stderr.splitlines())
    )
