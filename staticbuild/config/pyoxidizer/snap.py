"""Snaps: the fields of `snapcraft.yaml`, and its text. Knows no snapcraft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from staticbuild.config.pyoxidizer.files import FileContent, FileManifest, ResolvedTarget
from staticbuild.config.pyoxidizer.model import (
    ANYTHING,
    BOOL,
    STR,
    STRINGS,
    Maybe,
    Parameter,
    Property,
    Status,
    Thing,
    method,
    thing,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.graph.label import Label


def _fields(names: str) -> tuple[Property, ...]:
    return tuple(
        Property(name, ANYTHING, None, f"`{name.replace('_', '-')}` of `snapcraft.yaml`.", readable=False)
        for name in names.split()
    )


class _Fields(Thing):
    """Something whose attributes are fields of `snapcraft.yaml`."""

    order: ClassVar[tuple[str, ...]] = ()

    def fields(self) -> dict[str, object]:
        """The fields that were assigned to, under their names in the file."""
        return {
            each.name.replace("_", "-"): self.values[each.name]
            for each in self.properties
            if self.values.get(each.name) is not None
        }


class SnapApp(_Fields):
    """A program of a snap."""

    properties = _fields(
        "adapter autostart command_chain command common_id daemon desktop environment extensions listen_stream passthrough "
        "plugs post_stop_command restart_condition slots stop_command stop_timeout timer socket_mode socket"
    )


class SnapPart(_Fields):
    """A part that a snap is built from."""

    properties = _fields(
        "after build_attributes build_environment build_packages build_snaps filesets organize override_build override_prime "
        "override_pull override_stage parse_info plugin prime source_branch source_checksum source_commit source_depth "
        "source_subdir source_tag source_type source stage_packages stage_snaps stage"
    )


class Snap(_Fields):
    """A snap."""

    properties = _fields(
        "name version summary description title adopt_info apps architectures assumes base confinement grade icon license "
        "passthrough parts plugs slots type"
    )

    @method()
    def to_builder(self, run: Evaluation) -> SnapcraftBuilder:
        """A builder of it."""
        del run
        return SnapcraftBuilder(self)


class SnapcraftBuilder(Thing):
    """A builder of a snap: the folder that `snapcraft` is run in."""

    def __init__(self, snap: Snap) -> None:
        super().__init__()
        self.snap = snap
        self.manifest = FileManifest()

    @method(
        Parameter("args", STRINGS),
        Parameter("purge_build", Maybe(BOOL), None),
        status=Status.CHANGED,
        note="`snapcraft` is not run: run it in the folder that is written",
    )
    def add_invocation(self, run: Evaluation, *, args: list[str], purge_build: bool | None) -> None:
        """Has `snapcraft` run with arguments."""
        del run, args, purge_build

    @method(Parameter("manifest", thing("FileManifest")))
    def add_file_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files to the folder."""
        del run
        self.manifest.add(manifest)

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Writes the folder. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        whole = FileManifest()
        whole.add(self.manifest)
        text = "\n".join([*_yaml(self.snap.fields(), 0), ""])
        whole.files["snap/snapcraft.yaml"] = FileContent("snapcraft.yaml", text.encode(), executable=False)
        return whole.lower(run)


def _yaml(value: object, depth: int) -> Iterator[str]:
    """A value as lines of YAML."""
    margin = "  " * depth
    if isinstance(value, _Fields):
        value = value.fields()
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(f"{margin}{_scalar(key)}:", item, depth)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for item in value:
            yield from _entry(f"{margin}-", item, depth)
    else:
        yield margin + _scalar(value)


def _entry(head: str, value: object, depth: int) -> Iterator[str]:
    if isinstance(value, _Fields):
        value = value.fields()
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str) and value:
        yield head
        yield from _yaml(value, depth + 1)
    elif isinstance(value, str) and "\n" in value:
        yield f"{head} |"
        yield from ("  " * (depth + 1) + line for line in value.rstrip("\n").split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value)
    return "{}" if isinstance(value, Mapping) else "[]"


def _text(value: str) -> str:
    """A string, in quotes where it could be taken for something else."""
    is_plain = value and all(each.isalnum() or each in "-_./" for each in value) and not value[0].isdigit() and value[0] != "-"
    if is_plain and value.lower() not in _WORDS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_WORDS: Final = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))


# --- functions ---


@method(Parameter("name", STR), Parameter("version", STR), Parameter("summary", STR), Parameter("description", STR))
def snap(run: Evaluation, *, name: str, version: str, summary: str, description: str) -> Snap:
    """A snap."""
    del run
    return Snap(name=name, version=version, summary=summary, description=description)


@method()
def snap_app(run: Evaluation) -> SnapApp:
    """A program of a snap."""
    del run
    return SnapApp()


@method()
def snap_part(run: Evaluation) -> SnapPart:
    """A part that a snap is built from."""
    del run
    return SnapPart()


@method(Parameter("snap", thing("Snap")))
def snapcraft_builder(run: Evaluation, *, snap: Snap) -> SnapcraftBuilder:
    """A builder of a snap."""
    del run
    return SnapcraftBuilder(snap)
