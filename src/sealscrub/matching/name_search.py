"""Which names, of columns and files, hold keys of an index: asked several times of each table, and read once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.planted_keys import names_of_planted

from .policy import Policy
from .value_search import ValueSearch

__all__ = ["search_names"]

_MOST_NAMES = 1_000  # of one question that is remembered
_MOST_QUESTIONS = 1_000
_Answers = dict[bytes, npt.NDArray[np.uint8]]
_answers: WeakKeyDictionary[Index, _Answers] = WeakKeyDictionary()
"""What an open index answered, as long as it is open; the questions are digests under a key that no one has."""
_key = secrets.token_bytes(32)


def search_names(index: Index, policy: Policy | None, names: Iterable[str]) -> npt.NDArray[np.uint8]:
    """Compare names with an index.

    Parameters
    ----------
    index : Index
    policy : Policy or None
        Whether withheld records, and near values, are allowed.
    names : iterable of str

    Returns
    -------
    ndarray of uint8
        A :class:`~sealscrub.matching.value_search.Likeness` for each, the caller's own.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> search_names(example_index(["K14612345"]), None, ["age", "K14-612345"]).tolist()
    [0, 4]
    """
    names, policy = tuple(names), policy or Policy()
    index.verify()
    if len(names) > _MOST_NAMES:
        return _searched(index, policy, names)
    known = _answers.setdefault(index, {})
    question = _question(index, policy, names)
    if question not in known:
        if len(known) >= _MOST_QUESTIONS:
            known.clear()
        known[question] = _searched(index, policy, names)
    return known[question].copy()


def _searched(index: Index, policy: Policy, names: Sequence[str]) -> npt.NDArray[np.uint8]:
    return ValueSearch(index, policy).texts(pl.Series(names, dtype=pl.String))


def _question(index: Index, policy: Policy, names: Sequence[str]) -> bytes:
    """Digest what is asked: the names, what the policy allows, and which schemes and planted keys there are now."""
    schemes = [get_scheme(each).fingerprint for each in index.schemes]
    asked = (names_of_planted(), schemes, "withheld" in policy.allow, "near" in policy.accept, names)
    return blake2b(repr(asked).encode("utf-8", "surrogatepass"), key=_key).digest()
