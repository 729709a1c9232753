"""What is true of a city, kept apart from its tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from sealscrub.errors import UsageError

__all__ = ["Truth"]


@dataclass(frozen=True, repr=False)
class Truth:
    """Which records are sealed or withheld, whose each row is, and what each messy cell stands for.

    Attributes
    ----------
    arrests : polars.DataFrame
        ``arrest_id``, ``arrest_number``, ``nysid``, ``cjtn``, ``arrest_date``, ``photo``, ``voucher`` (the
        first), ``kind`` (what happened to it), ``status`` (``clear``, ``sealed``, ``withheld``), ``regime``,
        ``effective_from``; canonical ids. A regime stands where the status is not clear.
    dockets : polars.DataFrame
        ``arrest_id``, ``place`` (0: the arrest's first docket), ``docket`` (null if no one prosecuted),
        ``outcome`` (canonical disposition), ``status``, ``regime``, ``effective_from``. A docket can be sealed
        or withheld although its arrest is clear, when another docket of the arrest stands.
    rows : mapping of str to polars.DataFrame
        For each table, in the order of its rows, the ``arrest_id`` that a row is about (null: about none);
        ``co_arrests`` has ``arrest_id_a`` and ``arrest_id_b``, ``dockets`` also ``place``. ``people``,
        ``aliases`` and ``complaints`` are about people and events, and not in it.
    mentions : polars.DataFrame
        ``row``, ``arrest_id``: every arrest whose person a row of ``narratives`` names.
    spellings : polars.DataFrame
        ``table``, ``row``, ``column``, ``kind`` (``spelling``, ``sentinel``, ``typo``, ``missing``),
        ``clean``: one row for each cell that is not written as it should be.

    Examples
    --------
    >>> from sealscrub.datasets import make_city
    >>> truth = make_city(arrests=1_000, seed=0).truth
    >>> sorted(truth.arrests["status"].unique())
    ['clear', 'sealed', 'withheld']
    """

    arrests: pl.DataFrame
    dockets: pl.DataFrame
    rows: Mapping[str, pl.DataFrame]
    mentions: pl.DataFrame
    spellings: pl.DataFrame

    def __repr__(self) -> str:
        return f"Truth({self.arrests.height} arrests)"

    def sealed_rows(
        self, table: str, *, status: Collection[str] = ("sealed",), regimes: Collection[str] | None = None
    ) -> pl.Series:
        """Which rows of a table are about a sealed arrest or, in the table of dockets, are a sealed docket.

        Parameters
        ----------
        table : str
        status : collection of str
            ``sealed``, ``withheld`` or both.
        regimes : collection of str, optional
            Only these regimes; all by default. Not every regime bars every use to everybody: for police
            training, 160.57 (``us-ny/cpl-160.57``) does not, and the others in the city do.

        Returns
        -------
        polars.Series of Boolean

        Raises
        ------
        UsageError
            When the table's rows are not about arrests.
        """
        if table not in self.rows:
            raise UsageError(f"the rows of {table!r} are not about arrests", hint=f"use one of {', '.join(self.rows)}.")
        owners = self.rows[table]
        keys = ["arrest_id", "place"] if "place" in owners.columns else ["arrest_id"]
        verdicts = self.dockets if "place" in owners.columns else self.arrests
        barred = verdicts.filter(pl.col("status").is_in(list(status)))
        if regimes is not None:
            barred = barred.filter(pl.col("regime").is_in(list(regimes)))
        hit = pl.repeat(False, owners.height, eager=True)
        for column in (name for name in owners.columns if name != "place"):
            known = barred.select(keys).unique().with_columns(pl.lit(True).alias("hit"))
            joined = owners.rename({column: "arrest_id"}).join(known, on=keys, how="left", maintain_order="left")
            hit = hit | joined["hit"].fill_null(False)
        return hit.alias("sealed")
