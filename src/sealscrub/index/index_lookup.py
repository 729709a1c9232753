"""Opening an index and looking keys up in it.

The file is memory-mapped, so it opens at once whatever its size and workers share its pages. A chunk of the
body is verified against the signed header before what it says is relied on, for a miss as for a hit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sealscrub.errors import UnsuitableIndex
from sealscrub.identifiers import AudienceKey, OneDigest, Scheme, get_scheme, register_scheme
from sealscrub.identifiers.known_schemes import own_schemes_of

from .fitness import check_dates, check_use, the_day
from .index_file import MappedFile
from .planted_keys import is_planted, overlay
from .recall_bounds import MOST_ALPHA, RecallBound
from .rule_reviews import reviews_in_words
from .uses import Reason

__all__ = ["Index"]

_REASON_BITS = 2
_SLAB = 1 << 18  # keys looked up at a time
_FEW_KEYS = 1 << 11  # keys whose entries are looked at together

Digests = npt.NDArray[np.uint64]
_Reopen = Callable[[str, str | None, str, int], "Index"]
"""Opens the index that a pickle refers to: by its path, its key file, its id and epoch."""


class Index:
    """A published index, open for look-ups. Made by :func:`sealscrub.open_index`.

    Its representation shows epoch, date and size, never content. It pickles and copies as a reference to its file; the
    definitions of schemes of yours that it holds go along.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])

    >>> len(index), index.audience, index.schemes
    (1, 'police', ('arrest_number',))
    """

    def __init__(
        self, file: MappedFile, key: AudienceKey, reopen: Callable[[str, str | None, str, int], Index]
    ) -> None:
        self.path = file.path
        self.header = header = file.header
        self._file = file
        self._key = key
        self._reopen = reopen
        layout, n = file.layout, header.entries
        self._prefix_shift = np.uint64(64 - header.prefix_bits)
        self._bucket_shift = np.uint64(64 - header.bucket_bits)
        self._bitmap = file.array(layout.bitmap, (1 << header.prefix_bits) // 8, np.uint8)
        self._buckets = file.array(layout.buckets, (1 << header.bucket_bits) + 1, np.uint32)
        self._high = file.array(layout.high, n, np.uint64)
        self._low = file.array(layout.low, n, np.uint64)
        self._codes = file.array(layout.codes, n, np.uint8)
        self._layout = layout
        self._scheme_keys: dict[str, bytes] = {}
        self._digests: dict[str, OneDigest] = {}
        # for single items: numpy makes an object of its own of each
        parts: list[Any] = [self._bitmap, self._buckets, self._high, self._low, self._codes]
        self._items = tuple(memoryview(part) for part in parts)

    @property
    def epoch(self) -> int:
        """Number of the registry's last committed change."""
        return self.header.facts.epoch

    @property
    def as_of(self) -> date:
        """The day whose law and facts the index gives."""
        return self.header.facts.as_of

    @property
    def not_after(self) -> date:
        """The last day on which the index may be trusted."""
        return self.header.facts.not_after

    @property
    def uses(self) -> tuple[str, ...]:
        """The uses from which its entries are barred."""
        return self.header.facts.uses

    @property
    def audience(self) -> str:
        """To whom its entries are barred."""
        return self.header.facts.audience

    @property
    def schemes(self) -> tuple[str, ...]:
        """Schemes whose keys it holds, by name."""
        return tuple(self.header.schemes)

    @property
    def id(self) -> str:
        """Digest of the signed header, 32 hex digits: names these very contents."""
        return self._file.id

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it was opened from: the index, and its key if that came from one."""
        return (self._file.absolute_path,) if self._key.path is None else (self._file.absolute_path, self._key.path)

    @property
    def annex_public_key(self) -> bytes:
        """To whom annexes and memberships are encrypted: 32 bytes, X25519, as its key names them."""
        return self._key.annex_public_key

    @property
    def publisher_public_key(self) -> bytes:
        """Whose signature it bears: 32 bytes, Ed25519, as its key names them."""
        return self._key.publisher_public_key

    @property
    def key_id(self) -> str:
        """Sixteen hex digits that name the key under which its digests are made."""
        return self.header.key_id

    @property
    def linked(self) -> Mapping[str, RecallBound | None]:
        """By scheme, the systems whose keys stand for links, with the bound on the links' recall if one was made."""
        return self.header.linked

    @property
    def reviewed(self) -> dict[str, str]:
        """By jurisdiction, in words: how many of the regimes that bar its uses were reviewed; empty if not said."""
        return reviews_in_words(self.header.reviews)

    def __len__(self) -> int:
        return self.header.entries

    def __repr__(self) -> str:
        return f"Index(epoch={self.epoch}, as_of={self.as_of.isoformat()}, entries={len(self)})"

    def recall(self, schemes: Iterable[str], *, alpha: float = MOST_ALPHA) -> float | None:
        """Share of the seals that the links behind these schemes find at least; None if one of them has no bound.

        Parameters
        ----------
        schemes : iterable of str
            Of which those of linked systems count; of none, 1.
        alpha : float
            A bound that may be too high in more than this share of cases is none.
        """
        bounds = [self.linked[name] for name in {get_scheme(each).name for each in schemes} & set(self.linked)]
        sure = [None if each is None or each.alpha > alpha else each.lower for each in bounds]
        return None if None in sure else min((each for each in sure if each is not None), default=1.0)

    def is_linked(self, schemes: Iterable[str]) -> bool:
        """Whether one of these schemes is of a linked system, so a bound is in coverage's place."""
        return not set(self.linked).isdisjoint(get_scheme(name).name for name in schemes)

    def recognised(self, schemes: Iterable[str], *, bounded: bool = True) -> float:
        """Share of the seals that keys of these schemes are known to recognise.

        It is their coverage, or what the links behind them find at least, if that is more. Of linked systems only it
        is the latter, which is 0 if no bound was made, or none counts (`bounded`): it counts withheld rows as found.
        """
        names = {get_scheme(name).name for name in schemes}
        found = (self.recall(names) or 0.0) if bounded and self.is_linked(names) else 0.0
        return found if names and names <= set(self.linked) else max(self.coverage(names), found)

    def coverage(self, schemes: Iterable[str]) -> float:
        """Share of the seals that carry a key of at least one of these schemes."""
        return self.header.covered(get_scheme(name).name for name in schemes)

    def require(self, scheme: str) -> str:
        """Return the scheme's own name, if the index holds keys of it.

        Raises
        ------
        UnsuitableIndex
            When it holds none, or the scheme differs from the one that the index was published with.
        """
        definition = get_scheme(scheme)
        facts = self.header.schemes.get(definition.name)
        if facts is None:
            held = ", ".join(self.schemes) or "no scheme at all"
            raise UnsuitableIndex(
                f"the index holds no keys of the scheme {definition.name}, so nothing would be checked",
                where=str(self.path),
                hint=f"it holds {held}; give a key column of one of these.",
            )
        if facts.fingerprint != definition.fingerprint:
            raise UnsuitableIndex(
                f"the scheme {definition.name} differs from the one that the index was published with",
                where=str(self.path),
                hint="use the same version of sealscrub and the same scheme file on both sides.",
            )
        return definition.name

    def require_use(self, use: str, today: date | None = None) -> None:
        """Check that the index was published for a use and may be trusted still.

        Raises
        ------
        UnsuitableIndex
            When it was published for other uses.
        FutureIndex, ExpiredIndex
            When its dates do not fit the day.
        """
        check_use(self.path, self.header, use)
        check_dates(self.path, self.header, today or the_day())

    def scheme_key(self, scheme: str) -> bytes:
        """Key under which the index holds values of a scheme."""
        name = get_scheme(scheme).name
        if name not in self._scheme_keys:
            self._scheme_keys[name] = self._key.scheme_key(name)
        return self._scheme_keys[name]

    def one_digest(self, scheme: str) -> OneDigest:
        """Give what digests values of a scheme under its key, set up once."""
        name = get_scheme(scheme).name
        if name not in self._digests:
            self._digests[name] = OneDigest(self.scheme_key(name))
        return self._digests[name]

    def surrogate_key(self, label: str) -> bytes:
        """Key under which ids of an output get surrogates; outputs with one label share it. Keep it on this host."""
        return self._key.surrogate_key(label)

    def lookup(self, scheme: str, digests: Digests) -> npt.NDArray[np.uint8]:
        """Look digests of one scheme up.

        Parameters
        ----------
        scheme : str
            Whose keys they are.
        digests : numpy.ndarray of uint64, shape (n, 2)
            From :func:`sealscrub.identifiers.digest_column` under :meth:`scheme_key`.

        Returns
        -------
        numpy.ndarray of uint8, shape (n,)
            0 if the index has no such key, else a :class:`Reason`.

        Raises
        ------
        CorruptIndex
            When a chunk that decides the answer is not what the publisher signed.
        UnsuitableIndex
            When the index holds no keys of the scheme.
        """
        number = self.header.schemes[self.require(scheme)].number
        found = np.zeros(len(digests), np.uint8)
        for start in range(0, len(digests) if len(self) else 0, _SLAB):
            self._lookup_slab(digests[start : start + _SLAB], number, found[start : start + _SLAB])
        overlay(self.scheme_key, get_scheme(scheme).name, digests, found, Reason.SEALED)
        return found

    def lookup_one(self, scheme: str, digest: tuple[int, int]) -> int:
        """Look one digest up, as :meth:`lookup` does.

        Parameters
        ----------
        scheme : str
            Whose key it is: the scheme's own name, which :meth:`require` gave.
        digest : tuple of int
            From :class:`sealscrub.identifiers.OneDigest` under :meth:`scheme_key`.

        Returns
        -------
        int
            0 if the index has no such key, else a :class:`Reason`.

        Raises
        ------
        CorruptIndex
            When a chunk that decides the answer is not what the publisher signed.
        """
        if is_planted():
            return int(self.lookup(scheme, np.array([digest], np.uint64))[0])
        if not len(self):
            return 0
        high, low = digest
        check, layout, header = self._file.verify_item, self._layout, self.header
        bitmap, buckets, highs, lows, codes = self._items
        prefix = high >> (64 - header.prefix_bits)
        check(layout.bitmap, prefix >> 3, 1)
        if not bitmap[prefix >> 3] >> (prefix & 7) & 1:
            return 0
        bucket = high >> (64 - header.bucket_bits)
        check(layout.buckets, bucket, 4)
        check(layout.buckets, bucket + 1, 4)
        for at in range(buckets[bucket], buckets[bucket + 1]):
            check(layout.high, at, 8)
            if highs[at] > high:
                break
            if highs[at] == high:
                check(layout.low, at, 8)
                check(layout.codes, at, 1)
                if lows[at] == low and codes[at] >> _REASON_BITS == header.schemes[scheme].number:
                    return int(codes[at] & ((1 << _REASON_BITS) - 1))
        return 0

    def verify(self) -> None:
        """Verify every chunk of the file.

        Raises
        ------
        CorruptIndex
            When one is not what the publisher signed.
        """
        self._file.verify_all()

    def _lookup_slab(self, digests: Digests, number: int, found: npt.NDArray[np.uint8]) -> None:
        file, layout = self._file, self._layout
        prefix = digests[:, 0] >> self._prefix_shift
        cell = (prefix >> np.uint64(3)).view(np.int64)
        file.verify_touched(layout.bitmap, cell, 1)
        rows = np.flatnonzero(self._bitmap[cell] >> (prefix & np.uint64(7)).astype(np.uint8) & 1)
        high = digests[rows, 0]
        bucket = (high >> self._bucket_shift).view(np.int64)
        file.verify_touched(layout.buckets, bucket, 4)
        file.verify_touched(layout.buckets, bucket + 1, 4)
        at, end = self._buckets[bucket].astype(np.int64), self._buckets[bucket + 1].astype(np.int64)
        alive = np.flatnonzero(at < end)
        while len(alive) > _FEW_KEYS:
            rows, high, at, end = rows[alive], high[alive], at[alive], end[alive]
            file.verify_touched(layout.high, at, 8)
            entry = self._high[at]
            same = np.flatnonzero(entry == high)
            hit = same[self._is_entry(at[same], digests[rows[same], 1], number, found, rows[same])]
            open_rows = entry <= high
            open_rows[hit] = False
            at = at + 1
            alive = np.flatnonzero(open_rows & (at < end))
        if len(alive):  # all entries of their buckets at once: numpy's calls would cost more than they spare
            counts = end[alive] - at[alive]
            at = np.repeat(at[alive] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
            rows = np.repeat(rows[alive], counts)
            file.verify_touched(layout.high, at, 8)
            same = np.flatnonzero(self._high[at] == digests[rows, 0])
            self._is_entry(at[same], digests[rows[same], 1], number, found, rows[same])

    def _is_entry(
        self,
        at: npt.NDArray[np.int64],
        low: npt.NDArray[np.uint64],
        number: int,
        found: npt.NDArray[np.uint8],
        rows: npt.NDArray[np.intp],
    ) -> npt.NDArray[np.bool_]:
        """Whether entries have these low halves and this scheme; if they do, their reasons are noted."""
        self._file.verify_touched(self._layout.low, at, 8)
        self._file.verify_touched(self._layout.codes, at, 1)
        codes = self._codes[at]
        hit: npt.NDArray[np.bool_] = (self._low[at] == low) & (codes >> _REASON_BITS == number)
        found[rows[hit]] = codes[hit] & ((1 << _REASON_BITS) - 1)
        return hit

    def __copy__(self) -> Index:
        return self

    def __deepcopy__(self, memo: object) -> Index:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        key_path = str(self._key.path) if self._key.path else None
        reference = (str(self._file.absolute_path), key_path, self.id, self.epoch)
        schemes = own_schemes_of(self.schemes)  # another process has to know them
        return (_reopen_with, (schemes, self._reopen, reference)) if schemes else (self._reopen, reference)


def _reopen_with(schemes: tuple[Scheme, ...], reopen: _Reopen, reference: tuple[str, str | None, str, int]) -> Index:
    for scheme in schemes:
        register_scheme(scheme)
    return reopen(*reference)
