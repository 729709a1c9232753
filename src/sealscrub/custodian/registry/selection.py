"""Which keys go into an index.

A seal that is barred goes out by its keys. The key of an *arrest* goes out only while every action of the arrest
that the registry knows is barred too: one arrest with three dockets of which one was dismissed goes out by that
docket only. An arrest is known by several keys (arrest number, tracking number, …); what holds one of them back holds
back all of them. A key that is next to two arrests, such as the number and date of a person arrested twice that day,
does not carry the holding back from one arrest to the other.

A link names the arrest of its seal: it is held back if the keys of that arrest are, and holds no key back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.identifiers import Level
from sealscrub.index import Reason

__all__: list[str] = []

_NONE, _WITHHELD, _SEALED = 0, 1, 2  # how strongly a seal covers what it names
_REASONS = {_WITHHELD: int(Reason.WITHHELD), _SEALED: int(Reason.SEALED)}

Covers = npt.NDArray[np.uint8]
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, eq=False)
class Selection:
    """The keys that go out, and what they cover.

    Attributes
    ----------
    keys : mapping of str to polars.DataFrame
        By scheme, ``value`` and ``reason``; each key once.
    seals : int
        How many seals are barred.
    coverage : mapping of tuple of str to int
        For each set of schemes, how many of the seals go out by keys of exactly these.
    held_back : int
        How many keys of arrests are held back because of an action that is not barred.
    """

    keys: Frames
    seals: int
    coverage: Mapping[tuple[str, ...], int]
    held_back: int

    def __repr__(self) -> str:
        return f"Selection({sum(map(len, self.keys.values()))} keys of {self.seals} seals)"


def select_keys(cover: Covers, opened: Mask, keys: Frames, levels: Mapping[str, Level]) -> Selection:
    """Choose the keys that go out.

    Parameters
    ----------
    cover : numpy.ndarray of uint8, shape (seals,)
        0 not barred, 1 withheld, 2 sealed: of every seal that the registry knows.
    opened : numpy.ndarray of bool, shape (seals,)
        Whether its state is ``open``.
    keys : mapping of str to polars.DataFrame
        By scheme, ``seal`` (position in the arrays above) and ``value``; of a linked system also ``most``, how strongly
        a link may cover at most, and null for what a notice names.
    levels : mapping of str to Level
        Level of each scheme, at most 64 of them published.

    Returns
    -------
    Selection
    """
    arrests = sorted(name for name in keys if levels[name] == Level.ARREST)
    actions = sorted(name for name in keys if levels[name] == Level.ACTION)
    covers = {name: _strongest_cover(keys[name], cover) for name in (*arrests, *actions)}
    named = {name: _notice_keys(rows) for name, rows in keys.items()}
    weak, of_seal = _weak_arrests(cover, opened, named, covers, arrests, actions)
    chosen, carried, held_back = {}, np.zeros(len(cover), np.uint64), 0
    published = sorted((*arrests, *actions))
    for bit, name in enumerate(published):
        found = covers[name].with_columns(final="cover")
        if "most" in keys[name].columns:
            linked = _strongest_cover(_held_back(keys[name], of_seal), cover)
            found = covers[name].join(linked.rename({"cover": "final"}), on="value")
        if name in weak:
            found = found.join(weak[name], on="value", how="left")
            found = found.with_columns(final=pl.min_horizontal("final", "weakest"))
        back = found.filter((pl.col("cover") > _NONE) & (pl.col("final") == _NONE)).select("value")
        held_back += len(back)
        rows = keys[name].filter(pl.Series(cover[keys[name]["seal"].to_numpy()] > _NONE))
        rows = rows.join(back, on="value", how="anti") if len(back) else rows
        carried[rows["seal"].to_numpy()] |= np.uint64(1 << bit)
        out = found.filter(pl.col("final") > _NONE)
        if len(out):
            reason = pl.col("final").replace_strict(_REASONS, return_dtype=pl.UInt8)
            chosen[name] = out.select("value", reason=reason)
    masks, counts = np.unique(carried[cover > _NONE], return_counts=True)
    coverage = {
        tuple(name for bit, name in enumerate(published) if int(mask) >> bit & 1): int(count)
        for mask, count in zip(masks, counts, strict=True)
    }
    return Selection(chosen, int(np.count_nonzero(cover)), coverage, held_back)


def _strongest_cover(keys: pl.DataFrame, cover: Covers) -> pl.DataFrame:
    """The strongest cover of each value."""
    covered = keys.select("value", cover=pl.Series(cover[keys["seal"].to_numpy()]))
    if "most" in keys.columns:
        covered = covered.with_columns(cover=pl.min_horizontal("cover", keys["most"]))
    return covered.group_by("value").agg(pl.col("cover").max())


def _notice_keys(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys that notices name, without links."""
    return keys.filter(pl.col("most").is_null()).drop("most") if "most" in keys.columns else keys


