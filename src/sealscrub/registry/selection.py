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
    published = [name for name, level in levels.items() if level in (Level.ARREST, Level.ACTION)]
    arrest_schemes = [name for name, level in levels.items() if level == Level.ARREST]
    held = keys.filter(pl.col("scheme").is_in(published)).join(seals, on="seal")
    held = held.with_columns(
        key=pl.struct("scheme", "value").rank("dense").cast(pl.UInt32),
        arrest=pl.col("scheme").is_in(arrest_schemes),
    )
    covers = held.group_by("key").agg(pl.col("cover").max(), pl.first("scheme", "value", "arrest"))
    weakest = _weakest_actions(held, covers)
    chosen = covers.join(weakest, on="key", how="left").with_columns(
        final=pl.when("arrest").then(pl.min_horizontal("cover", "weakest")).otherwise("cover")
    )
    barred = seals.filter(pl.col("cover") > _NONE)
    out = chosen.filter(pl.col("final") > _NONE)
    return Selection(
        keys=out.select("scheme", "value", reason=pl.col("final").replace_strict(_REASONS, return_dtype=pl.UInt8)),
        seals=len(barred),
        coverage=_coverage(barred, held, out),
        held_back=len(chosen.filter((pl.col("cover") > _NONE) & (pl.col("final") == _NONE))),
    )


def _weakest_actions(held: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    """For each arrest's key, how strongly the least covered action of the arrest is covered."""
    arrest = held.filter("arrest").select("seal", "key", "scheme")
    actions = (
        held.filter(~pl.col("arrest"))
        .select("seal", "key")
        .join(covers.select("key", "cover"), on="key")
        .group_by("seal")
        .agg(weakest=pl.col("cover").min())
    )
    # An open record that names no action tells of one nevertheless.
    nameless = held.filter("open", "arrest").select("seal").unique().join(actions, on="seal", how="anti")
    actions = pl.concat([actions, nameless.with_columns(weakest=pl.lit(_NONE).cast(actions.schema["weakest"]))])
    direct = arrest.join(actions, on="seal").group_by("key").agg(pl.col("weakest").min())
    weak = direct.filter(pl.col("weakest") < _SEALED)
    if not len(weak):
        return weak
    return _spread(weak, _same_arrest(arrest))


def _same_arrest(arrest: pl.DataFrame) -> pl.DataFrame:
    """Pairs of keys that name the same arrest: they stand on one notice, and neither stands beside two arrests."""
    several = arrest.filter(pl.col("seal").is_duplicated())
    mixed = several.group_by("seal", "scheme").agg(n=pl.col("key").n_unique()).filter(pl.col("n") > 1)
    several = several.join(mixed, on="seal", how="anti")
    pairs = several.join(several, on="seal", suffix="_other").filter(pl.col("key") != pl.col("key_other"))
    pairs = pairs.select("key", "key_other", "scheme_other").unique()
    shared = pairs.group_by("key", "scheme_other").agg(n=pl.len()).filter(pl.col("n") > 1)
    pairs = pairs.join(shared, on="key", how="anti")
    return pairs.join(shared.select(key_other="key"), on="key_other", how="anti").select("key", "key_other")


def _spread(weak: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Give every key of an arrest the least cover that one of them has."""
    found = weak
    frontier = weak
    while len(frontier):
        reached = frontier.join(pairs, on="key").group_by("key_other").agg(pl.col("weakest").min())
        reached = reached.rename({"key_other": "key"}).join(found, on="key", how="left", suffix="_known")
        frontier = reached.filter(
            pl.col("weakest_known").is_null() | (pl.col("weakest") < pl.col("weakest_known"))
        ).select("key", "weakest")
        found = pl.concat([found, frontier]).group_by("key").agg(pl.col("weakest").min())
    return found


def _coverage(barred: pl.DataFrame, held: pl.DataFrame, out: pl.DataFrame) -> dict[tuple[str, ...], int]:
    carried = (
        held.join(barred.select("seal"), on="seal", how="semi")
        .join(out.select("key"), on="key", how="semi")
        .select("seal", pl.col("scheme").cast(pl.String))
        .unique()
        .sort("scheme")
        .group_by("seal")
        .agg("scheme")
    )
    counts = {tuple(schemes): n for schemes, n in carried.group_by("scheme").agg(n=pl.len()).iter_rows()}
    without = len(barred) - len(carried)
    return {**({(): without} if without else {}), **counts}
