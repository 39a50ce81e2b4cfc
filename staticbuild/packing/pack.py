"""The program of every packing action: reads a plan, packs what it names. The only part that touches the disk.

Run by the distribution's own interpreter, so that the bytecode is the one that it will load:
`python3.13 -S -B -m staticbuild.packing.pack PLAN.json`; only a compression, which looks at no bytecode, is any Python's.
Imports are where they are used: this program's start counts in the time of every build.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from staticbuild.errors import ConfigError, FormatError, Location, Problem
from staticbuild.packing.file_calls import may_use_files
from staticbuild.packing.plan import (
    BESIDE_FOLDER,
    SITE_PACKAGES,
    ApplicationPlan,
    CompressPlan,
    ExtractPlan,
    MergePlan,
    NoticesPlan,
    StandardLibraryPlan,
    ToolsPlan,
    WheelPlan,
    parse,
)
from staticbuild.program import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from staticbuild.packing.bytecode import Compiled
    from staticbuild.packing.collect import Collected, Found, Remark
    from staticbuild.packing.file_uses import FileUse
    from staticbuild.packing.layers import Part
    from staticbuild.packing.leave_out import LeftOut
    from staticbuild.packing.locations import Decision
    from staticbuild.packing.plan import PackingPlan
    from staticbuild.packing.resource import Resources
    from staticbuild.packing.trim import Trimmed

# Where things lie in the tree of the executable. The application is at its top: `<executable>/greet/cli.py`.
LIBRARY = "lib/python{version}"
SUPPORT = "lib"


def main(argv: Sequence[str]) -> int:
    """Carry out the plan in the file `argv[0]`."""
    if len(argv) != 1:
        _tell("usage: python3 -m staticbuild.packing.pack PLAN.json")
        return 2
    return run(lambda: _carry_out(Path(argv[0])), sys.stderr)


def _carry_out(path: Path) -> None:
    plan = parse(path.read_bytes())
    if isinstance(plan, ToolsPlan):
        _make_tools(plan)
        return
    if isinstance(plan, ExtractPlan):
        _extract(plan)
        return
    if isinstance(plan, CompressPlan):
        _compress(plan)
        return
    if isinstance(plan, NoticesPlan):
        _write_notices(plan)
        return
    packed = pack(plan)
    data = _write(packed.resources)
    Path(plan.output).write_bytes(data)
    if isinstance(plan, ApplicationPlan | WheelPlan) and plan.uses:
        Path(plan.uses).write_bytes(_json([asdict(use) for use in packed.uses]))
    if isinstance(plan, MergePlan) and plan.beside:
        _write_beside(packed.resources, Path(plan.beside))
    if plan.report:
        Path(plan.report).write_bytes(_report(packed, len(data)))
    for warning in packed.warnings:
        _tell(f"warning: {warning}")


@dataclass(frozen=True, slots=True)
class Packed:
    """What a plan came to: the resources, what to warn of, where sources use paths, and which files will be on disk."""

    resources: Resources
    warnings: tuple[str, ...]
    uses: tuple[FileUse, ...] = ()
    decision: Decision | None = None
    left_out: tuple[LeftOut, ...] = ()
    trimmed: Trimmed | None = None


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def _make_tools(plan: ToolsPlan) -> None:
    from staticbuild.packing.tools import write_tools  # noqa: PLC0415 - see the top of the file

    write_tools(Path(plan.output))


def _extract(plan: ExtractPlan) -> None:
    """Write files of packs where an installer would have put them, below the folder of site-packages or of the application."""
    from staticbuild.packing.reader import read  # noqa: PLC0415 - see the top of the file

    wanted = set(plan.paths)
    Path(plan.output).mkdir(parents=True, exist_ok=True)
    for pack_path in plan.packs:
        resources = read(Path(pack_path).read_bytes())
        items = [(module.path, module.source, False) for module in resources.modules if module.source is not None]
        items += [(file.path, file.data, file.executable) for file in resources.files]
        for path, data, executable in items:
            if path in wanted:
                target = Path(plan.output, path.partition("/site-packages/")[2] or path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                target.chmod(0o755 if executable else 0o644)


def _compress(plan: CompressPlan) -> None:
    from staticbuild.packing.compress import compress_blob  # noqa: PLC0415 - see the top of the file

    compressed = compress_blob(Path(plan.blob).read_bytes(), plan.kinds)
    figures = {**json.loads(Path(plan.merged).read_bytes()), "bytes": len(compressed.blob)}
    figures["compressed"] = [asdict(saved) for saved in compressed.saved]
    Path(plan.output).write_bytes(compressed.blob)
    Path(plan.report).write_bytes(_json(figures))


def _write_notices(plan: NoticesPlan) -> None:
    from staticbuild.packing import notices  # noqa: PLC0415 - see the top of the file
    from staticbuild.packing.reader import read  # noqa: PLC0415

    folder = Path(plan.dist)
    texts = {path.name: path.read_bytes() for path in (folder / "licenses").glob("*")} if (folder / "licenses").is_dir() else {}
    core, libraries = notices.of_distribution((folder / "PYTHON.json").read_bytes(), plan.version, texts)
    packs = [read(Path(pack_path).read_bytes()) for pack_path in plan.packs]
    packages = [part for resources in packs for part in notices.of_packages(resources)]
    Path(plan.output).write_text(notices.report(core, libraries, packages), encoding="utf-8")


def pack(plan: PackingPlan) -> Packed:
    """What `plan` asks for."""
    match plan:
        case StandardLibraryPlan():
            return _pack_standard_library(plan)
        case ApplicationPlan():
            return _pack_application(plan)
        case WheelPlan():
            return _pack_wheel(plan)
        case MergePlan():
            return _merge(plan)


def _compiler(plan: StandardLibraryPlan | ApplicationPlan | WheelPlan) -> Callable[..., Sequence[Compiled]]:
    from staticbuild.packing.bytecode import compile_all  # noqa: PLC0415 - see the top of the file

    return partial(compile_all, docstrings=plan.docstrings)


def _pack_standard_library(plan: StandardLibraryPlan) -> Packed:
    from staticbuild.packing.collect import FOREIGN, collect_tree  # noqa: PLC0415 - see the top of the file
    from staticbuild.packing.policy import takes_standard  # noqa: PLC0415

    prefix = LIBRARY.format(version=plan.version)
    folder = Path(plan.install, prefix)
    if not folder.is_dir():
        raise FormatError(f"the distribution has no standard library at `{folder}`")
    has_tkinter = "_tkinter" in sys.builtin_module_names or any(folder.glob("lib-dynload/_tkinter.*"))
    taken = _read_tree(str(folder), prefix, lambda path: takes_standard(plan.policy, path, has_tkinter=has_tkinter))
    parts = [collect_tree(list(taken), prefix=prefix, strictness=FOREIGN, optimize=plan.optimize, compiler=_compiler(plan))]
    if plan.support is not None:
        support = _read_tree(plan.support, SUPPORT, lambda path: path.endswith(".py"))
        parts.append(
            collect_tree(list(support), prefix=SUPPORT, strictness=FOREIGN, optimize=plan.optimize, compiler=_compiler(plan))
        )
    return _resources(parts)


def _pack_application(plan: ApplicationPlan) -> Packed:
    from staticbuild.packing.collect import APPLICATION, Found, collect_tree, unite  # noqa: PLC0415
    from staticbuild.packing.policy import is_wanted, matcher  # noqa: PLC0415
    from staticbuild.packing.wheel import refuse_native  # noqa: PLC0415

    excluded = matcher(plan.exclude)
    roots = [
        list(_read_tree(root.path, root.shown, lambda path: is_wanted(path) and not excluded(path))) for root in plan.roots
    ]
    for root, found in zip(plan.roots, roots, strict=True) if not plan.loads else ():
        refuse_native(found, root.shown)
    files = [Found(file.destination, Path(file.path).read_bytes(), file.executable, file.destination) for file in plan.files]
    united = unite([*roots, files])
    collected = collect_tree(
        united,
        prefix="",
        strictness=APPLICATION,
        optimize=plan.optimize,
        suffixes=_suffixes(plan),
        compiler=_compiler(plan),
    )
    packed = _resources([collected])
    return replace(packed, uses=tuple(_uses(united, runs_as_main=True))) if plan.uses else packed


def _pack_wheel(plan: WheelPlan) -> Packed:
    from staticbuild.packing.collect import FOREIGN, collect_tree  # noqa: PLC0415
    from staticbuild.packing.wheel import read_wheel  # noqa: PLC0415

    wheel = read_wheel(Path(plan.wheel), requirement=plan.requirement, exclude=plan.exclude, loads=plan.loads)
    prefix = SITE_PACKAGES.format(version=plan.version)
    collected = collect_tree(
        wheel.found,
        prefix=prefix,
        strictness=FOREIGN,
        optimize=plan.optimize,
        suffixes=_suffixes(plan),
        compiler=_compiler(plan),
    )
    packed = _resources([collected])
    warnings = tuple(f"{plan.requirement}: {warning}" for warning in (*wheel.warnings, *packed.warnings))
    uses = _uses(wheel.found, runs_as_main=False) if plan.uses else ()
    return replace(packed, warnings=warnings, uses=tuple(replace(use, shown=f"{plan.requirement}/{use.shown}") for use in uses))


def _suffixes(plan: ApplicationPlan | WheelPlan) -> list[str]:
    """The suffixes of extension modules that the executable imports: this very interpreter's."""
    from importlib.machinery import EXTENSION_SUFFIXES  # noqa: PLC0415 - see the top of the file

    return EXTENSION_SUFFIXES if plan.loads else []


