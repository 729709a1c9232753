"""A regression drill: plants that a model must find. It bounds nothing, since real errors are not those of plants."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .link_model import LinkModel
from .seal_links import link

__all__ = ["DrillResult", "link_drill"]


@dataclass(frozen=True)
class DrillResult:
    """What happened to the plants.

    Attributes
    ----------
    planted, sealed, reviewed : int
        How many there were, and how many were linked in each band. The others were not found.
    passed : bool
        Whether at least the share that was asked for was linked in either band.

    Examples
    --------
    >>> DrillResult(planted=100, sealed=90, reviewed=9, passed=True).passed
    True
    """

    planted: int
    sealed: int
    reviewed: int
    passed: bool


def link_drill(seals: pl.DataFrame, plants: pl.DataFrame, model: LinkModel, *, floor: float = 0.98) -> DrillResult:
    """Link plants to the seals that they are copies of.

    Parameters
    ----------
    seals : polars.DataFrame
        ``id`` and the fields of :data:`FIELDS`, as text.
    plants : polars.DataFrame
        Likewise; ``id`` is that of the seal of which a row is a damaged copy, and appears once.
    model : LinkModel
    floor : float
        The share of plants that must be linked.

    Returns
    -------
    DrillResult

    Raises
    ------
    ColumnError
        When a column is absent, or is not one of those compared.
    UsageError
        When nothing is planted, or a plant is a copy of no seal.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import starting_model
    >>> from sealscrub.datasets import make_named_arrests, noisy_records
    >>> seals = make_named_arrests(2_000, seed=1).seals.unique("id", keep="first", maintain_order=True)
    >>> link_drill(seals, noisy_records(seals, level=2, seed=3), starting_model()).passed
    True
    """
    for side, frame in (("seals", seals), ("plants", plants)):
        ColumnError.require(["id"], frame.columns, where=side)
    if plants.is_empty() or not plants["id"].is_in(seals["id"].implode()).all():
        raise UsageError(
            "planted records must be copies of seals with their ids, and there must be at least one",
            where="plants",
            hint="make them from the seals, with noise.",
        )
    found = link(seals, plants, model).pairs.filter(pl.col("seal") == pl.col("row"))
    sealed = found.filter(pl.col("band") == "sealed").height
    return DrillResult(plants.height, sealed, found.height - sealed, found.height >= floor * plants.height)
