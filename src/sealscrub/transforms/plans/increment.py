"""From one night to the next: what two indexes differ in, how far that reaches, and what need not be written again.

Both indexes are looked up in one pass over the keys. A file is linked from the earlier output when no row of it is
touched and nothing that its table is computed from is. So is all that a Delta or Iceberg table was written as, when no
row of the table is touched; and if it is written as a Delta table, each file of which this is true. A record next to
the output says that plan, sources and output are still those of the earlier run. If anything does not fit, the run is
a full one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sealscrub import __version__
from sealscrub.atomic_write import placed_file
from sealscrub.boundary.array_types import Mask
from sealscrub.certificates import sha256_of
from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.tables.changes import Patch
from sealscrub.tables.files_table import FilesTable
from sealscrub.tables.lake_table import LakeTable
from sealscrub.tables.table import Table

from .estate.estate_search import Estate
from .plan_spec import PlanSpec
from .recomputation.recipes import Recipe

__all__ = ["Record", "Touched", "touched_by"]

Patches = Mapping[str, Mapping[str, Patch]]
_FORMAT = 5


@dataclass(frozen=True, slots=True)
class Touched:
    """What the difference of two indexes reaches.

    Parameters
    ----------
    rows : dict of str to ndarray of bool
        By table, the rows that are removed or change with one index and not, or not in that way, with the other.
    whole : frozenset of str
        Tables that are computed from such rows, and are written as a whole.
    recipes : tuple of Recipe
        Recipes to run: those of these tables, and those that they read from.
    """

    rows: dict[str, Mask]
    whole: frozenset[str]
    recipes: tuple[Recipe, ...]

    def reaches(self, table: str) -> bool:
        """Say whether anything of a table changes."""
        return table in self.whole or (table in self.rows and bool(self.rows[table].any()))

    def untouched_files(self, table: FilesTable) -> list[Path]:
        """Files of a table that would be written as they were, by their places below it."""
        return [table.relative[at] for at in self._untouched(table.name, table.file_rows())]

    def untouched_parts(self, table: LakeTable) -> list[int]:
        """Files of a Delta or Iceberg table that would be written as they were, by their positions."""
        return self._untouched(table.name, [part.rows for part in table.parts])

    def _untouched(self, table: str, file_rows: Sequence[int]) -> list[int]:
        """Give the positions of files, by the rows that each has."""
        if table in self.whole:
            return []
        found, start = [], 0
        for at, rows in enumerate(file_rows):
            if table not in self.rows or not self.rows[table][start : start + rows].any():
                found.append(at)
            start += rows
        return found


def touched_by(
    estate: Estate, earlier: Estate, edits: Patches, edits_earlier: Patches, groups: Sequence[Sequence[Recipe]]
) -> Touched:
    """Say what is reached by the difference of two findings over the same tables."""
    rows = {
        name: (estate.nodes[name].gone != earlier.nodes[name].gone)
        | _differing_rows(edits.get(name, {}), edits_earlier.get(name, {}), estate.gathered[name].rows)
        for name in estate.gathered
    }
    touched = {name for name, changed in rows.items() if changed.any()}
    whole: set[str] = set()
    for group in groups:
        for recipe in group:
            # what a function in Python gives may be another since: its code is not on record
            if recipe.function is not None or touched.intersection({recipe.table, *recipe.tables}):
                whole.add(recipe.table)
        touched |= whole
    known = [recipe for group in groups for recipe in group]
    wanted = [recipe for recipe in known if recipe.table in whole]
    for recipe in wanted:  # grows while it is read
        wanted += [other for other in known if other not in wanted and recipe.reads(other)]
    return Touched(rows, frozenset(whole), tuple(recipe for recipe in known if recipe in wanted))


def _differing_rows(new: Mapping[str, Patch], old: Mapping[str, Patch], rows: int) -> Mask:
    found = np.zeros(rows, bool)
    for column in {*new, *old}:
        if column not in new or column not in old:
            found[(new.get(column) or old[column]).rows] = True
            continue
        one, other = new[column], old[column]
        found[np.setxor1d(one.rows, other.rows)] = True
        both, at, there = np.intersect1d(one.rows, other.rows, assume_unique=True, return_indices=True)
        left, right = one.values.gather(at).to_list(), other.values.gather(there).to_list()
        found[both[[a != b for a, b in zip(left, right, strict=True)]]] = True
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """What an output was made from, kept next to it (0600) for the next run.

    Parameters
    ----------
    output : Path
        The output's folder.
    """

    output: Path

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.output.with_name(f".{self.output.name[:100]}.sealscrub.json")

    def write(self, spec: PlanSpec, index: Index, label: str, policy: Policy, tables: Mapping[str, Table]) -> None:
        """Take down a finished run."""
        facts = self._facts(spec, index.id, label, policy, tables)
        with placed_file(self.path, mode=0o600) as file:
            placed = {name: table.placed for name, table in tables.items() if isinstance(table, LakeTable)}
            said = facts | {"output": _states(self.output), "against": _state_of(index), "placed": placed}
            file.write(json.dumps(said, indent=1).encode())

    def fits(self, spec: PlanSpec, index: Index, label: str, policy: Policy, tables: Mapping[str, Table]) -> bool:
        """Say whether the output is still that of a run with this index, plan and sources, and as strict."""
        try:
            known = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return False
        facts = self._facts(spec, index.id, label, policy, tables)
        for name in ("against", "placed"):
            known.pop(name, None)
        return bool(known == json.loads(json.dumps(facts | {"output": _states(self.output)})))

    def placed(self, table: str) -> list[str | None] | None:
        """Give what each file of a Delta or Iceberg table was written as, if it was written as a Delta table.

        That is asked only of a record that fits.
        """
        known: list[str | None] | None = json.loads(self.path.read_bytes())["placed"].get(table)
        return known

    def against(self, spec: PlanSpec) -> dict[str, Any]:
        """Give the state of the index that the output was made with, if it is still what was made, by this plan.

        Raises
        ------
        UsageError
            When there is no record, or plan or output have changed since; the message says which.
        """
        try:
            known = json.loads(self.path.read_bytes())
            state = dict(known["against"])
        except (OSError, ValueError, KeyError, TypeError):
            raise UsageError("there is no record of a run that made it") from None
        if known.get("plan") != _digest(spec):
            raise UsageError("the plan was changed since")
        if known.get("output") != _states(self.output):
            raise UsageError("the output was changed since")
        return state

    def _facts(
        self, spec: PlanSpec, index: str, label: str, policy: Policy, tables: Mapping[str, Table]
    ) -> dict[str, Any]:
        read = {name: table for name, table in tables.items() if isinstance(table, FilesTable | LakeTable)}
        files = [path for table in read.values() for path in table.files]
        return {
            "format": _FORMAT,
            "sealscrub": __version__,
            "plan": _digest(spec),
            "index": index,
            "label": label,
            "strict": [sorted(policy.allow), sorted(policy.accept), policy.quarantine],
            "sources": _digest_of({str(path): _state(path) for path in files}),  # a path may hold ids
            "versions": {name: table.state for name, table in read.items() if isinstance(table, LakeTable)},
        }


def _digest(spec: PlanSpec) -> str:
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()


def _digest_of(states: Mapping[str, list[int] | None]) -> str:
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()


def _state_of(index: Index) -> dict[str, Any]:
    facts = index.header.facts
    return {
        "registry": facts.registry,
        "epoch": facts.epoch,
        "as_of": facts.as_of.isoformat(),
        "not_after": facts.not_after.isoformat(),
        "audience": facts.audience,
        "uses": list(facts.uses),
    }


def _states(folder: Path) -> dict[str, str]:
    """Give the digests of the files of an output: they are linked as they are, whatever their times say."""
    found: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256_of(path) for path in found}


def _state(path: Path) -> list[int] | None:
    """Give what a source is known by, if it is there; the last time changes with the bytes, and no program sets it."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return [facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns]
