"""Where a command finds its workspace, and where results go."""

from pathlib import Path

import pytest

from staticbuild.cli.session import DEFAULT_TRIPLE, Options, Session, find_workspace
from staticbuild.errors import ConfigError
from staticbuild.graph.label import Label
from staticbuild.host import Host


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "staticbuild.bzl").write_text("")
    return Session.open(Host(), Options(file=str(tmp_path)), lambda _: None)


@pytest.mark.parametrize(
    ("label", "folder"),
    [("greet", "greet"), ("//tools:x", "tools/x"), ("@stdlib//tools:x", "@stdlib/tools/x"), ("//a/b:c/d", "a/b/c/d")],
)
def test_each_target_has_a_folder_of_its_own(session: Session, label: str, folder: str) -> None:
    assert session.output_folder(Label.parse(label)) == f"{session.root}/build/{DEFAULT_TRIPLE}/{folder}"


def test_the_nearest_config_upwards_is_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "staticbuild.bzl").write_text("")
    inner = tmp_path / "src" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert find_workspace(Host(), None) == (str(tmp_path), "staticbuild.bzl")


def test_a_config_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        find_workspace(Host(), str(tmp_path / "nope.bzl"))
