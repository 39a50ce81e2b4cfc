"""The one seam to starlark-pyo3: parses and evaluates one file at a time. Unaware of targets, packages and where text comes from.

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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from staticbuild.config.failure import Failure, parse_failure
from staticbuild.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import starlark

STEPS_PER_POLL: Final = 1000  # starlark-rust polls once per so many loop iterations and calls
CALL_DEPTH: Final = 1000
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


class StopEvaluation(BaseException):
    """Raised on the waiting thread's behalf: the evaluation was told to stop."""


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

    def cancel(self) -> None:
        """Make the running evaluation fail soon."""
        self._cancelled.set()

    def parse(self, path: str, text: str, *, trusted: bool = False) -> Program:
        """The program of `text`. Raises EvaluationError for a syntax error. `trusted` text may read the call stack."""
        library = self._library
        with _as_evaluation_error(library, path):
            ast = library.parse(path, text, _dialect(library))
            # The value of the last expression would be converted for Python, and may have no conversion. The text is parsed
            # twice because the appended line would turn up in syntax errors.
            ast = library.parse(path, text + "\nNone\n", _dialect(library))
            loads = {load.module_id: tuple(load.symbols.values()) for load in ast.loads()}
        del trusted
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
        """Run `program` after the programs in `before`, in the same module. Raises EvaluationError, or what a callable raised."""
        library = self._library
        module = library.Module()
        budget = _Budget(self)
        raised: list[BaseException] = []
        for name, function in (callables or {}).items():
            module.add_callable(name, _guarded(function, raised))
        modules = {name: loaded_module.frozen for name, loaded_module in (loaded or {}).items()}
        options = library.EvalOptions(max_callstack_size=CALL_DEPTH, check_cancelled=budget.exhausted)
        loader = library.FileLoader(modules.__getitem__)
        library_globals = _globals(library, reads_call_stack=reads_call_stack)
        with _as_evaluation_error(library, program.path, raised, budget):
            for each in (*before, program):
                library.eval_with(options, module, each.ast, library_globals, file_loader=loader)
            return Module(module.freeze())


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


def on_large_stack[T](work: Callable[[], T], cancel: Callable[[], None]) -> T:
    """Run `work` on a thread whose stack is large enough for any file, and wait. Ctrl-C calls `cancel` and goes on up."""
    if getattr(_here, "large", False):
        return work()
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        _here.large = True
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again on the waiting thread
            failure.append(error)

    thread = _start(run)
    try:
        thread.join()
    except BaseException:
        cancel()
        thread.join()
        raise
    if failure:
        raise failure[0]
    return outcome[0]
