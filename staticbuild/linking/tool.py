"""What the link's three actions do in their private folder: read a plan, run the compiler or linker, write the outputs.

The only module of `linking` that touches files and processes; it runs inside of actions, where there is no `Host`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from staticbuild.distribution.metadata import Distribution
from staticbuild.errors import ActionError, FormatError, Problem
from staticbuild.linking import (
    ar,
    bitcode,
    blob,
    elf,
    inittab,
    inspect,
    libc_names,
    packages,
    select,
    startup,
    strip,
    symbols,
    undefine,
)
from staticbuild.linking.command import allocator_objects, command, decompressor_objects, exports, owners
from staticbuild.linking.elf import Elf, Interface
from staticbuild.linking.files import read_distribution, read_part, run
from staticbuild.linking.inittab import Builtin
from staticbuild.linking.inspect import Finding, Host
from staticbuild.linking.plan import (
    ALLOCATOR,
    DECOMPRESSOR,
    LIBC,
    LinkedExtension,
    LinkPlan,
    Prepared,
    PreparePlan,
    RuntimePlan,
    relative_to,
)
from staticbuild.toolchain.triple import Triple
from staticbuild.toolchain.zig import Toolchain, compile_source

_SELECTION: Final = "selection.json"

# A path that is as short as `/tmp` or `/root` may stand in any program.
_FEWEST_PARTS: Final = 2


def compile_runtime(plan: RuntimePlan) -> None:
    """Compile each C file of the runtime into an object of the same name."""
    toolchain = Toolchain(Triple.parse(plan.target))
    distribution = read_distribution(plan.distribution, plan.target)
    sources = sorted(path for path in Path(plan.sources).iterdir() if path.suffix in {".c", ".S"})
    if not sources:
        raise FormatError(f"`{plan.sources}` holds no C files")
    Path(plan.output).mkdir(parents=True, exist_ok=True)
    includes = (plan.sources, f"{plan.distribution}/{distribution.include}")
    flags = ("-std=c11", "-O2", "-DNDEBUG", *(f"-D{define}" for define in plan.defines))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [
            pool.submit(
                run,
                compile_source(toolchain, str(source), f"{plan.output}/{source.stem}.o", includes=includes, flags=flags),
            )
            for source in sources
        ]:
            done.result()


def prepare(plan: PreparePlan) -> None:
    """Select what is linked, and write and compile the tables that name it."""
    toolchain = Toolchain(Triple.parse(plan.target))
    distribution = read_distribution(plan.distribution, plan.target)
    distribution = _without(distribution, plan.replaced)
    linked = [extension for folder in plan.packages for extension in packages.read(folder)]
    objects = dict(_objects(distribution, plan))
    selection = _selection(plan, distribution, objects)
    _check_archives(selection.archives, plan.distribution, plan.target)
    modules = inittab.builtins(
        selection,
        [
            *(Builtin(name, init) for name, init in plan.builtins),
            *(Builtin(extension.name, extension.init) for extension in linked),
        ],
    )
    public = _public_symbols(distribution, selection, objects) if plan.symbols else frozenset[str]()
    libc = frozenset[str]()
    output = Path(plan.output)
    output.mkdir(parents=True, exist_ok=True)
    if not toolchain.triple.is_static:
        # The host's dynamic linker looks them up, and libc's where they are.
        Path(exports(plan.output)).write_text(symbols.generate_list(public))
        public = frozenset()
    elif plan.symbols:
        libc = _libc_symbols(toolchain)
        public |= libc & libc_names.COMMON
    (output / "inittab.c").write_text(inittab.generate(modules))
    (output / "symbols.c").write_text(symbols.generate(public, libc))
    includes = (f"{plan.distribution}/{distribution.include}",)
    for name, flags in (("inittab", distribution.inittab.flags), ("symbols", ("-fno-builtin",))):
        source, compiled = f"{plan.output}/{name}.c", f"{plan.output}/{name}.o"
        run(compile_source(toolchain, source, compiled, includes=includes, flags=("-O2", *flags)))
    (output / _SELECTION).write_bytes(_prepared(plan, distribution, selection, modules, linked).to_json())


def _selection(plan: PreparePlan, distribution: Distribution, objects: Mapping[str, Elf]) -> select.Selection:
    interfaces = {path: elf.interface(parsed) for path, parsed in objects.items()}
    # With all of them, a start finds what it imports.
    imported = {} if (plan.modules, plan.exclude) == (select.ALL, ()) else _startup(plan, distribution, interfaces)
    return select.select(distribution, interfaces, plan.modules, plan.exclude, imported, tests=plan.tests)


def _startup(plan: PreparePlan, distribution: Distribution, interfaces: Mapping[str, Interface]) -> Mapping[str, str]:
    """The extensions that CPython imports while it starts, with who imports them."""
    symbols = {name for path in distribution.core_objects for name in interfaces[path].defined | interfaces[path].undefined}
    asked = {"symbols": sorted(filter(startup.is_frozen, symbols)), "extensions": sorted(distribution.extensions)}
    interpreter = f"{plan.distribution}/{distribution.executable}"
    argv = (interpreter, "-P", "-S", "-B", "-m", startup.__name__, f"{plan.distribution}/{distribution.paths['stdlib']}")
    # Where this module came from, that one will be found.
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        done = subprocess.run(  # noqa: S603 - the distribution's own, as in packing
            argv, input=json.dumps(asked), capture_output=True, text=True, errors="replace", check=False, env=environment
        )
    except OSError as error:
        raise FormatError(f"the distribution's interpreter `{interpreter}` does not run: {error.strerror}") from error
    if done.returncode != 0:
        raise FormatError(
            "cannot find out what the distribution's interpreter imports when it starts", notes=tuple(done.stderr.splitlines())
        )
    found: Mapping[str, str] = json.loads(done.stdout)
    return found


def _public_symbols(distribution: Distribution, selection: select.Selection, objects: Mapping[str, Elf]) -> frozenset[str]:
    """The C API, and what the selected extensions would export if they were shared libraries.

    What a program that loads libraries exports, they get in place of their own: only the C API, and what tests look up.
    """
    names: set[str] = set()
    everything = set(selection.objects) - set(distribution.core_objects)
    if not distribution.is_static:
        tests = (chosen.extension for chosen in selection.chosen if select.is_test(chosen.extension.name))
        everything = {path for extension in tests for path in extension.objects}
    for path in selection.objects:
        names |= symbols.exported(objects[path]) if path in everything else symbols.public(objects[path])
    return frozenset(names)


def _libc_symbols(toolchain: Toolchain) -> frozenset[str]:
    """What the C library offers to programs, in both of its parts."""
    names: set[str] = set()
    for library in ("libc.a", "libzigc.a"):
        for member in ar.members(Path(toolchain.library(library)).read_bytes()):
            names |= symbols.of_libc(elf.parse(member.data))
    return frozenset(names)


def _prepared(
    plan: PreparePlan,
    distribution: Distribution,
    selection: select.Selection,
    modules: Iterable[Builtin],
    linked: Sequence[LinkedExtension],
) -> Prepared:
    return Prepared(
        # One object may be several modules.
        objects=(*(_place(plan, path) for path in selection.objects), *dict.fromkeys(item.object for item in linked)),
        archives=(
            *(packages.CXX_LIBRARIES if plan.packages else ()),
            *relative_to(plan.distribution, selection.archives),
        ),
        init_functions=tuple(sorted({module.init for module in modules if module.init is not None})),
        reasons=tuple((chosen.extension.name, chosen.reason) for chosen in selection.chosen),
        owners=tuple(sorted(owners(distribution, lambda path: _place(plan, path), selection, linked).items())),
        borrowed=tuple((item.path, item.symbol, item.user) for item in selection.borrowed),
        left_out=tuple((item.name, item.reason) for item in selection.left_out),
    )


def link(plan: LinkPlan) -> None:
    """Link, check, strip, check again, and write the executable. What fails a check is not left behind."""
    prepared = Prepared.parse((Path(plan.prepared) / _SELECTION).read_bytes())
    runtime = sorted(str(path) for path in Path(plan.objects).iterdir() if path.suffix == ".o")
    output = Path(plan.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    blob_object, builtins = Path(f"{plan.output}.blob.o"), Path(f"{plan.output}.builtins.a")
    triple = Triple.parse(plan.target)
    try:
        _write_blob_object(Path(plan.blob), blob_object, triple.architecture)
        more = () if triple.is_static else (_write_builtins(Toolchain(triple), builtins),)
        linked = dataclasses.replace(prepared, archives=(*prepared.archives, *more))
        argv = command(plan, linked, runtime, str(blob_object), plan.output)
        whose = dict(prepared.owners) | dict.fromkeys(runtime, "staticbuild's runtime")
        whose |= dict.fromkeys(allocator_objects(plan), "the allocator")
        whose |= dict.fromkeys(decompressor_objects(plan), "what reads compressed resources")
        run(argv, owners=whose)
        _finish(plan, prepared, output)
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    finally:
        blob_object.unlink(missing_ok=True)
        builtins.unlink(missing_ok=True)
    if plan.report is not None:
        Path(plan.report).write_bytes(_report(plan, prepared, output))


def _finish(plan: LinkPlan, prepared: Prepared, output: Path) -> None:
    required = ("main", blob.START, blob.END, *prepared.init_functions)
    triple = Triple.parse(plan.target)
    machine = triple.architecture
    host = Host(triple.interpreter, plan.glibc) if triple.interpreter and plan.glibc else None
    with output.open("r+b") as file:
        with mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
            linked = elf.parse(mapped)
            _refuse(plan, (*inspect.check_structure(linked, machine, host), *inspect.check_symbols(linked, required)))
            stripped = strip.strip(linked)
        file.truncate(stripped.kept)
        file.write(stripped.header)
        file.seek(stripped.kept)
        file.write(stripped.tail)
        file.flush()
        with mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
            final = elf.parse(mapped)
            forbidden = [text.encode() for text in plan.forbidden]
            everywhere, outside_of_blob = _own_paths(plan)
            secrets = inspect.check_secrets(final, forbidden + everywhere, outside_of_blob=outside_of_blob)
            _refuse(plan, (*inspect.check_structure(final, machine, host), *secrets))
    output.chmod(0o755)


def _refuse(plan: LinkPlan, findings: Sequence[Finding]) -> None:
    ActionError.raise_all([Problem(f"`{plan.output}`: {item.message}", hint=item.hint, notes=item.places) for item in findings])


def _own_paths(plan: LinkPlan) -> tuple[list[bytes], list[bytes]]:
    """Paths of this machine that must be nowhere, and those that only the user's own files may speak of."""
    here = Path.cwd()
    staged = ("zig", "sysroot", plan.distribution, plan.objects, plan.prepared, plan.blob)
    places = (Path(name).resolve() for name in staged)
    folders = {here, here.resolve(), *(place if place.is_dir() else place.parent for place in places)}
    folders |= {folder.parent for folder in folders}
    folders |= {Path(os.environ[name]) for name in ("HOME", "TMPDIR") if os.environ.get(name)}
    home = _home()
    own = {folder for folder in folders if len(folder.parts) > _FEWEST_PARTS and not home.is_relative_to(folder)}
    return [os.fsencode(folder) for folder in own], [os.fsencode(home) + b"/"] if len(home.parts) > _FEWEST_PARTS else []


