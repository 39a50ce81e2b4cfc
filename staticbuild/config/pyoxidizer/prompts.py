"""Functions that ask the person at the terminal, and `set_build_path`, `print` and the like. Knows no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staticbuild.config.pyoxidizer.facts import Prompt
from staticbuild.config.pyoxidizer.model import BOOL, STR, DialectError, Maybe, Parameter, method

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation


@method(Parameter("path", STR))
def set_build_path(run: Evaluation, *, path: str) -> None:
    """Sets the folder for results, which is `build` beside the config otherwise."""
    run.build_path = path


@method()
def can_prompt(run: Evaluation) -> bool:
    """Whether there is a terminal with somebody to ask."""
    return bool(run.world.ask(Prompt("possible")))


@method(Parameter("prompt", STR), Parameter("default", Maybe(BOOL), None))
def prompt_confirm(run: Evaluation, *, prompt: str, default: bool | None) -> bool:
    """A question to be answered with yes or no."""
    return bool(_asked(run, Prompt("confirm", prompt, default)))


@method(Parameter("prompt", STR), Parameter("default", Maybe(STR), None))
def prompt_input(run: Evaluation, *, prompt: str, default: str | None) -> str:
    """A question to be answered with a line."""
    return str(_asked(run, Prompt("input", prompt, default)))


@method(Parameter("prompt", STR), Parameter("confirm", BOOL, False), Parameter("default", Maybe(STR), None))
def prompt_password(run: Evaluation, *, prompt: str, confirm: bool, default: str | None) -> str:
    """A question whose answer is not shown."""
    return str(_asked(run, Prompt("password", prompt, default, confirm)))


def _asked(run: Evaluation, question: Prompt) -> object:
    answer = run.world.ask(question)
    if answer is None and question.default is None:
        raise DialectError(
            f"nobody can be asked `{question.text}`: there is no terminal",
            'give a `default`, or a value on the command line: `--var NAME=VALUE` is `VARS["NAME"]`',
        )
    return question.default if answer is None else answer
