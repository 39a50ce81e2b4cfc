"""The one seam to starlark-pyo3: parses and evaluates one file at a time. Unaware of targets and of where text comes from.

Whatever a file does, the outcome is a frozen module or an `EvaluationError`. The traps of the library end here:

* its call stack of 50 frames, its eager conversion of a file's last expression, its `print` that bypasses Python;
* its panics, which are no `Exception`s; exceptions of our callables, which it turns into text;
* loops that never end: a budget of steps, the same on every host, and of seconds, polled every thousand steps;
* deep nesting, which overflows the C stack: everything runs on a thread with a large one (`on_large_stack`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from staticbuild.config.failure import Failure, parse_failure
from staticbuild.errors import Location, ToolchainError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import starlark

STEPS_PER_POLL: Final = 1000  # starlark-rust polls once per so many loop iterations and calls
CALL_DEPTH: Final = 1000
Result = TypeVar("Result")
_STACK_BYTES: Final = 512 * 2**20  # address space only; measured: no text of a million characters overflows it


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one file may be evaluated. A step is one loop iteration or call; `seconds` needs a clock."""

    steps: int = 200_000_000
    seconds: float = 60.0


class EvaluationError(Exception):
    """A file was refused or failed; `failure` is what the evaluator said."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Module:
    """A file that has been evaluated. Its values are deeply frozen and can be loaded by other files."""

    __slots__ = ("frozen",)

    def __init__(self, frozen: starlark.FrozenModule) -> None:
        self.frozen = frozen


@dataclass(frozen=True, slots=True)
class Program:
    """A file that has been parsed: `loads` maps what it loads, as it is written there, to the symbols it wants."""

    path: str
    loads: Mapping[str, tuple[str, ...]]
    ast: starlark.AstModule = field(repr=False)


class Engine:
    """Parses and evaluates. `cancel` may be called from any thread and stops what runs."""

    def __init__(self, limits: Limits, clock: Callable[[], float] | None = None) -> None:
        self.limits = limits
        self.clock = clock
        self._cancelled = threading.Event()
        self._library = _library()
        self._raised: list[BaseException] = []  # by callables, which may belong to another module than the one that runs

    def cancel(self) -> None:
        """Make the running evaluation fail soon."""
        self._cancelled.set()

    def resume(self) -> None:
        """Forget that an earlier evaluation was cancelled."""
        self._cancelled.clear()

    def parse(self, path: str, text: str) -> Program:
        """The program of `text`. Raises EvaluationError for a syntax error."""
        library = self._library
        with _as_evaluation_error(library, path):
            ast = library.parse(path, text, _dialect(library))
            # The value of the last expression would be converted for Python, and may have no conversion. The text is parsed
            # twice because the appended line would turn up in syntax errors.
            ast = library.parse(path, text + "\nNone\n", _dialect(library))
            loads: dict[str, tuple[str, ...]] = {}
            for load in ast.loads():
                loads[load.module_id] = (*loads.get(load.module_id, ()), *load.symbols.values())
        return Program(path, loads, ast)

    def evaluate(
        self,
        program: Program,
        *,
        before: Sequence[Program] = (),
        callables: Mapping[str, Callable[..., object]] | None = None,
        loaded: Mapping[str, Module] | None = None,
        reads_call_stack: bool = False,
    ) -> Module:
        """Run `program` after the programs in `before`, in the same module. Raises EvaluationError."""
        library = self._library
        module = library.Module()
        budget = _Budget(self)
        self._raised.clear()
        for name, function in (callables or {}).items():
            module.add_callable(name, _guarded(function, self._raised))
        modules = {name: loaded_module.frozen for name, loaded_module in (loaded or {}).items()}
        options = library.EvalOptions(max_callstack_size=CALL_DEPTH, check_cancelled=budget.exhausted)
        loader = library.FileLoader(modules.__getitem__)
        library_globals = _globals(library, reads_call_stack=reads_call_stack)
        with _as_evaluation_error(library, program.path, self._raised, budget):
            for each in (*before, program):
                library.eval_with(options, module, each.ast, library_globals, file_loader=loader)
            return Module(module.freeze())


def opaque(value: object) -> object:
    """`value` as Starlark can hold it: no operation of its own works on it, and callables get it back as it is."""
    return _library().OpaquePythonObject(value)


class _Budget:
    """Says when an evaluation must stop, and remembers why."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._polls = 0
        self._deadline = engine.clock() + engine.limits.seconds if engine.clock else None
        self.reason: str | None = None

    def exhausted(self) -> bool:
        self._polls += 1
        limits = self._engine.limits
        if self._engine._cancelled.is_set():  # noqa: SLF001 - the budget is a part of the engine
            self.reason = "interrupted"
        elif self._polls * STEPS_PER_POLL > limits.steps:
            self.reason = f"this is still running after {limits.steps:,} steps: does it ever end?"
        elif self._deadline is not None and self._engine.clock is not None and self._engine.clock() > self._deadline:
            self.reason = f"this is still running after {limits.seconds:g} seconds: does it ever end?"
        return self.reason is not None


