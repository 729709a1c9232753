"""An index for a service that runs on: the newest that was published, the same one for the whole of an answer."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sealscrub.errors import ReplayedIndex, SealscrubError
from sealscrub.identifiers import AudienceKey, MatchingKey, load_key
from sealscrub.index import Index, open_index

__all__ = ["Health", "LiveIndex", "current"]

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a service may answer, and why not. Holds nothing about records.

    Attributes
    ----------
    ok : bool
        Whether there is an index that may be trusted now.
    epoch, as_of, not_after : int, date, date, or None
        Of that index.
    why : str
        What is wrong, with a hint; empty if nothing is.

    Examples
    --------
    >>> health = Health(ok=False, why="the index has expired")
    >>> health.ok, health.epoch, health.why
    (False, None, 'the index has expired')
    """

    ok: bool
    epoch: int | None = None
    as_of: date | None = None
    not_after: date | None = None
    why: str = ""


class LiveIndex:
    """Follows an index file: when a newer one is put in its place, the next answer is by it.

    An answer takes :meth:`current` once and works with what it got, so no answer is half by one state and half
    by another. If the file is missing, damaged, expired, or of an earlier state than one already used, there is no
    index and so no answer, until a good one is there again.

    Parameters
    ----------
    path : str or Path
        The index file. It is replaced by renaming, as ``sealscrub publish`` does, never written into.
    key : str, Path, MatchingKey or AudienceKey
        The key file, or the key itself.
    use : str
        The use that it must have been published for.
    min_epoch : int, optional
        The least epoch that is accepted.
    copy_below : int
        Bytes of a file up to which it is read into memory. A larger one is mapped, so all workers share its
        memory; anyone who cuts such a file short, instead of putting another in its place, ends the workers that read
        it (SIGBUS). They answer nothing then, and begin again with a good index or with none.
    retry_s : float
        Seconds until a file that was refused is tried again, if it has not changed meanwhile.

    Raises
    ------
    UsageError, KeyFileError
        When the index or the key cannot be used from the start; each refusal says why.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.datasets import example_index
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = example_index(["K14612345"], folder=folder)
    >>> live = LiveIndex(folder / "example.sealindex", folder / "example.key")
    >>> live.current().epoch, live.health().ok
    (1, True)
    """

    def __init__(
        self,
        path: str | Path,
        key: str | Path | MatchingKey | AudienceKey,
        *,
        use: str = "output",
        min_epoch: int | None = None,
        copy_below: int = 64 * 2**20,
        retry_s: float = 1.0,
    ) -> None:
        self.path = Path(path)
        self.use = use
        self._key = key if isinstance(key, MatchingKey | AudienceKey) else load_key(key)
        self._key_path = None if isinstance(key, MatchingKey | AudienceKey) else Path(key)
        self._min_epoch = min_epoch
        self._copy_below = copy_below
        self._retry_s = retry_s
        self._lock = threading.Lock()
        self._opened: tuple[_Stamp | None, Index | None] = (None, None)  # replaced at once: others read it meanwhile
        self._newest: tuple[int, date] = (0, date.min)
        self._refusal: SealscrubError | None = None
        self._refused_at = 0.0
        self.current()

    def current(self) -> Index:
        """Give the index by which an answer that begins now is made.

        Raises
        ------
        UsageError
            When no index may be trusted; nothing may be answered then.
        """
        stamp = self._stamp_now()
        of, index = self._opened
        if index is None or stamp is None or stamp != of:
            index = self._open_latest()
        index.require_use(self.use)
        return index

    @property
    def is_fresh(self) -> bool:
        """Whether :meth:`current` answers at once, without opening a file."""
        of, index = self._opened
        return index is not None and of is not None and self._stamp_now() == of

    def health(self) -> Health:
        """Say whether a service may answer, and why not."""
        try:
            index = self.current()
        except SealscrubError as error:
            return Health(ok=False, why=str(error))
        return Health(ok=True, epoch=index.epoch, as_of=index.as_of, not_after=index.not_after)

    def _open_latest(self) -> Index:
        with self._lock:
            stamp = self._stamp_now()
            of, index = self._opened
            if stamp is not None and stamp == of:
                if index is not None:
                    return index
                if self._refusal is not None and time.monotonic() - self._refused_at < self._retry_s:
                    raise self._refusal.with_traceback(None)
            self._opened = (stamp, None)
            try:
                index = self._newer(stamp)
            except SealscrubError as error:
                self._refusal, self._refused_at = error, time.monotonic()
                raise
            self._opened, self._refusal = (stamp, index), None
            return index

    def _newer(self, stamp: _Stamp | None) -> Index:
        copied = stamp is not None and stamp[2] <= self._copy_below
        index = open_index(self.path, self._key, use=self.use, min_epoch=self._min_epoch, copied=copied)
        index.verify()
        state = (index.epoch, index.as_of)
        if state < self._newest:
            epoch, as_of = self._newest
            raise ReplayedIndex(
                f"it is of epoch {index.epoch} as of {index.as_of}, and one of epoch {epoch} as of {as_of} was in use",
                where=str(self.path),
                hint="put the newest index in its place; an older one lacks seals.",
            )
        self._newest = state
        return index

    def _stamp_now(self) -> _Stamp | None:
        try:
            stat = os.stat(self.path)
        except OSError:
            return None
        return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns

    def __repr__(self) -> str:
        return f"LiveIndex({str(self.path)!r}, use={self.use!r})"

    def __reduce__(self) -> tuple[object, ...]:
        key = self._key_path if self._key_path is not None else self._key  # a key itself refuses to be pickled
        return _followed, (str(self.path.absolute()), key, self.use, self._min_epoch, self._copy_below, self._retry_s)


def _followed(
    path: str, key: Path | MatchingKey | AudienceKey, use: str, min_epoch: int | None, copy_below: int, retry_s: float
) -> LiveIndex:
    path = os.environ.get("SEALSCRUB_INDEX", path)
    file = os.environ.get("SEALSCRUB_KEY_FILE")
    return LiveIndex(path, file or key, use=use, min_epoch=min_epoch, copy_below=copy_below, retry_s=retry_s)


def current(index: Index | LiveIndex, use: str) -> Index:
    """Give the index for one answer, fit for a use today.

    Raises
    ------
    UsageError
        When it is of another use or out of its dates, or no index may be trusted.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> current(example_index(["K14612345"]), "output").epoch
    1
    """
    found = index.current() if isinstance(index, LiveIndex) else index
    found.require_use(use)
    return found
