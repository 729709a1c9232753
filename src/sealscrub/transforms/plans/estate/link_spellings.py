"""Values of a link that name no row, and would if they were spelled otherwise: as an error that shows no value.

It looks at what is in the two columns and at no index, and so says the same whatever is sealed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import UncheckedKeys
from sealscrub.identifiers import Status, canonicalise, get_scheme, scheme_names
from sealscrub.identifiers.letters import fold_letters
from sealscrub.reports import counted

from ..plan_rules import LinkRule
from ..proposal.toml_text import inline
from .link_values import LinkValues

__all__ = ["check_spellings"]


_BETWEEN = r"[^\p{L}0-9]+"
_ALIKE = {"O": "0", "I": "1", "L": "1"}
_REPAIRS = str.maketrans("OISB", "0158")
_AMID_DIGITS = re.compile(r"(?<=[0-9OISB])[OISB](?=[0-9OISB]|[^A-Z]|$)")
_PLAIN = r"^[ -~]*$"
_POINT = r"^([0-9][0-9,.'’ ]*?)\.0+$"
_NEGATIVE = r"^-([0-9]+)$"
_LONGEST = 40  # characters of a shape that is shown


def check_spellings(pairs: Sequence[LinkValues], lost: Mask, rule: LinkRule, schemes: Sequence[Sequence[str]]) -> None:
    """Refuse texts that name no row, and would if they were spelled otherwise: they would stay, unnoticed.

    Parameters
    ----------
    pairs : sequence of LinkValues
        The columns of the link.
    lost : ndarray of bool
        Rows of the child that name no row.
    rule : LinkRule
    schemes : sequence of sequence of str
        By which each pair was read.

    Raises
    ------
    UncheckedKeys
        It says the shapes of the two spellings, and what to declare.
    """
    exact = rule.scheme is not None and get_scheme(rule.scheme).opaque
    if exact or not lost.any() or all(pair.own.dtype != pl.String for pair in pairs):
        return
    names = [f"k{number}" for number in range(len(pairs))]
    rows = pl.DataFrame({name: pair.own.filter(pl.Series(lost)) for name, pair in zip(names, pairs, strict=True)})
    found = rows.drop_nulls().group_by(names).agg(rows=pl.len())
    for name, pair, read in zip(names, pairs, schemes, strict=True):
        if not found.height:
            return
        meets = _meeting(found[name], pair, read, several=len(pairs) > 1)
        found = found.join(meets.rename({"how": f"{name} how", "other": f"{name} other"}), left_on=name, right_on="own")
    if len(pairs) > 1:
        there = pl.DataFrame({f"{name} other": pair.other for name, pair in zip(names, pairs, strict=True)})
        found = found.join(there.unique(), on=[f"{name} other" for name in names], how="semi")
    if found.height:
        raise _different_spellings(found, names, rule)


def _different_spellings(found: pl.DataFrame, names: Sequence[str], rule: LinkRule) -> UncheckedKeys:
    others = [f"{name} other" for name in names]
    counts = found.unique(names)["rows"]
    seen: Counter[tuple[str, str]] = Counter()
    for row in found.unique([*names, *others]).select(*names, *others, "rows").iter_rows():
        shapes = [" + ".join(map(_shape, part)) for part in (row[: len(names)], row[len(names) : -1])]
        seen[shapes[0], shapes[1]] += row[-1]
    own, there = min(seen, key=lambda each: (-seen[each], each))
    ways = pl.concat([found.select(*names, "rows", how=f"{name} how") for name in names])
    ways = ways.filter(pl.col("how") != "").unique([*names, "how"]).group_by("how").agg(pl.col("rows").sum())
    return UncheckedKeys(
        f"{rule.path}: {counted(int(counts.sum()), 'value', 'matches', 'match')} no row, but would match in another "
        f"spelling: {own!r} here, {there!r} there",
        where=rule.where,
        hint=_hint(rule, ways.sort("rows", "how", descending=[True, False])["how"].to_list()),
    )


def _hint(rule: LinkRule, schemes: Sequence[str]) -> str:
    column = rule.parent_columns[0]
    if len(rule.columns) > 1 or rule.scheme is not None or not schemes:
        alike = "write both columns alike at their source"
        if rule.scheme is not None or len(rule.columns) > 1 or rule.table.endswith("[]"):
            return f"{alike}."
        return f"{alike}; ids that do differ are compared as they are written by scheme = 'opaque:NAME' in the link."
    scheme = schemes[0]
    keys = f"keys = {inline({scheme: column})} in tables.{rule.parent}"
    if rule.table.endswith("[]"):
        return f"declare {keys}, or write both columns alike at their source."
    link = inline({"table": rule.parent, "columns": {rule.columns[0]: column}, "scheme": scheme})
    said = f"link them by a scheme, {'orphan_of' if rule.orphan else 'link'} = [{link}]"
    return f"{said}, or declare {keys}." if get_scheme(scheme).published else f"{said}."


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """Distinct values of a column, and what they are compared by."""

    values: pl.Series
    sure: pl.Series
    folded: pl.Series

    def frame(self, key: pl.Series, name: str) -> pl.DataFrame:
        return pl.DataFrame({"key": key, name: self.values, f"{name} sure": self.sure}).drop_nulls()

    def tokens(self) -> pl.Series:
        """Runs of letters and of digits, these without zeros in front."""
        text = self.folded.str.replace_all(_BETWEEN, " ").str.replace_all(r"(\p{L})([0-9])", "${1} ${2}")
        text = text.str.replace_all(r"([0-9])(\p{L})", "${1} ${2}").str.strip_chars()
        return text.str.replace_all(r"\b0+([0-9])", "${1}").replace("", None)

    def packed(self, *, joined: bool = False) -> pl.Series:
        """Letters and digits alone; with `joined`, only of values in which nothing is between two digits."""
        text = self.folded.str.replace_all(_BETWEEN, "").str.strip_chars_start("0").replace("", None)
        if joined:
            text = text.set(self.folded.str.contains(rf"[0-9]{_BETWEEN}[0-9]"), None)
        return text


def _texts(values: pl.Series, sure: Mask | None) -> _Texts:
    """Take distinct values that stand for something."""
    frame = pl.DataFrame({"value": values, "sure": sure if sure is not None else np.zeros(len(values), np.bool_)})
    frame = frame.drop_nulls().unique("value")
    status = canonicalise(frame["value"].alias("key"), "opaque:link").status
    frame = frame.filter(pl.Series(status != Status.NULL))
    return _Texts(frame["value"], frame["sure"], _folded_ids(frame["value"]))


def _folded_ids(values: pl.Series) -> pl.Series:
    """Capitals without accents and other scripts' digits, and digits for the letters that look like them."""
    odd = np.flatnonzero(~values.str.contains(_PLAIN).to_numpy())
    if len(odd):
        folded = [fold_letters(text).text for text in values.gather(odd)]
        values = values.scatter(odd, pl.Series(folded, dtype=pl.String))
    text = values.str.strip_chars().str.to_uppercase().str.replace(_POINT, "${1}")
    return text.str.replace(_NEGATIVE, "MINUS ${1}").str.replace_many(_ALIKE)


