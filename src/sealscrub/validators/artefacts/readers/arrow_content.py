"""What an Arrow array or schema holds other than the values it shows: levels, texts below nulls, names, metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from sealscrub.tables.arrow.enum_fields import all_levels

from .encoded_texts import texts_in

__all__ = ["held_values", "schema_texts"]

_TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
_VIEWS = (pa.types.is_string_view, pa.types.is_binary_view)
_HELD_WITHIN = (
    *(pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list),
    *(pa.types.is_list_view, pa.types.is_large_list_view, pa.types.is_run_end_encoded),
)


def held_values(array: Any, *, shown: bool = True) -> Iterator[list[Any]]:
    """Give the texts and bytes of an array that its rows don't show, and the levels of all dictionaries in it.

    Parameters
    ----------
    array : pyarrow.Array
    shown : bool
        Whether its rows show all of its values but those below nulls.

    Raises
    ------
    pyarrow.ArrowException, ValueError
        When its buffers contradict each other.

    Examples
    --------
    >>> held = pa.array(["x", "y"]).dictionary_encode()
    >>> list(held_values(pa.StructArray.from_arrays([held.slice(0, 1)], ["f"])))
    [['x', 'y']]
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        yield from held_values(array.storage, shown=shown)
    elif pa.types.is_dictionary(kind):
        yield [level for level in array.dictionary.to_pylist() if level is not None]
        yield from held_values(array.dictionary)
    elif pa.types.is_struct(kind) or pa.types.is_union(kind):
        for at in range(kind.num_fields):
            yield from held_values(array.field(at), shown=False)
    elif pa.types.is_map(kind):
        yield from held_values(array.keys, shown=False)
        yield from held_values(array.items, shown=False)
    elif any(asked(kind) for asked in _HELD_WITHIN):
        yield from held_values(array.values, shown=False)
    elif any(asked(kind) for asked in _VIEWS):
        yield [text for buffer in array.buffers()[1:] if buffer is not None for text in texts_in(buffer.to_pybytes())]
        if not shown:
            yield array.drop_null().to_pylist()
    elif any(asked(kind) for asked in _TEXTS) or pa.types.is_fixed_size_binary(kind):
        yield from _unmasked(array, shown=shown)


def _unmasked(array: Any, *, shown: bool) -> Iterator[list[Any]]:
    """The texts of an array, those below nulls included; only these if the rows show the others."""
    bare = pa.Array.from_buffers(array.type, len(array), [None, *array.buffers()[1:]], offset=array.offset)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        wide = pa.types.is_large_string(array.type)
        bare = bare.view(pa.large_binary() if wide else pa.binary())  # below a null anything may be
    bare.validate(full=True)
    if shown:
        bare = bare.filter(array.is_null()) if array.null_count else bare.slice(0, 0)
    if len(bare):
        yield [_text(value) for value in bare.unique().to_pylist()]


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def schema_texts(schema: Any) -> list[str]:
    """Names, metadata, and parameters of types, of all fields of a schema and of those within them.

    Examples
    --------
    >>> schema_texts(pa.schema([pa.field("a", pa.struct([pa.field("b", pa.int8(), metadata={"k": "v"})]))]))
    ['a', 'b', 'k', 'v']
    """
    return [*_metadata(schema.metadata), *(text for field in schema for text in _field_texts(field))]


def _field_texts(field: Any) -> list[str]:
    kind = field.type
    found = [str(field.name), *_metadata(field.metadata), *all_levels(field)]
    while isinstance(kind, pa.BaseExtensionType):
        found += [str(kind.extension_name), str(kind)]
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    for at in range(kind.num_fields):
        found += _field_texts(kind.field(at))
    return found


def _metadata(metadata: Any) -> list[str]:
    return [part.decode("utf-8", "replace") for pair in (metadata or {}).items() for part in pair]
