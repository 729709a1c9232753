"""Lists of ids inside a column: taken apart into elements, and put together again without those that went."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.frames.changes import Patch

from ..rules import ElementsRule

__all__ = ["Elements", "take_apart"]

Mask = npt.NDArray[np.bool_]

_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """The elements of a column's lists.

    Parameters
    ----------
    rule : ElementsRule
    owner : ndarray of int64
        Each element's row.
    values : polars.Series
        The elements as they stand in the lists.
    ids : polars.Series
        What identifies them: the values, or a field of theirs.
    column : polars.Series
        The column that they are from.
    json : bool
        Whether the lists are written as JSON.
    """

    rule: ElementsRule
    owner: npt.NDArray[np.int64]
    values: pl.Series
    ids: pl.Series
    column: pl.Series
    json: bool = False

    def lengths(self) -> npt.NDArray[np.int64]:
        """How many elements each row has."""
        return np.bincount(self.owner, minlength=len(self.column))

    def replaced(self, ids: pl.Series) -> Elements:
        """Give the same lists with other ids; what is no id stays."""
        if not self.json and self.rule.separator is None:
            return Elements(self.rule, self.owner, ids, ids, self.column)
        texts = ids
        if self.json:
            quoted = self.values.str.contains(r'^\s*"') | ~ids.str.contains(r"^\d{1,19}$")
            texts = pl.select(pl.when(quoted).then('"' + ids + '"').otherwise(ids)).to_series()
        texts = self.values.str.extract(r"^(\s*)") + texts
        values = texts.zip_with(ids.is_not_null(), self.values).alias(self.values.name)
        return Elements(self.rule, self.owner, values, ids, self.column, self.json)

    def without(self, gone: Mask, kept_rows: Mask, *, everywhere: bool = False) -> Patch:
        """Give the lists that lose elements, or all that have any, in rows that stay, as they are without them."""
        rows = np.unique(self.owner if everywhere else self.owner[gone])
        rows = rows[kept_rows[rows]]
        wanted = np.zeros(len(self.column), bool)
        wanted[rows] = True
        stays = ~gone & wanted[self.owner]
        left = (
            pl.DataFrame({"row": self.owner[stays], "value": self.values.filter(pl.Series(stays))})
            .group_by("row", maintain_order=True)
            .agg("value")
        )
        lists = pl.DataFrame({"row": rows}).join(left, on="row", how="left", maintain_order="left")["value"]
        return Patch(rows, self._written(lists, self.column.gather(rows)).alias(self.column.name))

    def _written(self, lists: pl.Series, own: pl.Series) -> pl.Series:
        """Lists as the column writes them, the spaces of each one's own text kept; one that lost everything is null."""
        null = self.rule.empty == "null"
        if self.json or self.rule.separator is not None:
            own = own.cast(pl.String)
            opening, closing = ("[", "]") if self.json else ("", "")
            lead = own.str.extract(r"^\s*\[?(\s*)" if self.json else r"^(\s*)")
            trail = own.str.extract(r"(\s*)\]?\s*$" if self.json else r"(\s*)$")
            texts = lists.list.join("," if self.json else self.rule.separator or "").str.strip_chars()
            return (opening + lead + texts + trail + closing).set(lists.is_null(), None if null else opening + closing)
        if null:
            return lists.cast(self.column.dtype)
        return lists.fill_null(pl.Series([[]], dtype=lists.dtype)).cast(self.column.dtype)


def take_apart(column: pl.Series, rule: ElementsRule, *, text: bool) -> Elements:
    """Take the lists of a column apart.

    Raises
    ------
    ConfigError
        When the column holds no lists, and no separator is named.
    UnreadableInput
        When a text that should be a JSON list is none.
    """
    written_as_json = False
    if rule.separator is not None:
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype != pl.String:
            raise _no_lists(rule)
        filled = column.set((column == "").fill_null(False), None)
        lists = filled.str.split(rule.separator)
    elif column.dtype == pl.String and text:
        lists, written_as_json = _from_json(column, rule), True
    elif isinstance(column.dtype, pl.Array):
        raise ConfigError(
            f"the lists of {rule.column!r} are all of one length, and could not lose an element",
            where=rule.where,
            hint="make them lists of any length at their source.",
        )
    elif isinstance(column.dtype, pl.List):
        lists = column
    else:
        raise _no_lists(rule)
    lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    values = lists.filter(pl.Series(lengths > 0)).explode()  # of text: with the spaces around them
    owner = np.repeat(np.arange(len(column)), lengths)
    return Elements(rule, owner, values, _ids(values, rule, written_as_json), column, written_as_json)


def _ids(values: pl.Series, rule: ElementsRule, written_as_json: bool) -> pl.Series:
    if written_as_json:
        return pl.Series([_json_id(value, rule) for value in values.to_list()], dtype=pl.String)
    if rule.separator is not None:
        bare = values.str.strip_chars()
        return bare.set(bare == "", None)
    if rule.field is None:
        return values
    if not isinstance(values.dtype, pl.Struct) or rule.field not in [part.name for part in values.dtype.fields]:
        raise ConfigError(
            f"the lists of {rule.column!r} have no field of this name", where=rule.where, hint="see field =."
        )
    return values.struct.field(rule.field)


def _json_id(value: str, rule: ElementsRule) -> str | None:
    found = json.loads(value)
    if rule.field is not None:
        found = found.get(rule.field) if isinstance(found, dict) else None
    return found if isinstance(found, str) or found is None else json.dumps(found)


def _from_json(column: pl.Series, rule: ElementsRule) -> pl.Series:
    """Lists of the elements' JSON, each as it stands between the commas."""
    lists: list[list[str] | None] = []
    for text in column.to_list():
        found = None if text is None else _pieces(text)
        if text is not None and found is None:
            raise UnreadableInput(
                f"{rule.column!r} holds a value that is no list",
                where=rule.where,
                hint="mend it at its source; for ids in one text, say what stands between them by separator.",
            )
        lists.append(found)
    return pl.Series(column.name, lists, dtype=pl.List(pl.String))


def _pieces(text: str) -> list[str] | None:
    """Split a JSON list at its commas; None for what is none."""
    try:
        if not isinstance(json.loads(text), list):
            return None
    except (ValueError, RecursionError):
        return None
    start = text.index("[") + 1
    stop = text.rindex("]")
    if not text[start:stop].strip():
        return []
    pieces = []
    while True:
        first = len(text) - len(text[start:].lstrip())
        _, at = _DECODER.raw_decode(text, first)
        end = len(text) - len(text[at:].lstrip())
        pieces.append(text[start:end])
        if end >= stop:
            return pieces
        start = end + 1


def _no_lists(rule: ElementsRule) -> ConfigError:
    return ConfigError(
        f"the column {rule.column!r} holds no lists",
        where=rule.where,
        hint="for ids in one text, say separator = ';' or whatever stands between them.",
    )
