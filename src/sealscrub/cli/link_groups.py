"""Recall and precision of a decided sample by what the source states of its people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from sealscrub.custodian.reviews import Answers

__all__ = ["rates_by_group"]


def rates_by_group(answers: Answers, linked: pl.DataFrame, groups: Path | None, least: int) -> list[dict[str, object]]:
    """Give how many of the pairs of a group are linked, and how many of its links are right, of the seals in a sample.

    Parameters
    ----------
    answers : Answers
        The sample, as it was decided.
    linked : polars.DataFrame
        The links in force, as :meth:`Registry.links` gives them.
    groups : Path or None
        A file with ``seal_id`` and a column for each further grouping.
    least : int
        Groups of fewer seals are left out.

    Returns
    -------
    list of dict
        A row a group.

    Raises
    ------
    UsageError
        When `least` is below 10.
    ColumnError
        When the file has no column ``seal_id``.
    UnreadableInput
        When it cannot be read.
    """
    import polars as pl

    from sealscrub.custodian.linkage import Links, by_group
    from sealscrub.custodian.reviews import STATED
    from sealscrub.errors import ColumnError
    from sealscrub.reports import Share
    from sealscrub.tables.opener import read_frame

    judged = pl.concat([each.select("seal", "row") for each in (answers.same, answers.different)])
    pairs = linked.join(judged, on=["seal", "row"], how="semi")
    links = Links(pairs.with_columns(pl.col("band").replace({"withheld": "review"})), answers.model)
    true_first = answers.pairs.join(answers.same.with_columns(true=pl.lit(1)), on=["seal", "row"], how="left").sort(
        "true", nulls_last=True, maintain_order=True
    )
    stated = [(name, true_first.select("seal", group=name)) for name in STATED]
    if groups is not None:
        held = read_frame(groups)
        if "seal_id" not in held.columns:
            raise ColumnError.absent(
                "seal_id", where=groups.name, otherwise="a file of groups has a row for each seal, with seal_id."
            )
        others = [name for name in held.columns if name != "seal_id"]
        stated += [(name, held.select(seal=pl.col("seal_id").cast(pl.String), group=name)) for name in others]
    found: list[dict[str, object]] = []
    for name, of_seals in stated:
        known = of_seals.with_columns(pl.col("group").cast(pl.String).str.strip_chars()).filter(pl.col("group") != "")
        rates = by_group(links, answers.same, known, column="group", least=least)
        found += [
            {
                "by": f"By {name}",
                "group": group,
                "recall": Share(recall),
                "precision": "not known" if right is None else Share(right),
            }
            for group, recall, right, _ in rates.iter_rows()
        ]
    return found
