"""Whether one record has a key that the index holds: for services that answer about a record at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers import UNSETTLED, canonical_rule, get_scheme, plain_digests
from sealscrub.index import Index, Reason

from .key_columns import KeyColumn
from .other_spellings import items_of, respellings_of
from .policy import Policy

__all__ = ["RecordMatcher"]


class RecordMatcher:
    """Matches records one by one, if their keys are plain; the others are for :class:`TableMatcher`.

    Parameters
    ----------
    index : Index
        An open index; a chunk of it is verified before it is first used.
    keys : sequence of KeyColumn
        From :func:`parse_on`.
    policy : Policy, optional

    Raises
    ------
    UnsuitableIndex
        When the index holds no keys of one of the schemes: nothing would be checked.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> matcher = RecordMatcher(example_index(["K14612345"]), [KeyColumn("arrest_number", ("id",))])
    >>> matcher.canonical({"id": "k14-612345"}), matcher.matched(["K14612345"])
    (['K14612345'], True)
    """

    def __init__(self, index: Index, keys: Sequence[KeyColumn], policy: Policy | None = None) -> None:
        self.index = index
        self.keys = tuple(keys)
        self._schemes = [index.require(key.scheme) for key in self.keys]
        self._rules = [(canonical_rule(key.scheme), key.columns) for key in self.keys]
        self._digests = [index.one_digest(scheme) for scheme in self._schemes]
        self._opaque = [get_scheme(scheme).opaque for scheme in self._schemes]
        allowed = "withheld" in (policy or Policy()).allow
        self._barred = frozenset({int(Reason.SEALED)} if allowed else {int(Reason.SEALED), int(Reason.WITHHELD)})

    def canonical(self, record: Mapping[str, Any]) -> list[str | None] | None:
        """Give the canonical value of each key, None for a null; None altogether if one is not plain, or near."""
        found: list[str | None] = []
        for at, (rule, columns) in enumerate(self._rules):
            value = rule([record.get(column) for column in columns])
            if value == UNSETTLED or (value is not None and self._opaque[at] and self._is_near(at, value)):
                return None
            found.append(value)
        return found

    def _is_near(self, at: int, value: str) -> bool:
        scheme, digest = self._schemes[at], self._digests[at]
        if self.index.lookup_one(scheme, digest(value)):
            return False
        return any(self.index.lookup_one(scheme, digest(other)) for other in respellings_of(value) | items_of(value))

    def matched(self, canonical: Sequence[str | None]) -> bool:
        """Whether a key is sealed, or withheld and that is not allowed.

        Raises
        ------
        CorruptIndex
            When a chunk that decides the answer is not what the publisher signed.
        """
        for value, scheme, digest in zip(canonical, self._schemes, self._digests, strict=True):
            if value is not None and self.index.lookup_one(scheme, digest(value)) in self._barred:
                return True
        return False

    def matched_plainly(self, columns: Mapping[str, Sequence[Any]]) -> npt.NDArray[np.bool_] | None:
        """Say it of records whose keys are all canonical as they are; None if one is not."""
        if any(self._opaque):  # whether one is near is asked one by one, or of a table
            return None
        self.index.verify()  # once; a table's look-ups touch most of it anyway
        matched = np.zeros(len(columns[self.keys[0].columns[0]]), bool)
        for key, scheme, digest in zip(self.keys, self._schemes, self._digests, strict=True):
            digests = plain_digests(columns[key.columns[0]], scheme, digest)
            if digests is None:
                return None
            reasons = self.index.lookup(scheme, digests)
            for reason in self._barred:
                matched |= reasons == reason
        return matched

    def __repr__(self) -> str:
        return f"RecordMatcher({', '.join(key.label for key in self.keys)})"
