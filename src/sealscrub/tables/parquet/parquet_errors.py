"""What goes wrong while a Parquet file is read or written, as errors that show no value."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

from ..file_state import FileState

__all__ = ["REFUSALS", "damaged", "reading"]

REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
"""Numbers of errors of writing."""


@contextlib.contextmanager
def reading(path: Path, state: FileState) -> Iterator[None]:
    """Turn what libraries raise, and may show values in, into ours; errors of writing stay what they are.

    Raises
    ------
    UnreadableInput
        When the file is damaged, of a type that cannot be read, or is another one by now.
    """
    try:
        yield
    except pa.ArrowNotImplementedError:  # its message may show a value
        raise UnreadableInput(
            "the file holds a type that pyarrow cannot read or write",
            where=str(path),
            hint="write it again with simpler types.",
        ) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, pa.ArrowException, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        _raise_full(error)
        raise damaged(path) from None
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            state.check()
        if error.errno is not None:
            raise
        raise damaged(path) from None
    state.check()


def damaged(path: Path) -> UnreadableInput:
    """Say that a file cannot be read to its end."""
    return UnreadableInput(
        "the file is damaged: it could not be read to its end", where=str(path), hint="get a new copy."
    )


def _raise_full(error: BaseException) -> None:
    """Raise a disk's refusal as what it is; polars reports it in the text of another error."""
    told = re.search(r"\(os error (\d+)\)", str(error))
    if told and int(told[1]) in REFUSALS:
        raise OSError(int(told[1]), os.strerror(int(told[1]))) from None