def _home() -> Path:
    """The home of whoever runs this, which is not what HOME says in an action."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return Path("/")


def _write_blob_object(source: Path, target: Path, architecture: str) -> None:
    before, after = blob.prologue_and_epilogue(source.stat().st_size, architecture)
    with source.open("rb") as content, target.open("wb") as file:
        file.write(before)
        shutil.copyfileobj(content, file, 1 << 20)
        file.write(after)


def _write_builtins(toolchain: Toolchain, target: Path) -> str:
    """Write the compiler's own library without what the host's C library has, to be found before the whole one.

    zig's is one object, with `memcpy`, `memcmp`, `log2` and more for programs without a C library. One that wanted nothing but
    a division of 128 bits got these, too: slow ones, and a `log2` that is wrong in the seventh digit.
    """
    names = frozenset[str]().union(*(undefine.offered(Path(stub).read_bytes()) for stub in toolchain.stubs if _is_elf(stub)))
    target.write_bytes(undefine.undefine(Path(toolchain.builtins).read_bytes(), names))
    return str(target)


def _is_elf(path: str) -> bool:
    # Since 2.34 some are parts of libc, and scripts that say nothing stand in their place.
    with open(path, "rb") as file:
        return file.read(len(elf.MAGIC)) == elf.MAGIC


def _report(plan: LinkPlan, prepared: Prepared, output: Path) -> bytes:
    with output.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
        linked = elf.parse(mapped)
        sections = {section.name: section.size for section in linked.sections if section.name}
        host = {"interpreter": elf.interpreter(linked), "libraries": elf.needed(linked), "glibc": inspect.newest_glibc(linked)}
    figures: dict[str, object] = {
        "host": host,
        "size": output.stat().st_size,
        "blob": Path(plan.blob).stat().st_size,
        "sections": sections,
        "extensions": dict(prepared.reasons),
        "left_out": dict(prepared.left_out),
        "archives": prepared.archives,
        "allocator": _allocator(plan),
        "decompressor": _component(DECOMPRESSOR) if plan.decompress else None,
    }
    if plan.resources is not None:
        figures["resources"] = json.loads(Path(plan.resources).read_bytes())
    return json.dumps(figures, indent=1, sort_keys=True).encode() + b"\n"


def _allocator(plan: LinkPlan) -> dict[str, str]:
    """Name, version and licence of what serves malloc; the C library's is told of with the C library."""
    if plan.allocator == LIBC:
        return {"name": LIBC}
    return _component(ALLOCATOR)


