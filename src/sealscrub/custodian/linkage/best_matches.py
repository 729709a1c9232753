"""The rows that fit each seal best, among all the rows of a source, without blocking and without the gate.

A sample of seals is scored so for the bound: what the keys of blocking or the gate would lose is seen as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import UsageError

from .comparison_levels import MISSING
from .link_model import LinkModel
from .pair_weights import Weights, may_be_exchanged, names_together, table_of
from .record_fields import checked_records
from .standard_records import Records, standardise
from .value_levels import Levels, arrest_levels, birth_levels, level_of_codes

__all__ = ["best_rows", "draw_sample"]

_TEXTS = ("nysid", "charge", "sex", "race", "suffix", "middle_name")
_CROSSED = (("last_name", "first_name"), ("first_name", "last_name"))


def draw_sample(seal_ids: Sequence[str], size: int, seed: int) -> list[str]:
    """Draw seals at random, each at most once.

    Parameters
    ----------
    seal_ids : sequence of str
        Of the seals that the source should hold. Repeated ids count once, and their order has no bearing.
    size : int
        How many; all of them when there are fewer.
    seed : int
        Equal seeds draw equal seals.

    Returns
    -------
    list of str
        Sorted.

    Raises
    ------
    UsageError
        When there is nothing to draw from, or nothing is to be drawn.

    Examples
    --------
    >>> draw_sample([f"s{at}" for at in range(100)], 3, seed=7) == draw_sample([f"s{at}" for at in range(100)], 3, 7)
    True
    """
    frame = sorted(set(seal_ids))
    if not frame or size < 1:
        raise UsageError(
            "a sample needs at least one seal",
            hint="give the seals that the source should hold, and a size of 1 or more.",
        )
    return sorted(random.Random(seed).sample(frame, min(size, len(frame))))  # noqa: S311 - to be repeated, not secret


def best_rows(seals: pl.DataFrame, rows: pl.DataFrame, model: LinkModel, *, n: int = 5) -> pl.DataFrame:
    """Weigh every seal against every row, and give the best of each.

    Parameters
    ----------
    seals : polars.DataFrame
        ``id`` and the fields of :data:`FIELDS`, as text; several rows of one id are one seal with several names.
    rows : polars.DataFrame
        Likewise; ids are unique.
    model : LinkModel
        A pair outside of the gate has the weight of ``arrest_date``'s level ``outside``.
    n : int
        How many rows of each seal.

    Returns
    -------
    polars.DataFrame
        ``seal``, ``rank`` from 1, ``row``, ``weight``. Rows of equal weight are in the order of their ids.

    Raises
    ------
    ColumnError
        When a column is absent, or is not one of those compared.
    UsageError
        When an id is null or, in `rows`, there twice; when a field is not text, or `n` is below 1.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import starting_model
    >>> seals = pl.DataFrame({"id": ["s1"], "last_name": ["QUILL"], "first_name": ["ANN"]})
    >>> rows = pl.DataFrame({"id": ["a", "b"], "last_name": ["MARSH", "QUIL"], "first_name": ["BEN", "ANN"]})
    >>> best_rows(seals, rows, starting_model(), n=1).select("seal", "rank", "row").rows()
    [('s1', 1, 'b')]
    """
    if n < 1:
        raise UsageError("the number of best rows must be at least 1", where="n")
    rows = checked_records(rows, side="rows", unique=True).sort("id")
    its, theirs = standardise(checked_records(seals, side="seals", unique=False), rows)
    found = list(_best_rows_of_seals(its, theirs, model, n))
    at, row, weight = (np.concatenate([np.zeros(0), *(each[side] for each in found)]) for side in range(3))
    pairs = pl.DataFrame(
        {
            "seal": its.ids.gather(at.astype(np.int64)),
            "row": theirs.ids.gather(row.astype(np.int64)),
            "weight": weight,
        }
    )
    once = pairs.group_by("seal", "row").agg(pl.col("weight").max())
    ordered = once.sort("seal", "weight", "row", descending=[False, True, False])
    ranked = ordered.with_columns(rank=pl.int_range(1, pl.len() + 1).over("seal"))
    return ranked.filter(pl.col("rank") <= n).select("seal", "rank", "row", "weight")


def _best_rows_of_seals(
    seals: Records, rows: Records, model: LinkModel, n: int
) -> Iterator[tuple[npt.NDArray[np.generic], ...]]:
    for at in range(len(seals)):
        weights = np.round(_against_all(seals, rows, at, model), 6)
        if len(weights) > n:  # a partition would choose among equal weights by the order of others
            edge = np.partition(weights, len(weights) - n)[len(weights) - n]
            better = np.flatnonzero(weights > edge)
            places = np.concatenate([better, np.flatnonzero(weights == edge)[: n - len(better)]])
        else:
            places = np.arange(len(weights))
        yield np.full(len(places), at), places, weights[places]


def _against_all(seals: Records, rows: Records, at: int, model: LinkModel) -> Weights:
    """Weights of one seal's record with every row: each text of the rows is compared once, and looked up."""
    seal = np.full(len(rows), at)
    total = np.full(len(rows), model.prior)
    total += table_of(model, "arrest_date")[arrest_levels(seals.arrest[seal], rows.arrest, model.window_days)]
    total += table_of(model, "birth_date")[birth_levels(seals.birth[:, [at]], rows.birth)]
    for field in _TEXTS:
        total += table_of(model, field)[_levels_of_rows(seals, rows, at, field, field)]
    last, first = (_levels_of_rows(seals, rows, at, field, field) for field in ("last_name", "first_name"))
    crossed = [_levels_of_rows(seals, rows, at, *fields) for fields in _CROSSED]
    sure = ~may_be_exchanged(last, first)
    for levels in crossed:
        levels[sure] = MISSING
    total += names_together(model, last, first, *crossed)[0]
    return total


def _levels_of_rows(seals: Records, rows: Records, at: int, field: str, its: str) -> Levels:
    """Level of one seal's text with the text of each row, by number; the number of a missing one is -1."""
    texts = seals.texts[field]
    every = np.arange(len(texts.values), dtype=np.int32)
    levels = level_of_codes(field, np.full(len(every), seals.codes[field][at]), every, texts)
    return np.append(levels, np.uint8(MISSING))[rows.codes[its]]