def _meeting(lost: pl.Series, pair: LinkValues, schemes: Sequence[str], *, several: bool) -> pl.DataFrame:
    """Pairs of a value that names no row, and one that it would name: ``own``, ``other``, and ``how`` if by a scheme.

    Of a link over `several` columns, equal values are pairs as well.
    """
    kind = pair.own.dtype
    same = pl.DataFrame({"own": lost.unique()}).with_columns(other="own", how=pl.lit(""))
    if kind != pl.String:
        return same
    sure = pl.DataFrame({"own": pair.own, "sure": pair.own_sure}).filter("sure")["own"]
    own = _texts(lost, lost.is_in(sure.unique().implode()).to_numpy())
    other = _texts(pair.other, pair.other_sure)
    found = [same] if several else []
    for how, first, second in _ways_to_equal(own, other, schemes):
        met = other.frame(second, "other")
        if not several:
            met = met.unique(["key", "other sure"])
        met = own.frame(first, "own").join(met, on="key")
        met = met.filter(~(pl.col("own sure") & pl.col("other sure")) & (pl.col("own") != pl.col("other")))
        found.append(met.select("own", "other", how=pl.lit(how)))
    return pl.concat(found).unique()


def _ways_to_equal(own: _Texts, other: _Texts, schemes: Sequence[str]) -> Iterator[tuple[str, pl.Series, pl.Series]]:
    """Give how two spellings may be of one id, and what is equal then, of each of the values."""
    yield "", own.tokens(), other.tokens()
    yield "", own.packed(joined=True), other.packed()
    yield "", own.packed(), other.packed(joined=True)
    for name in scheme_names():
        if get_scheme(name).parts:
            continue
        first = canonicalise(own.values.alias("key"), name)
        if not np.isin(first.status, (Status.OK, Status.NEAR)).any():
            continue
        second = canonicalise(other.values.alias("key"), name)
        yield "" if name in schemes else name, first.values, second.values
        for repaired in _repaired(own.values, first.status, name):
            yield "", repaired, second.values
        for repaired in _repaired(other.values, second.status, name):
            yield "", first.values, repaired


def _repaired(values: pl.Series, status: npt.NDArray[np.uint8], scheme: str) -> Iterator[pl.Series]:
    """Canonical values of what is near one: with digits for letters everywhere, not in front, or amid digits."""
    near = np.flatnonzero(status == Status.NEAR)
    if not len(near):
        return
    texts = [text.upper() for text in values.gather(near)]
    for written in (
        [text.translate(_REPAIRS) for text in texts],
        [text[:1] + text[1:].translate(_REPAIRS) for text in texts],
        [_AMID_DIGITS.sub(lambda met: met[0].translate(_REPAIRS), text) for text in texts],
    ):
        read = canonicalise(pl.Series(written, dtype=pl.String), scheme).values
        yield pl.Series([None], dtype=pl.String).new_from_index(0, len(values)).scatter(near, read)


def _shape(value: object) -> str:
    """A spelling without its value: 9 for a digit, A and a for letters."""
    text = str(value)
    signs = "".join(map(_sign, text[:_LONGEST]))
    return signs + "…" * (len(text) > _LONGEST)


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind.startswith("N"):
        return "9" if sign.isascii() else "９"
    if kind.startswith(("L", "M")):
        return ("a" if sign.islower() else "A") if sign.isascii() else "Ａ"
    return sign if sign.isprintable() else f"<U+{ord(sign):04X}>"