@contextmanager
def _as_evaluation_error(
    library: ModuleType,
    path: str,
    raised: Sequence[BaseException] = (),
    budget: _Budget | None = None,
) -> Iterator[None]:
    """Turn all that the library raises into EvaluationError, with what a callable raised as its cause."""
    try:
        yield
    except library.StarlarkError as error:
        failure = parse_failure(str(error), path)
        if raised:  # Starlark has no `try`, so the first exception of a callable is what ended the evaluation
            raise EvaluationError(replace(failure, cause=raised[0])) from raised[0]
        if budget is not None and budget.reason is not None:
            failure = replace(failure, message=budget.reason)
        raise EvaluationError(failure) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # it cannot be imported: pyo3 makes one per extension module
            raise
        # A panic does not say where: what is known is the file.
        raise EvaluationError(Failure(_panic_message(str(error)), Location(path, 1))) from None


def _panic_message(text: str) -> str:
    if "out of memory" in text or "AlignedSize" in text or "capacity overflow" in text:
        return "evaluating this takes more memory than there is"
    return f"the Starlark interpreter gave up: {text}"


def _guarded(function: Callable[..., object], raised: list[BaseException]) -> Callable[..., object]:
    """`function`, keeping what it raises: the library would make text of it, even of KeyboardInterrupt."""

    def guard(*arguments: object, **keywords: object) -> object:
        try:
            return function(*arguments, **keywords)
        except BaseException as error:
            raised.append(error)
            raise

    return guard


def _library() -> ModuleType:
    try:
        import starlark  # noqa: PLC0415 - importing it costs 20 ms, and it has no wheel on some hosts
    except ImportError as error:
        raise ToolchainError(
            "the Starlark interpreter `starlark-pyo3` cannot be imported",
            hint="install it with `pip install starlark-pyo3`",
            notes=(
                str(error),
                "wheels exist for Linux with glibc (x86-64, aarch64), macOS (arm64) and Windows (x86-64)",
                "elsewhere pip builds it, for which it needs Rust",
            ),
        ) from error
    return starlark


def _dialect(library: ModuleType) -> starlark.Dialect:
    dialect: starlark.Dialect = library.Dialect.standard()
    dialect.enable_top_level_stmt = True
    dialect.enable_keyword_only_arguments = True
    dialect.enable_positional_only_arguments = True
    dialect.enable_f_strings = True
    dialect.enable_types = library.DialectTypes.ENABLE
    dialect.enable_load_reexport = False  # else `load("//x.bzl", "glob")` would work
    return dialect


def _globals(library: ModuleType, *, reads_call_stack: bool) -> starlark.Globals:
    extensions = [library.LibraryExtension.StructType]
    if reads_call_stack:
        extensions += [library.LibraryExtension.CallStack, library.LibraryExtension.Json]
    result: starlark.Globals = library.Globals.extended_by(extensions)
    return result


_here: Final = threading.local()
_starting: Final = threading.Lock()


def on_large_stack(work: Callable[[], Result], cancel: Callable[[], None]) -> Result:
    """Run `work` on a thread whose stack is large enough for any file, and wait. Ctrl-C calls `cancel` and goes on up."""
    if getattr(_here, "large", False):
        return work()
    outcome: list[Result] = []
    failure: list[BaseException] = []
    finished = threading.Event()

    def run() -> None:
        _here.large = True
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again on the waiting thread
            failure.append(error)
        finally:
            finished.set()

    try:
        thread = _start(run)
        while thread.is_alive():
            thread.join(_PATIENCE)
    except BaseException:  # which may arrive while the thread is started, too
        cancel()
        finished.wait(_GRACE)
        raise
    if failure:
        raise failure[0]
    return outcome[0]


_PATIENCE: Final = 0.2  # seconds; without a timeout, Ctrl-C cannot interrupt a join on Windows
_GRACE: Final = 5.0  # seconds for a thousand steps


def _start(run: Callable[[], None]) -> threading.Thread:
    """A running thread with the largest stack that this host grants."""
    with _starting:  # the size is a setting of the whole process
        size = _STACK_BYTES
        while True:
            before = threading.stack_size(size)
            try:
                thread = threading.Thread(target=run, name="config", daemon=True)
                thread.start()
            except RuntimeError:  # RLIMIT_AS, or a container without overcommit
                if size <= _SMALLEST_STACK:
                    raise
                size //= 2
            else:
                return thread
            finally:
                threading.stack_size(before)


_SMALLEST_STACK: Final = 8 * 2**20
