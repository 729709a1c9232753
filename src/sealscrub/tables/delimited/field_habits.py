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
        self._empties: set[str] = set()

    def quoted(self, column: str, value: str | None) -> bool | None:
        """Say whether a value that need not be quoted, or a null, is quoted; None if no field shows it."""
        if value:
            return self._values.get(column)
        return True if value is not None and column in self._empties else self._nulls.get(column)

    def known(self, values: Iterable[str], nulls: Iterable[str], empties: Iterable[str]) -> bool:
        """Whether it is known of values, of nulls and of empty texts of some columns each, whatever the rest is."""
        bare = not any(self._nulls.get(name, True) for name in nulls)
        return bare and self._values.keys() >= set(values) and self._empties >= set(empties)

    def look(self, records: Records, change: TableChange) -> None:
        """Look at the fields of a block's records that stay and get no new value."""
        data = np.frombuffer(records.data, dtype=np.uint8)
        for name, number in self._columns.items():
            if name in self._values and name in self._empties and self._nulls.get(name) is False:
                continue
            among = change.others(name)
            begin, end = (edge[among] for edge in records.field(number))
            widths = end - begin
            quoted = (widths > 0) & (data[np.minimum(begin, data.size - 1)] == QUOTE)
            null = (widths == 0) | (quoted & (widths == 2))
            if null.any():  # where a null is bare, what is quoted is an empty text
                self._nulls[name] = self._nulls.get(name, True) and bool(quoted[null].all())
                self._empties |= {name} if quoted[null].any() else set()
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
