"""Which index may be trusted here and now: signature, key, use, dates, and not an older one than already seen."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from sealscrub.errors import (
    CorruptIndex,
    EmptyIndex,
    KeyFileError,
    ReplayedIndex,
    SealscrubError,
    UnsuitableIndex,
    UsageError,
    WrongKey,
)
from sealscrub.identifiers import AudienceKey, MatchingKey, load_key
from sealscrub.identifiers.keys import verify_signature

from .fitness import check_dates, check_use, the_day
from .header import SIGNING_PURPOSE, IndexHeader
from .index_file import MappedFile
from .index_lookup import Index
from .rollback_protection import newest_seen, remember_seen, state_of

__all__ = ["open_index"]


class _Published(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def epoch(self) -> int: ...


_Opened = TypeVar("_Opened", bound=_Published)


def open_index(
    path: str | Path,
    key: str | Path | MatchingKey | AudienceKey,
    *,
    use: str | None = None,
    min_epoch: int | None = None,
    today: date | None = None,
    remember: bool = True,
    outdated: bool = False,
    copied: bool = False,
) -> Index:
    """Open a published index, or refuse it.

    Parameters
    ----------
    path : str or Path
        The index file.
    key : str, Path, MatchingKey or AudienceKey
        The key file (``seal.key``), or the key itself.
    use : str, optional
        The use that it must have been published for.
    min_epoch : int, optional
        The least epoch that is accepted.
    today : date, optional
        The day by which its dates are judged; by default the day it is, UTC or local, whichever is later.
    remember : bool
        Whether to note the epoch in the state file next to the key, so an older index is refused from now on.
    outdated : bool
        Whether it may be older than one already seen, or past its last day: to be compared with a newer one, and for
        nothing else. It is not remembered.
    copied : bool
        Whether to read the file into memory instead of mapping it. A process that has mapped a file dies if
        somebody cuts the file short; one with a copy continues. Processes share the memory of a mapped file.

    Returns
    -------
    Index

    Raises
    ------
    UsageError
        When the file does not exist.
    WrongKey, CorruptIndex, UnsuitableIndex, FutureIndex, ExpiredIndex, ReplayedIndex, EmptyIndex
        When it may not be trusted; each says why.
    KeyFileError
        When the key file cannot be used.

    Notes
    -----
    An older index with a valid signature cannot be distinguished from the file. The state file and ``min_epoch`` refuse
    it; if neither is to be had, ``not_after`` is the bound.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sealscrub.datasets import example_index
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = example_index(["K14612345", "M14000017"], folder=folder)
    >>> index = open_index(folder / "example.sealindex", folder / "example.key", use="training")
    >>> index.epoch, len(index), index.schemes
    (1, 2, ('arrest_number',))
    """
    path = Path(path)
    if not isinstance(key, MatchingKey | AudienceKey):
        key = load_key(key)
    file = MappedFile(path, copied=copied)
    audience_key = _check_signature(path, file, key)
    header = file.header
    check_use(path, header, use)
    if not outdated:
        check_dates(path, header, today or the_day())
        _check_epoch(path, header, min_epoch, key.path)
    if not header.entries and not header.facts.allow_empty:
        raise EmptyIndex("it is empty, and was not published with allow_empty", where=str(path))
    if remember and not outdated and key.path is not None:
        remember_seen(key.path, header)
    return Index(file, audience_key, reopen)


def reopen(path: str, key_path: str | None, wanted: str, epoch: int) -> Index:
    """Open the index that a pickle refers to."""
    return reopened(open_index, path, key_path, wanted, epoch, elsewhere=os.environ.get("SEALSCRUB_INDEX"))


def reopened(
    open_file: Callable[..., _Opened],
    path: str,
    key_path: str | Path | None,
    wanted: str,
    epoch: int,
    elsewhere: str | None = None,
) -> _Opened:
    """Open the file that a pickle refers to: where it was or, if it is gone, where the environment says.

    Raises
    ------
    UsageError
        When no key file is known, or the file is another one now. Never continues without it.
    """
    if key_path is not None and os.path.exists(path) and os.path.exists(key_path):
        with contextlib.suppress(SealscrubError):
            opened = open_file(path, key_path, use=None, remember=False)
            if opened.id == wanted:
                return opened
    path, key = elsewhere or path, os.environ.get("SEALSCRUB_KEY_FILE", key_path)
    if key is None:
        raise UsageError("the pickle does not say where its key is", where=path, hint="set SEALSCRUB_KEY_FILE.")
    opened = open_file(path, key, use=None)
    if opened.id != wanted:
        raise UnsuitableIndex(
            f"the file of epoch {epoch} that was pickled was replaced by another, of epoch {opened.epoch}",
            where=path,
            hint="make the pickle again with this file.",
        )
    return opened


def check_fitness(
    path: Path,
    header: IndexHeader,
    key_path: Path | None,
    *,
    use: str | None,
    min_epoch: int | None,
    today: date,
    remember: bool,
) -> None:
    """Check use, dates and epoch of a file whose signature fits, and note its epoch."""
    check_use(path, header, use)
    check_dates(path, header, today)
    _check_epoch(path, header, min_epoch, key_path)
    if remember and key_path is not None:
        remember_seen(key_path, header)


def _check_signature(path: Path, file: MappedFile, key: MatchingKey | AudienceKey) -> AudienceKey:
    signed = verify_signature(key.publisher_public_key, SIGNING_PURPOSE, file.head, file.signature)
    try:
        audience_key = key.for_audience(file.header.facts.audience)
        same_key = audience_key.key_id == file.header.key_id
    except KeyFileError as error:
        raise WrongKey(error.message, where=str(path), hint=error.hint) from None
    if not same_key:
        raise WrongKey(
            "it was published under another key",
            where=str(path),
            hint=f"the index names the key {file.header.key_id}; this one is {audience_key.key_id}.",
        )
    if not signed:
        raise CorruptIndex(
            "the publisher's signature does not fit its header", where=str(path), hint="get a new copy of the index."
        )
    return audience_key


def _check_epoch(path: Path, header: IndexHeader, min_epoch: int | None, key_path: Path | None) -> None:
    epoch = header.facts.epoch
    if min_epoch is not None and epoch < min_epoch:
        raise ReplayedIndex(
            f"it is of epoch {epoch}, below the least accepted, {min_epoch}",
            where=str(path),
            hint="use the newest index; an older one lacks seals.",
        )
    seen = newest_seen(key_path, header) if key_path else (0, date.min)
    if state_of(header) < seen:
        raise ReplayedIndex(
            f"it is of epoch {epoch} as of {header.facts.as_of}, and one of epoch {seen[0]} as of {seen[1]} has been "
            "seen already",
            where=str(path),
            hint="use the newest index; an older one lacks seals.",
        )
