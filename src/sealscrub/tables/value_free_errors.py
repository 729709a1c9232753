"""Errors of a container's own library, said without their text, which quotes the values that it stumbled on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import polars as pl

from sealscrub.errors import SealscrubError, UnreadableInput

__all__ = ["unquoted"]


@contextlib.contextmanager
def unquoted(name: str) -> Iterator[None]:
    """Let a container be read and rebuilt; what its library raises becomes an error without values.

    A lazy query, a relation, a dataset or a reader fails when it is first read, and the code that fails may be the
    user's own.

    Parameters
    ----------
    name : str
        What the table is called.

    Raises
    ------
    UnreadableInput
        In place of any error but the library's own ones; it names the error's type.

    Examples
    --------
    >>> with unquoted("arrests"):
    ...     _ = pl.Series(["K14612345"]).cast(pl.Int64)
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: arrests: its own library cannot read it (InvalidOperationError)
    ...
    """
    try:
        yield
    except (SealscrubError, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # a panic is not an Exception
        raise UnreadableInput(
            f"its own library cannot read it ({type(error).__name__})",
            where=name,
            hint="read it on its own to see why, such as with .collect(); its message may hold values of rows.",
        ) from None
