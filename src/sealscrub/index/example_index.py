"""An index of ids that are at hand, for examples, tests and single runs, under a key of its own."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
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

__all__ = ["example_index", "facts_of_today", "in_folder"]

_VALID = timedelta(days=30)
_File = TypeVar("_File", Index, TextIndex)


def example_index(
    sealed: Iterable[str] | Mapping[str, Iterable[str]],
    *,
    withheld: Iterable[str] = (),
    scheme: str = "arrest_number",
    uses: Iterable[str] = ("training", "output"),
    audience: str = "police",
    folder: str | Path | None = None,
) -> Index:
    """Make an index of synthetic identifiers, under a key of its own, and open it.

    Parameters
    ----------
    sealed : iterable of str, or mapping of str to iterable of str
        Identifiers that count as sealed, of one scheme or by scheme, in any spelling; parts of a composite one with
        ``@`` between them.
    withheld : iterable of str
        Identifiers of `scheme` that count as withheld.
    scheme : str
        Of identifiers that are not given by scheme.
    uses, audience
        What the index is for.
    folder : str or Path, optional
        Where ``example.key``, which may already exist, and ``example.sealindex`` go; by default to a temporary
        folder that is deleted with the index.

    Returns
    -------
    Index

    Raises
    ------
    ConfigError
        When an identifier does not parse.

    Examples
    --------
    >>> len(example_index(["K14612345"]))
    1
    """
    by_scheme = sealed if isinstance(sealed, Mapping) else {scheme: sealed}
    given = {name: list(values) for name, values in by_scheme.items()}
    held = {scheme: list(withheld)}
    return in_folder(folder, lambda place: _file(place, given, held, tuple(uses), audience))


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
    if not (place / "example.key").exists():
        generate_keys(place / "example.key")
    key = load_key(place / "example.key").for_audience(audience)
    entries = [
        _entries(name, sealed.get(name, ()), withheld.get(name, ()), key.scheme_key(name))
        for name in dict.fromkeys((*sealed, *(name for name, ids in withheld.items() if ids)))
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
