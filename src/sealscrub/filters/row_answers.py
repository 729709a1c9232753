"""An answer with a place for each record of the request: nothing is there where a record may not be returned.

Its types do not depend on whether there was such a record: whole numbers and Booleans always become floats, and text
always is in arrays of objects.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import UsageError
from sealscrub.tables.containers import row_count

__all__ = ["placed"]


def placed(answer: Any, keep: Mask, labels: Any = None) -> Any:
    """Put what was answered about the records that stay at their places.

    Parameters
    ----------
    answer : array, series, frame, list, or tuple or mapping of these
        One row for each record that stays.
    keep : ndarray of bool, shape (n,)
        Records that stay.
    labels : pandas.Index, optional
        Labels of the request's rows, for a pandas answer.

    Raises
    ------
    UsageError
        When the answer has not one row for each record, or is of a kind that cannot have empty places.

    Examples
    --------
    >>> placed(np.array([1, 0]), np.array([True, False, True])).tolist()
    [1.0, nan, 0.0]
    """
    if isinstance(answer, tuple):
        parts = [placed(part, keep, labels) for part in answer]
        return type(answer)(*parts) if hasattr(answer, "_fields") else tuple(parts)
    if isinstance(answer, dict):
        return {name: placed(part, keep, labels) for name, part in answer.items()}
    pandas, pyarrow = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if isinstance(answer, np.generic | str | bytes | int | float) or answer is None or row_count(answer) != keep.sum():
        raise UsageError(
            "the answer has not one row for each record, so no places can be left empty",
            hint='set on_match="drop" or "refuse".',
        )
    if isinstance(answer, list):
        values = iter(answer)
        return [next(values) if stays else None for stays in keep.tolist()]
    if isinstance(answer, pl.DataFrame | pl.Series):
        order = pl.Series(_order(keep), dtype=pl.Int64)
        return answer[order] if isinstance(answer, pl.Series) else answer.select(pl.all().gather(order))
    if pandas is not None and isinstance(answer, pandas.Series | pandas.DataFrame):
        return _pandas(answer, keep, labels)
    if pyarrow is not None and isinstance(answer, pyarrow.Array | pyarrow.ChunkedArray | pyarrow.Table):
        return answer.take(pyarrow.array(_order(keep), pyarrow.int64()))
    if isinstance(answer, np.ndarray):
        return _array(answer, keep)
    raise UsageError(f"a {type(answer).__name__} cannot have empty places", hint='set on_match="drop" or "refuse".')


def nothing_about(method: str, rows: int, classes: Any) -> npt.NDArray[Any] | None:
    """Give an answer with empty places only, if the classes show what it looks like; None if they do not."""
    if classes is not None and (isinstance(classes, list) or np.ndim(classes) != 1):
        return None
    if method == "predict":
        textual = classes is not None and np.asarray(classes).dtype.kind not in "biuf"
        return np.full(rows, None, object) if textual else np.full(rows, np.nan)
    wide = method in ("predict_proba", "predict_log_proba") or (
        method == "decision_function" and len(classes or ()) > 2
    )
    if classes is None or not (wide or method == "decision_function"):
        return None
    return np.full((rows, len(classes)) if wide else rows, np.nan)


def _order(keep: Mask) -> list[int | None]:
    at = iter(range(len(keep)))
    return [next(at) if stays else None for stays in keep.tolist()]


def _array(answer: npt.NDArray[Any], keep: Mask) -> npt.NDArray[Any]:
    kind = answer.dtype.kind
    if kind in "biu":
        answer = answer.astype(np.float64)
    elif kind in "USO":
        answer = answer.astype(object)
    elif kind not in "fcmM":
        raise UsageError(f"an array of {answer.dtype} cannot have empty places", hint='set on_match="drop".')
    shape = (len(keep), *answer.shape[1:])
    empty: Any = {"O": None, "m": "NaT", "M": "NaT"}.get(answer.dtype.kind, np.nan)
    made: npt.NDArray[Any] = np.full(shape, empty, answer.dtype)
    made[keep] = answer
    return made


def _pandas(answer: Any, keep: Mask, labels: Any) -> Any:
    frame = answer.to_frame("answer") if answer.ndim == 1 else answer.copy()
    for at, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, np.dtype) and dtype.kind in "biu":
            frame.isetitem(at, frame.iloc[:, at].astype("float64"))
    frame.index = sys.modules["pandas"].Index(np.flatnonzero(keep))
    frame = frame.reindex(np.arange(len(keep)))
    frame.index = sys.modules["pandas"].RangeIndex(len(keep)) if labels is None else labels
    return frame if answer.ndim == 2 else frame.iloc[:, 0].rename(answer.name)
