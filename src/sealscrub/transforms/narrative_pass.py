"""One pass over the narratives of a table: which mention what may not stay, and what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, UsageError
from sealscrub.index import Index, TextIndex
from sealscrub.matching import Policy
from sealscrub.matching.narrative_batches import Narratives
from sealscrub.matching.nested_values import inner_values
from sealscrub.matching.texts.name_fitness import fit_names
from sealscrub.tables.changes import Patch, TableChange
from sealscrub.tables.frame_table import FrameTable
from sealscrub.tables.row_verdicts import RowMask
from sealscrub.tables.table import Table, TableProgress
from sealscrub.tables.value_free_errors import unquoted

from .json_outlines import is_string, outline
from .narrative_columns import Handling, NarrativeColumns
from .scrub_report_values import NarrativeReport

__all__ = ["ReadNarratives", "narratives_of", "read_narratives"]

_ROWS = 1 << 16  # of a batch that are read before progress is reported
_JSON = r"""(?s)^[\s\x{feff}]*(?:"(?:.*")?|\{.*\}|\[.*\]|-?[0-9][0-9.eE+-]*|true|false|null)\s*$"""
_SIGNS = (  # tags, the marks of the turns of chats, entities, and the language of a fence
    r"(?i)^(?:<[!/|\x{ff5c}]?[a-z_][^<>]*>(?:(?:system|developer|user|assistant|model|tool|ipython)\b)?"
    r"|\[/?inst\]|&#?\w+;|(?:```|~~~)[ \t]*[\w+-]*(?:\r?\n|$)|[^\p{L}\p{N}])*$"
)
_WAYS = {
    Handling.SENTENCE: "drop the rows (drop)",
    Handling.NULL: "remove only the sentences (sentence), drop the rows (drop)",
}


class ReadNarratives:
    """What was read in the narratives of a table.

    Parameters
    ----------
    columns : NarrativeColumns
    read : mapping of str to ReadColumn
    rows : int
    table : Table
        Where it was read.
    names : bool
        Whether names were looked for.

    Attributes
    ----------
    dropped : ndarray of bool
        Rows that are removed for a narrative.
    """

    def __init__(
        self, columns: NarrativeColumns, read: Mapping[str, ReadColumn], rows: int, table: Table, *, names: bool
    ) -> None:
        self._columns, self._read, self._table, self._names = columns, read, table, names
        self.dropped: RowMask = np.zeros(rows, bool)
        for name, handling in columns.columns.items():
            if handling is Handling.DROP:
                self.dropped[read[name].rows] = True

    def reports(self, keep: RowMask) -> tuple[NarrativeReport, ...]:
        """Count the narratives that mention something, of rows that stay or, where they are dropped for it, of these.

        Parameters
        ----------
        keep : ndarray of bool
            Rows that stay.
        """
        return tuple(
            NarrativeReport(
                column=name,
                mentions=int((self.dropped if handling is Handling.DROP else keep)[self._read[name].rows].sum()),
                handling=handling.value,
                names=self._names,
            )
            for name, handling in self._columns.columns.items()
        )

    def changed(self) -> dict[str, RowMask]:
        """Give by column the rows whose narrative changes."""
        rows = {}
        for name, handling in self._columns.columns.items():
            if handling is not Handling.DROP:
                rows[name] = np.zeros_like(self.dropped)
                rows[name][self._read[name].rows] = True
        return rows

    def left(self, keep: RowMask | None = None) -> Iterator[tuple[str, pl.Series]]:
        """By column, what is left of the texts whose sentences are removed, of some rows or of all that were read."""
        for name, handling in self._columns.columns.items():
            if handling is Handling.SENTENCE:
                left = pl.Series(self._read[name].left, dtype=pl.String)
                yield name, left if keep is None else left.filter(pl.Series(keep[self._read[name].rows]))

    def patches(self, keep: RowMask, accept: str | None = None) -> dict[str, Patch]:
        """Give the new values of the rows that stay.

        Parameters
        ----------
        keep : ndarray of bool
            Rows that stay.
        accept : str, optional
            How a mark is accepted in a column, if not by an option.

        Raises
        ------
        UsageError
            When more texts become null, or are left with nothing, than are so otherwise, or a text is JSON and would
            not be without a sentence: it would mark those rows.
        """
        patches = {}
        for name, handling in self._columns.columns.items():
            read = self._read[name]
            if handling is Handling.DROP or not keep[read.rows].any():
                continue
            if handling is Handling.SENTENCE and (keep[read.broken].any() or read.cuts_strings(keep)):
                raise UsageError(
                    f"texts of the column {name!r} are JSON, and would be none, or have other parts, without a "
                    "sentence: that would mark their rows",
                    where=self._table.name,
                    hint="let the text become null (null), drop the row (drop), or make it lists and dicts first.",
                )
            patches[name] = read.patch(name, keep, handling)
            marks = _empty_of(patches[name])
            if len(marks.rows):
                self._table.settle_marks(
                    TableChange(keep, {name: marks}),
                    {name: read.shown(name)},
                    self._columns.accept_marks,
                    where=self._table.name,
                    rows="whose text mentions what may not stay",
                    ways=_WAYS[handling],
                    accept=accept,
                )
        return patches


def _empty_of(patch: Patch) -> Patch:
    """The part of a patch that leaves nothing: nulls, and texts of white space or signs."""
    empty = says_nothing(patch.values)
    values = patch.values.filter(empty)
    return Patch(patch.rows[empty.to_numpy()], values.cast(pl.String) if is_text(values.dtype) else values, edited=True)


def narratives_of(
    index: Index,
    names: TextIndex | None,
    policy: Policy,
    use: str,
    *,
    possible: str = "remove",
    workers: int | None = None,
) -> Narratives:
    """Make what reads narratives.

    Raises
    ------
    UnsuitableIndex, ExpiredIndex, FutureIndex
        When names are not fit for the use today, or the index holds keys of no scheme that is in texts.
    """
    fit = None if names is None else fit_names(names, use)
    return Narratives(index, fit, possible=possible, policy=policy, workers=workers)


def read_narratives(
    table: Table,
    columns: NarrativeColumns,
    narratives: Narratives,
    keep: RowMask | None,
    progress: TableProgress = lambda rows, share: None,
) -> ReadNarratives:
    """Read the narratives of the rows that stay.

    Parameters
    ----------
    table : Table
    columns : NarrativeColumns
    narratives : Narratives
    keep : ndarray of bool, optional
        Rows that stay; all if no key was judged.
    progress : callable, optional

    Raises
    ------
    ColumnError
        When a column does not exist, or is not of text and sentences are to be removed.
    """
    for name, handling in columns.columns.items():
        if name in table.columns and handling is Handling.SENTENCE and table.limits_texts(name):
            raise ColumnError(
                f"the type of {name!r} lists its values, orders them, or is JSON, and does not hold every text",
                where=table.name,
                hint="cast the column to text, or let the text become null, or drop the row.",
            )
        if name in table.columns and handling is Handling.SENTENCE and _mixes_types(table, name, keep):
            raise ColumnError(
                f"the column {name!r} holds values that are not plain texts",
                where=table.name,
                hint="make each value a text (str) or a null, or let texts become null, or drop the row.",
            )
    read = {name: ReadColumn(table) for name in columns.columns}
    keys = {name: _dict_keys(table, name) for name in columns.columns if name in table.columns}
    at, told = 0, -1.0

    def tell(rows: float) -> None:
        nonlocal told
        if rows > told:
            told = rows
            progress(int(rows), rows / max(1, table.rows or rows))

    for batch in _slices(table, columns, keep):
        stays = np.ones(batch.height, bool) if keep is None else keep[at : at + batch.height]
        for number, (name, column) in enumerate(read.items()):
            values = batch.get_column(name)
            no_text = values.dtype.is_float() and values.null_count() == len(values)  # as pandas reads it
            if columns.columns[name] is Handling.SENTENCE and not is_text(values.dtype) and not no_text:
                raise _no_text(values, table.name)
            named = keys.get(name)

            def done(share: float, start: int = at, height: int = batch.height, number: int = number) -> None:
                tell(start + height * (number + share) / len(read))

            column.add(values, stays, at, narratives, None if named is None else named.slice(at, batch.height), done)
        at += batch.height
        tell(at)
    return ReadNarratives(columns, read, at, table, names=narratives.finds_names)


def _mixes_types(table: Table, name: str, keep: RowMask | None) -> bool:
    return isinstance(table, FrameTable) and table.mixes_types(name, keep)


def _batches(table: Table, columns: NarrativeColumns, keep: RowMask | None) -> Iterator[pl.DataFrame]:
    """Give the columns; those of a frame that lose no sentences are of any type, and read in rows that stay alone."""
    texts = [name for name, handling in columns.columns.items() if handling is Handling.SENTENCE]
    others = [name for name in columns.columns if name not in texts]
    if not isinstance(table, FrameTable) or not others:
        yield from table.batches(list(columns.columns))
        return
    for batch in table.batches(texts):
        stays = np.ones(table.rows, bool) if keep is None else keep
        place = pl.Series(np.where(stays, np.cumsum(stays) - 1, -1)).replace(-1, None)
        made = []
        for name in others:
            values = table.readable(name, stays)
            if values is None:
                raise ColumnError(
                    f"the column {name!r} holds objects that cannot be read",
                    where=table.name,
                    hint="make them texts, numbers, lists or dicts.",
                )
            made.append(values.gather(place).alias(name))
        yield pl.DataFrame([*batch.get_columns(), *made])


def _dict_keys(table: Table, name: str) -> pl.Series | None:
    return table.dict_keys(name) if isinstance(table, FrameTable) else None


def _slices(table: Table, columns: NarrativeColumns, keep: RowMask | None) -> Iterator[pl.DataFrame]:
    """Cut batches, of which a frame in memory gives one, so progress is reported meanwhile."""
    with unquoted(table.name):
        for batch in _batches(table, columns, keep):
            yield from batch.iter_slices(_ROWS) if batch.height else (batch,)  # types are known even without rows


class ReadColumn:
    """What was read of one column; in a table without empty texts one of which nothing is left becomes null."""

    def __init__(self, table: Table) -> None:
        self._where, self._empty_texts = table.name, table.empty_texts
        self._rows: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
        self.left: list[str] = []
        self._broken: list[int] = []
        self._cut_strings: list[int] = []
        self._json: list[RowMask] = []  # which values are JSON by their first and last signs, or nothing
        self._empty: list[pl.DataFrame] = []  # which rows have no value or one that says nothing, and which
        self._size = 0
        self._dtype: pl.DataType = pl.String()

    def add(
        self,
        values: pl.Series,
        stays: RowMask,
        at: int,
        narratives: Narratives,
        keys: pl.Series | None,
        done: Callable[[float], None],
    ) -> None:
        """Read the texts of some more rows, those that stay, and the keys of dicts in them."""
        self._dtype, rows = values.dtype, np.flatnonzero(stays)
        with unquoted(self._where):
            empty = says_nothing(values)
            nothing = values.filter(empty)
            nothing = nothing.cast(pl.String) if is_text(self._dtype) else pl.repeat(None, len(nothing), eager=True)
            self._empty.append(pl.DataFrame({"row": np.flatnonzero(empty) + at, "value": nothing}))
            self._size = at + len(values)
            here = values.filter(pl.Series(stays))
            if not is_text(self._dtype):
                found = narratives.holding(here)
                for _, named, of in inner_values(keys.filter(pl.Series(stays))) or () if keys is not None else ():
                    found = np.union1d(found, of[narratives.holding(named)])
                self._rows.append(rows[found] + at)
                return
            texts = here.cast(pl.String)
            blank = ~values.cast(pl.String).str.contains(r"\S").fill_null(value=False)
            self._json.append((blank | values.cast(pl.String).str.contains(_JSON)).to_numpy())
        found, left = narratives.left_of(texts, lambda read: done(read / len(texts)))
        for text, rest, row in zip(texts.gather(found), left, rows[found] + at, strict=True):
            if rest and (form := outline(text)) is not None and form != outline(rest):
                self._broken.append(row)
            elif rest and is_string(text) and not is_string(rest):
                self._cut_strings.append(row)
        self._rows.append(rows[found] + at)
        self.left += left

    @property
    def broken(self) -> npt.NDArray[np.int64]:
        """Rows whose text is JSON, and what is left of it is not, or has another outline."""
        return np.array(self._broken, np.int64)

    def cuts_strings(self, stays: RowMask) -> bool:
        """Whether a string of JSON is none any more, in a column of nothing but JSON; in others it is a quotation."""
        cut = np.array(self._cut_strings, np.int64)
        return bool(stays[cut].any()) and bool(np.concatenate(self._json)[stays].all())

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Rows that stay by their keys and mention something."""
        return np.concatenate(self._rows)

    def patch(self, name: str, stays: RowMask, handling: Handling) -> Patch:
        """New values of the rows that stay."""
        rows = self.rows
        there = stays[rows]
        if handling is Handling.NULL:
            return Patch(rows[there], pl.Series(name, [None] * int(there.sum()), dtype=self._dtype), edited=True)
        left = pl.Series(name, self.left, dtype=pl.String).filter(pl.Series(there))
        if not self._empty_texts:
            left = left.replace("", None)
        return Patch(rows[there], left.cast(self._dtype) if isinstance(self._dtype, pl.Categorical) else left)

    def shown(self, name: str) -> pl.Series:
        """The column as far as it is null or says nothing; other values are some text."""
        column = pl.repeat("x", self._size, dtype=pl.String, eager=True).alias(name)
        for empty in self._empty:
            column = column.scatter(empty["row"], empty["value"])
        return column


def is_text(kind: pl.DataType) -> bool:
    """Whether values of a type are texts."""
    return kind in (pl.String, pl.Null) or isinstance(kind, pl.Categorical | pl.Enum)


def says_nothing(values: pl.Series) -> pl.Series:
    """Which values are null, or texts without a letter or a digit but those of mark-up."""
    if not is_text(values.dtype):
        return values.is_null()
    return values.cast(pl.String).str.contains(_SIGNS).fill_null(value=True)


def _no_text(values: pl.Series, where: str) -> ColumnError:
    kind = "bytes, or of text with half of a surrogate pair" if values.dtype == pl.Binary else values.dtype
    return ColumnError(
        f"the column {values.name!r} is not of text but of {kind}, and has no sentences",
        where=where,
        hint="let the value become null (null), or drop the row (drop).",
    )
