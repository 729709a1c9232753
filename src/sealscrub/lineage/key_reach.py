"""What a key still opens: the files that somebody who has it can learn from, whatever was rotated since."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sealscrub.certificates.annex import MAGIC as ANNEX_MAGIC
from sealscrub.certificates.annex import open_sealed
from sealscrub.errors import SealscrubError
from sealscrub.identifiers import AnnexKey, AudienceKey, MatchingKey, load_key
from sealscrub.index import Audience
from sealscrub.index.header import MAX_HEADER_BYTES, PREFIX_BYTES
from sealscrub.index.plain_names import PLAIN_MAGIC

from .members import MAGIC as MEMBERS_MAGIC
from .members import read_members
from .membership import MAGIC as MEMBERSHIP_MAGIC

__all__ = ["StillOpened", "still_opened"]

_INDEX_MAGIC = b"SEALIDX"
_KEY_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True)
class StillOpened:
    """A file that a key opens.

    Attributes
    ----------
    path : Path
    kind : str
        ``index``, ``members``, ``annex``, ``membership``, ``plain names`` or ``audience key``.
    audience : str or None
    not_after : datetime.date or None
        Of an index: its last day. Anyone who has the key reads it after that as well; no sealscrub scrubs by it.

    Examples
    --------
    >>> StillOpened(path=Path("police.sealindex"), kind="index", audience="police").kind
    'index'
    """

    path: Path
    kind: str
    audience: str | None = None
    not_after: dt.date | None = None


def still_opened(
    key: MatchingKey | AudienceKey,
    places: str | Path | Iterable[str | Path],
    *,
    annex_key: AnnexKey | None = None,
    audiences: Iterable[str] = tuple(Audience),
) -> tuple[StillOpened, ...]:
    """List the files that a key opens, in some folders and all that is in them.

    Parameters
    ----------
    key : MatchingKey or AudienceKey
        The key that was lost, leaked or rotated.
    places : str, Path, or iterable of them
        Folders and files.
    annex_key : AnnexKey, optional
        What opens annexes and memberships; without it they are not looked at.
    audiences : iterable of str
        Audiences whose members files are looked for; an index and a derived key name their own.

    Returns
    -------
    tuple of StillOpened
        In the order of their paths. What is elsewhere, such as on another's machine, it cannot know.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"], folder=".")
    >>> [(each.path.name, each.audience) for each in still_opened(load_key("example.key"), ["."])]
    [('example.sealindex', 'police')]
    """
    files = list(_files([places] if isinstance(places, str | Path) else places))
    named = dict.fromkeys([*map(str, audiences), *filter(None, map(_audience_of, files))])
    ids = {
        key.for_audience(audience).key_id: audience
        for audience in ([key.audience] if isinstance(key, AudienceKey) else named)
    }
    found = [opened for path in files if (opened := _try_to_open(path, ids, annex_key)) is not None]
    return tuple(sorted(found, key=lambda each: each.path))


def _files(places: Iterable[str | Path]) -> Iterator[Path]:
    for place in places:
        if not Path(place).is_dir():
            yield Path(place)
        for folder, _, names in os.walk(place):
            yield from (Path(folder) / name for name in names)


def _audience_of(path: Path) -> str | None:
    """Whom an index or a derived key says that it is for."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            begins = file.read(64)
        facts = _header(path) if begins.startswith(_INDEX_MAGIC) else _derived_key(path, begins)
        said = (facts or {}).get("audience")
    except (OSError, ValueError, AttributeError, RecursionError):
        return None  # damaged, or another kind of file
    return said if isinstance(said, str) else None


def _try_to_open(path: Path, ids: dict[str, str], annex_key: AnnexKey | None) -> StillOpened | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            begins = file.read(64)
        if begins.startswith(_INDEX_MAGIC):
            return _index(path, ids)
        if begins.startswith(PLAIN_MAGIC):
            return StillOpened(path=path, kind="plain names")  # these need no key at all
        if begins.startswith(MEMBERS_MAGIC):
            held = {ids[space.key_id] for space in read_members(path).blocks if space.key_id in ids}
            return StillOpened(path=path, kind="members", audience=", ".join(sorted(held))) if held else None
        for magic, kind in ((ANNEX_MAGIC, "annex"), (MEMBERSHIP_MAGIC, "membership")):
            if begins.startswith(magic) and annex_key is not None:
                open_sealed(path.read_bytes(), annex_key, magic, kind)
                return StillOpened(path=path, kind=kind)
        return _audience_key(path, begins, ids)
    except (SealscrubError, OSError, ValueError, KeyError, TypeError):
        return None  # damaged, or another key's: not this one's to open


def _index(path: Path, ids: dict[str, str]) -> StillOpened | None:
    """An index of any version of the format: an older sealscrub, with this key, opens an older one."""
    header = _header(path)
    audience = ids.get(header["key_id"])
    last = dt.date.fromisoformat(header["not_after"])
    return StillOpened(path=path, kind="index", audience=audience, not_after=last) if audience else None


def _header(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(PREFIX_BYTES)[len(_INDEX_MAGIC) + 1 :], "little")
        header: dict[str, Any] = json.loads(file.read(min(size, MAX_HEADER_BYTES)))
    return header


def _derived_key(path: Path, begins: bytes) -> dict[str, Any] | None:
    """What the file of an audience's key says; None of another file."""
    if not begins.startswith(b"{") or path.stat().st_size > _KEY_BYTES:
        return None
    try:
        facts: dict[str, Any] = json.loads(path.read_bytes())
        return facts if facts.get("kind") == "audience" else None
    except (ValueError, AttributeError, RecursionError):
        return None


def _audience_key(path: Path, begins: bytes, ids: dict[str, str]) -> StillOpened | None:
    """A key that was derived from this one, and is with somebody."""
    if _derived_key(path, begins) is None:
        return None
    key = load_key(path)
    audience = ids.get(key.key_id)
    return StillOpened(path=path, kind="audience key", audience=audience) if audience else None
