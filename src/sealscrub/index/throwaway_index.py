"""An index of ids that are at hand, made for one run: under a key of its own, and deleted with it."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from sealscrub.errors import ConfigError
from sealscrub.identifiers import (
    Canonicalised,
    canonicalise,
    canonicalise_parts,
    digest_column,
    generate_keys,
    get_scheme,
    load_key,
    load_publisher,
)

from .header import IndexFacts
from .index_lookup import Index
from .index_trust import open_index
from .index_writer import SchemeEntries, write_index
from .text_index import TextIndex
from .uses import Reason

__all__ = ["facts_of_today", "in_folder", "throwaway_index"]

_VALID = timedelta(days=30)
_File = TypeVar("_File", Index, TextIndex)


def throwaway_index(
    sealed: Mapping[str, Sequence[str]],
    withheld: Mapping[str, Sequence[str]] | None = None,
    *,
    uses: Sequence[str] = ("training", "output"),
    audience: str = "police",
    folder: str | Path | None = None,
) -> Index:
    """Make an index of ids, under a key of its own, and open it.

    Parameters
    ----------
    sealed, withheld : mapping of str to sequence of str
        Ids by scheme, in any spelling; parts of a composite one with ``@`` between them.
    uses, audience
        What the index is for.
    folder : str or Path, optional
        Where ``example.key`` and ``example.sealindex`` go; by default to a temporary folder that is deleted with
        the index.

    Raises
    ------
    ConfigError
        When an id does not parse.

    Examples
    --------
    >>> len(throwaway_index({"arrest_number": ["K14612345"]}))
    1
    """
    return in_folder(folder, lambda place: _file(place, sealed, withheld or {}, tuple(uses), audience))


def in_folder(folder: str | Path | None, publish: Callable[[Path], _File]) -> _File:
    """Publish a file into a folder: by default into a temporary one that is deleted with what is returned."""
    if folder is not None:
        return publish(Path(folder))
    temporary = tempfile.TemporaryDirectory(prefix="sealscrub-example-")
    try:
        published = publish(Path(temporary.name))
    except BaseException:
        temporary.cleanup()
        raise
    weakref.finalize(published, temporary.cleanup)
    return published


def facts_of_today(uses: tuple[str, ...], audience: str, seals: int) -> IndexFacts:
    """Give what such a file says about itself."""
    today = date.today()
    return IndexFacts(
        uses=uses,
        audience=audience,
        registry="example",
        epoch=1,
        as_of=today,
        known_at=f"{today.isoformat()}T00:00:00Z",
        not_after=today + _VALID,
        seals=seals,
        allow_empty=True,
    )


def _file(
    place: Path,
    sealed: Mapping[str, Sequence[str]],
    withheld: Mapping[str, Sequence[str]],
    uses: tuple[str, ...],
    audience: str,
) -> Index:
    generate_keys(place / "example.key")
    key = load_key(place / "example.key").for_audience(audience)
    entries = [
        _entries(name, sealed.get(name, ()), withheld.get(name, ()), key.scheme_key(name))
        for name in dict.fromkeys((*sealed, *withheld))
    ]
    counts: dict[tuple[str, ...], int] = {(part.scheme,): len(part.digests) for part in entries}
    facts = replace(facts_of_today(uses, audience, sum(counts.values())), coverage=counts)
    path = place / "example.sealindex"
    write_index(path, entries, facts, load_publisher(place / "example.key.publisher"), audience_key=key)
    return open_index(path, place / "example.key")


def _entries(scheme: str, sealed: Sequence[str], withheld: Sequence[str], key: bytes) -> SchemeEntries:
    found = _canonical(pl.Series([*sealed, *withheld], dtype=pl.String), scheme)
    if found.status.any():
        raise ConfigError(f"{np.count_nonzero(found.status)} of the identifiers are not {scheme}")
    reasons = np.full(len(found.status), Reason.SEALED, np.uint8)
    reasons[len(sealed) :] = Reason.WITHHELD
    return SchemeEntries(scheme, digest_column(found.values, key), reasons)


def _canonical(raw: pl.Series, scheme: str) -> Canonicalised:
    parts = get_scheme(scheme).parts
    if not parts:
        return canonicalise(raw, scheme)
    split = raw.str.split_exact("@", len(parts) - 1)
    return canonicalise_parts({part: split.struct.field(f"field_{at}") for at, part in enumerate(parts)}, scheme)
