"""Asking the user's model: what it raises may quote a row, so only the error's kind is passed on."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sealscrub.errors import ModelFailed, Refused, SealscrubError

from .caller_code import Attempt, read_later, read_source

__all__ = ["Finish", "ask", "ask_later", "is_async"]

Finish = Callable[[Any], Any]
"""What is done with each answer of the model."""


def is_async(asked: Any) -> bool:
    """Whether a call gives something to be awaited."""
    called = getattr(type(asked), "__call__", None)  # noqa: B004 - the method itself is looked at
    return inspect.iscoroutinefunction(asked) or inspect.iscoroutinefunction(called)


def ask(call: Callable[[], Any], finish: Finish, where: str, *, empty: bool) -> Any:
    """Ask a model and finish what it answers.

    Parameters
    ----------
    call : callable
        Asks the model.
    finish : callable
        Makes the guard's answer of the model's.
    where : str
        What was asked, for errors.
    empty : bool
        Whether it is asked about no record at all.

    Raises
    ------
    ModelFailed
        When the model raises; nothing of its text is passed on.
    Refused
        When it raises since there is nothing to answer.
    """
    failure = partial(_failure, where=where, empty=empty)
    with Attempt() as attempt:
        answer = call()
    if attempt.failed:
        raise failure(attempt.failed)
    if inspect.isawaitable(answer):
        return _awaited(answer, finish, failure)
    if inspect.isasyncgen(answer):
        return (finish(part) async for part in read_later(answer, failure))
    if inspect.isgenerator(answer):
        return (finish(part) for part in read_source(answer, failure))
    return finish(answer)


async def ask_later(call: Callable[[], Any], finish: Finish, where: str, *, empty: bool) -> Any:
    """Ask in the same way, if the model gives something to be awaited."""
    answer = ask(call, finish, where, empty=empty)
    return await answer if inspect.isawaitable(answer) else answer


async def _awaited(answer: Awaitable[Any], finish: Finish, failure: Callable[[str], SealscrubError]) -> Any:
    with Attempt() as attempt:
        made = await answer
    if attempt.failed:
        raise failure(attempt.failed)
    return finish(made)


def _failure(kind: str, where: str, empty: bool) -> SealscrubError:
    if empty:
        return Refused("the request holds no record that can be answered", where=where)
    return ModelFailed(
        f"the model raised {kind}",
        where=where,
        hint="its text may quote a row and is left out; ask the model itself, with scrubbed rows, to see it.",
    )
