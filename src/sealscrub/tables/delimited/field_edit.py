"""Giving fields of some rows another text, and leaving every other byte of the row as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError

from ..text.dialect import CR, LF, QUOTE
from ..text.records import Records
from ..text.survivors import rewritten, without

if TYPE_CHECKING:
    from .delimited_source import DelimitedSource

__all__ = ["fields_with", "with_fields", "written_field"]


def fields_with(text: bytes, records: Records, number: int, among: npt.NDArray[np.bool_]) -> int:
    """Count those of some rows that have a field, by its number, of just these bytes."""
    begin, end = records.field(number)
    at = begin[among & (end - begin == len(text))]
    if not text:
        return int(at.size)
    data = np.frombuffer(records.data, dtype=np.uint8)
    spots = at[:, None] + np.arange(len(text))
    return int((data[spots] == np.frombuffer(text, dtype=np.uint8)).all(axis=1).sum())


def with_fields(
    records: Records, leave: npt.NDArray[np.bool_], fields: Iterable[tuple[int, npt.NDArray[Any], list[bytes]]]
) -> bytes:
    """Give a block with some rows left out, and other texts in fields.

    Parameters
    ----------
    records : Records
        The block.
    leave : ndarray of bool
        Rows that leave.
    fields : iterable of (int, ndarray, list of bytes)
        The number of a field, in which rows it changes, and its text in each of them.
    """
    starts, stops = [records.starts[leave]], [records.stops[leave]]
    texts = [b""] * len(starts[0])
    for number, rows, written in fields:
        begin, end = records.field(number)
        starts.append(begin[rows])
        stops.append(end[rows])
        texts += written
    if len(starts) == 1:
        return without(records.data, starts[0], stops[0])
    return rewritten(records.data, np.concatenate(starts), np.concatenate(stops), texts)


def written_field(name: str, value: str, source: DelimitedSource, quoted: bool | None = None) -> bytes:
    """Write a field's text in a file's dialect and encoding.

    Parameters
    ----------
    name : str
        The column.
    value : str
        The text.
    source : DelimitedSource
        The file.
    quoted : bool, optional
        Whether it is quoted if it need not be; by default if the whole header is.

    Raises
    ------
    ConfigError
        If it cannot be written.
    """
    try:
        text = value.encode(source.encoding.inner)
    except UnicodeError:
        text = None
    if text is None:
        raise ConfigError(f"the text for {name!r} cannot be written in {source.encoding.codec}")
    dialect = source.dialect
    special = {dialect.delimiter, LF, CR} & set(text)
    if not dialect.quoted:
        if special or (not text and len(source.columns) == 1):
            raise ConfigError(f"the text for {name!r} cannot be written without quotes", where=source.name)
        return text
    alone = not text and len(source.columns) == 1  # an empty line would be no row
    if (source.header_quoted if quoted is None else quoted) or special or QUOTE in text or alone:
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text