def _uses(found: Iterable[Found], *, runs_as_main: bool) -> Iterator[FileUse]:
    """Where the sources among `found` use paths that come from where they are."""
    from staticbuild.packing.collect import classify  # noqa: PLC0415 - see the top of the file

    by_path = {item.path: item for item in found}
    for path, name in sorted(classify(by_path).items()):
        source = by_path[path].data
        if path.endswith(".py") and may_use_files(source):
            from staticbuild.packing.file_uses import file_uses  # noqa: PLC0415 - `ast` costs most of such an action

            is_package = path.endswith("/__init__.py")
            shown = by_path[path].shown or path
            yield from file_uses(source, module=name, is_package=is_package, shown=shown, runs_as_main=runs_as_main)


def _merge(plan: MergePlan) -> Packed:
    from staticbuild.packing.layers import Part, unite_parts  # noqa: PLC0415
    from staticbuild.packing.reader import read  # noqa: PLC0415

    parts = [Part(pack.layer, pack.name, read(Path(pack.path).read_bytes())) for pack in plan.packs]
    from staticbuild.packing.scripts import names_script, with_script  # noqa: PLC0415

    settings = plan.settings
    if names_script(settings):
        modules = {module.name for part in parts for module in part.resources.modules}
        settings = with_script(settings, [file for part in parts for file in part.resources.files], modules)
    left_out = []
    if plan.exclude:
        from staticbuild.packing.leave_out import without_paths  # noqa: PLC0415

        parts = [without_paths(part, plan.exclude) for part in parts]
    if not plan.tests:
        from staticbuild.packing.leave_out import without_tests  # noqa: PLC0415

        roots = [settings[name] for name in ("entry_point", "command", "file") if name in settings]
        parts, tests = without_tests(parts, roots)
        left_out.append(tests)
    united = unite_parts(parts, settings)
    trimmed = _trim(plan, parts, united.resources) if plan.trim else None
    resources, decision = _place(plan, parts, united.resources if trimmed is None else trimmed.resources)
    if not plan.sources or plan.without_source:
        from staticbuild.packing.leave_out import without_sources  # noqa: PLC0415

        resources, sources = without_sources(resources, plan.without_source if plan.sources else None)
        left_out.append(sources)
    return Packed(resources, united.warnings, decision=decision, left_out=tuple(left_out), trimmed=trimmed)


