"""The caller's own code, run by a guard: what it raises may quote a row, so only the error's type is passed on."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from sealscrub.errors import SealscrubError, UnreadableInput

__all__ = ["Attempt", "read_later", "read_source"]

_END = object()


class Attempt:
    """Runs code of the caller's. An error of ours is raised after it: raised inside, it would hold the caller's.

    Attributes
    ----------
    failed : str
        The type of what was raised; empty if nothing was, or an error of the library, which is passed on.

    Examples
    --------
    >>> with Attempt() as attempt:
    ...     int("K14612345")
    >>> attempt.failed
    'ValueError'
    """

    failed = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, SealscrubError):
            return False
        self.failed = kind.__name__
        return True


def _unreadable(kind: str) -> SealscrubError:
    return UnreadableInput(
        f"the source of the records failed ({kind})",
        where="stream",
        hint="read it on its own to see why; its message may hold values of rows.",
    )


def read_source(records: Iterable[Any], failure: Callable[[str], SealscrubError] = _unreadable) -> Iterator[Any]:
    """Give what an iterable gives.

    Parameters
    ----------
    records : iterable
    failure : callable
        Makes the error that takes the place of any but the library's own, of its type's name.

    Raises
    ------
    UnreadableInput
        By default, when the iterable raises.

    Examples
    --------
    >>> list(read_source(["K14612345"]))
    ['K14612345']
    """
    source = iter(records)
    while True:
        with Attempt() as attempt:
            record = next(source, _END)
        if attempt.failed:
            raise failure(attempt.failed)
        if record is _END:
            return
        yield record


async def read_later(
    records: AsyncIterable[Any], failure: Callable[[str], SealscrubError] = _unreadable
) -> AsyncIterator[Any]:
    """Give what an async iterable gives; see :func:`read_source`."""
    source = aiter(records)
    while True:
        with Attempt() as attempt:
            record = await anext(source, _END)
        if attempt.failed:
            raise failure(attempt.failed)
        if record is _END:
            return
        yield record
