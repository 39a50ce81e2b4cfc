"""`examples/yt_dlp`: over a thousand modules from wheels that are pinned by hash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import EXAMPLES, Project, run

pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture(scope="module")
def yt_dlp(example: Callable[[str], Project], package_index: None) -> Path:  # noqa: ARG001 - it skips
    return example("yt_dlp").result("yt-dlp/yt-dlp")


def test_version_is_the_pinned_one(yt_dlp: Path) -> None:
    version = run([yt_dlp, "--version"], env={}).stdout.strip()
    normal = ".".join(str(int(part)) for part in version.split("."))
    assert f'"yt-dlp=={normal}"' in (EXAMPLES / "yt_dlp/staticbuild.lock").read_text()


def test_every_extractor_is_there(yt_dlp: Path) -> None:
    assert len(run([yt_dlp, "--list-extractors"], env={}).stdout.splitlines()) > 1500


def test_errors_are_its_own(yt_dlp: Path) -> None:
    assert "no such option: --nonsense" in run([yt_dlp, "--nonsense"], env={}, code=2).stderr
