"""What runs on Spark's workers, around a judge that is sent there: Arrow in, Arrow out, and errors without values.

Spark writes the message of an error, and the source lines of its frames, into its event log and its pages. So an error
says one of a few fixed texts, whatever its cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

__all__ = ["Counter", "Failure", "RowChoice", "WorkerFailed", "answering", "choosing", "counting"]

_PACKAGE = "sealscrub"


class Failure(Enum):
    """Why work on a worker failed, in the words that Spark's log gets."""

    INDEX = f"{_PACKAGE}: the index or its key cannot be opened on a worker, is not fit for use, or is another one"
    VERSION = f"{_PACKAGE}: a worker has another version of the package than the driver"
    UNCHECKED = f"{_PACKAGE}: a key cannot be checked that could be when the data was first read: the source changed"
    BATCH = f"{_PACKAGE}: rows could not be judged on a worker"
    VERDICT = f"{_PACKAGE}: a row has no verdict"


class WorkerFailed(Exception):
    """Work on a worker failed; it knows why, and nothing else."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Counter(Protocol):
    """Takes the rows of a partition, and gives what it counted."""

    def add(self, columns: Sequence[Any], /) -> None:
        """Take the columns of some rows, as Arrow arrays."""

    def part(self) -> bytes:
        """Give what was counted."""


RowChoice = Callable[[Sequence[Any]], npt.NDArray[np.bool_]]
"""From the columns of some rows to which of them are chosen."""


def counting(made: Callable[[], Counter]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Give a function that goes over a partition, and puts what was counted into its last row."""

    def counted(batches: Iterator[Any]) -> Iterator[Any]:
        counter, waiting = _call_guarded(made), 0
        for batch in batches:
            columns = batch if isinstance(batch, tuple) else (batch,)
            rows = len(columns[0])
            _call_guarded(counter.add, columns)
            if not rows:
                yield pa.nulls(0, pa.binary())
                continue
            if waiting:
                yield pa.nulls(waiting, pa.binary())
            waiting = rows
        if waiting:
            yield pa.array([None] * (waiting - 1) + [_call_guarded(counter.part)], pa.binary())

    return counted


def choosing(choice: RowChoice) -> Callable[..., Any]:
    """Give a function that says of each row whether it is chosen."""

    def chosen(*columns: Any) -> Any:
        return pa.array(_call_guarded(choice, columns), pa.bool_())

    return chosen


def answering(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function that gives what another one answers about rows."""

    def answered(*columns: Any) -> Any:
        return _call_guarded(answer, *columns)

    return answered


def _call_guarded(function: Callable[..., Any], *given: Any) -> Any:
    """Call a function; whatever it raises becomes a fixed text, without cause or frames of it."""
    try:
        return function(*given)
    except WorkerFailed as error:
        failure = error.failure
    except (Exception, pl.exceptions.PanicException):  # a panic is not an Exception
        failure = Failure.BATCH
    raise RuntimeError(failure.value)
