"""Numbering the records of memberships under a registry's new key, and encrypting memberships for its annex's key.

What is under the old key stays open to anyone who has it: :func:`still_opened` lists it. Records in memberships
are known by digests under the old key, which lead nowhere; so they get digests under the new one only if the
identifiers are given. Of a dataset with others, a taint report says *possible* from then on, and not that it is
untainted.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from sealscrub.certificates.content import batches
from sealscrub.errors import InvalidCertificate
from sealscrub.identifiers import AnnexKey, Status, digest_column
from sealscrub.index import Index
from sealscrub.matching import parse_on
from sealscrub.matching.key_columns import canonical_of

from .members import Digests, Members, Space, Stamp, read_members, write_members
from .membership import open_membership, roaring, seal_membership, spaces_of
from .run_record import artifact_path, tracked
from .tracked_models import TrackingStore, read_store

if TYPE_CHECKING:
    from pyroaring import BitMap

__all__ = ["Rekeyed", "rekey_memberships"]

_ID_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    """What happened to memberships.

    Attributes
    ----------
    records, known : int
        How many records have a number, and of how many of them the identifier was given.
    memberships : int
        How many are open to the new annex's key now.
    incomplete : int
        How many of these hold a record whose identifier was not given.

    Examples
    --------
    >>> Rekeyed(records=120, known=118, memberships=3, incomplete=1).incomplete
    1
    """

    records: int
    known: int
    memberships: int
    incomplete: int


def rekey_memberships(
    pairs: Sequence[tuple[Index, Index]],
    *,
    members: str | Path,
    new_members: str | Path,
    data: Iterable[tuple[Any, Any]],
    annex_key: AnnexKey,
    tracking_uri: str | None = None,
) -> Rekeyed:
    """Number the records again under the new key, and encrypt the memberships in a tracking store to the new annex's.

    Parameters
    ----------
    pairs : sequence of (Index, Index)
        Old and new, of ``sealscrub.custodian.registry.republish``: one pair for each audience.
    members, new_members : str or Path
        The file of record numbers, and where the new one goes (0600).
    data : iterable of (frame or path, on)
        Tables with the identifiers, and which columns are keys: the logged datasets themselves, or what they came from.
    annex_key : AnnexKey
        The old one.
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.

    Returns
    -------
    Rekeyed

    Raises
    ------
    UnreadableInput
        When the members file cannot be read.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> from sealscrub.identifiers import generate_keys, load_annex
    >>> annex_key = load_annex(generate_keys("seal.key")[2])
    >>> rekey_memberships([], members="absent", new_members="new", data=[], annex_key=annex_key)
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: ...
    """
    held = read_members(members)
    blocks, unknown, spaces = _numbered_anew(held, pairs, list(data))
    stamp = write_members(new_members, blocks)
    recipient = pairs[0][1].annex_public_key
    store = read_store(tracking_uri)
    done = incomplete = 0
    for run in sorted({run for model in store.models for run in _related_runs(store, model.runs)}):
        known = store.run(run)
        for name in () if known is None or known.record is None else known.record.memberships:
            found = _sealed_anew(store, run, name, annex_key, held, unknown, spaces, stamp, recipient)
            done, incomplete = done + (found is not None), incomplete + bool(found)
    return Rekeyed(records=held.count, known=held.count - len(unknown), memberships=done, incomplete=incomplete)


def _numbered_anew(
    held: Members, pairs: Sequence[tuple[Index, Index]], data: list[tuple[Any, Any]]
) -> tuple[list[tuple[Space, Digests]], BitMap, dict[Space, Space]]:
    """Blocks of the new file, the numbers whose identifier is not known, and which ids stand for which."""
    digests = {space: parts for old, new in pairs for space, parts in _digested(old, new, data).items()}
    unknown, spaces, blocks = roaring()(), {}, []
    in_order = sorted((first, space, ids) for space, each in held.blocks.items() for first, ids in each)
    for first, space, ids in in_order:
        other, table = digests.get(space, (space, pl.DataFrame(schema=_PAIR)))
        spaces[space] = other
        named = pl.DataFrame({"high": ids[:, 0], "low": ids[:, 1]}).join(
            table, on=["high", "low"], how="left", maintain_order="left"
        )
        fresh = named.select("new_high", "new_low").fill_null(0).to_numpy().astype(np.uint64)
        lost = named["new_high"].is_null().to_numpy()
        filler = np.frombuffer(secrets.token_bytes(_ID_BYTES * len(ids)), np.uint64).reshape(-1, 2)
        fresh[lost] = filler[lost]  # keeps the number of a record that nothing will be found to be
        unknown |= roaring()(np.flatnonzero(lost).astype(np.uint32) + np.uint32(first))
        blocks.append((other, fresh))
    return blocks, unknown, spaces


_PAIR = dict.fromkeys(("high", "low", "new_high", "new_low"), pl.UInt64)


def _digested(old: Index, new: Index, data: list[tuple[Any, Any]]) -> dict[Space, tuple[Space, pl.DataFrame]]:
    """By whose ids they were, whose they become, and both digests of each identifier in some tables."""
    before = {space.scheme: space for space in spaces_of(old, old.schemes)}
    after = {space.scheme: space for space in spaces_of(new, new.schemes)}
    found: dict[Space, list[pl.DataFrame]] = {before[name]: [] for name in before.keys() & after.keys()}
    for table, on in data:
        for key in parse_on(on):
            if key.scheme not in before or key.scheme not in after:
                continue
            for batch in batches(table, None):
                read = canonical_of(batch, key, where="data")
                values = read.values.gather(np.flatnonzero(read.status == Status.OK)).unique()
                was, now = (digest_column(values, each.scheme_key(key.scheme)) for each in (old, new))
                columns = (was[:, 0], was[:, 1], now[:, 0], now[:, 1])
                found[before[key.scheme]].append(pl.DataFrame(dict(zip(_PAIR, columns, strict=True)), schema=_PAIR))
    return {
        space: (after[space.scheme], pl.concat([pl.DataFrame(schema=_PAIR), *parts]).unique(["high", "low"]))
        for space, parts in found.items()
    }


def _related_runs(store: TrackingStore, runs: Iterable[str]) -> set[str]:
    """Some runs, those around and in them, and those of the models that they continued."""
    seen: set[str] = set()
    waiting = list(runs)
    while waiting:
        at = waiting.pop()
        known = None if at in seen else store.run(at)
        seen.add(at)
        if known is not None:
            waiting += [*store.nested(at), *known.sources, *([known.parent] if known.parent else [])]
    return seen


def _sealed_anew(
    store: TrackingStore,
    run: str,
    name: str,
    key: AnnexKey,
    held: Members,
    unknown: BitMap,
    spaces: dict[Space, Space],
    stamp: Stamp,
    recipient: bytes,
) -> bool | None:
    """Encrypt a membership again, and say whether it holds unknown records; None if it is not this key's."""
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder, tracked("take a membership"):
        place = artifact_path(name, "members")
        try:
            sealed = Path(store.client.download_artifacts(run, place, folder)).read_bytes()
            facts, numbers = open_membership(sealed, key)
        except (InvalidCertificate, OSError):
            return None
        if (facts.run, facts.name) != (run, name) or not held.holds(facts.stamp):
            return None
        lost = bool(numbers.intersect(unknown))
        facts = replace(
            facts,
            spaces=tuple(spaces.get(space, space) for space in facts.spaces),
            stamp=stamp,
            unread=facts.unread or lost,
        )
        out = Path(folder) / "new" / Path(place).name
        out.parent.mkdir()
        out.write_bytes(seal_membership(facts, np.array(numbers, np.uint32), recipient))
        store.client.log_artifact(run, str(out), str(Path(place).parent))
        return lost