def _trim(plan: MergePlan, parts: Sequence[Part], resources: Resources) -> Trimmed:
    """What the program reaches, with what the config wants to be kept."""
    from staticbuild.packing.trim import Wishes, read_names, trim  # noqa: PLC0415 - see the top of the file

    native = [part.resources.modules for pack, part in zip(plan.packs, parts, strict=True) if pack.whole]
    whole = frozenset(module.name.partition(".")[0] for modules in native for module in modules)
    recorded = read_names(Path(plan.recorded).read_bytes()) if plan.recorded else ()
    return trim(resources, Wishes(plan.keep, recorded, whole))


def _place(plan: MergePlan, parts: Sequence[Part], resources: Resources) -> tuple[Resources, Decision | None]:
    """`resources` with what will be on disk, and why; no decision where nothing could be."""
    texts = [Path(pack.uses).read_bytes() for pack in plan.packs if pack.uses]
    uses = [use for text in texts for use in json.loads(text)]
    if not uses and not plan.locations and not _has_machine_code(resources):
        return resources, None
    from staticbuild.packing.file_uses import FileUse  # noqa: PLC0415
    from staticbuild.packing.locations import decide  # noqa: PLC0415

    beside = plan.beside or BESIDE_FOLDER
    decision = decide(parts, resources, [FileUse(**use) for use in uses], plan.locations, plan.application, beside)
    return replace(resources, locations=tuple(item.location for item in decision.placed)), decision


def _has_machine_code(resources: Resources) -> bool:
    from staticbuild.packing.native import MAGIC  # noqa: PLC0415

    return any(module.native for module in resources.modules) or any(file.data.startswith(MAGIC) for file in resources.files)


