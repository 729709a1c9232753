"""Errors of people who write names and dates: letters, digits, order, gaps, other names.

Rates are those of a file that was kept with care; a level of five is what a vendor's file looked like that was typed in
from paper. Each cell's luck depends on the seed, the column and the record's number only.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from sealscrub.errors import UsageError

from .draws import Draws, Integers

__all__ = ["MOST_NOISE", "noisy_records"]

MOST_NOISE = 10
"""The highest level of noise."""

_KEYS_NEAR = dict(zip("QWERTYUIOPASDFGHJKLZXCVBNM", "WERTYUIOOSDFGHJKKLXCVBNMM", strict=False))
_SOUNDS = tuple(pair.split(">") for pair in ("PH>F", "CK>K", "V>F", "I>Y", "E>A", "S>Z", "OU>U", "N>M", "C>K"))
_NOBODY_WORDS = ("UNKNOWN", "DOE", "UNK", "BABY BOY", "N/A")
_RATES = {  # of cells, at level one
    "last_name": {"letters": 0.018, "sound": 0.006, "double": 0.003, "gone": 0.002, "unnamed": 0.001},
    "first_name": {"letters": 0.018, "sound": 0.006, "initial": 0.008, "gone": 0.002, "unnamed": 0.001},
    "middle_name": {"letters": 0.01, "initial": 0.05, "gone": 0.05},
    "birth_date": {"digit": 0.025, "exchanged": 0.006, "first_of_january": 0.003, "gone": 0.006},
    "arrest_date": {"shifted": 0.006, "gone": 0.002},
    "charge": {"short": 0.02, "gone": 0.004},
    "sex": {"other": 0.003, "gone": 0.003},
    "race": {"gone": 0.01},
    "nysid": {"digit": 0.004, "gone": 0.024},
}
_EXCHANGED, _MARRIED, _MERGED = 0.004, 0.006, 0.006
"""Shares of records, at level one, with exchanged names, another family name, or somebody else's NYSID."""


def noisy_records(frame: pl.DataFrame, *, level: float = 1.0, seed: int = 0) -> pl.DataFrame:
    """Write records of people as a careless file would have them.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of text: any of ``last_name``, ``first_name``, ``middle_name``, ``birth_date``, ``arrest_date``,
        ``charge``, ``sex``, ``race``, ``nysid``, with dates as ``YYYY-MM-DD``. Other columns stay as they are.
    level : float
        How many errors: 0 for none, 1 for a careful file, 5 for a bad one, up to 10.
    seed : int
        Equal seeds give equal errors.

    Returns
    -------
    polars.DataFrame
        Of as many rows, in the same order.

    Raises
    ------
    UsageError
        When the level is not 0 to 10.

    Examples
    --------
    >>> people = pl.DataFrame({"last_name": ["KELMAGANT"] * 200, "birth_date": ["1984-07-31"] * 200})
    >>> noisy = noisy_records(people, level=5)
    >>> noisy["last_name"].n_unique() > 10, noisy.height
    (True, 200)
    >>> noisy_records(people, level=0).equals(people)
    True
    """
    if not 0 <= level <= MOST_NOISE:
        raise UsageError(f"a level of noise must be between 0 and {MOST_NOISE}", where="level")
    draws, number = Draws(seed), np.arange(frame.height)
    if not level:
        return frame
    frame = _whole_records(draws, frame, number, level)
    for column, rates in _RATES.items():
        if column in frame.columns:
            frame = frame.with_columns(_soiled(draws, frame[column], rates, number, level))
    return frame


def _soiled(draws: Draws, column: pl.Series, rates: dict[str, float], number: Integers, level: float) -> pl.Series:
    edges = np.cumsum([rate * level for rate in rates.values()])
    luck = draws.uniform(f"noise/{column.name}", number)
    at = np.flatnonzero((luck < edges[-1]) & column.is_not_null().to_numpy())
    if not len(at):
        return column
    kinds = [_KINDS[name] for name in rates]
    kind = np.minimum(np.searchsorted(edges, luck[at], side="right"), len(kinds) - 1)
    turn = draws.below(f"noise/{column.name}/how", number[at], 1_000_003)
    told = column.gather(at).to_list()
    written = [kinds[k](text, int(t)) for k, text, t in zip(kind, told, turn, strict=True)]
    return column.scatter(at, pl.Series(written, dtype=pl.String))


def _whole_records(draws: Draws, frame: pl.DataFrame, number: Integers, level: float) -> pl.DataFrame:
    """Exchange names, marry people, and give people the number of another."""
    if {"last_name", "first_name"} <= set(frame.columns):
        turned = pl.Series(draws.uniform("noise/exchanged", number) < _EXCHANGED * level)
        married = pl.Series(draws.uniform("noise/married", number) < _MARRIED * level)
        other = frame["last_name"].gather(draws.below("noise/married/to", number, max(frame.height, 1)))
        frame = frame.with_columns(pl.when(married).then(other).otherwise(pl.col("last_name")).alias("last_name"))
        frame = frame.with_columns(
            pl.when(turned).then(pl.col("first_name")).otherwise(pl.col("last_name")).alias("last_name"),
            pl.when(turned).then(pl.col("last_name")).otherwise(pl.col("first_name")).alias("first_name"),
        )
    if "nysid" in frame.columns:
        merged = pl.Series(draws.uniform("noise/merged", number) < _MERGED * level)
        other = frame["nysid"].gather(draws.below("noise/merged/with", number, max(frame.height, 1)))
        frame = frame.with_columns(pl.when(merged).then(other).otherwise(pl.col("nysid")).alias("nysid"))
    return frame


def _letters(text: str, turn: int) -> str:
    if len(text) < 2:
        return text
    way, at = turn % 4, turn // 4 % (len(text) - 1)
    if way == 0:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at] + text[at:]
    if way == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + _KEYS_NEAR.get(text[at], "E") + text[at + 1 :]


def _like_sounding(text: str, turn: int) -> str:
    fit = [(old, new) for old, new in _SOUNDS if old in text]
    if not fit:
        return _letters(text, turn)
    old, new = fit[turn % len(fit)]
    return text.replace(old, new, 1)


def _digit(text: str, turn: int) -> str:
    places = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    at = places[turn % len(places)]
    return text[:at] + str((int(text[at]) + 1 + turn // 31 % 9) % 10) + text[at + 1 :]


def _exchanged(text: str, _turn: int) -> str:
    year, month, day = (*text.split("-"), "", "")[:3]
    return f"{year}-{day}-{month}" if day.isdigit() and int(day) <= 12 else text


def _shifted(text: str, turn: int) -> str:
    try:
        day = np.datetime64(text)
    except ValueError:
        return text
    return str(day + np.timedelta64((-1, 1, 1, 2)[turn % 4], "D"))


_KINDS: dict[str, Callable[[str, int], str | None]] = {
    "letters": _letters,
    "sound": _like_sounding,
    "double": lambda text, turn: f"{text}-{('MARSH', 'QUILL', 'TARVEN')[turn % 3]}",
    "initial": lambda text, _turn: text[:1],
    "gone": lambda _text, _turn: None,
    "unnamed": lambda _text, turn: _NOBODY_WORDS[turn % len(_NOBODY_WORDS)],
    "digit": _digit,
    "exchanged": _exchanged,
    "first_of_january": lambda text, _turn: f"{text[:4]}-01-01",
    "shifted": _shifted,
    "short": lambda text, _turn: text.split()[0],
    "other": lambda text, _turn: "F" if text == "M" else "M",
}
