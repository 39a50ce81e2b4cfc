"""Projects in temporary folders, and the real command line in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
TRIPLE = "x86_64-unknown-linux-musl"

Done = subprocess.CompletedProcess[str]


def run(argv: Sequence[str | Path], *, code: int | None = 0, **options: object) -> Done:
    """Run a command to its end, with its output as text; fails unless it ends with `code` (None: whatever it is)."""
    settings = {"capture_output": True, "text": True, "timeout": 2400, "stdin": subprocess.DEVNULL} | options
    done: Done = subprocess.run([str(word) for word in argv], check=False, **settings)  # type: ignore[call-overload]
    if code is not None and done.returncode != code:
        raise AssertionError(f"{argv} ended with {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}")
    return done


@dataclass(frozen=True)
class Project:
    """A folder with a config; `environ` is added to this process' environment."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def run(self, *words: str, code: int | None = 0, **options: object) -> Done:
        """Run `staticbuild` with `words` in the project's folder."""
        environ = {**os.environ, "COLUMNS": "200", **self.environ}
        command = [sys.executable, "-m", "staticbuild", *words]
        return run(command, code=code, cwd=self.folder, env=environ, **options)

    def events(self, *words: str, code: int | None = 0) -> list[dict[str, object]]:
        """What `staticbuild … --json` says."""
        return [json.loads(line) for line in self.run(*words, "--json", code=code).stdout.splitlines()]

    def build(self, *targets: str) -> list[str]:
        """Build; returns the actions that ran, as `Link hello`."""
        return [
            f"{event['action']} {str(event['target']).removeprefix('//:')}"
            for event in self.events("build", *targets)
            if event["event"] == "finished" and not event["cached"]
        ]

    def costs_minutes(self, *targets: str) -> str | None:
        """The first of the slow actions that a build of `targets` would run now; None if their results are in the cache.

        $STATICBUILD_THOROUGH_TESTS=1 says that they shall run. Without it, the tests end in time with a new cache, too.
        """
        if os.environ.get("STATICBUILD_THOROUGH_TESTS") == "1":
            return None
        events = self.events("explain", *targets)
        slow = [event for event in events if event.get("runs") and event["action"] in {"BuildPackage", "Run"}]
        return f"{slow[0]['action']} {slow[0]['target']}" if slow else None

    def result(self, path: str) -> Path:
        """Where a result lies: `hello/hello`."""
        return self.folder / "build" / TRIPLE / path
