"""How people write identifiers: other spellings of one, words for "none", look-alike letters."""

from __future__ import annotations

import numpy as np
import polars as pl

from .draws import Integers

__all__ = ["KINDS", "SPELLED", "rewrite"]

#: Ways in which a cell is not written as it should be, by number.
KINDS = ("spelling", "sentinel", "typo")

_VALUE = pl.col("clean")
_LOWER = _VALUE.str.to_lowercase()
_PADDED = pl.format(" {} ", _VALUE)
_ENDING = pl.format("{}-{}", _VALUE.str.head(8), _VALUE.str.tail(1))
_SPACED = pl.format("{} {}", _VALUE.str.head(8), _VALUE.str.tail(1))
_NEW_DOCKET = _VALUE.str.starts_with("CR-")

# Other ways to write an id of each scheme. Every one of them is the same id.
_SPELLINGS: dict[str, list[pl.Expr]] = {
    "arrest_number": [
        _LOWER,
        _PADDED,
        pl.format("{}-{}", _VALUE.str.head(3), _VALUE.str.tail(6)),
        pl.format("{} {} {}", _VALUE.str.head(1), _VALUE.str.slice(1, 2), _VALUE.str.tail(6)),
        pl.format("ARREST# {}", _VALUE),
        pl.format("{}20{}", _VALUE.str.head(1), _VALUE.str.tail(8)),
    ],
    "nysid": [
        _LOWER,
        _PADDED,
        _ENDING,
        _SPACED,
        pl.format("NYSID# {}", _VALUE),
        _VALUE.str.strip_prefix("0"),
    ],
    "cjtn": [_LOWER, _PADDED, _ENDING, _SPACED, pl.format("CJTN {}", _VALUE)],
    "docket": [
        _LOWER,
        _PADDED,
        pl.when(_NEW_DOCKET).then(_VALUE.str.replace("-0*", "-")).otherwise(_VALUE.str.replace("([A-Z])0*", "$1")),
        pl.when(_NEW_DOCKET)
        .then(pl.format("{}/{}", _VALUE.str.head(12), _VALUE.str.tail(2)))
        .otherwise(pl.format("{} {} {}", _VALUE.str.head(4), _VALUE.str.slice(4, 2), _VALUE.str.tail(6))),
        pl.when(_NEW_DOCKET)
        .then(_VALUE.str.replace("-", " ", literal=True))
        .otherwise(pl.format("{}-{}-{}", _VALUE.str.head(4), _VALUE.str.slice(4, 2), _VALUE.str.tail(6))),
    ],
    "photo": [_PADDED],
    "voucher": [_PADDED],
}
_SENTINELS = {
    "arrest_number": ["(null)", "NONE", "UNKNOWN"],
    "nysid": ["00000009", "NONE", "(null)", "UNKNOWN"],
    "cjtn": ["NONE", "(null)"],
    "docket": ["(null)", "NONE"],
    "photo": ["(null)"],
    "voucher": ["(null)"],
}
# If every position may hold a letter, a typo would make another id: no one could know.
_DIGITS = {"arrest_number", "nysid", "cjtn", "docket"}
_ZERO = pl.when(_VALUE.str.contains("0", literal=True)).then(_VALUE.str.replace("0", "O", literal=True))
_TYPO = _ZERO.otherwise(_VALUE.str.replace("1", "I", literal=True))

#: Columns whose identifiers are spelled in several ways, and their scheme.
SPELLED = {
    "arrest_number": "arrest_number",
    "nysid": "nysid",
    "cjtn": "cjtn",
    "docket": "docket",
    "photo": "photo",
    "photo_id": "photo",
    "voucher": "voucher",
}


def rewrite(scheme: str, clean: pl.Series, kind: Integers, turn: Integers) -> pl.Series:
    """Write identifiers in another way.

    Parameters
    ----------
    scheme : str
    clean : polars.Series of String, length n
    kind : ndarray of int64, shape (n,)
        Positions in :data:`KINDS`.
    turn : ndarray of int64, shape (n,)
        Which of the ways of that kind, taken round and round.

    Returns
    -------
    polars.Series of String

    Examples
    --------
    >>> import numpy as np
    >>> numbers = pl.Series(["K14612340"] * 3)
    >>> rewrite("arrest_number", numbers, np.array([0, 1, 2]), np.array([2, 0, 0])).to_list()
    ['K14-612340', '(null)', 'K1461234O']
    """
    spellings, sentinels = _SPELLINGS[scheme], _SENTINELS[scheme]
    ways = len(spellings)
    choice = np.select([kind == 0, kind == 1], [turn % ways, ways + turn % len(sentinels)], -1)
    text = _TYPO if scheme in _DIGITS else _VALUE
    for number, option in enumerate([*spellings, *map(pl.lit, sentinels)]):
        text = pl.when(pl.col("choice") == number).then(option).otherwise(text)
    frame = pl.DataFrame([clean.alias("clean"), pl.Series("choice", choice)])
    return frame.select(text.alias("written"))["written"]
