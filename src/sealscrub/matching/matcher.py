"""Which rows of a table have a key that the index holds, batch by batch, and what the table as a whole comes to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.errors import ColumnError, LowCoverage, UncheckedKeys, WrongColumnError
from sealscrub.identifiers import (
    Canonicalised,
    Status,
    digest_column,
)
from sealscrub.index import Index, Reason

from .key_columns import KeyColumn, canonical_of
from .policy import Policy

__all__ = ["KeyTally", "TableMatcher", "TableTally", "Verdicts"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What became of each row of a batch.

    Attributes
    ----------
    matched : numpy.ndarray of bool
        A key of the row is sealed, or withheld and that is not allowed.
    unchecked : numpy.ndarray of bool
        No key matched, and one is near or unparsable and that is not accepted.
    keep : numpy.ndarray of bool
        The row belongs into the output: it is not matched (unless matched rows stay and are edited), nor unchecked
        where such rows are quarantined.
    """

    matched: Mask
    unchecked: Mask
    keep: Mask

    def __repr__(self) -> str:
        return f"Verdicts({len(self.matched)} rows)"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTally:
    """Counts of one key column over a table, in rows; ``damaged`` is part of ``unparsable``."""

    key: KeyColumn
    rows: int = 0
    sealed: int = 0
    withheld: int = 0
    near: int = 0
    unparsable: int = 0
    damaged: int = 0
    null: int = 0
    coverage: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTally:
    """Counts of a table, in rows, and the share of the seals that its key columns together could recognise."""

    rows: int
    matched: int
    unchecked: int
    coverage: float
    keys: tuple[KeyTally, ...]


