"""Which texts and numbers of a file are identifiers that the index holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import Status, canonicalise, digest_column, get_scheme
from sealscrub.index import Index

from .report import Certainty

__all__ = ["IdentifierSearch", "candidates"]

_PIECE = re.compile(r"[^\W_]+")
_LONGEST = 48
_MOST_PIECES = 5
_WIDEST_GAP = 3
_TELLING = 6  # characters of a canonical value from which on a hit is no chance
_BATCH = 200_000
_HOLDERS = re.compile(r"categories_|classes_|vocabulary_|feature_names|index|_ids?\b|keys")


class IdentifierSearch:
    """Looks candidates up in an index, under some of its schemes.

    Parameters
    ----------
    index : Index
    schemes : sequence of str
        Schemes of one column each.
    """

    def __init__(self, index: Index, schemes: Sequence[str]) -> None:
        self._index = index
        self._schemes = {index.require(name): index.scheme_key(index.require(name)) for name in schemes}
        self._opaque = {name for name in self._schemes if get_scheme(name).opaque}
        self._numeric = [name for name in self._schemes if _takes_numbers(name)]
        index.verify()

    def in_texts(self, texts: Iterable[str]) -> Counter[tuple[str, Certainty]]:
        """Count the different identifiers in some texts, whole or within them, by scheme and certainty."""
        hits: Counter[tuple[str, Certainty]] = Counter()
        for batch in _batches(candidates(texts)):
            wholes, parts = {text for text, whole in batch if whole}, {text for text, whole in batch if not whole}
            for scheme in self._schemes:
                found = self._found(pl.Series(sorted(wholes), dtype=pl.String), scheme)
                within = self._found(pl.Series(sorted(parts - wholes), dtype=pl.String), scheme) - found
                for value in found:
                    hits[scheme, _certainty(value, Certainty.CERTAIN)] += 1
                plain = Certainty.LIKELY if scheme in self._opaque else Certainty.CERTAIN
                for value in within:
                    hits[scheme, _certainty(value, Certainty.LIKELY if value.isdigit() else plain)] += 1
        return hits

    def in_numbers(self, array: npt.NDArray[Any], place: str) -> Counter[tuple[str, Certainty]]:
        """Count the different identifiers among whole numbers, by scheme and certainty.

        Parameters
        ----------
        array : numpy.ndarray
        place : str
            Its path: among categories a short number is an id, elsewhere it may be a count or a position.
        """
        hits: Counter[tuple[str, Certainty]] = Counter()
        whole = _whole_numbers(array) if self._numeric else np.zeros(0, np.int64)
        holds_ids = _HOLDERS.search(place) is not None
        for scheme in self._numeric if len(whole) else ():
            for value in self._found(pl.Series(whole), scheme):
                telling = len(value) >= _TELLING or holds_ids
                hits[scheme, Certainty.LIKELY if telling else Certainty.POSSIBLE] += 1
        return hits

    def _found(self, raw: pl.Series, scheme: str) -> set[str]:
        if not len(raw):
            return set()
        done = canonicalise(raw, scheme)
        values = done.values.filter(pl.Series(done.status == Status.OK)).unique()
        if not len(values):
            return set()
        reasons = self._index.lookup(scheme, digest_column(values, self._schemes[scheme]))
        return set(values.filter(pl.Series(reasons != 0)).to_list())

    def __repr__(self) -> str:
        return f"IdentifierSearch({len(self._schemes)} schemes)"


def candidates(texts: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """What in some texts may be an identifier, and whether it is a whole text.

    A text itself, and runs of up to five of its words with what stands between them, where they hold a digit:
    ``arrest_no=K14-612345`` has ``K14-612345`` in it.

    Examples
    --------
    >>> sorted({text for text, whole in candidates(["arrest_no=K14-612345"]) if not whole})[:3]
    ['612345', 'K14', 'K14-612345']
    """
    for text in texts:
        if len(text) <= 4 * _LONGEST:
            yield text, True
        spans = [match.span() for match in _PIECE.finditer(text)]
        for at, (start, _) in enumerate(spans):
            last = start
            for begin, end in spans[at : at + _MOST_PIECES]:
                if end - start > _LONGEST or begin - last > (_WIDEST_GAP if begin != start else 0):
                    break
                last = end
                part = text[start:end]
                if part != text and any(map(str.isdigit, part)):
                    yield part, False


def _batches(found: Iterator[tuple[str, bool]]) -> Iterator[set[tuple[str, bool]]]:
    batch: set[tuple[str, bool]] = set()
    for one in found:
        batch.add(one)
        if len(batch) >= _BATCH:
            yield batch
            batch = set()
    if batch:
        yield batch


def _certainty(value: str, otherwise: Certainty) -> Certainty:
    return otherwise if len(value) >= _TELLING else Certainty.POSSIBLE


def _takes_numbers(scheme: str) -> bool:
    probe = pl.Series([int("1234567890123456"[:digits]) for digits in range(1, 17)])
    return bool((canonicalise(probe, scheme).status == Status.OK).any())


def _whole_numbers(array: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    if array.dtype.kind == "b":
        return np.zeros(0, np.int64)
    flat = np.unique(array)
    if array.dtype.kind == "f":
        flat = flat[np.isfinite(flat) & (np.abs(flat) < 2**53)].astype(np.float64)
        flat = flat[flat == np.floor(flat)]
    elif array.dtype.kind == "u":
        flat = flat[flat < np.uint64(1 << 63)]
    return flat.astype(np.int64)
