"""Whether an answer names a sealed record, in whatever spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.identifiers import Status, canonicalise, digest_column, get_scheme
from sealscrub.index import Index

from .answer_differences import PartDiffers
from .answer_parts import STEP, Parts
from .channels import channel_of

__all__ = ["Naming"]

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-/]{3,}")


class Naming:
    """Knows the sealed ids: those of a list, and through an index all of them.

    Parameters
    ----------
    sealed : mapping of str to sequence
        Ids by scheme, in any spelling.
    schemes : sequence of str
    index : Index or None

    Examples
    --------
    >>> naming = Naming({"arrest_number": ["K14000003"]}, ["arrest_number"], None)
    >>> [each.path for each in naming.named({"note": ["s:see k14000003, too"], "total": ["i:3"]})]
    ['note']
    """

    def __init__(self, sealed: Mapping[str, Sequence[Any]], schemes: Sequence[str], index: Index | None) -> None:
        self.schemes = [name for name in dict.fromkeys(schemes) if not get_scheme(name).parts]
        self.index = index
        self.sealed = {
            name: set(_canonical([str(v) for v in sealed.get(name, ()) if v is not None], name).values())
            for name in self.schemes
        }
        self._known: dict[str, bool] = {}

    def named(self, parts: Parts) -> list[PartDiffers]:
        """Give the parts of an answer that name a sealed record."""
        words = {path: _words(leaves) for path, leaves in parts.items()}
        words = {path: found | _words([f"s:{path.split(STEP)[-1]}"]) for path, found in words.items()}
        self._learn({word for found in words.values() for word in found})
        return [
            PartDiffers(path, channel_of(path, None, parts[path]), None, "unfiltered")
            for path, found in words.items()
            if any(self._known[word] for word in found)
        ]

    def _learn(self, words: set[str]) -> None:
        new = sorted(words - self._known.keys())
        self._known |= dict.fromkeys(new, False)
        for scheme in self.schemes if new else ():
            found = _canonical(new, scheme)
            values = list(found.values())
            held = [value in self.sealed[scheme] for value in values]
            if self.index is not None and values:
                digests = digest_column(pl.Series(values, dtype=pl.String), self.index.scheme_key(scheme))
                held = list(np.asarray(held) | (np.asarray(self.index.lookup(scheme, digests)) > 0))
            self._known |= {word: True for word, sealed in zip(found, held, strict=True) if sealed}


def _words(leaves: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for leaf in leaves:
        if leaf[:2] in ("s:", "y:", "i:"):
            text = leaf[2:]
            found.add(text)
            found.update(_WORD.findall(text))
    return {each for each in found if 3 < len(each) < 64}


def _canonical(words: Sequence[str], scheme: str) -> dict[str, str]:
    found = canonicalise(pl.Series("key", list(words), dtype=pl.String), scheme)
    good = found.status == Status.OK
    return {word: value for word, value, fine in zip(words, found.values.to_list(), good, strict=True) if fine}
