"""What the code of a module imports, read from its bytecode. Knows instructions; unaware of which modules there are.

Bytecode rather than sources: it is at hand for every module, also for those that came without a source, and to read it takes a
tenth of the time of a parser. What only type checkers see (`if TYPE_CHECKING:`) is left out, and what only a script does
(`if __name__ == "__main__":`) where the module is none.
"""

from __future__ import annotations

import marshal
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from opcode import cmp_op, opmap
from types import CodeType
from typing import NamedTuple

from staticbuild.errors import FormatError

# Functions that import a module whose name is a value: the standard library's, and those of packages that make it easier.
_BY_NAME = frozenset(
    (
        *("__import__", "import_module", "find_spec", "find_loader", "load_module", "resolve_name", "run_module"),
        *("import_string", "import_object", "import_from_string", "import_item", "import_name", "module_loading"),
        *("lazy_import", "LazyImport", "LazyLoader", "LazyModule", "_LazyModule", "attach", "attach_stub", "load_object"),
    )
)
# What can be, or be a part of, a module's name; `a.b:c` is how an object in a module is named.
_NAME = re.compile(r"[\w.:-]{1,200}")

_CACHE = 0
_EXTENDED_ARG = opmap["EXTENDED_ARG"]
_IMPORT_NAME = opmap["IMPORT_NAME"]
_LOAD_CONST = opmap["LOAD_CONST"]
_LOAD_SMALL_INT = opmap.get("LOAD_SMALL_INT")  # since 3.14
_TO_BOOL = opmap.get("TO_BOOL")  # since 3.13
_COMPARE_OP = opmap["COMPARE_OP"]
_JUMP_IF_FALSE = opmap.get("POP_JUMP_IF_FALSE", opmap.get("POP_JUMP_FORWARD_IF_FALSE"))  # the latter in 3.11
# Where the argument has flags below the index of a name.
_NAME_SHIFTS = {
    opmap["LOAD_NAME"]: 0,
    opmap["LOAD_GLOBAL"]: 1,
    opmap["LOAD_ATTR"]: 0 if sys.version_info < (3, 12) else 1,
}
_COMPARE_SHIFT = {11: 0, 12: 4}.get(sys.version_info.minor, 5)


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement: the module, with its full name, and what is taken `from` it; `*` stands for all that is public."""

    module: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imports:
    """What a module imports: statements, and the `strings` of its code that may be names, or ends of names, of modules.

    `by_name` tells whether it calls a function that imports modules by such names.
    """

    statements: frozenset[Import] = frozenset()
    strings: frozenset[str] = frozenset()
    by_name: bool = False


def scan(bytecode: bytes, name: str, *, is_package: bool, runs_as_main: bool = False) -> Imports:
    """What the module `name` imports, of which `bytecode` is the marshalled code."""
    try:
        top = marshal.loads(bytecode)  # noqa: S302 - the packing actions compiled it
    except (ValueError, EOFError, TypeError) as error:
        raise FormatError(f"the bytecode of `{name}` is damaged: {error}") from error
    if not isinstance(top, CodeType):
        raise FormatError(f"the bytecode of `{name}` is no code")
    package = name if is_package else name.rpartition(".")[0]
    statements: set[Import] = set()
    strings: set[str] = set()
    by_name = False
    pending = [top]
    while pending:
        code = pending.pop()
        statements.update(_statements(code, package, runs_as_main=runs_as_main))
        by_name = by_name or not _BY_NAME.isdisjoint(code.co_names)
        for constant in _flat(code.co_consts):
            if isinstance(constant, CodeType):
                pending.append(constant)
            elif isinstance(constant, str) and _NAME.fullmatch(constant):
                strings.add(constant)
    return Imports(frozenset(statements), frozenset(strings), by_name)


class _Instruction(NamedTuple):
    """An instruction with its whole argument; `start` is where its first byte is."""

    start: int
    opcode: int
    argument: int


def _statements(code: CodeType, package: str, *, runs_as_main: bool) -> Iterator[Import]:
    """The import statements of one code object, without those in functions and classes inside of it."""
    instructions = list(_instructions(code.co_code))
    skipped = 0
    for index, instruction in enumerate(instructions):
        if instruction.start < skipped:
            continue
        if instruction.opcode == _IMPORT_NAME:
            level, names = (_constant(code, instructions[at]) if at >= 0 else None for at in (index - 2, index - 1))
            # In 3.15 and newer the argument has flags, too; those versions are not known here.
            module = _absolute(code.co_names[instruction.argument], level, package)
            if module is not None:
                yield Import(module, names if isinstance(names, tuple) else ())
        else:
            skipped = max(skipped, _end_of_block(code, instructions, index, runs_as_main=runs_as_main))


def _instructions(raw: bytes) -> Iterator[_Instruction]:
    argument, start = 0, -1
    for at in range(0, len(raw), 2):
        opcode = raw[at]
        if opcode == _CACHE:
            continue
        start = at if start < 0 else start
        argument |= raw[at + 1]
        if opcode == _EXTENDED_ARG:
            argument <<= 8
            continue
        yield _Instruction(start, opcode, argument)
        argument, start = 0, -1


def _constant(code: CodeType, instruction: _Instruction) -> object:
    if instruction.opcode == _LOAD_CONST:
        return code.co_consts[instruction.argument]
    return instruction.argument if instruction.opcode == _LOAD_SMALL_INT else None


def _absolute(name: str, level: object, package: str) -> str | None:
    """The full name of a relative import's module; None where there is no such package."""
    if not isinstance(level, int) or level == 0:
        return name
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def _end_of_block(code: CodeType, instructions: Sequence[_Instruction], index: int, *, runs_as_main: bool) -> int:
    """Where a block that does not run ends, if the instruction at `index` begins the condition of one; otherwise 0."""
    name = _loaded_name(code, instructions[index])
    if name == "TYPE_CHECKING":
        jump = index + 1
    elif name == "__name__" and not runs_as_main and _compares_with_main(code, instructions[index + 1 : index + 3]):
        jump = index + 3
    else:
        return 0
    if jump < len(instructions) and instructions[jump].opcode == _TO_BOOL:
        jump += 1
    if jump + 1 >= len(instructions) or instructions[jump].opcode != _JUMP_IF_FALSE:
        return 0
    return instructions[jump + 1].start + 2 * instructions[jump].argument


def _loaded_name(code: CodeType, instruction: _Instruction) -> str | None:
    shift = _NAME_SHIFTS.get(instruction.opcode)
    return None if shift is None else code.co_names[instruction.argument >> shift]


def _compares_with_main(code: CodeType, instructions: Sequence[_Instruction]) -> bool:
    if len(instructions) != 2:  # noqa: PLR2004 - a constant and a comparison
        return False
    constant, comparison = instructions
    equal = comparison.opcode == _COMPARE_OP and cmp_op[comparison.argument >> _COMPARE_SHIFT] == "=="
    return equal and _constant(code, constant) == "__main__"


def _flat(constants: Iterable[object]) -> Iterator[object]:
    for constant in constants:
        if isinstance(constant, tuple | frozenset):
            yield from _flat(constant)
        else:
            yield constant
