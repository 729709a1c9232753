"""The containers that data comes in: key columns handed out, survivors returned.

Ask :func:`frame_adapter` for the adapter of a pandas DataFrame, a polars DataFrame or LazyFrame, a pyarrow
Table, RecordBatch, RecordBatchReader or Dataset, or a DuckDB relation. Whatever the container, what comes
back is what came in, as if the removed rows had never been in it: for any rows ``S``, the survivors of ``D``
and the survivors of ``D`` minus ``S`` are the same bytes.

A library that the user has not imported is not imported here: its objects cannot have reached us without it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

from sealscrub.boundary import bound, bound_room
from sealscrub.errors import UsageError

from .changes import RowEdit
from .interface import FrameAdapter
from .row_verdicts import Judge, RowVerdicts

__all__ = ["FrameAdapter", "Judge", "RowEdit", "RowVerdicts", "frame_adapter"]


def frame_adapter(data: Any, keep_metadata: Collection[str] = ()) -> FrameAdapter:
    """Give the adapter of a container.

    Parameters
    ----------
    data : pandas.DataFrame, polars.DataFrame, polars.LazyFrame, pyarrow.Table, pyarrow.RecordBatch, \
pyarrow.RecordBatchReader, pyarrow.dataset.Dataset or duckdb.DuckDBPyRelation
        The container. A RecordBatchReader is read to its end, since it can be read once only.
    keep_metadata : collection of str
        Entries of metadata that stay in what comes back: of ``attrs``, of a schema and its fields, attributes of a
        subclass. Others are removed, but for structure, which is made again from what stays.

    Returns
    -------
    FrameAdapter
        Which reads `data` and never changes it.

    Raises
    ------
    UsageError
        When `data` is of no type that is known here.

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> from sealscrub.tables import frame_adapter
    >>> frame = frame_adapter(pl.DataFrame({"arrest": ["M17682243", "B17682244"], "n": [1, 2]}))
    >>> frame.columns, frame.rows
    (['arrest', 'n'], 2)
    >>> frame.keep(np.array([False, True])).to_dicts()
    [{'arrest': 'B17682244', 'n': 2}]
    """
    adapter = _from_polars(data) or _from_pandas(data) or _from_pyarrow(data) or _from_duckdb(data)
    if adapter is None:
        raise UsageError(
            f"no table known here is of the type {type(data).__module__}.{type(data).__qualname__}",
            hint="give a pandas DataFrame, a polars DataFrame or LazyFrame, a pyarrow Table, RecordBatch or "
            "Dataset, or a DuckDB relation; sealscrub.scan and sealscrub.scrub take a Spark DataFrame too.",
        )
    bound(type(adapter))
    adapter.keep_metadata = frozenset(keep_metadata)
    return adapter


def _from_polars(data: Any) -> FrameAdapter | None:
    polars = sys.modules.get("polars")
    if polars is None or not isinstance(data, polars.DataFrame | polars.LazyFrame):
        return None
    from .polars.polars_frame import PolarsFrame, PolarsLazyFrame

    return PolarsFrame(data) if isinstance(data, polars.DataFrame) else PolarsLazyFrame(data)


def _from_pandas(data: Any) -> FrameAdapter | None:
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(data, pandas.DataFrame):
        return None
    from .pandas.pandas_frame import PandasFrame

    return PandasFrame(data)


def _from_pyarrow(data: Any) -> FrameAdapter | None:
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is None:
        return None
    from .arrow import arrow_frame

    if isinstance(data, pyarrow.Table):
        return arrow_frame.ArrowTable(data)
    if isinstance(data, pyarrow.RecordBatch):
        return arrow_frame.ArrowBatch(data)
    if isinstance(data, pyarrow.RecordBatchReader):
        return arrow_frame.ArrowReader(data)
    dataset = sys.modules.get("pyarrow.dataset")
    if dataset is not None and isinstance(data, dataset.Dataset):
        return arrow_frame.ArrowDataset(data)
    return None


def _from_duckdb(data: Any) -> FrameAdapter | None:
    duckdb = sys.modules.get("duckdb")
    if duckdb is None or not isinstance(data, duckdb.DuckDBPyRelation):
        return None
    from .duckdb_relation.duckdb_frame import DuckDBFrame

    return DuckDBFrame(data)


bound_room(__name__)
