"""Identifiers in texts that the system does not know: once you say which it knows, they are removed as sealed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.identifiers import get_scheme
from sealscrub.identifiers.canonical import canonicalise_part
from sealscrub.matching import KeyColumn

from ..known_ids import KnownIds, known_ids

__all__ = ["KnownInTexts"]


class KnownInTexts:
    """Which identifiers the scrubbed system holds, read once for many texts.

    A text that repeats what it was asked for, as a page of results or a refusal does, reveals who is sealed when only
    sealed identifiers are removed from it.

    Parameters
    ----------
    known : mapping of scheme to ids
        As everywhere in :mod:`sealscrub.filters`.

    besides : mapping of scheme to id, optional
        An id for each that says nothing of any record, and stays: what a service puts in the place of unknown ones.
        Of a key of several parts, its first.

    Raises
    ------
    ConfigError
        When it is not said of which scheme the ids are.
    """

    def __init__(self, known: Mapping[str, Any], besides: Mapping[str, str] | None = None) -> None:
        if not isinstance(known, Mapping):
            raise ConfigError("known= does not name the scheme of its identifiers", hint='known={"arrest_number": ids}')
        self._lists: dict[str, list[KnownIds]] = {}
        for named, ids in known.items():
            scheme = get_scheme(named)
            key = KeyColumn(scheme.name, scheme.parts or (scheme.name,))
            self._lists[scheme.name] = [known_ids({scheme.name: ids}, (key,))]
            if besides and scheme.name in besides:
                spared = besides[scheme.name]
                ids = partial(_of_person, f"{_canonical(spared, scheme.parts[0])}@") if scheme.parts else [spared]
                self._lists[scheme.name].append(known_ids({scheme.name: ids}, (key,)))

    def unknown(self, scheme: str, values: pl.Series) -> npt.NDArray[np.bool_]:
        """Say which canonical values of a scheme are not known; of a scheme without a list, none."""
        lists = self._lists.get(scheme)
        if lists is None:
            return np.zeros(len(values), bool)
        return np.fromiter((not any(held.holds_one([value]) for held in lists) for value in values), bool, len(values))

    def __repr__(self) -> str:
        return f"KnownInTexts({', '.join(self._lists)})"


def _canonical(value: str, scheme: str) -> str | None:
    found: str | None = canonicalise_part(pl.Series([value], dtype=pl.String), scheme).values[0]
    return found


def _of_person(beginning: str, values: Sequence[str]) -> list[bool]:
    return [value.startswith(beginning) for value in values]
