"""Names of no one: put together from syllables that this file made up."""

from __future__ import annotations

import polars as pl

from .draws import Draws, Integers

__all__ = ["alias_of", "first_names", "last_names"]

# fmt: off
_HEADS = [
    "BRAN", "CAVO", "DUNTH", "ELDR", "FARQ", "GORM", "HELV", "ISTR", "JORV", "KELM", "LORQ", "MAVR",
    "NETH", "OSTV", "PELD", "QUIN", "ROVE", "SELK", "TARV", "ULMO", "VEND", "WEXL", "XAND", "YORV",
    "ZELK", "AVERN", "BROLL", "CINDR", "DREV", "ESKV", "FYNN", "GALTH", "HARV", "INGV", "JAXO", "KRAV",
    "LYSK", "MORV", "NYLV", "ORVA",
]
_TAILS = [
    "ABAR", "ADEN", "AFFO", "AGANT", "ALBY", "AMOOR", "ANDIL", "ARKO", "ASKET", "ATTI", "AVELL", "AZAR",
    "EBROOK", "EDDLE", "EFORD", "EGATE", "ELLOW", "EMERE", "ENZO", "ERLY", "ESKO", "ETTO", "EVICK",
    "IBALD", "IDGE", "IGAN", "ILLO", "IMBRE", "INGTHORPE", "IRWICK", "ISH", "ITZEL", "IVAN", "OBY",
    "OCKET", "ODEL", "OMBE", "ONKWO", "ORDIN", "OSKI", "OTTER", "OVAR", "UBRE", "UDO", "ULLEN", "UMBA",
    "UNDEL", "URSTEAD", "USTIN", "UZON",
]
_STARTS = [
    "AB", "BEL", "COR", "DAV", "EL", "FEN", "GIL", "HAL", "IV", "JUN", "KAI", "LOR", "MIR", "NOL", "OR",
    "PER", "QUIL", "RAY", "SOL", "TEM", "UL", "VAN", "WIL", "XE", "YAS", "ZOR",
]
_ENDS = [
    "A", "AN", "ARA", "EEN", "EL", "EMI", "EN", "ERO", "ESH", "IA", "IAN", "IEL", "IN", "IRO", "IS", "O",
    "OLA", "ON", "ORA", "UEL", "US", "Y",
]
# fmt: on

_LAST = pl.Series("last_name", [head + tail for head in _HEADS for tail in _TAILS], dtype=pl.String)
_FIRST = pl.Series("first_name", [start + end for start in _STARTS for end in _ENDS], dtype=pl.String)


def last_names(draws: Draws, people: Integers) -> pl.Series:
    """Give each person's number a family name.

    Examples
    --------
    >>> import numpy as np
    >>> names = last_names(Draws(0), np.arange(1000))
    >>> len(names), names.n_unique() > 700
    (1000, True)
    """
    return _LAST.gather(draws.below("person/last", people, len(_LAST)))


def first_names(draws: Draws, people: Integers) -> pl.Series:
    """Give each person's number a given name."""
    return _FIRST.gather(draws.below("person/first", people, len(_FIRST)))


def alias_of(draws: Draws, people: Integers, turn: int) -> pl.DataFrame:
    """Give each person another name, under which they were once booked.

    Parameters
    ----------
    draws : Draws
    people : ndarray of int64, shape (n,)
        Numbers of people.
    turn : int
        Which of a person's aliases: 0 the first.

    Returns
    -------
    polars.DataFrame
        ``last_name``, ``first_name``: a letter changed, the two swapped, a short form, or another family
        name.
    """
    way = draws.below(f"alias/{turn}/way", people, 4)
    other = _LAST.gather(draws.below(f"alias/{turn}/last", people, len(_LAST))).alias("other")
    frame = pl.DataFrame([last_names(draws, people), first_names(draws, people), other, pl.Series("way", way)])
    last, first, at = pl.col("last_name"), pl.col("first_name"), pl.col("way")
    misspelt = last.str.replace("A", "E", literal=True) + pl.lit("S")
    other_last = pl.when(at == 0).then(misspelt).when(at == 1).then(first).when(at == 2).then(last).otherwise("other")
    other_first = pl.when(at == 1).then(last).when(at == 2).then(first.str.head(3)).otherwise(first)
    return frame.select(last_name=other_last, first_name=other_first)
