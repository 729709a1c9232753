"""What reads narratives: in this process, or in another that works next to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.index import Index, TextIndex

from .held_rows import held_rows, texts_within
from .policy import Policy
from .texts.many_texts import ManyTexts, units_of, without_units
from .texts.mentions import IdentifierFinder
from .texts.name_mentions import NameFinder, check_possible
from .value_search import Likeness, ValueSearch

__all__ = ["NarrativeReader"]

_VALUE = 96  # characters of a text that may be one key or a list of some
_STOPS = r"\s,;|\[\](){}\"'“”‘’<>="
_WORD = rf"[^{_STOPS}]*\d[^{_STOPS}]*"
_LONG = 1 << 20  # characters of a text that is compared unit by unit


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NarrativeReader:
    """Reads texts, and gives what is left of those that mention something; works in any process.

    Parameters
    ----------
    index : Index
    names : TextIndex, optional
    possible : str
        What happens to a name that no second fact is next to: ``remove`` or ``keep``.
    policy : Policy
        Whether withheld records are let pass.
    """

    index: Index
    names: TextIndex | None
    possible: str
    policy: Policy
    _texts: ManyTexts
    _values: ValueSearch

    @classmethod
    def of(cls, index: Index, names: TextIndex | None, possible: str, policy: Policy) -> NarrativeReader:
        """Make one.

        Raises
        ------
        UnsuitableIndex
            When the index holds keys of no scheme that can be found in a text.
        ConfigError
            When `possible` is neither.
        """
        check_possible(possible)
        identifiers = IdentifierFinder(index, withheld="withheld" not in policy.allow)
        found = None if names is None else NameFinder(names, possible, with_certainty=False)
        texts = ManyTexts(identifiers, found)
        return cls(index, names, possible, policy, texts, ValueSearch(index, policy))

    def holding(self, values: pl.Series) -> npt.NDArray[np.bool_]:
        """Say which values of any type name a record that may not stay, or mention a name."""
        held = held_rows(self._values, values)
        if self.names is not None:
            rows, texts = texts_within(values)
            held[rows[list(self._texts.left_of(texts))]] = True
        return held

    def left_of(self, texts: Sequence[str], done: Callable[[int], object] = lambda size: None) -> dict[int, str]:
        """Give what is left of the texts that mention something, by their places.

        What stays is compared with the index as the values of any other column are, so a sweep finds nothing.
        """
        left = self._texts.left_of(texts, done)
        asked = [place for place, text in enumerate(texts) if left.get(place, text)]
        while asked:
            rest = [left.get(place, texts[place]) for place in asked]
            cut = {asked[number]: self._without_held_units(rest[number]) for number in self._texts_that_hold(rest)}
            again = self._texts.left_of(list(cut.values()))
            left |= cut | {list(cut)[number]: text for number, text in again.items()}
            asked = [place for place in cut if left[place]]
        return left

    def _texts_that_hold(self, texts: Sequence[str]) -> list[int]:
        """Those that hold a value of the index: short ones, and those with a word that does, are looked at whole."""
        values = pl.Series(texts, dtype=pl.String)
        words = pl.DataFrame({"row": np.arange(len(texts)), "word": values.str.extract_all(_WORD)})
        words = words.explode("word").drop_nulls()
        different = words["word"].unique(maintain_order=True)
        told = different.filter(pl.Series(self._values.texts(different) == Likeness.HELD))
        rows = set(words.filter(pl.col("word").is_in(told.implode()))["row"].to_list())
        rows |= set(np.flatnonzero((values.str.len_chars() <= _VALUE).to_numpy()).tolist())
        asked = sorted(rows)
        parts = [[text] if len(text) <= _LONG else _units(text) for text in map(texts.__getitem__, asked)]
        owners = np.repeat(asked, [len(some) for some in parts]) if asked else np.zeros(0, np.int64)
        flags = self._values.texts(pl.Series([part for some in parts for part in some], dtype=pl.String))
        held: list[int] = np.unique(owners[flags == Likeness.HELD]).tolist()
        return held

    def _without_held_units(self, text: str) -> str:
        """A text less the units that hold a value of the index; if only several together do, nothing of it."""
        units = units_of(text)
        held = self._values.texts(pl.Series(_units(text), dtype=pl.String))
        spans = [(units[number], units[number + 1]) for number in np.flatnonzero(held == Likeness.HELD).tolist()]
        return without_units(text, units, spans) if spans else ""


def _units(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in pairwise(units_of(text))]
