"""What workers look up about a row by its number, in files that the driver wrote."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .worker_functions import Failure, WorkerFailed

__all__ = ["KeptRows", "PatchedRows"]


@functools.lru_cache(maxsize=4)
def _mask(path: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.load(path, mmap_mode="r")
    return found


@functools.lru_cache(maxsize=4)
def _table(path: str) -> Any:
    with pa.memory_map(path) as file:
        return pa.ipc.open_file(file).read_all()


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Says whether rows stay, by their numbers."""

    path: str

    @classmethod
    def put(cls, keep: npt.NDArray[np.bool_], place: Path) -> KeptRows:
        """Write which rows stay to a file that only its owner reads."""
        with open(place, "xb", opener=_private) as file:
            np.save(file, keep)
        return cls(os.path.abspath(place))

    def __call__(self, columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
        """Give a verdict for each row; a row that was not there before has none."""
        (rows,) = columns
        numbers, keep = rows.to_numpy(zero_copy_only=False), _mask(self.path)
        if len(numbers) and (numbers.min() < 0 or numbers.max() >= len(keep)):
            raise WorkerFailed(Failure.UNCHECKED)
        found: npt.NDArray[np.bool_] = keep[numbers]
        return found


@dataclass(frozen=True, slots=True)
class PatchedRows:
    """Gives for rows, by their numbers, whether a column has a new value there, and which."""

    path: str

    @classmethod
    def put(cls, rows: npt.NDArray[np.int64], values: pl.Series, kind: Any, place: Path) -> PatchedRows:
        """Write new values, of an Arrow type, to a file that only its owner reads."""
        if values.dtype in (pl.Categorical, pl.Enum):
            values = values.cast(pl.String)
        table = pa.table({"rows": pa.array(rows, pa.int64()), "values": values.to_arrow().cast(kind)})
        with open(place, "xb", opener=_private) as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        return cls(os.path.abspath(place))

    def __call__(self, rows: Any) -> Any:
        """Give the struct of both."""
        table = _table(self.path)
        known, numbers = table.column("rows").to_numpy(), rows.to_numpy(zero_copy_only=False)
        at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        hit = known[at] == numbers
        values = table.column("values").combine_chunks().take(pa.array(at, mask=~hit))
        return pa.StructArray.from_arrays([pa.array(hit), values], ["hit", "new"])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
