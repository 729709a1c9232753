"""New values in lines of JSON: each as the kind of token that its field has in the lines that nothing touches."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Self

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import UsageError

from ..changes import Patch, TableChange
from ..edit_patches import distinct_values
from ..text.survivors import rewritten, without
from ..values import unfit_patch
from .json_columns import JsonColumns, JsonLines
from .json_edit import LineEdit, NewValue, Spacing, added_field, without_member, written_member
from .json_exact import JsonFault, parsed_value

__all__ = ["Habits", "LinePatches"]


_SAMPLE = 10
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SIGN = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)
_STRING, _DIGITS, _TRUTH, _ARRAY, _OBJECT = "string", "number", "truth", "array", "object"
_NULL, _LACKS = "null", "lacks"
_OBJECT_STATES = {None: "lacks its object", True: "has null for its object", False: "has its object"}
_KINDS = {'"': _STRING, "t": _TRUTH, "f": _TRUTH, "[": _ARRAY, "{": _OBJECT}


class Habits:
    """How the lines that nothing touches write the fields that change.

    Parameters
    ----------
    paths : sequence of str
        The fields.
    edits : mapping of str to collection of str
        Values that an edit sets, by field: each is written as the lines write it that have it, if in one way.

    Attributes
    ----------
    present : set of str
        The fields that a line has.
    """

    def __init__(self, paths: Sequence[str], edits: Mapping[str, Collection[str]] = MappingProxyType({})) -> None:
        self._paths = tuple(paths)
        self._ways = {path: {text: Counter[tuple[str, str]]() for text in texts} for path, texts in edits.items()}
        self._added: dict[str, set[tuple[str, Spacing | None]]] = {path: set() for path in edits}
        self.present: set[str] = set()
        self._kinds: dict[str, Counter[str]] = {path: Counter() for path in paths}
        self._gaps: dict[str, Counter[str]] = {path: Counter() for path in paths}
        self._spacings: Counter[Spacing] = Counter()
        self._raw = False

    def is_of(self, patches: Mapping[str, Patch]) -> bool:
        """Say whether they are those of the fields and values of a change."""
        edited = {name: patch for name, patch in patches.items() if patch.edited}
        if set(self._paths) != set(patches) or set(self._ways) != set(edited):
            return False
        return all({*distinct_values(patch)} - {None} <= set(self._ways[name]) for name, patch in edited.items())

    def look(self, lines: JsonLines, change: TableChange) -> None:
        """Notice how the lines of a block write them; a line where a field gets another value says nothing of it.

        Raises
        ------
        BlockFault
            If a line is not a JSON object, or a field appears twice in it.
        """
        if not len(lines):
            return
        columns = JsonColumns.read(lines, self._paths, keys=(), whole=True)
        self.present |= columns.present
        if not self._raw and not lines.data.isascii():
            self._raw = not all(lines.line(row).isascii() for row in np.flatnonzero(change.keep).tolist())
        for path in self._paths:
            among = change.others(path)
            self._kinds[path] += _kinds(lines, columns, path, among)
            self._gaps[path] += _gaps(lines, columns, path, among)
        unedited = change.keep.copy()
        for path, ways in self._ways.items():
            unedited[change.patches[path].rows] = False
            for text, found in ways.items():
                found += _ways_to_write(lines, columns, path, text, change.others(path))
            if ways:
                self._look_at_lacking(lines, columns, path, change)
        for row in np.flatnonzero(unedited)[:_SAMPLE].tolist():
            with _at_line_of(lines, row):
                spacing = Spacing.of(lines.line(row))
            if spacing is not None:
                self._spacings[spacing] += 1

    def _look_at_lacking(self, lines: JsonLines, columns: JsonColumns, path: str, change: TableChange) -> None:
        """Notice how a field would be added to the lines that are edited and lack it."""
        rows = change.patches[path].rows
        lacks = columns.frame[path].is_null().to_numpy() & ~columns.nulls[path] & change.keep
        for row in rows[lacks[rows]].tolist():
            with _at_line_of(lines, row):
                added = added_field(lines.line(row), path)
            if added is not None:
                self._added[path].add(added)

    def lines_with(self, path: str, text: str | None) -> int:
        """Count the other lines that have a new value just as it is written."""
        if text is None:
            return self._gaps[path][_LACKS if self.leaves_out(path) else _NULL]
        if len(self._ways[path][text]) != 1:
            return 0
        ((way, lines),) = self._ways[path][text].items()
        name, one = json.loads(way[0]), len(self._spacings) == 1
        same = all(place == name and (one or spacing is not None) for place, spacing in self._added[path])
        return lines if same else 0

    def new_value(self, path: str, text: str, own: str | None) -> NewValue:
        """Give what is written for a value; see :meth:`literal`."""
        ways = self._ways.get(path, {}).get(text)
        if ways is None:
            return NewValue(self.literal(path, text, own))
        if len(ways) == 1:
            name, literal = next(iter(ways))
            return NewValue(literal, name)
        return NewValue(self._alike(path, text, own) or self._quoted(text))

    @property
    def spacing(self) -> Spacing | None:
        """What other lines have between their tokens."""
        return self._spacings.most_common(1)[0][0] if self._spacings else None

    def leaves_out(self, path: str) -> bool:
        """Whether lines without a value of a field mostly lack the field, and do not hold null there."""
        return self._gaps[path][_LACKS] > self._gaps[path][_NULL]

    def outer_of(self, path: str) -> str:
        """What most lines that lack a field of an object have instead of the object: ``null``, nothing, or ``{}``."""
        lacks, null, there = (self._gaps[path][_OBJECT_STATES[known]] for known in (None, True, False))
        return "{}" if there >= max(lacks, null) else "null" if null > lacks else ""

    def kind_of(self, path: str) -> str | None:
        """Say which kind of token a field has most often."""
        kinds = self._kinds[path].most_common(1)
        return kinds[0][0] if kinds else None

    def literal(self, path: str, text: str, own: str | None = None) -> str:
        """Write a value as other lines write theirs.

        Parameters
        ----------
        path : str
            The field.
        text : str
            Its new value.
        own : str, optional
            The token that the line has there, which decides if other lines have several kinds, or none.

        Raises
        ------
        UsageError
            When the value is not one of the kinds that the field has.
        """
        made = self._alike(path, text, own)
        if made is None:
            raise unfit_patch(path)
        return made

    def _alike(self, path: str, text: str, own: str | None) -> str | None:
        """Write a value as a kind that the field has; None if it is of none of them."""
        usual = [kind for kind, _ in self._kinds[path].most_common()]
        mine = None if own is None or own == "null" else _KINDS.get(own[0], _DIGITS)
        wanted = [mine, *usual] if mine is not None and (mine in usual or not usual) else usual
        for kind in wanted or [_STRING]:
            if kind is not None and _text_fits(kind, text):
                return self._quoted(text, own if mine == _STRING else None) if kind == _STRING else text
        return None

    def _quoted(self, text: str, own: str | None = None) -> str:
        """Write a text, each sign as in the token that the line has, if it is in there: writers escape other ones."""
        plain = json.JSONEncoder(ensure_ascii=not self._raw).encode
        if own is None or own == plain(parsed_value(own, 0)[0]):
            return plain(text)
        written = {json.loads(f'"{each}"', strict=False): each for each in _SIGN.findall(own[1:-1])}
        return f'"{"".join(written.get(sign) or plain(sign)[1:-1] for sign in text)}"'


def _ways_to_write(
    lines: JsonLines, columns: JsonColumns, path: str, text: str, among: Mask
) -> Counter[tuple[str, str]]:
    """Count the names and literals by which lines say that a field has this text."""
    column, quoted = columns.frame[path], columns.quoted[path]
    same = (column.eq_missing(text) if text else column.is_null()).to_numpy() & among
    fast = same & ~columns.slow
    ways = Counter({(f'"{path}"', f'"{text}"'): int((fast & quoted).sum())})
    if text:
        ways[f'"{path}"', text] += int((fast & ~quoted).sum())
    for row in np.flatnonzero(same & columns.slow).tolist():
        with _at_line_of(lines, row):
            way = written_member(lines.line(row), path)
        if way is not None and (text or way[1] == '""'):
            ways[way] += 1
    return +ways


@contextmanager
def _at_line_of(lines: JsonLines, row: int) -> Iterator[None]:
    """Tell in which line of a block a fault is."""
    try:
        yield
    except JsonFault as fault:
        raise fault.at(int(lines.numbers[row])) from None


def _kinds(lines: JsonLines, columns: JsonColumns, path: str, among: Mask) -> Counter[str]:
    quoted, there = columns.quoted[path], columns.frame[path].is_not_null().to_numpy()
    fast = among & ~columns.slow
    kinds = Counter({_STRING: int((fast & quoted).sum()), _DIGITS: int((fast & there & ~quoted).sum())})
    for row in np.flatnonzero(among & columns.slow).tolist():
        member = written_member(lines.line(row), path)
        if member is not None and member[1] != "null":
            kinds[_KINDS.get(member[1][0], _DIGITS)] += 1
    return +kinds


def _gaps(lines: JsonLines, columns: JsonColumns, path: str, among: Mask) -> Counter[str]:
    """Count the lines that hold null in a field, those that lack it, and what these have for its object."""
    nulls, there = columns.nulls[path], columns.frame[path].is_not_null().to_numpy()
    lacks = among & ~nulls & ~there
    fast = int((lacks & ~columns.slow & ~columns.quoted[path]).sum())
    gaps = Counter({_NULL: int((among & nulls).sum()), _LACKS: fast})
    outer = path.rpartition(".")[0]
    for row in np.flatnonzero(lacks & columns.slow).tolist():
        line = lines.line(row)
        if written_member(line, path) is None:
            gaps[_LACKS] += 1
            member = written_member(line, outer) if outer else None
            gaps[_OBJECT_STATES[None if member is None else member[1] == "null"]] += 1
    return +gaps


def _text_fits(kind: str, text: str) -> bool:
    if kind == _STRING:
        return True
    if kind == _DIGITS:
        return _NUMBER.fullmatch(text) is not None
    if kind == _TRUTH:
        return text in ("true", "false")
    if not text.startswith("[" if kind == _ARRAY else "{"):
        return False
    try:
        return parsed_value(text, 0)[1] == len(text)
    except (ValueError, RecursionError):
        return False


class LinePatches:
    """Puts new values into the members of lines.

    Parameters
    ----------
    paths : sequence of str
        The fields that change.
    habits : Habits
        How other lines write them.
    """

    def __init__(self, paths: Sequence[str], habits: Habits) -> None:
        self._paths = tuple(paths)
        self._habits = habits

    @classmethod
    def of(cls, change: TableChange, habits: Habits) -> Self:
        """Take a change, whose new values are text.

        Raises
        ------
        UsageError
            When they are not.
        """
        for name, patch in change.patches.items():
            if patch.values.dtype not in (pl.String, pl.Null):
                raise UsageError(f"new values of the column {name!r} are not text, and the file holds text")
        return cls(tuple(change.patches), habits)

    def __call__(self, rows: JsonLines, change: TableChange) -> bytes:
        """Give a block's bytes with its part of a change."""
        leave = ~change.keep
        new: dict[int, dict[str, str | None]] = {}
        for name, patch in change.patches.items():
            for row, value in zip(patch.rows.tolist(), patch.values.to_list(), strict=True):
                if change.keep[row]:
                    new.setdefault(row, {})[name] = value
        if not new:
            return without(rows.data, rows.starts[leave], rows.stops[leave])
        touched = np.flatnonzero(leave)
        edited = np.array(sorted(new), dtype=np.int64)
        texts = [b""] * touched.size + [self._line(rows, row, new[row]) for row in edited.tolist()]
        spans = np.concatenate((touched, edited))
        return rewritten(rows.data, rows.starts[spans], rows.stops[spans], texts)

    def _line(self, rows: JsonLines, row: int, new: dict[str, str | None]) -> bytes:
        line = rows.line(row)
        gone = [path for path, text in new.items() if text is None and self._habits.leaves_out(path)]
        new = {path: text for path, text in new.items() if path not in gone}

        def value(path: str, own: str | None) -> NewValue | None:
            text = new[path]
            return None if text is None else self._habits.new_value(path, text, own)

        with _at_line_of(rows, row):
            return LineEdit(new, value, self._habits.spacing).applied(self._without_fields(line, gone))

    def _without_fields(self, line: bytes, paths: Sequence[str]) -> bytes:
        """Give a line without fields; an object that this empties becomes what other lines have there."""
        for path in paths:
            line = without_member(line, path)
        for path in paths:
            outer = path.rpartition(".")[0]
            member = written_member(line, outer) if outer else None
            if member is None or member[1][:1] != "{" or member[1].strip("{} \t\r\n"):
                continue
            wanted = self._habits.outer_of(path)
            if not wanted:
                line = without_member(line, outer)
            elif wanted == "null":
                line = LineEdit([outer], lambda path, own: None).applied(line)
        return line
