"""Row membership: which numbered records a dataset holds, as a bitmap that only the custodian's annex key opens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from sealscrub.certificates.annex import open_sealed, seal_to
from sealscrub.errors import InvalidCertificate
from sealscrub.identifiers import AnnexKey, Status, digest_column
from sealscrub.index import Index
from sealscrub.matching import KeyColumn
from sealscrub.matching.key_columns import canonical_of

from .members import Digests, Numbers, Space, Stamp

if TYPE_CHECKING:
    import polars as pl
    from pyroaring import BitMap

__all__ = ["Membership", "ids_of", "open_membership", "roaring", "seal_membership", "spaces_of"]

MAGIC = b"sealscrub membership 1\n"
_SIZE_BYTES, _PADDED_TO = 4, 4096


@dataclass(frozen=True, kw_only=True)
class Membership:
    """What a membership says other than its bitmap.

    Attributes
    ----------
    run : str
        The run that it was logged in: it counts for no other.
    name : str
        The dataset.
    index : str
        Id of the index against which the rows were checked.
    spaces : tuple of Space
        Whose ids are in it.
    stamp : Stamp
        The state of the members file that has their numbers.
    allowed : tuple of str
        ``withheld`` where such records were allowed.
    unread : bool
        Whether the policy accepted rows whose key could not be read, so their records are not in it.
    """

    run: str
    name: str
    index: str
    spaces: tuple[Space, ...]
    stamp: Stamp
    allowed: tuple[str, ...] = ()
    unread: bool = False


def roaring() -> type[BitMap]:
    """Load pyroaring's bitmap.

    Raises
    ------
    MissingExtra
        When it is not installed.
    """
    from pyroaring import BitMap

    return BitMap


def spaces_of(index: Index, schemes: Iterable[str]) -> tuple[Space, ...]:
    """Say whose ids an index can be asked for."""
    return tuple(Space(index.key_id, name, index.header.schemes[name].fingerprint) for name in sorted(set(schemes)))


def ids_of(
    batches: Iterable[pl.DataFrame], keys: Iterable[KeyColumn], index: Index
) -> tuple[Mapping[Space, Digests], bool]:
    """Digest the record ids of a dataset, each once, by whose they are; and say whether some could not be read."""
    keys = tuple(keys)
    spaces = {space.scheme: space for space in spaces_of(index, (index.require(key.scheme) for key in keys))}
    found: dict[Space, list[Digests]] = {space: [] for space in spaces.values()}
    unread = False
    for batch in batches:
        for key in keys:
            canonical = canonical_of(batch, key, where="data")
            unread |= not np.isin(canonical.status, (Status.OK, Status.NULL)).all()
            values = canonical.values.gather(np.flatnonzero(canonical.status == Status.OK)).unique()
            found[spaces[key.scheme]].append(digest_column(values, index.scheme_key(key.scheme)))
    ids = {space: np.concatenate(parts) if parts else np.zeros((0, 2), np.uint64) for space, parts in found.items()}
    return ids, bool(unread)


def seal_membership(facts: Membership, numbers: Numbers, recipient: bytes) -> bytes:
    """Encrypt a membership to the annex's public key, 32 bytes; padded, as annexes are."""
    bitmap = roaring()(numbers)
    bitmap.run_optimize()
    packed = bitmap.serialize()
    head = json.dumps(asdict(facts) | {"bytes": len(packed)}, sort_keys=True).encode()
    plain = len(head).to_bytes(_SIZE_BYTES, "little") + head + packed
    return seal_to(recipient, plain + bytes(-len(plain) % _PADDED_TO), MAGIC)


def open_membership(sealed: bytes, key: AnnexKey) -> tuple[Membership, BitMap]:
    """Decrypt a membership.

    Raises
    ------
    InvalidCertificate
        When it was changed, is for another key, or is not a membership.
    MissingExtra
        When pyroaring is not installed.
    """
    bitmap = roaring()
    plain = open_sealed(sealed, key, MAGIC, "membership")
    try:
        start = _SIZE_BYTES + int.from_bytes(plain[:_SIZE_BYTES], "little")
        head = json.loads(plain[_SIZE_BYTES:start])
        packed = plain[start : start + head.pop("bytes")]
        numbers = bitmap.deserialize(packed)
        head["spaces"] = tuple(Space(*each) for each in head["spaces"])
        head["allowed"] = tuple(head["allowed"])
        head.setdefault("unread", True)  # of one that is older than the word: it is not known
        head["stamp"] = Stamp(**head["stamp"])
        return Membership(**head), numbers
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidCertificate("this is not a sealscrub membership") from None
