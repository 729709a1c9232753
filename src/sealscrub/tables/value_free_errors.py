"""Errors of a container's own library, said without their text, which quotes the values that it stumbled on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from sealscrub.boundary.extras import missing_extra
from sealscrub.errors import SealscrubError, UnreadableInput

__all__ = ["raise_own", "unquoted"]

_MISTAKES = (TypeError, AttributeError, NameError, AssertionError)


def raise_own(error: BaseException) -> None:
    """Raise an error again if it is a mistake in this package's own code, which no sentence about a library may hide.

    A library that reads damaged bytes fails with errors of any type, so where it was raised counts as well.

    Examples
    --------
    >>> try:
    ...     pl.Series(["K14612345"]).cast(pl.Int64)
    ... except Exception as error:
    ...     raise_own(error)
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    ours = trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).startswith("sealscrub.")
    if ours and isinstance(error, _MISTAKES) and not isinstance(error, pa.ArrowException):
        raise error


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
    MissingExtra
        When what reads it is not installed.

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
        raise missing_extra(error) or UnreadableInput(
            f"its own library cannot read it ({type(error).__name__})",
            where=name,
            hint="read it on its own to see why, such as with .collect(); its message may hold values of rows.",
        ) from None
