"""Keys of several columns whose parts are in one short text, such as a level ``12345678A|2014-01-05``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import Status, canonicalise_parts, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part

from .texts.shapes import Shapes, shapes_of_parts

__all__ = ["keys_within"]

Span = tuple[int, int]

_LONGEST_KEY = 96  # characters of a text that may be one key
_MOST_WORDS = 12  # words of it
_AT_ONCE = 1 << 12  # texts
_WORD = re.compile(r"[^\W_]+")


def keys_within(texts: pl.Series, scheme: str) -> tuple[npt.NDArray[np.int64], pl.Series]:
    """Put together what may be a key of a composite scheme in each text.

    Parameters
    ----------
    texts : polars.Series
        Texts; a longer one than a key can be is not looked into.
    scheme : str
        A composite scheme.

    Returns
    -------
    rows : ndarray of int64
        The texts, by their places, once for each key.
    keys : polars.Series
        Canonical values.

    Examples
    --------
    >>> rows, keys = keys_within(pl.Series(["Queens", "id 12345678A, 01/05/2014"]), "person_arrest")
    >>> rows.tolist(), keys.to_list()
    ([1], ['12345678A@2014-01-05'])
    """
    short = np.flatnonzero((texts.str.len_chars() <= _LONGEST_KEY).fill_null(value=False).to_numpy())
    short = short[Shapes([shapes_of_parts(get_scheme(scheme))]).fit(texts[short])]
    if not len(short):
        return short, pl.Series([], dtype=pl.String)
    found = [_keys_of(texts, short[start : start + _AT_ONCE], scheme) for start in range(0, len(short), _AT_ONCE)]
    return np.concatenate([rows for rows, _ in found]), pl.concat([keys for _, keys in found])


def _keys_of(texts: pl.Series, rows: npt.NDArray[np.int64], scheme: str) -> tuple[npt.NDArray[np.int64], pl.Series]:
    runs = [
        (row, span, text[slice(*span)])
        for row, text in zip(rows.tolist(), texts[rows], strict=True)
        for span in _runs(text)
    ]
    parts = get_scheme(scheme).parts
    distinct = list(dict.fromkeys(run for _, _, run in runs))
    found: dict[int, list[set[tuple[str, Span]]]] = {}
    for at, part in enumerate(parts):
        values = canonicalise_part(pl.Series(distinct, dtype=pl.String), part).values
        known = {run: value for run, value in zip(distinct, values, strict=True) if value is not None}
        for row, span, run in runs:
            if run in known:
                found.setdefault(row, [set() for _ in parts])[at].add((known[run], span))
    pairs = [(row, key) for row, sets in found.items() for key in _separate_keys(sets)]
    columns = {part: pl.Series([key[at] for _, key in pairs], dtype=pl.String) for at, part in enumerate(parts)}
    read = canonicalise_parts(columns, scheme)
    good = np.flatnonzero(read.status == Status.OK)
    return np.array([row for row, _ in pairs], dtype=np.int64)[good], read.values[good]


def _separate_keys(parts: Sequence[set[tuple[str, Span]]]) -> Iterator[tuple[str, ...]]:
    """Give the keys whose parts are in places of their own; each once."""
    seen: set[tuple[str, ...]] = set()
    for chosen in product(*map(sorted, parts)):
        key, spans = tuple(value for value, _ in chosen), sorted(span for _, span in chosen)
        if key not in seen and all(one[1] <= other[0] for one, other in pairwise(spans)):
            seen.add(key)
            yield key


def _runs(text: str) -> Iterator[Span]:
    """Give the places of every run of words of a text."""
    words = [match.span() for match in _WORD.finditer(text)]
    if len(words) > _MOST_WORDS:
        return
    for first, (start, _) in enumerate(words):
        for _, stop in words[first:]:
            yield start, stop