class TableMatcher:
    """Matches one table against an index, and counts. Batches may be judged in any order and from several threads.

    Parameters
    ----------
    index : Index
        An open index; every chunk of it is verified first.
    keys : sequence of KeyColumn
        From :func:`parse_on`.
    policy : Policy, optional
    name : str
        What the table is called in errors and reports.
    keep_matched : bool
        Whether matched rows stay, since they are edited instead of dropped.

    Raises
    ------
    UnsuitableIndex
        When the index holds no keys of one of the schemes: nothing would be checked.
    CorruptIndex
        When the index is not what its publisher signed.
    """

    def __init__(
        self,
        index: Index,
        keys: Sequence[KeyColumn],
        policy: Policy | None = None,
        name: str = "",
        *,
        keep_matched: bool = False,
    ) -> None:
        self.index = index
        self.keys = tuple(keys)
        self.policy = policy or Policy()
        self.name = name
        self.keep_matched = keep_matched
        self._secrets = {key.scheme: index.scheme_key(index.require(key.scheme)) for key in self.keys}
        index.verify()
        self._lock = threading.Lock()
        self._counts = np.zeros((len(self.keys), len(Reason) + len(Status)), np.int64)
        self._rows = self._matched = self._unchecked = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a batch must hold."""
        return tuple(dict.fromkeys(column for key in self.keys for column in key.columns))

    def judge(self, batch: pl.DataFrame) -> Verdicts:
        """Judge the rows of a batch, and count them.

        Parameters
        ----------
        batch : polars.DataFrame
            The key columns, at least.

        Raises
        ------
        ColumnError
            When a column is not there, or its type can hold no identifiers.
        """
        for column in self.columns:
            if column not in batch.columns:
                raise ColumnError.absent(column, batch.columns, where=self.name)
        rows = batch.height
        matched, doubtful = np.zeros(rows, bool), np.zeros(rows, bool)
        counts = np.zeros_like(self._counts)
        for at, key in enumerate(self.keys):
            found = canonical_of(batch, key, where=self.name)
            reasons = self._reasons(found, key.scheme)
            matched |= reasons == Reason.SEALED
            if "withheld" not in self.policy.allow:
                matched |= reasons == Reason.WITHHELD
            doubtful |= self._doubtful(found.status)
            counts[at, : len(Reason)] = np.bincount(reasons, minlength=len(Reason) + 1)[1:]
            counts[at, len(Reason) :] = np.bincount(found.status, minlength=len(Status))
        unchecked = doubtful & ~matched
        with self._lock:
            self._counts += counts
            self._rows += rows
            self._matched += int(np.count_nonzero(matched))
            self._unchecked += int(np.count_nonzero(unchecked))
        keep = np.ones(rows, bool) if self.keep_matched else ~matched
        if self.policy.quarantine:
            keep &= ~unchecked
        return Verdicts(matched, unchecked, keep)

    def tally(self) -> TableTally:
        """Counts of all that has been judged so far."""
        with self._lock:
            counts, rows = self._counts.tolist(), self._rows
            matched, unchecked = self._matched, self._unchecked
        keys = []
        for key, row in zip(self.keys, counts, strict=True):
            sealed, withheld, _, null, near, unparsable, damaged = row
            keys.append(
                KeyTally(
                    key=key,
                    rows=rows,
                    sealed=sealed,
                    withheld=withheld,
                    near=near,
                    unparsable=unparsable + damaged,
                    damaged=damaged,
                    null=null,
                    coverage=self.index.coverage([key.scheme]),
                )
            )
        coverage = self.index.coverage(key.scheme for key in self.keys)
        return TableTally(
            rows=rows,
            matched=matched,
            unchecked=unchecked,
            coverage=coverage,
            keys=tuple(keys),
        )

    def check_columns(self) -> None:
        """Refuse a key column most of which does not parse.

        Raises
        ------
        WrongColumnError
            When more of its values than the policy allows are unparsable.
        """
        for key in self.tally().keys:
            values = key.rows - key.null
            if values and key.unparsable / values > self.policy.max_unparsable:
                raise WrongColumnError(
                    f"{key.unparsable} of {values} values of column {key.key.label!r} are no {key.key.scheme}",
                    where=self.name,
                    hint=_wrong_column_hint(key),
                )

    def check_complete(self) -> None:
        """Refuse what was not checked.

        Raises
        ------
        UncheckedKeys
            When rows have near or unparsable keys, and these are neither accepted nor quarantined; or when a key
            is required and there is none.
        LowCoverage
            When the key columns could recognise too small a share of the seals.
        """
        problems = self.problems()
        for error, message, hint in problems:
            raise error(message, where=self.name, hint=hint)

    def problems(self) -> list[tuple[type[UncheckedKeys | LowCoverage], str, str]]:
        """Why the table counts as not completely checked: kind of error, message and hint of each reason."""
        tally = self.tally()
        found: list[tuple[type[UncheckedKeys | LowCoverage], str, str]] = []
        if tally.unchecked and not self.policy.quarantine:
            found.append(
                (
                    UncheckedKeys,
                    f"{tally.unchecked} of {tally.rows} rows have a key that is near a valid one or does not parse",
                    "--quarantine FILE sets these rows aside for a person to look at; "
                    "--accept near,unparsable lets them pass and says so in the report.",
                )
            )
        if tally.coverage < self.policy.min_coverage:
            found.append(
                (
                    LowCoverage,
                    f"the key columns could recognise {tally.coverage:.1%} of the seals, "
                    f"less than {self.policy.min_coverage:.1%}",
                    "name more key columns with --on, or accept less with --min-coverage.",
                )
            )
        if self.policy.require_keys and not self.has_keys():
            found.append((UncheckedKeys, "no row has a key", "name the column that holds the ids."))
        return found

    def has_keys(self) -> bool:
        """Whether any row so far had a key in any of the columns."""
        return any(key.null < key.rows for key in self.tally().keys)

    def _reasons(self, found: Canonicalised, scheme: str) -> npt.NDArray[np.uint8]:
        rows = np.flatnonzero(found.status == Status.OK)
        if len(rows) == len(found.status):
            return self.index.lookup(scheme, digest_column(found.values, self._secrets[scheme]))
        reasons = np.zeros(len(found.status), np.uint8)
        digests = digest_column(found.values.gather(rows), self._secrets[scheme])
        reasons[rows] = self.index.lookup(scheme, digests)
        return reasons

    def _doubtful(self, status: npt.NDArray[np.uint8]) -> Mask:
        doubtful = np.zeros(len(status), bool)
        if "near" not in self.policy.accept:
            doubtful |= status == Status.NEAR
        if "unparsable" not in self.policy.accept:
            doubtful |= (status == Status.UNPARSABLE) | (status == Status.DAMAGED)
        return doubtful


def _wrong_column_hint(key: KeyTally) -> str:
    if key.damaged:
        return (
            "the ids went through a floating-point number, which loses digits and leading zeros: "
            "read the column as text at its source."
        )
    return "name another column or another scheme; --max-unparsable raises the limit where the data is that dirty."
