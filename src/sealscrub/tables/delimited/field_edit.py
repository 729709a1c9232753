"""Giving fields of matched rows another text, and leaving every other byte of the row as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError

from ..changes import RowEdit
from ..text.dialect import CR, LF, QUOTE
from ..text.records import Records
from ..text.survivors import rewritten, without

if TYPE_CHECKING:
    from .delimited_source import DelimitedSource

__all__ = ["FieldEdit", "with_fields", "written_field"]


class FieldEdit:
    """The fields of a file that an edit changes, and the bytes that it writes there.

    A file whose whole header is quoted quotes every field; so do the new texts. Elsewhere they are quoted
    where they must be, and a null is an empty field.

    Parameters
    ----------
    texts : dict of str to (int, bytes)
        Each column's name, the number of its field and its new text.
    """

    def __init__(self, texts: dict[str, tuple[int, bytes]]) -> None:
        self._texts = dict(sorted(texts.items(), key=lambda item: item[1][0]))
        self._seen: set[str] = set()

    @classmethod
    def of(cls, edit: RowEdit, source: DelimitedSource) -> Self:
        """Make an edit fit a file.

        Raises
        ------
        ColumnError
            If a column is absent.
        ConfigError
            If a text cannot be written in the file's dialect and encoding.
        """
        wanted = dict.fromkeys(edit.null, "") | {name: str(value) for name, value in edit.set.items()}
        numbers = source.numbers(tuple(wanted))
        return cls({name: (numbers[name], written_field(name, wanted[name], source)) for name in wanted})

    def look_for(self, records: Records, among: npt.NDArray[np.bool_]) -> None:
        """Notice in which columns one of these rows has the same bytes as are written."""
        data = np.frombuffer(records.data, dtype=np.uint8)
        for name, (number, text) in self._texts.items():
            if name in self._seen:
                continue
            begin, end = records.field(number)
            at = begin[among & (end - begin == len(text))]
            if not text:
                same = at.size > 0
            else:
                spots = at[:, None] + np.arange(len(text))
                same = bool((data[spots] == np.frombuffer(text, dtype=np.uint8)).all(axis=1).any())
            if same:
                self._seen.add(name)

    def unseen(self) -> tuple[str, ...]:
        """Name the columns in which no other row has the same bytes."""
        return tuple(name for name in self._texts if name not in self._seen)

    def applied(self, records: Records, edited: npt.NDArray[np.bool_], leave: npt.NDArray[np.bool_]) -> bytes:
        """Give a block with some rows edited and others left out."""
        count = int(edited.sum())
        return with_fields(records, leave, [(number, edited, [text] * count) for number, text in self._texts.values()])


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
