"""Known pairs by which a clerk is measured: added to a review or a sample, and read back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from sealscrub.custodian.linkage import KnownPairs, LinkModel

__all__ = ["invented_pairs", "known_counts", "known_in_words", "with_known"]

_LEVEL = 5.0
"""How many errors the copies have: those of a bad file."""


def invented_pairs(
    size: int, seals: pl.DataFrame, rows: pl.DataFrame, model: LinkModel, *, wrong_alone: bool = False
) -> KnownPairs:
    """Invent pairs of seals that name somebody.

    Raises
    ------
    UsageError
        When fewer than two seals do, or fewer than two pairs are asked for.
    """
    import polars as pl

    from sealscrub.custodian.linkage import draw_sample, known_pairs
    from sealscrub.datasets import noisy_records
    from sealscrub.errors import UsageError

    named = seals.drop_nulls(["last_name", "first_name", "arrest_date"]).unique("id", keep="first", maintain_order=True)
    if size < 2 or named.height < 2:
        raise UsageError(
            "at least two seals with names and an arrest date are needed for known pairs",
            hint="--seed-known 40 is usual.",
        )
    seed = secrets.randbits(31)
    drawn = draw_sample(named["id"].to_list(), size, seed)
    copied = named.filter(pl.col("id").is_in(drawn)).sample(fraction=1, shuffle=True, seed=seed)
    copies = noisy_records(copied, level=_LEVEL, seed=seed)
    return known_pairs(seals, copies, rows, model, seed=seed, wrong_alone=wrong_alone)


def with_known(added: KnownPairs, pairs: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put known pairs among others, and their rows among the rows."""
    import polars as pl

    return (
        pl.concat([pairs, added.pairs.select(pairs.columns)]),
        pl.concat([rows, added.rows], how="diagonal"),
    )


def known_counts(told: pl.DataFrame) -> dict[str, int]:
    """Count how the clerk read known pairs; of none there is nothing to count."""
    import polars as pl

    if told.is_empty():
        return {}
    answered = told.filter(pl.col("answer").is_in(["same", "not"]))
    wrong = answered.filter(pl.col("answer") != pl.col("known"))
    return {
        "same": answered.filter(known="same").height,
        "same_called_not": wrong.filter(known="same").height,
        "not": answered.filter(known="not").height,
        "not_called_same": wrong.filter(known="not").height,
        "undecided": told.height - answered.height,
    }


def known_in_words(counts: dict[str, int]) -> str:
    """Say it."""
    return (
        f"of {counts['same']:,} that are the same, {counts['same_called_not']:,} called not; of {counts['not']:,} that "
        f"are not, {counts['not_called_same']:,} called the same; {counts['undecided']:,} without a decision. None of "
        "them is linked."
    )
