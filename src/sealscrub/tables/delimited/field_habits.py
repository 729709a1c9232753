"""Whether a delimited file quotes a column's fields: in some files all, in some the texts, in most where it must."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sealscrub.boundary.array_types import Mask

from ..changes import TableChange
from ..text.dialect import CR, LF, QUOTE
from ..text.records import Records

__all__ = ["FieldHabits"]


_SAMPLE = 64


class FieldHabits:
    """What fields that nothing touches show of when their column is quoted.

    Parameters
    ----------
    columns : dict of str to int
        Each column's name and the number of its field.
    """

    def __init__(self, columns: dict[str, int]) -> None:
        self._columns = columns
        self._values: dict[str, bool] = {}
        self._nulls: dict[str, bool] = {}

    def quoted(self, column: str, *, null: bool) -> bool | None:
        """Say whether a value that need not be quoted, or a null, is quoted; None if no field shows it."""
        return (self._nulls if null else self._values).get(column)

    def known(self, values: Iterable[str], nulls: Iterable[str]) -> bool:
        """Whether it is known of the values of some columns, and of the nulls of others, whatever the rest is."""
        return self._values.keys() >= set(values) and not any(self._nulls.get(name, True) for name in nulls)

    def look(self, records: Records, change: TableChange) -> None:
        """Look at the fields of a block's records that stay and get no new value."""
        data = np.frombuffer(records.data, dtype=np.uint8)
        for name, number in self._columns.items():
            if name in self._values and self._nulls.get(name) is False:
                continue
            among = change.others(name)
            begin, end = (edge[among] for edge in records.field(number))
            widths = end - begin
            quoted = (widths > 0) & (data[np.minimum(begin, data.size - 1)] == QUOTE)
            null = (widths == 0) | (quoted & (widths == 2))
            if null.any():  # where a null is bare, what is quoted is an empty text
                self._nulls[name] = self._nulls.get(name, True) and bool(quoted[null].all())
            if name not in self._values:
                self._look_at_values(name, records, begin[~null], end[~null], quoted[~null])

    def _look_at_values(
        self, name: str, records: Records, begin: npt.NDArray[np.int64], end: npt.NDArray[np.int64], quoted: Mask
    ) -> None:
        if not quoted.all():
            self._values[name] = False
            return
        needs = {records.dialect.delimiter, LF, CR, QUOTE}
        for start, stop in zip(begin[:_SAMPLE].tolist(), end[:_SAMPLE].tolist(), strict=True):
            if needs.isdisjoint(records.data[start + 1 : stop - 1]):
                self._values[name] = True
                return