def _held_back(keys: pl.DataFrame, of_seal: Covers) -> pl.DataFrame:
    """Keys of a linked system, of which the links cover no more than the arrest of their seal may be."""
    arrest = pl.Series("arrest", of_seal[keys["seal"].to_numpy()])
    return keys.with_columns(most=pl.when(pl.col("most").is_not_null()).then(pl.min_horizontal("most", arrest)))


def _weak_arrests(
    cover: Covers, opened: Mask, keys: Frames, covers: Frames, arrests: list[str], actions: list[str]
) -> tuple[dict[str, pl.DataFrame], Covers]:
    """Keys of arrests of which an action is less than sealed, and how strongly the least covered one is covered.

    Then the same by seal.
    """
    weakest = np.full(len(cover), _SEALED, np.uint8)
    nameless = opened.copy()
    for name in actions:
        nameless[keys[name]["seal"].to_numpy()] = False
        low = covers[name].filter(pl.col("cover") < _SEALED)
        if len(low):
            rows = keys[name].join(low, on="value")
            np.minimum.at(weakest, rows["seal"].to_numpy(), rows["cover"].to_numpy())
    weakest[nameless] = _NONE  # an open record that names no action reveals one nevertheless
    if not arrests or (weakest == _SEALED).all():
        return {}, weakest
    near = _connected_seals(keys, arrests, weakest < _SEALED)
    whole = {name: keys[name].select("seal", "value") for name in arrests}
    named = [rows.filter(pl.Series(near[rows["seal"].to_numpy()])) for rows in whole.values()]
    rows = pl.concat([rows.with_columns(scheme=pl.lit(name)) for name, rows in zip(arrests, named, strict=True)])
    numbers = rows.select("scheme", "value").unique().with_row_index("key")
    held = rows.join(numbers, on=["scheme", "value"]).select("seal", "key", "scheme")
    direct = held.with_columns(weakest=pl.Series(weakest[held["seal"].to_numpy()])).filter(pl.col("weakest") < _SEALED)
    pairs, shared = _same_arrest(held)
    spread = _spread_cover(direct.group_by("key").agg(pl.col("weakest").min()), pairs)
    found = numbers.join(spread, on="key").select("scheme", "value", "weakest")
    _lower_seals(weakest, held, spread, shared)
    return {name: found.filter(pl.col("scheme") == name).drop("scheme") for name in arrests}, weakest


def _lower_seals(weakest: Covers, held: pl.DataFrame, spread: pl.DataFrame, shared: pl.DataFrame) -> None:
    """Give each seal the least cover of its arrest's keys; one next to two arrests says it if no other is there."""
    clear = held.join(shared, on="key", how="anti")
    rows = pl.concat([clear, held.join(clear, on="seal", how="anti")]).join(spread, on="key")
    np.minimum.at(weakest, rows["seal"].to_numpy(), rows["weakest"].to_numpy())


def _connected_seals(keys: Frames, arrests: list[str], seals: Mask) -> Mask:
    """Some seals, those that share an arrest's key with one of them, those that share one with these, and so on."""
    known = seals
    while True:
        reached = known.copy()
        for name in arrests:
            values = keys[name].filter(pl.Series(known[keys[name]["seal"].to_numpy()])).select("value").unique()
            reached[keys[name].join(values, on="value", how="semi")["seal"].to_numpy()] = True
        if (reached == known).all():
            return known
        known = reached


def _same_arrest(held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of keys that name the same arrest: they are on one notice, and neither is next to two arrests.

    Then the keys that are next to two.
    """
    several = held.unique().filter(pl.col("seal").is_duplicated())
    mixed = several.group_by("seal", "scheme").agg(n=pl.len()).filter(pl.col("n") > 1)
    several = several.join(mixed, on="seal", how="anti")
    pairs = several.join(several, on="seal", suffix="_other").filter(pl.col("key") != pl.col("key_other"))
    pairs = pairs.select("key", "key_other", "scheme_other").unique()
    shared = pairs.group_by("key", "scheme_other").agg(n=pl.len()).filter(pl.col("n") > 1).select("key")
    pairs = pairs.join(shared, on="key", how="anti")
    pairs = pairs.join(shared.select(key_other="key"), on="key_other", how="anti").select("key", "key_other")
    return pairs, shared


def _spread_cover(direct: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
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
