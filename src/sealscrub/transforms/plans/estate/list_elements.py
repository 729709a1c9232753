"""Lists of ids inside a column: taken apart into elements, and put together again without those that were removed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, UnreadableInput
from sealscrub.tables.changes import Patch

from ..element_rules import ElementsRule

__all__ = ["Elements", "take_apart"]


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
        The elements as they are in the lists.
    ids : polars.Series
        What identifies them: the values, or a field of theirs.
    column : polars.Series
        The column that they are from.
    json : bool
        Whether the lists are written as JSON.
    unread : ndarray of bool, optional
        Rows that hold something else than a list of what can be ids; they have no elements.
    """

    rule: ElementsRule
    owner: npt.NDArray[np.int64]
    values: pl.Series
    ids: pl.Series
    column: pl.Series
    json: bool = False
    unread: Mask | None = None

    def check_read(self, kept_rows: Mask) -> None:
        """Refuse rows that stay and hold something else than a list.

        Raises
        ------
        ConfigError
            When the column has a type of another kind, and no separator is named.
        UnreadableInput
            When a text that should be a JSON list is not.
        """
        if self.unread is None or not (self.unread & kept_rows).any():
            return
        if not self.json:
            raise _no_lists(self.rule)
        raise UnreadableInput(
            f"{self.rule.column!r} holds a value that is not a list of ids",
            where=self.rule.where,
            hint="fix it at its source; if one text holds several ids, set separator to the character between them.",
        )

    def lengths(self) -> npt.NDArray[np.int64]:
        """How many elements each row has."""
        return np.bincount(self.owner, minlength=len(self.column))

    def replaced(self, ids: pl.Series) -> Elements:
        """Give the same lists with other ids; what is not an id stays."""
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
    """Take the lists of a column apart; what is not a list is noted, since its row may be removed.

    Raises
    ------
    ConfigError
        When the column can hold no lists that could lose an element.
    """
    written_as_json, unread = False, None
    if rule.separator is not None:
        if column.dtype in (pl.Categorical, pl.Enum, pl.Null):
            column = column.cast(pl.String)
        if column.dtype != pl.String:
            raise _no_lists(rule)
        filled = column.set((column == "").fill_null(False), None)
        lists = filled.str.split(rule.separator)
    elif column.dtype == pl.String and text:
        lists, written_as_json = _from_json(column, rule.field), True
        unread = (lists.is_null() & column.is_not_null()).to_numpy()
    elif isinstance(column.dtype, pl.Array):
        raise ConfigError(
            f"the lists of {rule.column!r} have a fixed length and cannot lose an element",
            where=rule.where,
            hint="store them as lists of variable length.",
        )
    elif isinstance(column.dtype, pl.List):
        lists = column
    else:  # in pandas a column of lists has no type of its own if all are null
        unread = column.is_not_null().to_numpy()
        lists = column = pl.Series(column.name, [None] * len(column), dtype=pl.List(pl.String))
    lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    values = lists.filter(pl.Series(lengths > 0)).explode()  # of text: with the spaces around them
    owner = np.repeat(np.arange(len(column)), lengths)
    return Elements(rule, owner, values, _ids(values, rule, written_as_json), column, written_as_json, unread)


def _ids(values: pl.Series, rule: ElementsRule, written_as_json: bool) -> pl.Series:
    if written_as_json:
        return pl.Series([_json_id(value, rule) for value in values.to_list()], dtype=pl.String)
    if rule.separator is not None:
        bare = values.str.strip_chars()
        return bare.set(bare == "", None)
    untyped = not len(values) and not isinstance(values.dtype, pl.Struct)  # pandas' lists that are null in every row
    if rule.field is None or values.dtype == pl.Null or untyped:
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


def _from_json(column: pl.Series, field: str | None) -> pl.Series:
    """Lists of the elements' JSON, each as it is between the commas."""
    lists = [None if text is None else _pieces(text, field) for text in column.to_list()]
    return pl.Series(column.name, lists, dtype=pl.List(pl.String))


def _one_id(value: object, field: str | None) -> bool:
    """Whether an element is, or holds in its field, what can be an id, and no list or object of them."""
    if field is not None:
        value = value.get(field) if isinstance(value, dict) else None
    return not isinstance(value, list | dict)


def _pieces(text: str, field: str | None) -> list[str] | None:
    """Split a JSON list of ids at its commas; None if it is not such a list, or has an object with two such fields."""

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if sum(name == field for name, _ in pairs) > 1:
            raise ValueError
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=members)
        if not isinstance(found, list) or not all(_one_id(each, field) for each in found):
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
        hint="if one text holds several ids, set separator = ';' or the character between them.",
    )
