"""Links between seals and the rows of a source, each decided only by that pair and a frozen model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from .candidate_pairs import candidate_pieces
from .link_model import LinkModel
from .pair_weights import weigh_pairs
from .record_fields import checked_pairs, checked_records
from .standard_records import MISSING_DAY, standardise

__all__ = ["Links", "link", "link_new"]


@dataclass(frozen=True, repr=False)
class Links:
    """What was linked.

    Attributes
    ----------
    pairs : polars.DataFrame
        A row for each pair: ``seal``, ``row``, ``weight``, and ``band``, which is ``sealed`` or ``review``.
    model_digest : str
        Of the model that decided.

    Examples
    --------
    >>> pairs = pl.DataFrame({"seal": ["s1"], "row": ["r1"], "weight": [9.5], "band": ["sealed"]})
    >>> Links(pairs, model_digest="5b1f0c9e77a2d4e8")
    Links(model_digest='5b1f0c9e77a2')
    """

    pairs: pl.DataFrame
    model_digest: str

    def __repr__(self) -> str:
        return f"Links(model_digest={self.model_digest[:12]!r})"


def link(seals: pl.DataFrame, rows: pl.DataFrame, model: LinkModel, *, known: pl.DataFrame | None = None) -> Links:
    """Find the rows that are records of sealed arrests.

    A pair depends on its seal, its row and the model, and on no other seal or row. A pair of which one side has no
    arrest date is never ``sealed``: it links a person, and is reviewed. So is a pair
    whose given names differ by more than a letter or two, as those of twins do, or whose suffixes differ while no birth
    date agrees, as those of a father and a son do, unless it has one number of a person, and a pair whose arrest dates
    and charges both differ, as those of two arrests do.

    Parameters
    ----------
    seals : polars.DataFrame
        ``id`` and the fields of :data:`FIELDS`, as text. A seal with several names has several rows of one id.
    rows : polars.DataFrame
        Likewise; ids are unique.
    model : LinkModel
    known : polars.DataFrame, optional
        ``seal`` and ``row`` of pairs that are known already, and are not listed again.

    Returns
    -------
    Links

    Raises
    ------
    ColumnError
        When a column is absent, or is not one of those compared.
    UsageError
        When an id is null or, in `rows`, there twice; when a field is not text.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import starting_model
    >>> seals = pl.DataFrame({"id": ["s1"], "last_name": ["QUILL"], "first_name": ["ANN"],
    ...                       "birth_date": ["1984-07-31"], "arrest_date": ["2019-03-04"]})
    >>> rows = pl.DataFrame({"id": ["a", "b"], "last_name": ["Quil", "Quill"], "first_name": ["Ann", "Ann"],
    ...                      "birth_date": ["7/31/1984", "7/31/1984"], "arrest_date": ["3/5/2019", "8/1/2021"]})
    >>> link(seals, rows, starting_model()).pairs.select("seal", "row", "band").rows()
    [('s1', 'a', 'sealed')]
    """
    seals = checked_records(seals, side="seals", unique=False)
    rows = checked_records(rows, side="rows", unique=True)
    its, theirs = standardise(seals, rows)
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for seal, row in candidate_pieces(its, theirs, model):
        kept, weights, doubtful = weigh_pairs(its, theirs, seal, row, model)
        found.append((seal[kept], row[kept], weights, doubtful))
    none = np.zeros(0, np.int64)
    seal, row = (np.concatenate([none, *(each[side] for each in found)]) for side in (0, 1))
    weight = np.concatenate([np.zeros(0), *(each[2] for each in found)])
    doubtful = np.concatenate([np.zeros(0, bool), *(each[3] for each in found)])
    dated = (its.arrest[seal] != MISSING_DAY) & (theirs.arrest[row] != MISSING_DAY)
    pairs = pl.DataFrame(
        {
            "seal": its.ids.gather(seal),
            "row": theirs.ids.gather(row),
            "weight": weight,
            "sealed": dated & ~doubtful & (weight >= model.upper),
        }
    )
    pairs = pairs.group_by("seal", "row").agg(pl.col("weight").max(), pl.col("sealed").any()).sort("seal", "row")
    if known is not None:
        pairs = pairs.join(checked_pairs(known, name="known"), on=["seal", "row"], how="anti", maintain_order="left")
    band = pl.when("sealed").then(pl.lit("sealed")).otherwise(pl.lit("review")).alias("band")
    return Links(pairs.select("seal", "row", "weight", band), model.digest)


def link_new(
    seals: pl.DataFrame,
    rows: pl.DataFrame,
    model: LinkModel,
    *,
    new_seals: Collection[str],
    new_rows: Collection[str],
) -> Links:
    """Compare new seals with all rows, and all seals with new rows.

    What it leaves out, pairs of which neither side is new, :func:`link` has compared before.

    Parameters
    ----------
    seals, rows, model
        As of :func:`link`.
    new_seals, new_rows : collection of str
        Ids of what is new; those that are missing are ignored.

    Returns
    -------
    Links

    Raises
    ------
    ColumnError, UsageError
        As :func:`link`.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import starting_model
    >>> seals = pl.DataFrame({"id": ["s1"], "last_name": ["QUILL"], "first_name": ["ANN"],
    ...                       "birth_date": ["1984-07-31"], "arrest_date": ["2019-03-04"]})
    >>> rows = seals.with_columns(id=pl.lit("a"))
    >>> rows = pl.concat([rows, rows.with_columns(id=pl.lit("b"))])
    >>> link_new(seals, rows, starting_model(), new_seals=[], new_rows=["b"]).pairs["row"].to_list()
    ['b']
    """
    seals = checked_records(seals, side="seals", unique=False)
    rows = checked_records(rows, side="rows", unique=True)
    new, fresh = (pl.Series(list(ids), dtype=pl.String).implode() for ids in (new_seals, new_rows))
    its, theirs = seals["id"].is_in(new), rows["id"].is_in(fresh)
    parts = [link(seals.filter(its), rows, model), link(seals.filter(~its), rows.filter(theirs), model)]
    return Links(pl.concat([part.pairs for part in parts]).sort("seal", "row"), model.digest)
