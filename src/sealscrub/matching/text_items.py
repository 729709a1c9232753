"""The values that are in a text which is a list, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
import polars as pl

__all__ = ["JSON_BEGINS", "UNREAD", "items_of", "may_have_items"]

UNREAD = "\x00\\u"
"""What is used for a value whose escapes cannot be resolved."""

_ITEM = r"[\p{L}\p{M}_.:\-#+]*\p{N}[\p{L}\p{M}\p{N}_.:\-#+]*"
_ITEM_SEPARATORS = r"[\s,;|/&+\[\](){}\"']"
_LIST = rf"^(?:{_ITEM_SEPARATORS}|(?:and|or|AND|OR)\s|{_ITEM}(?:{_ITEM_SEPARATORS}|$))*$"
_ITEM_LIST = rf"{_ITEM}{_ITEM_SEPARATORS}+(?:(?:and|or|AND|OR)\s+)?{_ITEM}"
_PARTS = r"[^\s,;|/&\[\](){}\"']+"
JSON_BEGINS = r"^[\s\x{feff}]*[\[{\"]"
_MAY_BE_LIST = pl.col("text").str.contains(rf"{JSON_BEGINS}|{_LIST}").fill_null(value=False)
_MAY_HAVE_ITEMS = pl.col("text").str.contains(rf"{JSON_BEGINS}|{_ITEM_LIST}")
_LEAF = r"\"(?:[^\"\\]|\\(?s:.))*(?:\"|$)\s*:?|[-+]?[0-9][0-9.eE+\-]*"
_ESCAPE = re.compile(r'\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt])')
_LONGEST = 1 << 20  # characters of a text that is read as a whole
_AT_ONCE = 1 << 16
_DEEPEST = 16  # JSON in a text of JSON in a text
_SCHEMA = {"row": pl.Int64, "name": pl.String, "item": pl.String}


def may_have_items(texts: pl.Series) -> pl.Series:
    """Say which texts are lists, or begin as JSON does."""
    if not len(texts):
        return pl.Series([], dtype=pl.Boolean)
    frame = texts.alias("text").to_frame()
    listed = frame.select_seq(_MAY_BE_LIST).to_series().to_numpy(writable=True)
    rows = np.flatnonzero(listed)
    if len(rows):
        listed[rows] = frame[rows].select_seq(_MAY_HAVE_ITEMS).to_series().to_numpy()
    return pl.Series(listed)


def items_of(texts: pl.Series) -> Iterator[pl.DataFrame]:
    r"""Give the values in texts that are lists or JSON: ``row``, the ``name`` before a value in JSON, and ``item``.

    JSON in a text of JSON is read as well. It need not be whole, nor right: its texts and numbers are taken as they
    come. A name is an item without a name.

    Parameters
    ----------
    texts : polars.Series of String
        Without nulls.

    Examples
    --------
    >>> next(items_of(pl.Series(['{"case": "K14\\u002d612345"}', "12; 15"]))).rows()
    [(0, None, 'case'), (0, 'case', 'K14-612345'), (1, '', '12'), (1, '', '15')]
    """
    listed = may_have_items(texts)
    if not listed.any():
        return
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True, dtype=pl.Int64), "text": texts}).filter(listed)
    long = frame["text"].str.len_bytes() > _LONGEST
    for row, text in frame.filter(long).iter_rows():
        yield from _deeper(_streamed(row, text))
    short = frame.filter(~long)
    numbers = short["text"].str.len_bytes().cast(pl.Int64).cum_sum() // (4 * _LONGEST)
    begin = 0
    for count in numbers.rle().struct.field("len") if len(short) else ():
        yield from _deeper([_leaves(short.slice(begin, count))])
        begin += count


def _deeper(frames: Iterator[pl.DataFrame] | list[pl.DataFrame], depth: int = 0) -> Iterator[pl.DataFrame]:
    for frame in frames:
        if frame.height:
            yield frame
            within = frame.filter(may_have_items(frame["item"]))
            if within.height and depth < _DEEPEST:
                yield from _deeper([_leaves(within.select("row", text="item", name="name"))], depth + 1)


def _leaves(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the values of texts."""
    outer = "name" if "name" in frame.columns else None
    frame = frame.with_row_index("at").with_columns(outer=pl.col(outer) if outer else pl.lit(""))
    as_json = frame["text"].str.contains(JSON_BEGINS)
    lists = frame.filter(~as_json).select(
        "row", name=pl.col("outer").fill_null(""), item=pl.col("text").str.extract_all(_PARTS)
    )
    lists = lists.explode("item").drop_nulls("item").filter(~pl.col("item").is_in(["and", "or", "AND", "OR"]))
    found = frame.filter(as_json).with_columns(leaf=pl.col("text").str.extract_all(_LEAF))
    return pl.concat([_names_and_values(found.explode("leaf").drop_nulls("leaf")), lists.select(*_SCHEMA)])


def _names_and_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Distinguish names from values among the leaves of JSON, in their order, and resolve their escapes."""
    is_name = pl.col("leaf").str.ends_with(":")
    frame = frame.with_columns(is_name=is_name, item=_resolved(frame["leaf"]))
    frame = frame.with_columns(said=pl.when("is_name").then("item").forward_fill().over("at"))
    name = pl.when("is_name").then(None).otherwise(pl.coalesce("said", "outer", pl.lit("")))
    return frame.select("row", name=name, item="item").cast(pl.Schema(_SCHEMA))


def _streamed(row: int, text: str) -> Iterator[pl.DataFrame]:
    """Give the values of one very long text, some at a time; what is not JSON is looked at as a text only."""
    if re.match(r"[\s\ufeff]*[\[{\"]", text) is None:
        return
    leaves: list[str] = []
    said = ""
    for found in re.finditer(_LEAF, text):
        leaves.append(found[0])
        if len(leaves) == _AT_ONCE:
            yield _of_one(row, said, leaves)
            said = next((_text(each) for each in reversed(leaves) if each.endswith(":")), said)
            leaves = []
    yield _of_one(row, said, leaves)


def _of_one(row: int, said: str, leaves: list[str]) -> pl.DataFrame:
    frame = pl.DataFrame({"row": row, "at": 0, "outer": said, "leaf": pl.Series(leaves, dtype=pl.String)})
    return _names_and_values(frame)


def _resolved(leaves: pl.Series) -> pl.Series:
    plain = leaves.str.replace(r"^\"", "").str.replace(r"\"?\s*:?$", "")
    escaped = leaves.str.contains(r"\\")
    if not escaped.any():
        return plain
    texts = leaves.filter(escaped).unique()
    told = pl.DataFrame({"leaf": texts, "text": [_text(each) for each in texts]}, schema_overrides={"text": pl.String})
    frame = pl.DataFrame({"leaf": leaves, "plain": plain}).join(told, on="leaf", how="left", maintain_order="left")
    return frame.select(pl.coalesce("text", "plain")).to_series()


def _text(leaf: str) -> str:
    """Give what a literal says; if an escape is not one of JSON's, a sign that says so."""
    inner = re.sub(r'(?<!\\)"?\s*:?\Z', "", leaf.removeprefix('"')) if leaf.startswith('"') else leaf
    if "\\" in _ESCAPE.sub("", inner):
        return UNREAD if re.search(r"\\u(?![0-9A-Fa-f]{4})", inner) else inner
    made = _ESCAPE.sub(lambda each: str(json.loads(f'"{each[0]}"')), inner)
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
