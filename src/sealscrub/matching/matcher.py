"""Which rows of a table have a key that the index holds, batch by batch, and what the table as a whole comes to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sealscrub.boundary.array_types import Mask
from sealscrub.errors import ColumnError, LowCoverage, Spelled, UncheckedKeys, WrongColumnError
from sealscrub.identifiers import (
    Canonicalised,
    Status,
    digest_column,
    get_scheme,
)
from sealscrub.index import Index, Reason

from .key_columns import KeyColumn, canonical_of
from .known_recall import LOW_RECALL, covers_too_little, finds_too_little, known_recall
from .match_counts import KeyTally, MatchCounts, TableTally
from .other_spellings import other_spellings
from .policy import Policy

__all__ = ["TableMatcher", "Verdicts"]

QUARANTINE = Spelled(
    "fix them, quarantine them (Policy(quarantine=True)) or accept them (Policy(accept={'near', 'unparsable'})).",
    "fix them, quarantine them (--quarantine FILE) or accept them (--accept near,unparsable).",
)

WITHOUT_KEY = Spelled(
    "add a key column with on=, or, if no such row can belong to a sealed record, accept them "
    "(Policy(accept={'null'})).",
    "add a key column with --on, or, if no such row can belong to a sealed record, accept them (--accept null).",
)

Digests = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What happened to each row of a batch.

    Attributes
    ----------
    matched : numpy.ndarray of bool
        A key of the row is sealed, or withheld and that is not allowed.
    unchecked : numpy.ndarray of bool
        No key matched, and one is near or unparsable, or none is there, and that is not accepted.
    keep : numpy.ndarray of bool
        The row belongs into the output: it is not matched (unless matched rows stay and are edited), nor unchecked
        if such rows are quarantined.
    status : ndarray of uint8, shape (rows, keys)
        The :class:`sealscrub.identifiers.Status` of each key.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.matching import parse_on
    >>> matcher = TableMatcher(example_index(["K14612345"]), parse_on({"arrest_number": "id"}))
    >>> verdicts = matcher.judge(pl.DataFrame({"id": ["k14-612345", "K14G12345"]}))
    >>> verdicts.matched.tolist(), verdicts.unchecked.tolist()
    ([True, False], [False, True])
    """

    matched: Mask
    unchecked: Mask
    keep: Mask
    status: npt.NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"Verdicts({len(self.matched)} rows)"


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

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.matching import parse_on
    >>> matcher = TableMatcher(example_index(["K14612345"]), parse_on({"arrest_number": "id"}))
    >>> matcher.judge(pl.DataFrame({"id": ["k14-612345", "M14000017"]})).keep.tolist()
    [False, True]
    >>> matcher.tally().matched
    1
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
        self._counted = MatchCounts(len(self.keys))

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
            When a column does not exist, or its type can hold no identifiers.
        """
        ColumnError.require(self.columns, batch.columns, where=self.name)
        rows = batch.height
        matched = np.zeros(rows, bool)
        counts = np.zeros_like(self._counted.by_key)
        status = np.empty((rows, len(self.keys)), np.uint8, order="F")
        hits: list[Digests] = []
        for at, key in enumerate(self.keys):
            found = canonical_of(batch, key, where=self.name)
            reasons, digests = self._reasons(found, key.scheme)
            barred = reasons == Reason.SEALED
            if "withheld" not in self.policy.allow:
                barred |= reasons == Reason.WITHHELD
            matched |= barred
            hits.append(digests[barred[found.status == Status.OK], 0])
            if get_scheme(key.scheme).opaque:
                self._mark_near(found, reasons, key.scheme)
            status[:, at] = found.status
            counts[at, : len(Reason)] = np.bincount(reasons, minlength=len(Reason) + 1)[1:]
            counts[at, len(Reason) :] = np.bincount(found.status, minlength=len(Status))
        others = self._by_status(status[~matched])
        unchecked, without_key = self._unsettled(status)
        unchecked &= ~matched
        reached = (status == Status.OK).any(axis=1)
        with self._lock:
            counted = self._counted
            counted.by_key += counts
            counted.others += others
            for rows_per_key, halves in zip(counted.rows_per_key, hits, strict=True):
                rows_per_key.add(halves)
            counted.rows += rows
            counted.matched += int(np.count_nonzero(matched))
            counted.unchecked += int(np.count_nonzero(unchecked))
            counted.reached += int(np.count_nonzero(reached))
            counted.without_key += int(np.count_nonzero(without_key))
        keep = np.ones(rows, bool) if self.keep_matched else ~matched
        if self.policy.quarantine:
            keep &= ~unchecked
        return Verdicts(matched, unchecked, keep, status)

    def have_rows(self, column: str, values: pl.Series) -> Mask:
        """Say which values name a record of which a row was judged, that matched by this very column."""
        found = np.zeros(len(values), bool)
        for key, rows in zip(self.keys, self._counted.rows_per_key, strict=True):
            if key.columns == (column,) and len(values):
                read = canonical_of(values.alias(column).to_frame(), key, where=self.name)
                good = np.flatnonzero(read.status == Status.OK)
                digests = digest_column(read.values[good], self._secrets[key.scheme])
                with self._lock:
                    found[good] |= rows.have(digests[:, 0])
        return found

    def count_removed(self, status: npt.NDArray[np.uint8]) -> None:
        """Count rows that were judged, do not match and are removed for another reason as rows that match.

        What their keys hold then reveals nothing about a column, and leaves nothing unchecked.

        Parameters
        ----------
        status : ndarray of uint8, shape (rows, keys)
            Of these rows, from :class:`Verdicts`.
        """
        others = self._by_status(status)
        unchecked, without_key = self._unsettled(status)
        with self._lock:
            self._counted.others -= others
            self._counted.unchecked -= int(np.count_nonzero(unchecked))
            self._counted.without_key -= int(np.count_nonzero(without_key))

    @property
    def counted(self) -> MatchCounts:
        """What was counted so far: to be joined to what another matcher of the table counted."""
        return self._counted

    def join(self, part: MatchCounts) -> None:
        """Count rows that another matcher of the same index, keys and policy judged."""
        with self._lock:
            self._counted.join(part)

    def tally(self) -> TableTally:
        """Counts of all that has been judged so far."""
        with self._lock:
            counted = self._counted
            counts, rows, others = counted.by_key.tolist(), counted.rows, counted.others
            written = others.sum(axis=1) - others[:, Status.NULL]
            unread = others[:, Status.UNPARSABLE] + others[:, Status.DAMAGED]
            matched, unchecked = counted.matched, counted.unchecked
            reached, without_key = counted.reached, counted.without_key
            per_key = [(each.rows, each.keys, each.most) for each in counted.rows_per_key]
        keys = []
        for at, (key, row) in enumerate(zip(self.keys, counts, strict=True)):
            rows_matched, matched_keys, most_rows = per_key[at]
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
                    linked=self.index.is_linked([key.scheme]),
                    **self._recall(key.scheme),
                    matched=rows_matched,
                    matched_keys=matched_keys,
                    most_rows=most_rows,
                    written=int(written[at]),
                    unread=int(unread[at]),
                )
            )
        coverage = self.index.coverage(key.scheme for key in self.keys)
        return TableTally(
            rows=rows,
            matched=matched,
            unchecked=unchecked,
            reached=reached,
            without_key=without_key,
            coverage=coverage,
            keys=tuple(keys),
        )

    def check_columns(self) -> None:
        """Refuse a key column most of which does not parse.

        Raises
        ------
        WrongColumnError
            When more of its values than the policy allows are unparsable, in the rows that do not match.
        """
        for key in self.tally().keys:
            if key.written and key.unread / key.written > self.policy.max_unparsable:
                raise WrongColumnError(
                    f"{key.unread} of {key.written} values of column {key.key.label!r} are not {key.key.scheme}; the "
                    f"limit is {100 * self.policy.max_unparsable:g}%",
                    where=self.name,
                    hint=_wrong_column_hint(key),
                )

    def check_complete(self) -> None:
        """Refuse what was not checked.

        Raises
        ------
        UncheckedKeys
            When rows have near or unparsable keys, or none, and these are neither accepted nor quarantined.
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
        doubtful = tally.unchecked - tally.without_key
        if doubtful and not self.policy.quarantine:
            message = f"{doubtful:,} of {tally.rows:,} rows have a near or unparsable key and were not checked"
            found.append((UncheckedKeys, message, QUARANTINE))
        if tally.without_key and not self.policy.quarantine:
            message = f"{tally.without_key:,} of {tally.rows:,} rows have no key and were not checked"
            found.append((UncheckedKeys, message, WITHOUT_KEY))
        schemes = [key.scheme for key in self.keys]
        if why := finds_too_little(self.index, schemes, self.policy):
            found.append((LowCoverage, why, LOW_RECALL))
        if covers_too_little(self.index, schemes, self.policy):
            found.append(
                (
                    LowCoverage,
                    f"the key columns could recognise {tally.coverage:.1%} of the seals, "
                    f"less than {self.policy.min_coverage:.1%}",
                    Spelled(
                        "name more key columns with on=, or accept less: Policy(min_coverage=…).",
                        "name more key columns with --on, or accept less with --min-coverage.",
                    ),
                )
            )
        return found

    def _recall(self, scheme: str) -> dict[str, Any]:
        """What is known of the recall of a linked system, how surely and since when; nothing of another scheme."""
        bound = self.index.linked.get(scheme)
        recall = None if bound is None else known_recall(self.index, [scheme], self.policy)
        if bound is None or recall is None:
            return {}
        return {"recall": recall, "alpha": bound.alpha, "bounded_on": bound.made_on.isoformat()}

    def has_keys(self) -> bool:
        """Whether any row so far had a key in any of the columns."""
        return any(key.null < key.rows for key in self.tally().keys)

    def _reasons(self, found: Canonicalised, scheme: str) -> tuple[npt.NDArray[np.uint8], Digests]:
        """Give the reason of each row, and the digests of those whose key parses."""
        rows = np.flatnonzero(found.status == Status.OK)
        if len(rows) == len(found.status):
            digests = digest_column(found.values, self._secrets[scheme])
            return self.index.lookup(scheme, digests), digests
        reasons = np.zeros(len(found.status), np.uint8)
        digests = digest_column(found.values[rows], self._secrets[scheme])
        reasons[rows] = self.index.lookup(scheme, digests)
        return reasons, digests

    def _mark_near(self, found: Canonicalised, reasons: npt.NDArray[np.uint8], scheme: str) -> None:
        """Call near what is not in the index as it is written, and would be in another spelling."""
        rows = np.flatnonzero((found.status == Status.OK) & (reasons == 0))
        values = found.values if len(rows) == len(found.values) else found.values[rows]
        for there, others in other_spellings(values):
            digests = digest_column(others, self._secrets[scheme])
            found.status[rows[there[self.index.lookup(scheme, digests) > 0]]] = Status.NEAR

    def _by_status(self, status: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        counts = np.zeros_like(self._counted.others)
        for at, each in enumerate(status.T):
            counts[at] = np.bincount(each, minlength=len(Status))
        return counts

    def _unsettled(self, status: npt.NDArray[np.uint8]) -> tuple[Mask, Mask]:
        """Which of some rows could not be checked unless they match, and which of these have no key."""
        nulls = np.zeros(len(status), bool) if "null" in self.policy.accept else (status == Status.NULL).all(axis=1)
        return self._doubtful(status).any(axis=1) | nulls, nulls

    def _doubtful(self, status: npt.NDArray[np.uint8]) -> Mask:
        doubtful = np.zeros(status.shape, bool)
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
    causes = (
        "choose another column or scheme; or remove what a spreadsheet puts around an id, such as an apostrophe, ="
        '"…" or .0;'
    )
    return Spelled(
        f"{causes} Policy(max_unparsable=…) raises the limit where the data is that dirty.",
        f"{causes} --max-unparsable raises the limit where the data is that dirty.",
    )
