"""Asking the user's model: what it raises may quote a row, so that only the error's kind goes on."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from sealscrub.errors import ModelFailed, Refused, SealscrubError

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
        When the model raises; nothing of its text goes on.
    Refused
        When it raises since there is nothing to answer.
    """
    failed = ""
    try:
        answer = call()
    except SealscrubError:
        raise
    except Exception as error:  # whatever the user's model raises
        failed = type(error).__name__
    if failed:  # raised out here: the error would be the context of ours
        raise _failure(failed, where, empty)
    if inspect.isawaitable(answer):
        return _awaited(answer, finish, where, empty)
    if inspect.isasyncgen(answer):
        return _streamed_later(answer, finish, where, empty)
    if inspect.isgenerator(answer):
        return _streamed(answer, finish, where, empty)
    return finish(answer)


async def ask_later(call: Callable[[], Any], finish: Finish, where: str, *, empty: bool) -> Any:
    """Ask in the same way, where the model gives something to be awaited."""
    answer = ask(call, finish, where, empty=empty)
    return await answer if inspect.isawaitable(answer) else answer


async def _awaited(answer: Awaitable[Any], finish: Finish, where: str, empty: bool) -> Any:
    failed = ""
    try:
        made = await answer
    except SealscrubError:
        raise
    except Exception as error:
        failed = type(error).__name__
    if failed:
        raise _failure(failed, where, empty)
    return finish(made)


def _streamed(answer: Iterator[Any], finish: Finish, where: str, empty: bool) -> Iterator[Any]:
    while True:
        failed = ""
        try:
            part = next(answer)
        except StopIteration:
            return
        except SealscrubError:
            raise
        except Exception as error:
            failed = type(error).__name__
        if failed:
            raise _failure(failed, where, empty)
        yield finish(part)


async def _streamed_later(answer: AsyncIterator[Any], finish: Finish, where: str, empty: bool) -> AsyncIterator[Any]:
    while True:
        failed = ""
        try:
            part = await anext(answer)
        except StopAsyncIteration:
            return
        except SealscrubError:
            raise
        except Exception as error:
            failed = type(error).__name__
        if failed:
            raise _failure(failed, where, empty)
        yield finish(part)


def _failure(kind: str, where: str, empty: bool) -> SealscrubError:
    if empty:
        return Refused("the request holds no record that can be answered", where=where)
    return ModelFailed(
        f"the model raised {kind}",
        where=where,
        hint="its text may quote a row and is left out; ask the model itself, with scrubbed rows, to see it.",
    )
