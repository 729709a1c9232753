"""Recall and precision by groups that the source itself states, since matching of names fails unevenly."""

from __future__ import annotations

import polars as pl

from sealscrub.errors import ColumnError, UsageError

from .record_fields import checked_pairs
from .seal_links import Links

__all__ = ["by_group"]


def by_group(links: Links, truth: pl.DataFrame, groups: pl.DataFrame, *, column: str, least: int = 50) -> pl.DataFrame:
    """Recall and precision of links in each group of seals.

    Parameters
    ----------
    links : Links
    truth : polars.DataFrame
        ``seal`` and ``row`` of pairs that are known to be the same.
    groups : polars.DataFrame
        ``seal``, and the group that the source states for it, such as ``sex`` or ``race``; never one that was inferred
        from a name.
    column : str
        The column of `groups` that holds it.
    least : int
        Groups of fewer seals with a known row are left out.

    Returns
    -------
    polars.DataFrame
        The group in a column of that name, ``recall`` and ``precision`` with the review band, ``sealed_precision``
        without it. No counts.

    Raises
    ------
    ColumnError
        When a column is absent.
    UsageError
        When `least` is below 10.

    Examples
    --------
    >>> from sealscrub.custodian.linkage import link, starting_model
    >>> from sealscrub.datasets import make_named_arrests
    >>> city = make_named_arrests(2_000, seed=1, noise=2)
    >>> links = link(city.seals, city.rows, starting_model())
    >>> stated = city.seals.select(seal="id", sex="sex")
    >>> by_group(links, city.truth, stated, column="sex")["sex"].to_list()
    ['F', 'M']
    """
    if least < 10:
        raise UsageError("the smallest group must have at least 10 seals", where="least")
    ColumnError.require(("seal", column), groups.columns, where="groups")
    truth = checked_pairs(truth, name="truth").select("seal", "row").with_columns(true=pl.lit(value=True))
    stated = groups.select(pl.col("seal").cast(pl.String), pl.col(column)).drop_nulls().unique("seal", keep="first")
    known = truth.join(stated, on="seal")
    pairs = links.pairs.join(truth, on=["seal", "row"], how="left").join(stated, on="seal")
    right, sealed = pl.col("true").fill_null(value=False), pl.col("band") == "sealed"
    rates = pairs.group_by(column).agg(
        right.sum().alias("found"),
        right.mean().alias("precision"),
        right.filter(sealed).mean().alias("sealed_precision"),
    )
    sizes = known.group_by(column).agg(pl.len().alias("seals"))
    return (
        sizes.filter(pl.col("seals") >= least)
        .join(rates, on=column, how="left")
        .select(
            column, (pl.col("found").fill_null(0) / pl.col("seals")).alias("recall"), "precision", "sealed_precision"
        )
        .sort(column)
    )
