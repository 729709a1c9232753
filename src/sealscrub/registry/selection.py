"""Which keys go into an index.

A seal that is barred goes out by its keys. The key of an *arrest* goes out only while every action of the arrest
that the registry knows is barred too: one arrest with three dockets of which one was dismissed goes out by that
docket alone. An arrest is known by several keys (arrest number, CJTN, …); what holds one of them back holds back
all of them. A key that stands beside two arrests, such as the NYSID and date of a person arrested twice that day,
does not carry the holding back from one arrest to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from sealscrub.identifiers import Level
from sealscrub.index import Reason

__all__: list[str] = []

_NONE, _WITHHELD, _SEALED = 0, 1, 2  # how strongly a seal covers what it names
_REASONS = {_WITHHELD: int(Reason.WITHHELD), _SEALED: int(Reason.SEALED)}


@dataclass(frozen=True, eq=False)
class Selection:
    """The keys that go out, and what they cover.

    Attributes
    ----------
    keys : polars.DataFrame
        ``scheme``, ``value``, ``reason``; each key once.
    seals : int
        How many seals are barred.
    coverage : mapping of tuple of str to int
        For each set of schemes, how many of the seals go out by keys of exactly these.
    held_back : int
        How many keys of arrests are held back because of an action that is not barred.
    """

    keys: pl.DataFrame
    seals: int
    coverage: Mapping[tuple[str, ...], int]
    held_back: int

    def __repr__(self) -> str:
        return f"Selection({len(self.keys)} keys of {self.seals} seals)"


def select_keys(seals: pl.DataFrame, keys: pl.DataFrame, levels: Mapping[str, Level]) -> Selection:
    """Choose the keys that go out.

    Parameters
    ----------
    seals : polars.DataFrame
        ``seal`` (integer), ``cover`` (0 not barred, 1 withheld, 2 sealed) and ``open`` (its state is ``open``) of
        every seal that the registry knows.
    keys : polars.DataFrame
        ``seal``, ``scheme``, ``value``; each once.
    levels : mapping of str to Level
        Level of each scheme.

    Returns
    -------
    Selection
    """
    published = {name: level for name, level in levels.items() if level in (Level.ARREST, Level.ACTION)}
    held = keys.filter(pl.col("scheme").is_in(list(published))).join(seals, on="seal")
    held = held.with_columns(
        arrest=pl.col("scheme").is_in([n for n, level in published.items() if level == Level.ARREST])
    )
    covers = held.group_by("scheme", "value").agg(pl.col("cover").max(), pl.col("arrest").first())
    weak = _weak_arrests(held, covers)
    final = pl.min_horizontal("cover", "weakest") if len(weak) else pl.col("cover")
    if len(weak):
        covers = covers.join(weak, on=["scheme", "value"], how="left")
    chosen = covers.with_columns(final=final)
    out = chosen.filter(pl.col("final") > _NONE).select("scheme", "value", "final")
    held_back = chosen.filter((pl.col("cover") > _NONE) & (pl.col("final") == _NONE)).select("scheme", "value")
    return Selection(
        keys=out.select("scheme", "value", reason=pl.col("final").replace_strict(_REASONS, return_dtype=pl.UInt8)),
        seals=len(seals.filter(pl.col("cover") > _NONE)),
        coverage=_coverage(seals, held, held_back, list(published)),
        held_back=len(held_back),
    )


def _weak_arrests(held: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    """Keys of arrests of which an action is less than sealed, and how strongly the least covered one is covered."""
    uncovered = covers.filter(~pl.col("arrest") & (pl.col("cover") < _SEALED))
    actions = (
        held.lazy()
        .filter(~pl.col("arrest"))
        .select("seal", "scheme", "value")
        .join(uncovered.lazy().select("scheme", "value", weakest="cover"), on=["scheme", "value"])
        .group_by("seal")
        .agg(pl.col("weakest").min())
        .collect()
    )
    # An open record that names no action tells of one nevertheless.
    nameless = held.group_by("seal").agg(pl.col("arrest").all(), pl.col("open").any()).filter("arrest", "open")
    actions = pl.concat([actions, nameless.select("seal", weakest=pl.lit(_NONE).cast(actions.schema["weakest"]))])
    if not len(actions):
        return held.clear().select("scheme", "value", weakest="cover")
    arrests = _near(held.filter("arrest").select("seal", "scheme", "value"), actions.select("seal"))
    keys = arrests.select("scheme", "value").unique().with_row_index("key")
    arrests = arrests.join(keys, on=["scheme", "value"]).select("seal", "key", "scheme")
    direct = arrests.join(actions, on="seal").group_by("key").agg(pl.col("weakest").min())
    return keys.join(_spread(direct, _same_arrest(arrests)), on="key").select("scheme", "value", "weakest")


def _near(arrests: pl.DataFrame, seals: pl.DataFrame) -> pl.DataFrame:
    """The arrests' keys on some seals, on the seals that share one with them, and so on."""
    known = seals.unique()
    while True:
        keys = arrests.join(known, on="seal", how="semi").select("scheme", "value").unique()
        near = arrests.join(keys, on=["scheme", "value"], how="semi")
        reached = near.select("seal").unique()
        if len(reached.join(known, on="seal", how="anti")) == 0:
            return near
        known = pl.concat([known, reached]).unique()