def _component(folder: str) -> dict[str, str]:
    """Name, version and licence of what a recipe made."""
    description: dict[str, str] = json.loads(Path(folder, "SOURCE.json").read_bytes())
    return description


def _place(plan: PreparePlan, path: str) -> str:
    """Where a file of the distribution is: an object that was bitcode stands, compiled, in another folder."""
    if plan.native is not None and Path(plan.native, path).is_file():
        return f"{plan.native}/{path}"
    return f"{plan.distribution}/{path}"


def _objects(distribution: Distribution, plan: PreparePlan) -> Iterator[tuple[str, Elf]]:
    """All objects of the core and the extensions."""
    names = [path for name in sorted(distribution.extensions) for path in distribution.extension(name).objects]
    for path in dict.fromkeys((*distribution.core_objects, *names)):
        yield path, _parse_object(path, read_part(Path(_place(plan, path))), plan.target)


def _parse_object(name: str, data: bytes, target: str) -> Elf:
    try:
        parsed = elf.parse(data)
    except FormatError as error:
        raise FormatError(f"`{name}` of the distribution: {error.message}") from error
    machine = Triple.parse(target).architecture
    if elf.MACHINES.get(parsed.machine) != machine:
        raise FormatError(f"`{name}` of the distribution is not for {machine}")
    return parsed


def _check_archives(archives: Iterable[str], folder: str, target: str) -> None:
    """Look into the static libraries before the linker does, whose message would not say what is wrong with them."""
    for path in archives:
        data = read_part(Path(folder, path))
        try:
            members = tuple(ar.members(data))
        except FormatError as error:
            raise FormatError(f"`{path}` of the distribution: {error.message}") from error
        for member in members:
            # The linker compiles these; no archive is known that has any.
            if not bitcode.is_bitcode(member.data):
                _parse_object(f"{path}({member.name})", member.data, target)


def _without(distribution: Distribution, replaced: Sequence[str]) -> Distribution:
    """The distribution without those objects of its core that the runtime replaces."""
    for path in replaced:
        if path not in distribution.core_objects:
            raise FormatError(f"the distribution has no object `{path}`, in whose place the runtime puts its own")
    rest = tuple(path for path in distribution.core_objects if path not in replaced)
    return dataclasses.replace(distribution, core_objects=rest)
