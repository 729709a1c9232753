"""Which names, of columns and files, hold keys of an index: asked several times of each table, and read once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.index import Index

from .policy import Policy
from .value_search import ValueSearch

__all__ = ["search_names"]

_MOST_NAMES = 1_000  # of one question that is remembered
_MOST_QUESTIONS = 1_000
_answers: dict[tuple[object, ...], npt.NDArray[np.uint8]] = {}


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
    question = (index.id, "withheld" in policy.allow, "near" in policy.accept, names)
    answer = _answers.get(question)
    if answer is None:
        answer = ValueSearch(index, policy).texts(pl.Series(names, dtype=pl.String))
        if len(names) <= _MOST_NAMES:
            if len(_answers) >= _MOST_QUESTIONS:
                _answers.clear()
            _answers[question] = answer
    return answer.copy()
