"""A place where one index after the other is published: what runs for long asks the newest."""

from __future__ import annotations

import os
from pathlib import Path

from sealscrub.errors import UnsuitableIndex, UsageError
from sealscrub.file_system import readable
from sealscrub.identifiers import register_scheme
from sealscrub.identifiers.known_schemes import own_schemes_of

from .index_lookup import Index
from .index_trust import open_index
from .rollback_protection import state_of

__all__: list[str] = []


class FollowedIndex:
    """Where an index was opened, and others are published in its place. Pickles without content and key.

    Parameters
    ----------
    index : Index
        The first. Others are of its registry, audience and key, and not older.
    use : str
        Which each must have been published for.
    """

    def __init__(self, index: Index, use: str) -> None:
        self._path = str(index.files[0])
        self._key_path = str(index.files[1]) if len(index.files) > 1 else None
        self._use, self._source, self._least = use, _source_of(index), state_of(index.header)
        self._schemes = own_schemes_of(index.schemes)
        self._opened: tuple[tuple[int, ...], Index] | None = None

    def newest(self) -> Index:
        """Open what is published now, unless it is open already.

        Raises
        ------
        SealscrubError
            When there is none, or it may not be trusted: it is expired, older, or of another registry or key. What was
            opened before is not asked any longer.
        """
        path = os.environ.get("SEALSCRUB_INDEX", self._path)
        key = os.environ.get("SEALSCRUB_KEY_FILE", self._key_path)
        if key is None:
            raise UsageError("an index that is followed does not say where its key is", hint="set SEALSCRUB_KEY_FILE.")
        state = _state_of_file(path)
        if self._opened is None or self._opened[0] != state:
            self._opened = None
            for scheme in self._schemes:
                register_scheme(scheme)
            index = open_index(path, key)
            if _source_of(index) != self._source or state_of(index.header) < self._least:
                raise UnsuitableIndex(
                    "an older index, or one of another registry, audience or key, is there now",
                    where=path,
                    hint="publish the newest index there.",
                )
            self._least = state_of(index.header)
            self._opened = state, index
        index = self._opened[1]
        index.require_use(self._use)  # its last day may be over since
        return index

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None}


def _source_of(index: Index) -> tuple[str, str, str]:
    facts = index.header.facts
    return facts.registry, facts.audience, index.key_id


def _state_of_file(path: str) -> tuple[int, ...]:
    with readable(path, what="the index"):
        found = Path(path).stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
