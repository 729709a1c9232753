"""Which records of an answer in JSON the system knows, if a record may have several keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError
from sealscrub.identifiers import Status, get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.matching import KeyColumn

from ..known_ids import NAME_THE_KEY, ONE_SCHEME, Known, known_ids

__all__ = ["KnownRecords", "lists_by_scheme"]


class KnownRecords:
    """A record is known when one of its keys is, and none that it has is unknown."""

    def __init__(self, keys: tuple[KeyColumn, ...], lists: dict[str, Any]) -> None:
        self.known: list[tuple[KeyColumn, Any]] = [
            (key, known_ids({key.scheme: lists[key.scheme]}, (key,))) for key in keys if key.scheme in lists
        ]
        self.places = [place for place, key in enumerate(keys) if key.scheme in lists]

    def holds(self, batch: pl.DataFrame) -> Mask:
        """Say of each row whether it is known."""
        if not self.known:
            return np.ones(batch.height, bool)
        one, none_unknown = np.zeros(batch.height, bool), np.ones(batch.height, bool)
        for key, known in self.known:
            held = known.holds(batch)
            one |= held
            if len(self.known) > 1:
                none_unknown &= held | _has_none(batch, key)
        return one & none_unknown

    def holds_one(self, values: Sequence[str | None]) -> bool:
        """Say it of one record, by the canonical value of each key."""
        held = [
            known.holds_one([values[place]])
            for place, (_, known) in zip(self.places, self.known, strict=True)
            if values[place] is not None
        ]
        return not self.known or (any(held) and all(held))

    def holds_all(self, columns: Sequence[Sequence[str]]) -> Mask:
        """Say it of some records, all of whose keys have a canonical value: a sequence of these for each key."""
        held = np.ones(len(columns[0]), bool)
        for place, (_, known) in zip(self.places, self.known, strict=True):
            held &= known.holds_all([columns[place]])
        return held


def _has_none(batch: pl.DataFrame, key: KeyColumn) -> Mask:
    """Which rows have no key in a column, or in the first of a composite key's, which says whose record it is."""
    parts = get_scheme(key.scheme).parts
    column = batch.get_column(key.columns[0]).alias("key")
    return np.asarray(canonicalise_part(column, parts[0] if parts else key.scheme).status == Status.NULL)


def lists_by_scheme(known: Known | None, keys: tuple[KeyColumn, ...]) -> dict[str, Any] | None:
    """Read `known=`: the ids of each scheme.

    Raises
    ------
    ConfigError
        When it is not said of which scheme the ids are, or one is not a key of the answer.
    """
    if known is None:
        return None
    schemes = {key.scheme for key in keys}
    if isinstance(known, dict):
        lists = {get_scheme(scheme).name: ids for scheme, ids in known.items()}
        if strange := sorted(set(lists) - schemes):
            raise ConfigError(
                f"known identifiers are of {strange[0]}, which is not a key of the response", hint=NAME_THE_KEY
            )
        return lists
    if len(schemes) > 1:
        raise ConfigError("no scheme given for the known identifiers", hint=ONE_SCHEME)
    return {next(iter(schemes)): known}
