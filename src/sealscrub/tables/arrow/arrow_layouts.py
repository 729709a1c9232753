"""The same values under a type of the same layout: with other metadata of its fields, or without an extension.

pyarrow takes two types that differ in the metadata of nested fields for equal, and a cast gives the array back as
it was, metadata included, which then travels in pickles. Through Arrow's C interface an array gets the type that is
named next to it (`the PyCapsule interface
<https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>`_); no value is copied.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

__all__ = ["retyped"]


def retyped(column: Any, kind: Any) -> Any:
    """Give a column another type of the same layout; the codes of a dictionary may be wider or narrower.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
    kind : pyarrow.DataType

    Returns
    -------
    pyarrow.ChunkedArray

    Examples
    --------
    >>> noted = pa.struct([pa.field("x", pa.int8(), metadata={"unit": "years"})])
    >>> column = pa.chunked_array([pa.array([{"x": 1}], noted)])
    >>> retyped(column, pa.struct([pa.field("x", pa.int8())])).type.field(0).metadata is None
    True
    """
    if column.type.equals(kind, check_metadata=True) and not pa.types.is_nested(kind):
        return column  # of nested types, those with empty metadata and with none are taken for equal too
    same = column if _code_types(column.type) == _code_types(kind) else column.cast(kind)
    return pa.chunked_array([pa.array(_RetypedArray(chunk, kind)) for chunk in same.chunks], type=kind)


def _code_types(kind: Any) -> list[Any]:
    """Types of the codes of a dictionary, or of those in its lists and structs."""
    if isinstance(kind, pa.BaseExtensionType):
        return _code_types(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return [kind.index_type]
    return [code for at in range(kind.num_fields) for code in _code_types(kind.field(at).type)]


class _RetypedArray:
    """An array's values under another type, as Arrow's C interface hands them on."""

    def __init__(self, array: Any, kind: Any) -> None:
        self._array, self._kind = array, kind

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._kind.__arrow_c_schema__(), self._array.__arrow_c_array__()[1]