def _write_beside(resources: Resources, folder: Path) -> None:
    """The files that lie beside the executable, as they will."""
    from staticbuild.packing.resource import LocationKind  # noqa: PLC0415

    contents = {module.path: (module.source or b"", False) for module in resources.modules}
    contents |= {file.path: (file.data, file.executable) for file in resources.files}
    folder.mkdir(parents=True, exist_ok=True)
    for location in resources.locations:
        for path in location.paths if location.kind is LocationKind.BESIDE else ():
            data, executable = contents[path]
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(0o755 if executable else 0o644)


def _resources(parts: Iterable[Collected]) -> Packed:
    """What the parts hold together. Raises ConfigError when a remark is fatal."""
    from staticbuild.packing.resource import collect  # noqa: PLC0415

    parts = list(parts)
    remarks = [remark for part in parts for remark in part.remarks]
    problems = [_problem(remark) for remark in remarks if remark.fatal]
    ConfigError.raise_all(problems)
    resources = collect((module for part in parts for module in part.modules), (file for part in parts for file in part.files))
    return Packed(resources, tuple(_sentence(remark) for remark in remarks))


def _write(resources: Resources) -> bytes:
    from staticbuild.packing.writer import write  # noqa: PLC0415

    return write(resources)


def _read_tree(folder: str, shown: str, wanted: Callable[[str], bool]) -> Iterator[Found]:
    """The files below `folder` whose paths are `wanted`. Symlinks are followed: staging has confined them."""
    from staticbuild.packing.collect import Found  # noqa: PLC0415
    from staticbuild.packing.policy import is_wanted_folder  # noqa: PLC0415
    from staticbuild.packing.resource import is_text  # noqa: PLC0415

    pending = [("", frozenset[tuple[int, int]]())]
    while pending:
        below, above = pending.pop()
        status = os.stat(f"{folder}/{below}" if below else folder)
        identity = (status.st_dev, status.st_ino)
        if identity in above:
            raise ConfigError(f"the symlink `{os.path.join(shown, below)}` leads in a circle", hint="replace it with a folder")
        with os.scandir(f"{folder}/{below}" if below else folder) as entries:
            for entry in entries:
                path = f"{below}/{entry.name}" if below else entry.name
                if entry.is_dir():
                    if is_wanted_folder(entry.name):
                        pending.append((path, above | {identity}))
                elif wanted(path):
                    if not is_text(path):
                        raise _not_text(path, shown)
                    with open(entry.path, "rb") as file:
                        executable = bool(os.fstat(file.fileno()).st_mode & 0o111)
                        yield Found(path, file.read(), executable, os.path.join(shown, path))


def _not_text(path: str, shown: str) -> ConfigError:
    legible = os.fsencode(os.path.join(shown, path)).decode("utf-8", "backslashreplace")
    return ConfigError(f"the file name `{legible}` is not UTF-8", hint="rename the file")


def _problem(remark: Remark) -> Problem:
    mistake = remark.mistake
    where = Location(remark.shown, max(mistake.line, 1), max(mistake.column, 1))
    return Problem(mistake.message, where, source_line=mistake.text or None)


def _sentence(remark: Remark) -> str:
    line = f":{remark.mistake.line}" if remark.mistake.line else ""
    return f"{remark.shown}{line}: {remark.mistake.message}"


def _report(packed: Packed, size: int) -> bytes:
    figures: dict[str, object] = {
        "bytes": size,
        "files": len(packed.resources.files),
        "modules": len(packed.resources.modules),
        "warnings": packed.warnings,
    }
    if packed.left_out:
        figures["left_out"] = [asdict(item) for item in packed.left_out]
    trimmed = packed.trimmed
    if trimmed is not None:
        figures["trimmed"] = {"files": trimmed.files, "bytes": trimmed.bytes, "names": [asdict(one) for one in trimmed.dropped]}
        figures["reached"] = {name: [reason.how, reason.by] for name, reason in trimmed.reasons.items()}
    decision = packed.decision
    if decision is not None:
        figures["on_disk"] = [
            {
                "packages": item.packages,
                "location": item.location.kind.value,
                "folder": item.location.folder,
                "files": len(item.location.paths),
                "reasons": [asdict(use) for use in item.reasons],
                "native": [asdict(file) for file in item.native],
            }
            for item in decision.placed
        ]
        figures["native_in_memory"] = [asdict(file) for file in decision.left]
        figures["in_memory"] = [{**asdict(item.use), "why": item.why} for item in decision.dismissed]
    return _json(figures)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
