"""The probes of one test: at the sealed records and around them, and at random."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.matching import KeyColumn
from sealscrub.tables import frame_adapter
from sealscrub.tables.row_verdicts import RowMask

from ..trial.arrow_storage import stored
from ..trial.fresh_keys import FreshKeys
from ..trial.pieces import numbered
from ..trial.rows import gathered
from ..trial.worlds import Table, Worlds
from .probes import KINDS, Probe
from .record_noise import Noise
from .wrong_ids import wrong_ids

__all__ = ["ProbeSet", "make_probes", "probes_of_table", "records_of"]

_FEW = 6
_UNKNOWN = 3
_NOISE_SHARES = (0.02, 0.3)
_MOST_PREFIXES = 6


@dataclass(slots=True, eq=False)
class ProbeSet:
    """The probes of a test, in the order in which they are sent.

    Attributes
    ----------
    probes : list of Probe
    masks : list of tuple of str
        For each: spellings of its own ids, which an answer may echo.
    twins : list of tuple of int
        Positions of probes that differ in their ids alone: a sealed one, and some that no record has.
    kin : dict of int to list of tuple of int
        For a sealed one that shares a value of a key column with records that are not sealed (a county, a docket): more
        such ids, with that value. A tuple for each column.
    missing : dict of str to str
        Kinds that are not sent, and what they need.
    """

    probes: list[Probe] = field(default_factory=list)
    masks: list[tuple[str, ...]] = field(default_factory=list)
    twins: list[tuple[int, ...]] = field(default_factory=list)
    kin: dict[int, list[tuple[int, ...]]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, probe: Probe, ids: Sequence[Any] = ()) -> int:
        """Add a probe, and give its position."""
        self.probes.append(probe)
        spelled = {str(each) for each in (*ids, probe.id) if each is not None}
        self.masks.append(tuple(sorted(spelled, key=lambda text: (-len(text), text))))
        return len(self.probes) - 1

    @property
    def sent(self) -> dict[str, int]:
        """How many probes of each kind there are."""
        kinds = [probe.kind for probe in self.probes]
        return {kind: kinds.count(kind) for kind in KINDS if kind in kinds}


def records_of(data: Any, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Give rows of a frame of any library as plain mappings; of names that are shared, the later ones have a number."""
    part = gathered(data, np.asarray(rows, dtype=np.intp))
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(part, pandas.DataFrame):
        names = numbered(map(str, part.columns))
        return [dict(zip(names, row, strict=True)) for row in part.itertuples(index=False, name=None)]
    if isinstance(part, pl.LazyFrame):
        part = part.collect()
    if isinstance(part, pl.DataFrame):
        return list(part.to_dicts())
    names = numbered(part.schema.names)
    columns = [_python_values(part.column(at)) for at in range(part.num_columns)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _python_values(column: Any) -> list[Any]:
    """Give the values of an Arrow column; points in time that Python does not have as what stores them."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return list(stored(column).to_pylist())


def make_probes(
    worlds: Worlds,
    index: Index,
    *,
    kinds: Collection[str],
    own: Sequence[Any],
    person: str | None,
    cell: Sequence[str],
    k: int,
    targets: int,
    random: int,
    seed: int,
) -> ProbeSet:
    """Make the probes of a test from its data.

    Parameters
    ----------
    worlds : Worlds
    index : Index
    kinds : collection of str
        Of :data:`KINDS`.
    own : sequence
        Probes of the caller's own.
    person : str or None
        Column of who a record is of.
    cell : sequence of str
        Columns of where or when a record is.
    k : int
    targets : int
        How many sealed records are probed around, of each table.
    random : int
        How many random probes, of each table.
    seed : int
    """
    found = ProbeSet()
    for table in worlds.tables.values():
        if table.keys and table.sealed.any():
            maker = _Maker(found, table, index, kinds, k, np.random.default_rng(seed))
            maker.around(targets)
            maker.related("same person", [person] if person else [])
            maker.related("same cell", list(cell))
            maker.at_random(random)
    for each in own if "own" in kinds else ():
        found.add(each if isinstance(each, Probe) else Probe(kind="own", own=each, k=k))
    if person is None:
        found.missing["same person"] = "no column of people given"
    if not cell:
        found.missing["same cell"] = "no column of cells given"
    found.missing |= {kind: "it is left out of the kinds" for kind in KINDS if kind not in kinds and kind != "own"}
    return found


def probes_of_table(
    table: Table,
    index: Index | None,
    *,
    kinds: Collection[str],
    k: int,
    targets: int,
    random: int,
    seed: int,
    noise: bool = True,
) -> ProbeSet:
    """Make the probes of one table, only by what is known of it.

    Parameters
    ----------
    table : Table
    index : Index or None
        By which new ids are not sealed.
    kinds, k, targets, random, seed
        As in :func:`make_probes`.
    noise : bool
        Whether every second random record gets noise.
    """
    found = ProbeSet()
    maker = _Maker(found, table, index, kinds, k, np.random.default_rng(seed))
    maker.around(targets)
    maker.at_random(random, noise=noise)
    return found


class _Maker:
    """Makes the probes of one table."""

    def __init__(
        self,
        found: ProbeSet,
        table: Table,
        index: Index | None,
        kinds: Collection[str],
        k: int,
        draws: np.random.Generator,
    ) -> None:
        self.found, self.table, self.kinds, self.k, self.draws = found, table, kinds, k, draws
        self.index = index
        self.columns = [key.columns[0] for key in table.keys]
        self.noise = Noise.of(records_of(table.data, range(min(len(table.sealed), 2_000))), self._key_columns())
        self.targets: list[int] = []
        self._fresh: dict[KeyColumn, FreshKeys] = {}
        self._in_open: dict[str, RowMask] | None = None

    def _key_columns(self) -> set[str]:
        return {column for key in self.table.keys for column in key.columns}

    def around(self, most: int) -> None:
        """Probe at sealed records and around them; the first and the last of them in any case."""
        sealed = np.flatnonzero(self.table.sealed)
        drawn = self.draws.choice(sealed, size=min(most, len(sealed)), replace=False).tolist()
        self.targets = sorted({*drawn[: max(0, most - 2)], int(sealed[0]), int(sealed[-1])})
        records = records_of(self.table.data, self.targets)
        for number, (row, record) in enumerate(zip(self.targets, records, strict=True)):
            self._itself(record, row)
            self._add_probes("near", [self.noise.applied(record, scale, self.draws) for scale in _NOISE_SHARES], record)
            if number < _FEW:
                self._asked_otherwise(record)

    def _itself(self, record: Mapping[str, Any], row: int) -> None:
        if "itself" not in self.kinds:
            return
        at = self._add(Probe(kind="itself", record=record, id=record[self.columns[0]]))
        if "unknown id" in self.kinds:
            self.found.twins.append((at, *self._unknown_ids(record)))
            for column in [name for name, mask in self._shared().items() if mask[row]]:
                kin = self._unknown_ids(record, column)
                self.found.kin.setdefault(at, []).extend([kin] if kin else [])

    def _unknown_ids(self, record: Mapping[str, Any], keep: str = "") -> tuple[int, ...]:
        others = []
        for _ in range(_UNKNOWN):
            try:
                others.append(self._unknown(record, keep))
            except UsageError:
                if not keep:
                    raise
                break  # no more of those that have this value are free
        return tuple(self._add(Probe(kind="unknown id", record=o, id=o[self.columns[0]])) for o in others)

    def _shared(self) -> dict[str, RowMask]:
        """Say of each key column in which rows it has a value that a record has which is not sealed."""
        if self._in_open is None:
            names = sorted(self._key_columns())
            keys = frame_adapter(self.table.data).key_batch(names)
            free = keys.filter(pl.Series(~self.table.sealed))
            self._in_open = {
                name: keys[name].is_in(free[name].implode()).fill_null(value=False).to_numpy() for name in names
            }
        return self._in_open

    def _asked_otherwise(self, record: Mapping[str, Any]) -> None:
        value = record[self.columns[0]]
        base = Probe(kind="boundary", record=record, id=value)
        for size in dict.fromkeys((1, max(1, self.k - 1), self.k + 1, 2 * self.k)):
            self._add(replace(base, k=size))
        for page in range(1, 4):
            self._add(replace(base, kind="page", offset=page * self.k, k=self.k))
        for text in self._prefixes(record):
            self._add(replace(base, kind="prefix", text=text, k=self.k))
        self._add_probes("wrong id", [{**record, self.columns[0]: each} for each in wrong_ids(value)], record)

    def _prefixes(self, record: Mapping[str, Any]) -> list[str]:
        texts = [str(record[self.columns[0]])]
        texts += [each for name, each in record.items() if isinstance(each, str) and name not in self._key_columns()]
        cut = [text[:size] for text in texts[:3] for size in (1, 3, len(text) - 1) if 0 < size < len(text)]
        return list(dict.fromkeys(cut))[: 2 * _MOST_PREFIXES]

    def _add_probes(self, kind: str, records: Sequence[Mapping[str, Any]], source: Mapping[str, Any]) -> None:
        for record in records:
            self._add(Probe(kind=kind, record=record, id=record[self.columns[0]]), source)

    def related(self, kind: str, columns: Sequence[str]) -> None:
        """Probe at records that are not sealed and share some columns with sealed ones."""
        if not columns or kind not in self.kinds or not set(columns) <= set(frame_adapter(self.table.data).columns):
            return
        batch = frame_adapter(self.table.data).key_batch(list(columns))
        told = batch.select(pl.struct(pl.all()).alias("is")).to_series()
        wanted = told.gather(self.targets).unique()
        near = np.flatnonzero(told.is_in(wanted.implode()).to_numpy() & ~self.table.sealed)
        chosen = self.draws.permutation(near)[: 2 * len(self.targets)].tolist()
        self._add_probes(kind, records_of(self.table.data, sorted(chosen)) if chosen else [], {})

    def at_random(self, count: int, *, noise: bool = True) -> None:
        """Probe at records that are not sealed, every second one with noise."""
        free = np.flatnonzero(~self.table.sealed)
        if "random" not in self.kinds or not len(free):
            return
        chosen = self.draws.choice(free, size=count, replace=len(free) < count).tolist()
        for number, record in enumerate(records_of(self.table.data, chosen) if chosen else []):
            self._add_probes(
                "random", [self.noise.applied(record, 1.0, self.draws) if noise and number % 2 else record], record
            )

    def _add(self, probe: Probe, source: Mapping[str, Any] | None = None) -> int:
        text = probe.text or str(probe.id)
        probe = replace(probe, text=text, table=self.table.name, k=probe.k if probe.kind == "boundary" else self.k)
        named = [*self.columns, *(column for key in self.table.keys for column in key.columns[1:])]
        ids = [each[column] for each in (probe.record, source or {}) for column in named if column in each]
        if probe.kind not in self.kinds:
            return -1
        return self.found.add(probe, ids)

    def _unknown(self, record: Mapping[str, Any], keep: str = "") -> dict[str, Any]:
        other = dict(record)
        for key in self.table.keys:
            if key.columns != (keep,) and all(record[column] is not None for column in key.columns):
                other |= self._fresh_keys(key).like(record, keep=keep if keep in key.columns else "")[0]
        return other

    def _fresh_keys(self, key: KeyColumn) -> FreshKeys:
        if key not in self._fresh:  # reading all ids of a large table takes as long as a run
            keys = frame_adapter(self.table.data).key_batch(key.columns)
            self._fresh[key] = FreshKeys(key, keys, self.index, self.draws)
        return self._fresh[key]
