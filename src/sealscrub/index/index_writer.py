"""Writing an index: sort the digests, arrange them, sign, and put the file in place in one step."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sealscrub.atomic_write import placed_file
from sealscrub.errors import EmptyIndex, KeyFileError, SchemeError, Spelled, UsageError, WriteFailed
from sealscrub.identifiers import AudienceKey, Publisher, get_scheme

from .header import (
    CHUNK_BYTES,
    MAGIC,
    SIGNING_PURPOSE,
    IndexFacts,
    IndexHeader,
    Layout,
    SchemeFacts,
    aligned,
)
from .uses import Reason

__all__ = ["SchemeEntries", "write_index"]

_REASON_BITS = 2
_MAX_SCHEMES = 1 << (8 - _REASON_BITS)
_MODE = 0o640


@dataclass(frozen=True, eq=False)
class SchemeEntries:
    """Digests of one scheme's keys and the reason of each.

    Attributes
    ----------
    scheme : str
        Name of a scheme whose values name one record.
    digests : numpy.ndarray of uint64, shape (n, 2)
        From :func:`sealscrub.identifiers.digest_column`; in any order, repeated or not.
    reasons : numpy.ndarray of uint8, shape (n,)
        A :class:`Reason` for each. Of a repeated digest, ``SEALED`` wins.

    Examples
    --------
    >>> SchemeEntries("arrest_number", np.zeros((1, 2), np.uint64), np.array([Reason.SEALED], np.uint8))
    SchemeEntries('arrest_number', …)
    """

    scheme: str
    digests: npt.NDArray[np.uint64]
    reasons: npt.NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"SchemeEntries({self.scheme!r}, …)"


def write_index(
    path: str | Path,
    entries: Sequence[SchemeEntries],
    facts: IndexFacts,
    publisher: Publisher,
    *,
    audience_key: AudienceKey,
) -> IndexHeader:
    """Write a signed index and put it in place of what was there, in one step.

    Readers that have the earlier file open continue with that one. The same entries, facts and keys give the same
    bytes. The file's mode is 0640.

    Parameters
    ----------
    path : str or Path
        Where it goes.
    entries : sequence of SchemeEntries
        One for each scheme; a scheme without entries may be in it and is then one that the index holds.
    facts : IndexFacts
        What the publisher states.
    publisher : Publisher
        Whose signature it bears.
    audience_key : AudienceKey
        Under which the digests were made; the file holds its id.

    Returns
    -------
    IndexHeader

    Raises
    ------
    EmptyIndex
        When there is no entry and ``facts.allow_empty`` is not set.
    SchemeError
        When a scheme's values name a person or an event, or there are more than 64 schemes.
    KeyFileError
        When the keys are not of one family, so no reader could open the index.
    UsageError
        When an entry has no reason, or the index no use; or when the target is there and is not an index.
    WriteFailed
        When the file could not be completed; what was there is as it was.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import date
    >>> from sealscrub.identifiers import digest_column, generate_keys, load_key, load_publisher
    >>> matching, publisher, *_ = generate_keys("seal.key")
    >>> police = load_key(matching).for_audience("police")
    >>> digests = digest_column(pl.Series(["K14612345"]), police.scheme_key("arrest_number"))
    >>> entries = [SchemeEntries("arrest_number", digests, np.array([Reason.SEALED], np.uint8))]
    >>> facts = IndexFacts(uses=("training",), audience="police", epoch=1, as_of=date(2026, 11, 25),
    ...                    known_at="2026-11-25T00:00:00Z", not_after=date(2026, 12, 25), seals=1)
    >>> write_index("seal.sealindex", entries, facts, load_publisher(publisher), audience_key=police).entries
    1
    """
    path = Path(path)
    _check_keys(facts, publisher, audience_key)
    facts.check_audience(str(path))
    _refuse_replacing(path)
    schemes = _scheme_numbers(entries)
    digests, codes = _sorted_digests(entries, schemes)
    if not len(digests) and not facts.allow_empty:
        raise EmptyIndex(
            "there is nothing to publish: no seal bars any of these uses",
            where=str(path),
            hint=Spelled(
                "allow_empty=True publishes an empty index.",
                "--allow-empty publishes an empty index.",
            ),
        )
    prefix_bits, bucket_bits = _bits(len(digests))
    high = digests[:, 0]
    body = _body([_bitmap(high, prefix_bits), _buckets(high, bucket_bits), high, digests[:, 1], codes])
    counts = np.bincount(codes >> _REASON_BITS, minlength=len(schemes)) if len(codes) else np.zeros(len(schemes), int)
    header = IndexHeader(
        facts=facts,
        key_id=audience_key.key_id,
        schemes={
            name: SchemeFacts(number=number, entries=int(counts[number]), fingerprint=get_scheme(name).fingerprint)
            for name, number in schemes.items()
        },
        entries=len(digests),
        prefix_bits=prefix_bits,
        bucket_bits=bucket_bits,
        chunk_bytes=CHUNK_BYTES,
        chunks=tuple(
            hashlib.sha256(memoryview(body)[at : at + CHUNK_BYTES]).hexdigest()
            for at in range(0, len(body), CHUNK_BYTES)
        ),
        body_bytes=len(body),
    )
    with placed_file(path, mode=_MODE) as file:
        content = header.to_bytes()
        head = MAGIC + len(content).to_bytes(8, "little") + content
        file.write(head + publisher.sign(SIGNING_PURPOSE, head))
        file.write(bytes(Layout.of(len(content), len(digests), prefix_bits, bucket_bits).bitmap - file.tell()))
        file.write(body)
    return header


def _refuse_replacing(path: Path) -> None:
    """Refuse a target that is there and is not an index: a slip must not cost the custodian a registry or a key."""
    try:
        with contextlib.suppress(FileNotFoundError):
            if not path.is_file() or not path.stat().st_size:
                return
            with path.open("rb") as file:
                if file.read(7) in (MAGIC[:7], b"SEALTXT"):
                    return
            raise UsageError(
                "the index would replace a file that is not an index",
                where=str(path),
                hint="choose another file, or delete it.",
            )
    except OSError as error:
        raise WriteFailed(
            f"cannot be written ({error.strerror})", where=str(path), hint="choose another file."
        ) from None


def _check_keys(facts: IndexFacts, publisher: Publisher, audience_key: AudienceKey) -> None:
    if not facts.uses:
        raise UsageError("an index needs a use, and none is given", hint=Spelled('uses=["training"]', "--use training"))
    if facts.audience != audience_key.audience:
        raise KeyFileError(
            f"an index for {facts.audience} cannot be made with the key of {audience_key.audience}",
            hint="give the custodian's matching key, from which every audience's derives.",
        )
    if publisher.public_key != audience_key.publisher_public_key:
        raise KeyFileError(
            "the publisher's key is not the one that holders of the matching key trust",
            hint="give the .publisher file that keygen wrote next to the matching key.",
        )


def _scheme_numbers(entries: Sequence[SchemeEntries]) -> dict[str, int]:
    """Give each scheme its number, by its own name."""
    names = set()
    for part in entries:
        scheme = get_scheme(part.scheme)
        if not scheme.published:
            raise SchemeError(f"{scheme.name} is never published in an index", hint=scheme.hint)
        if not np.isin(part.reasons, [int(reason) for reason in Reason]).all():
            raise UsageError(f"an entry of {scheme.name} has no reason", hint="give Reason.SEALED or Reason.WITHHELD.")
        names.add(scheme.name)
    if len(names) > _MAX_SCHEMES:
        raise SchemeError(f"an index holds keys of at most {_MAX_SCHEMES} schemes", hint="publish several indexes.")
    return {name: number for number, name in enumerate(sorted(names))}


def _sorted_digests(
    entries: Sequence[SchemeEntries], schemes: dict[str, int]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """All digests in order, each once, and a code of scheme and reason for each."""
    if not sum(len(part.digests) for part in entries):
        return np.zeros((0, 2), np.uint64), np.zeros(0, np.uint8)
    digests = np.concatenate([part.digests for part in entries])
    codes = np.concatenate(
        [(schemes[get_scheme(part.scheme).name] << _REASON_BITS | part.reasons.astype(np.uint8)) for part in entries]
    ).astype(np.uint8)
    order = np.argsort(digests[:, 0], kind="stable")
    if (digests[order[1:], 0] == digests[order[:-1], 0]).any():
        order = np.lexsort((codes, digests[:, 1], digests[:, 0]))
    digests, codes = digests[order], codes[order]
    first = np.ones(len(digests), bool)
    first[1:] = (digests[1:] != digests[:-1]).any(axis=1)
    return np.ascontiguousarray(digests[first]), codes[first]


def _bits(entries: int) -> tuple[int, int]:
    """Leading bits of the bitmap (some sixteen cells an entry) and of the buckets (some four entries each)."""
    magnitude = int(max(1, entries) - 1).bit_length()
    return min(30, max(9, magnitude + 4)), min(26, max(3, magnitude - 2))


def _bitmap(high: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint8]:
    present = np.zeros(1 << bits, bool)
    present[high >> np.uint64(64 - bits)] = True
    return np.packbits(present, bitorder="little")


def _buckets(high: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint32]:
    starts = np.zeros((1 << bits) + 1, np.uint32)
    counts = np.bincount((high >> np.uint64(64 - bits)).astype(np.int64), minlength=1 << bits)
    starts[1:] = np.cumsum(counts)
    return starts


def _body(parts: Sequence[npt.NDArray[np.generic]]) -> bytes:
    """The parts one behind the other, each but the last filled to the alignment."""
    contents = [np.ascontiguousarray(part).astype(part.dtype.newbyteorder("<"), copy=False).tobytes() for part in parts]
    filled = [content + bytes(aligned(len(content)) - len(content)) for content in contents[:-1]]
    return b"".join([*filled, contents[-1]])
