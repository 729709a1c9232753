"""JSON Lines: members change where a value does, and every other byte is as it was."""

from __future__ import annotations

import io
import json
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError

from ..changes import RowEdit, TableChange
from ..edit_patches import constants, distinct_values
from ..jsonl.json_columns import JsonColumns, JsonLines, member_names
from ..jsonl.json_exact import JsonFault, parsed_line
from ..jsonl.json_patches import Habits, LinePatches
from ..jsonl.jsonl_source import JsonlSource, scrub_jsonl
from ..row_verdicts import Matcher, Remaining, RowVerdicts
from ..table import COLUMN_NAMES, FoundRows, TableProgress, Wanted
from ..text.records import BlockFault
from ..text.row_fates import at_line
from ..text.stream import encoded
from ..text.survivors import Ending
from ..text.text_file import Rewriter, TextFile, text_output

__all__ = ["Format"]

Rows: TypeAlias = npt.NDArray[np.int64]

_ROWS = 1 << 16
_FIRST = 200


class Format(TextFile[JsonlSource, JsonLines]):
    """A file of JSON Lines, plain or compressed."""

    format = "jsonl"
    read_as = ("encoding",)
    suffixes = (".jsonl", ".ndjson")
    empty = True
    one_pass = staticmethod(scrub_jsonl)
    _seen: tuple[Mask, Mapping[str, Rows], Habits] | None = None  # of a change, and how other lines write

    _names: list[str] | None = None

    def noticed_blocks(self) -> Iterator[tuple[JsonlSource, JsonLines]]:
        """Give the lines of the file, block by block; the first reading to the end notices which fields they have."""
        if self._names is not None:
            yield from self.blocks()
            return
        names: dict[str, None] = {}
        lines = 0
        for source, rows in self.blocks():
            if len(rows):
                try:
                    names.update(dict.fromkeys(member_names(rows)))
                except BlockFault as fault:
                    raise at_line(fault, lines, self.name) from None
            lines += rows.lines
            yield source, rows
        self._names = list(names)

    @property
    def header(self) -> None:
        """Only reading every line shows the fields."""

    @property
    def marks(self) -> list[str]:
        """Names of the fields; where a use is named, lines that hold a mark are refused as they are read."""
        return self.columns if self.opening.use is None else []

    @property
    def columns(self) -> list[str]:
        """Names of the fields of its objects, in the order in which they first come; the file is read for them."""
        if self._names is None:
            deque(self.noticed_blocks(), 0)
        return list(self._names or ())

    @property
    def known_columns(self) -> list[str] | None:
        """Names of the fields, once the file was read."""
        return self._names

    def common_columns(self) -> list[str]:
        """Names of the fields that most of the first lines have: objects keyed by ids have fields that name records."""
        seen: Counter[str] = Counter()
        rows = before = 0
        with self.open() as source:
            try:
                for block in source.blocks():
                    lines = source.split(block)
                    for row in range(min(len(lines), _FIRST - rows)):
                        try:
                            seen.update(parsed_line(lines.line(row)).keys())
                        except JsonFault as fault:
                            raise fault.at(int(lines.numbers[row])) from None
                        rows += 1
                    if rows >= _FIRST:
                        break
                    before += lines.lines
            except BlockFault as fault:
                raise at_line(fault, before, self.name) from None
        return [name for name, count in seen.items() if count * 2 > rows]

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Give the names of the file and its folders; those of fields are given with their values."""
        return (found for found in super().names() if found[0] != COLUMN_NAMES)

    def undeclared(
        self, remaining: Remaining, declared: Collection[str], wanted: Wanted
    ) -> Iterator[tuple[str, pl.Series | None]]:
        """Give the fields that are not declared, and the names of all, of the lines that stay."""
        lines = 0
        for source, rows in self.blocks():
            try:
                stays = remaining.judge(source.values(rows, remaining.columns))
                left = rows.only(stays.keep)
                names = member_names(left) if len(left) else []
                frame = source.values(left, tuple(name for name in names if name not in declared))
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
            lines += rows.lines
            yield COLUMN_NAMES, pl.Series(names, dtype=pl.String)
            for name in frame.columns:
                as_it_was = pl.Series(stays.as_they_were(name)[stays.keep])
                inside = [path for path in stays.changed if path.startswith(f"{name}.")]
                values = frame.get_column(name)
                for path in inside:
                    changed = pl.Series(stays.changed[path][stays.keep])
                    values = _without_field(values, path.removeprefix(f"{name}.").split("."), changed)
                yield name, values.filter(as_it_was)

    def values(
        self, source: JsonlSource, rows: JsonLines, columns: tuple[str, ...], keys: Collection[str]
    ) -> pl.DataFrame:
        """Read fields as text, those that are keys as a scrub reads them."""
        return source.values(rows, columns, keys)

    def open(self) -> JsonlSource:
        """Open the file."""
        return JsonlSource(self.path, encoding=self.opening.read_as.encoding, use=self.opening.use)

    def rewriter(self, source: JsonlSource, change: TableChange, start: int) -> Rewriter[JsonLines]:
        """Make what writes the lines with their part of a change; the file is read before for how it writes."""
        habits = self._known_habits(change)
        if habits is None:
            new = any(len(patch.rows) for patch in change.patches.values())
            habits = self._habits(list(change.patches), change, start) if new else Habits(list(change.patches))
        return LinePatches.of(change, habits)

    def find_to_edit(self, matcher: Matcher, edit: RowEdit, progress: TableProgress) -> FoundRows:
        """Judge every line, and notice in the same reading how those that nothing touches write the edited fields."""
        if any(isinstance(value, bool) for value in edit.set.values()):
            return super().find_to_edit(matcher, edit, progress)  # which word it is shows when all lines are read
        texts = {name: [str(value)] for name, value in edit.set.items()}
        habits = Habits(edit.columns, {name: texts.get(name, []) for name in edit.columns})

        def notice(lines: JsonLines, verdicts: RowVerdicts) -> None:
            matched = verdicts.matched & verdicts.keep
            habits.look(lines, TableChange(verdicts.keep, constants(edit, {}, matched, verdicts.keep, text=True)))

        found = self._one_pass(matcher, None, None, progress, notice)
        self._seen = found.keep, dict.fromkeys(edit.columns, np.flatnonzero(found.matched & found.keep)), habits
        return found

    def _known_habits(self, change: TableChange) -> Habits | None:
        """Give what was noticed of other lines, if it was for the same rows and values."""
        if self._seen is None:
            return None
        keep, rows, habits = self._seen
        same = habits.is_of(change.patches) and np.array_equal(keep, change.keep)
        same = same and all(np.array_equal(rows[name], patch.rows) for name, patch in change.patches.items())
        return habits if same else None

    def others_with(
        self, change: TableChange, columns: Mapping[str, pl.Series], start: int = 0
    ) -> dict[str, list[int]]:
        """Count the other lines of the file that have each distinct new value of an edit, byte for byte."""
        habits = self._known_habits(change) or self._habits(list(change.patches), change, start)
        if start == 0 and self.counted == len(change.keep):  # the file is all of the table
            absent = [name for name in change.patches if name not in habits.present]
            if absent and self.counted:
                raise ColumnError.absent(absent[0], self.common_columns(), where=self.name)
            self._seen = change.keep, {name: patch.rows for name, patch in change.patches.items()}, habits
        edited = {name: patch for name, patch in change.patches.items() if patch.edited}
        return {
            name: [habits.lines_with(name, text) for text in distinct_values(patch)] for name, patch in edited.items()
        }

    def _habits(self, paths: Sequence[str], change: TableChange | None, start: int) -> Habits:
        patches = {} if change is None else change.patches
        edited = {name: patch for name, patch in patches.items() if patch.edited}
        texts = {name: [text for text in distinct_values(patch) if text is not None] for name, patch in edited.items()}
        habits, lines, at = Habits(paths, texts), 0, start
        for _, rows in self.blocks():
            whole = TableChange(np.ones(len(rows), dtype=np.bool_))
            try:
                habits.look(rows, whole if change is None else change.within(at, at + len(rows)))
            except BlockFault as fault:
                raise at_line(fault, lines, self.name) from None
            lines += rows.lines
            at += len(rows)
        return habits

    def frame(
        self,
        *,
        typed: bool = False,
        schema: Mapping[str, pl.DataType] | None = None,
        texts: Collection[str] = (),
    ) -> pl.DataFrame:
        """Give every row in one frame."""
        if not typed:
            return super().frame()
        known = {name: pl.String() for name in texts if name in self.columns} if texts else None
        return pl.read_ndjson(self.whole(), schema=schema, schema_overrides=known, infer_schema_length=None)

    def pandas_frame(self, *, typed: bool = False, texts: Collection[str] = ()) -> Any:
        """Give every row in one frame of pandas."""
        if not typed:
            return super().pandas_frame()
        import pandas as pd

        return pd.read_json(io.BytesIO(self.whole()), lines=True, dtype=dict.fromkeys(texts, "str"))

    def replaced(self, rows: pl.DataFrame, target: Path) -> None:
        """Write other rows as the file's lines are written; a null is left out if lines leave fields out."""
        names = self.columns
        ColumnError.require(names, rows.columns, where=self.name)
        habits = self._habits(names, None, 0)
        nulls, ended = self._nulls(names), True
        for _, lines in self.blocks():
            ended = lines.data.endswith(b"\n")
        with ExitStack() as stack:
            source = stack.enter_context(self.open())
            sink = Ending(encoded(text_output(stack, target, self.outputs[0]), source.encoding))
            for piece in rows.select(names).iter_slices(_ROWS):
                sink.write("".join(_written(piece, habits, nulls)).encode())
            sink.finish(ended=ended)

    def _nulls(self, names: list[str]) -> frozenset[str]:
        """Name the fields that are null in some line."""
        found: set[str] = set()
        for _, rows in self.blocks():
            if len(rows):
                columns = JsonColumns.read(rows, tuple(names), keys=())
                found |= {name for name in names if columns.nulls[name].any()}
        return frozenset(found)


def _without_field(values: pl.Series, path: list[str], rows: pl.Series) -> pl.Series:
    """Take the field of a path out of the objects of some rows."""
    made = values.to_list()
    for row in rows.arg_true().to_list():
        whole = holder = json.loads(made[row] or "null")
        for name in path[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and holder.pop(path[-1], None) is not None:
            made[row] = json.dumps(whole)
    return pl.Series(values.name, made, dtype=pl.String)


def _written(rows: pl.DataFrame, habits: Habits, nulls: frozenset[str]) -> Iterator[str]:
    opening, colon, comma, closing = habits.spacing or ("", ": ", ", ", "")
    for record in rows.iter_rows():
        members = []
        for name, value in zip(rows.columns, record, strict=True):
            if value is not None:
                members.append(f"{json.dumps(name)}{colon}{habits.literal(name, value)}")
            elif name in nulls:
                members.append(f"{json.dumps(name)}{colon}null")
        yield "{" + opening + comma.join(members) + closing + "}\n"
