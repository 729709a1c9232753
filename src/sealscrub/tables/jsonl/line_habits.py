"""How the lines that no record touches write what an edit writes: the edited lines are to look like them.

A text can be written in many ways: as ``"7"`` or ``7``, with a letter as it is or escaped. An edited line gets the
one literal that other lines have; if they have none or several, it would stand out.
"""

from __future__ import annotations

import json
from typing import Self

import numpy as np

from sealscrub.boundary.array_types import Mask

from ..changes import RowEdit
from ..text.survivors import rewritten
from .json_columns import JsonColumns, JsonLines
from .json_edit import LineEdit, NewValue, Spacing, written_member
from .json_exact import JsonFault

__all__ = ["LineEditor"]


_SAMPLE = 10


class LineEditor:
    """The fields that an edit changes, and how other lines write the new values. Threads share it.

    Parameters
    ----------
    texts : dict of str to (str or None)
        Each field's new value, None for null.
    truths : frozenset of str
        Fields whose value is true or false itself, and no text.

    Attributes
    ----------
    present : set of str
        The fields that a line has.
    """

    def __init__(self, texts: dict[str, str | None], truths: frozenset[str]) -> None:
        self._texts = texts
        self._truths = truths
        self._nulls: set[str] = set()
        self._ways: dict[str, set[tuple[str, str]]] = {path: set() for path in texts}
        self._spacings: set[Spacing] = set()
        self._marks: set[str] = set()
        self.present: set[str] = set()

    @classmethod
    def of(cls, edit: RowEdit) -> Self:
        """Take an edit; true and false are given as such, any other value as text."""
        truths = {name: "true" if value else "false" for name, value in edit.set.items() if isinstance(value, bool)}
        texts = {name: truths.get(name, str(value)) for name, value in edit.set.items()}
        return cls(dict.fromkeys(edit.null) | texts, frozenset(truths))

    @property
    def paths(self) -> tuple[str, ...]:
        """The edited fields."""
        return tuple(self._texts)

    def look_for(self, lines: JsonLines, among: Mask) -> None:
        """Notice how these lines write the new values, and which of the fields any line has.

        Raises
        ------
        BlockFault
            If a field appears twice in a line, or a line is nested too deeply.
        """
        columns = JsonColumns.read(lines, self.paths, keys=())
        self.present |= columns.present
        for path, text in self._texts.items():
            if text is None:
                if (columns.nulls[path] & among).any():
                    self._nulls.add(path)
            else:
                self._ways[path] |= _ways_to_write(lines, columns, path, text, among)
        if any(text is not None for text in self._texts.values()):
            self._spacings |= _spacings(lines, among)

    def applied(self, lines: JsonLines, edited: Mask, leave: Mask) -> bytes:
        """Give a block with some lines edited and others left out."""
        edit = self._edit()
        rows = np.flatnonzero(edited | leave)
        texts = [b""] * rows.size
        for at in np.flatnonzero(edited[rows]).tolist():
            try:
                texts[at], marks = edit.applied(lines.line(rows[at]))
            except JsonFault as fault:
                raise fault.at(int(lines.numbers[rows[at]])) from None
            self._marks |= marks
        return rewritten(lines.data, lines.starts[rows], lines.stops[rows], texts)

    def _edit(self) -> LineEdit:
        """Say what to write, as other lines do; as plain JSON if these have no one way."""
        values = {path: None if text is None else self._value(path, text) for path, text in self._texts.items()}
        return LineEdit(
            values, lambda path, own: values[path], next(iter(self._spacings)) if len(self._spacings) == 1 else None
        )

    def _value(self, path: str, text: str) -> NewValue:
        if len(self._ways[path]) == 1:
            name, literal = next(iter(self._ways[path]))
            return NewValue(literal, name)
        return NewValue(text if path in self._truths else json.dumps(text))

    def unseen(self) -> tuple[str, ...]:
        """Name the fields with a mark, and those whose new value other lines do not have in one way."""
        seen = {path for path, ways in self._ways.items() if len(ways) == 1} | self._nulls
        return tuple(path for path in self._texts if path in self._marks or path not in seen)


def _ways_to_write(lines: JsonLines, columns: JsonColumns, path: str, text: str, among: Mask) -> set[tuple[str, str]]:
    """Collect the names and literals by which lines say that a field has this text."""
    column, quoted = columns.frame[path], columns.quoted[path]
    same = (column.eq_missing(text) if text else column.is_null()).to_numpy() & among
    fast = same & ~columns.slow
    ways = set()
    if (fast & quoted).any():
        ways.add((f'"{path}"', f'"{text}"'))
    if text and (fast & ~quoted).any():
        ways.add((f'"{path}"', text))
    for row in np.flatnonzero(same & columns.slow).tolist():
        try:
            way = written_member(lines.line(row), path)
        except JsonFault as fault:
            raise fault.at(int(lines.numbers[row])) from None
        if way is not None and way not in ways and (text or way[1] == '""'):
            ways.add(way)
    return ways


def _spacings(lines: JsonLines, among: Mask) -> set[Spacing]:
    """Return the spacing of the first few lines that have one."""
    spacings: list[Spacing] = []
    for row in np.flatnonzero(among).tolist():
        try:
            spacing = Spacing.of(lines.line(row))
        except JsonFault as fault:
            raise fault.at(int(lines.numbers[row])) from None
        if spacing is not None:
            spacings.append(spacing)
        if len(spacings) == _SAMPLE:
            break
    return set(spacings)
