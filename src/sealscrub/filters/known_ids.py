"""Which ids the scrubbed system knows: with them, an unknown id and a sealed one get the same answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ConfigError, Refused, Spelled
from sealscrub.identifiers import Status, canonicalise, canonicalise_parts, get_scheme
from sealscrub.matching import KeyColumn
from sealscrub.tables import frame_adapter

__all__ = ["Known", "KnownIds", "known_ids"]

NAME_THE_KEY = Spelled("name it in on=.", "name it with --on.")
ONE_SCHEME = Spelled('known={"arrest_number": ids}', "--known is for answers with one key: name one with --on.")

_Ids: TypeAlias = Collection[Any] | Callable[[Sequence[Any]], Sequence[bool]]
Known: TypeAlias = _Ids | Mapping[str, _Ids]


class KnownIds(Protocol):
    """Says which records the scrubbed system knows."""

    def holds(self, batch: pl.DataFrame) -> Mask:
        """Say of each row whether it does."""

    def holds_one(self, values: Sequence[str | None]) -> bool:
        """Say it of one record, by the canonical value of each key of the answer."""

    def holds_all(self, columns: Sequence[Sequence[str]]) -> Mask:
        """Say it of some records, all of whose keys have a canonical value: a sequence of these for each key."""


class _Canonical:
    """Ids of one scheme, in canonical form."""

    def __init__(self, key: KeyColumn, ids: _Ids, place: int) -> None:
        self.key, self.place = key, place
        self.ask = ids if callable(ids) else None
        if self.ask is None:
            found = self._canonical(_batch(key, ids))
            self.values = frozenset(found.drop_nulls())

    def holds_one(self, values: Sequence[str | None]) -> bool:
        value = values[self.place]
        if value is None:
            return False
        return value in self.values if self.ask is None else bool(self._ask_known([value])[0])

    def holds_all(self, columns: Sequence[Sequence[str]]) -> Mask:
        values = columns[self.place]
        if self.ask is None:
            return np.fromiter(map(self.values.__contains__, values), bool, len(values))
        return self._ask_known(list(values))

    def holds(self, batch: pl.DataFrame) -> Mask:
        values = self._canonical(batch)
        if self.ask is None:
            return np.fromiter((value in self.values for value in values), bool, len(values))
        there = values.is_not_null().to_numpy()
        held = np.zeros(batch.height, bool)
        held[there] = self._ask_known(values.filter(pl.Series(there)).to_list())
        return held

    def _ask_known(self, values: list[str]) -> Mask:
        if self.ask is None:
            raise TypeError
        try:
            answered = np.asarray(self.ask(values))
        except Exception as error:  # its text may hold an id
            raise Refused(f"the function for known ids raised {type(error).__name__}, so nothing is answered") from None
        bools = answered.dtype == bool or all(isinstance(each, bool | np.bool_) for each in answered.flat)
        if answered.shape != (len(values),) or not bools:
            raise ConfigError(
                "the function for known ids did not return one bool for each id", hint="return one bool for each id."
            )
        return answered.astype(bool)

    def _canonical(self, batch: pl.DataFrame) -> pl.Series:
        parts = get_scheme(self.key.scheme).parts
        columns = [batch.get_column(column).alias("key") for column in self.key.columns]
        found = (
            canonicalise_parts(dict(zip(parts, columns, strict=True)), self.key.scheme)
            if parts
            else canonicalise(columns[0], self.key.scheme)
        )
        return pl.select(
            pl.when(pl.Series(found.status == Status.OK)).then(pl.lit(found.values)).otherwise(None)
        ).to_series()


class _AllKnown:
    """Every key that has a list of known ids is known, and no record is without one."""

    def __init__(self, known: Sequence[_Canonical]) -> None:
        self.known = known

    def holds(self, batch: pl.DataFrame) -> Mask:
        held = np.ones(batch.height, bool)
        for each in self.known:
            held &= each.holds(batch)
        return held

    def holds_one(self, values: Sequence[str | None]) -> bool:
        return all(each.holds_one(values) for each in self.known)

    def holds_all(self, columns: Sequence[Sequence[str]]) -> Mask:
        held = np.ones(len(columns[0]), bool)
        for each in self.known:
            held &= each.holds_all(columns)
        return held


def known_ids(known: Known, keys: Sequence[KeyColumn]) -> KnownIds:
    """Read what ``known=`` says.

    Parameters
    ----------
    known : collection, Series, callable, frame, or mapping of scheme to one of these
        Ids in any spelling of their scheme; a callable gets canonical ids and says for each whether it is known; of a
        frame, the key columns. A record is known when each key that has a list here is on it.
    keys : sequence of KeyColumn
        The keys of the answer.

    Raises
    ------
    ConfigError
        When it is not said of which scheme the ids are.

    Examples
    --------
    >>> keys = (KeyColumn("arrest_number", ("id",)),)
    >>> known_ids({"M14000017"}, keys).holds(pl.DataFrame({"id": ["m14000017", "K14612345"]})).tolist()
    [True, False]
    """
    if isinstance(known, Mapping):
        by_scheme = {key.scheme: (key, at) for at, key in enumerate(keys)}
        for scheme in known:
            if get_scheme(scheme).name not in by_scheme:
                raise ConfigError(
                    f"known ids of {scheme} were given, which is not a key of the answer", hint=NAME_THE_KEY
                )
        return _AllKnown([_canonical_of(by_scheme[get_scheme(scheme).name], ids) for scheme, ids in known.items()])
    if callable(known) or len(keys) == 1 or hasattr(known, "columns"):
        asked = keys if hasattr(known, "columns") else keys[:1]
        return _AllKnown([_Canonical(key, known, at) for at, key in enumerate(asked)])
    raise ConfigError("no scheme given for the known identifiers", hint=ONE_SCHEME)


def _canonical_of(key: tuple[KeyColumn, int], ids: _Ids) -> _Canonical:
    return _Canonical(key[0], ids, key[1])


def _batch(key: KeyColumn, ids: Any) -> pl.DataFrame:
    if hasattr(ids, "columns"):
        return frame_adapter(ids).key_batch(key.columns)
    if len(key.columns) > 1:
        return _batch_of_parts(key, list(ids))
    if isinstance(ids, pl.Series):
        return pl.DataFrame({key.columns[0]: ids})
    values = list(ids)
    are_texts = all(isinstance(value, str | None) for value in values)
    try:
        return pl.DataFrame({key.columns[0]: pl.Series(values, dtype=pl.String if are_texts else None)})
    except UnicodeEncodeError:
        raise ConfigError(_NO_TEXT) from None
    except _NOT_MADE:
        raise ConfigError("the known ids are of several types", hint="give all of them as texts.") from None


def _batch_of_parts(key: KeyColumn, rows: list[Any]) -> pl.DataFrame:
    parts = get_scheme(key.scheme).parts
    listed = ", ".join(parts)
    hint = Spelled(f"known={{{key.scheme!r}: [({listed}), …]}}", "known ids of several parts are named only in Python.")
    if not all(isinstance(row, list | tuple) and len(row) == len(key.columns) for row in rows):
        raise ConfigError(f"a known id is not one of {len(parts)} parts", hint=hint)
    try:
        return pl.DataFrame(rows, schema=list(key.columns), orient="row", infer_schema_length=None)
    except UnicodeEncodeError:
        raise ConfigError(_NO_TEXT) from None
    except _NOT_MADE:
        raise ConfigError("the known ids are of several types", hint=hint) from None


_NOT_MADE = (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError)
_NO_TEXT = "a known id holds half of a surrogate pair, which UTF-8 cannot write"