def _same_arrest(arrests: pl.DataFrame) -> pl.DataFrame:
    """Pairs of keys that name the same arrest: they stand on one notice, and neither stands beside two arrests."""
    several = arrests.filter(pl.col("seal").is_duplicated())
    mixed = several.group_by("seal", "scheme").agg(n=pl.col("key").n_unique()).filter(pl.col("n") > 1)
    several = several.join(mixed, on="seal", how="anti")
    pairs = several.join(several, on="seal", suffix="_other").filter(pl.col("key") != pl.col("key_other"))
    pairs = pairs.select("key", "key_other", "scheme_other").unique()
    shared = pairs.group_by("key", "scheme_other").agg(n=pl.len()).filter(pl.col("n") > 1)
    pairs = pairs.join(shared, on="key", how="anti")
    return pairs.join(shared.select(key_other="key"), on="key_other", how="anti").select("key", "key_other")


def _spread(direct: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Give every key of an arrest the least cover that one of them has."""
    found = frontier = direct
    while len(frontier):
        reached = frontier.join(pairs, on="key").group_by("key_other").agg(pl.col("weakest").min())
        reached = reached.rename({"key_other": "key"}).join(found, on="key", how="left", suffix="_known")
        frontier = reached.filter(
            pl.col("weakest_known").is_null() | (pl.col("weakest") < pl.col("weakest_known"))
        ).select("key", "weakest")
        found = pl.concat([found, frontier]).group_by("key").agg(pl.col("weakest").min())
    return found


def _coverage(
    seals: pl.DataFrame, held: pl.DataFrame, held_back: pl.DataFrame, schemes: list[str]
) -> dict[tuple[str, ...], int]:
    """How many barred seals go out by keys of exactly which schemes; a scheme is a bit."""
    total = len(seals.filter(pl.col("cover") > _NONE))
    bits = {name: 1 << at for at, name in enumerate(sorted(schemes))}
    barred = held.filter(pl.col("cover") > _NONE)
    if not len(barred):
        return {(): total} if total else {}
    if len(held_back):
        barred = barred.join(held_back, on=["scheme", "value"], how="anti")
    masks = (
        barred.select("seal", bit=pl.col("scheme").cast(pl.String).replace_strict(bits, return_dtype=pl.Int64))
        .group_by("seal")
        .agg(pl.col("bit").bitwise_or())
    )
    counts = {
        tuple(name for name, bit in bits.items() if mask & bit): n
        for mask, n in masks.group_by("bit").agg(n=pl.len()).iter_rows()
    }
    without = total - len(masks)
    return {(): without, **counts} if without else counts
