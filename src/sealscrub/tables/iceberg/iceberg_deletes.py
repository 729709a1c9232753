"""Which rows the files of positional deletes name, by the table spec ("Position Delete Files")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput

from .iceberg_catalog import local_path

__all__ = ["deleted_rows"]


def deleted_rows(
    files: Mapping[str, int], deletes: Sequence[tuple[Any, int]], where: str
) -> dict[str, npt.NDArray[np.int64]]:
    """Give the positions of the rows that are deleted, by the paths of their files; what reading them has to meet.

    Parameters
    ----------
    files : mapping of str to int
        The data files, with their numbers in the sequence of commits: a delete reaches files up to its own number.
    deletes : sequence of (pyiceberg.manifest.DataFile, int)
        The files of deletes, with theirs.
    where : str
        What the table is called in errors.

    Raises
    ------
    UnreadableInput
        When a file of deletes cannot be read.
    """
    found: dict[str, list[npt.NDArray[np.int64]]] = {}
    for file, number in deletes:
        try:
            held = pq.read_table(local_path(file.file_path, where), columns=["file_path", "pos"])
            paths = held.column("file_path").cast(pa.string())
            for path in paths.unique().to_pylist():
                if files.get(path, number + 1) <= number:
                    positions = held.filter(pc.equal(paths, path)).column("pos").cast(pa.int64())
                    found.setdefault(path, []).append(positions.to_numpy())
        except (OSError, pa.ArrowException, KeyError, ValueError):
            raise UnreadableInput("a file of deletes cannot be read", where=where) from None
    return {path: np.unique(np.concatenate(positions)) for path, positions in found.items()}
