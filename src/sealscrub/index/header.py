"""The header of an index file: every fact about it, under the publisher's signature.

A file is laid out as::

    magic   8 bytes   "SEALIDX2": the format and its version
    size    8 bytes   length of the header in bytes, little-endian
    header            canonical JSON (sorted names, no spaces, ASCII)
    signature 64 bytes  Ed25519 over magic, size and header, bound to the purpose "index"
    zeros             up to the next multiple of 64 bytes
    body              bitmap, buckets, high halves, low halves, codes: each begins at a multiple of 64 bytes

The entries are sorted. The bitmap says which leading bits occur among them, so most misses end there; the
buckets say where the entries with some fewer leading bits begin.

The header holds the SHA-256 of every chunk of the body, so the signature covers the file, and a chunk can be
verified on its own.

The header grows by entries of ``extensions``. A reader ignores those that it does not know, unless ``critical`` names
them: then it refuses the file, as RFC 7515, section 4.1.11, has it for signed headers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sealscrub.errors import CorruptIndex, UnsuitableIndex

from .recall_bounds import LINKAGE, RecallBound, bounds_of
from .rule_reviews import REVIEWS, RegimeReviews, reviews_of
from .uses import DECLARED, is_audience

__all__ = ["IndexFacts", "IndexHeader", "SchemeFacts"]

MAGIC = b"SEALIDX2"
PREFIX_BYTES = len(MAGIC) + 8
SIGNATURE_BYTES = 64
ALIGNMENT = 64
CHUNK_BYTES = 1 << 22
MAX_HEADER_BYTES = 1 << 24
SIGNING_PURPOSE = "index"
_NEW_COPY = "get a new copy of the index."
#: Extensions of the header that this version reads.
KNOWN_EXTENSIONS: frozenset[str] = frozenset({DECLARED, LINKAGE, "prints", REVIEWS})


@dataclass(frozen=True, kw_only=True)
class IndexFacts:
    """What the publisher states about an index.

    Attributes
    ----------
    uses : tuple of str
        The uses from which its entries are barred; the union of them.
    audience : str
        To whom they are barred.
    jurisdictions : mapping of str to str
        Under whose law its seals are, such as ``us-ny``; for each the version of the table of regimes and uses by which
        they were chosen, blank if there is no table and every use but aggregate reports is barred.
    law_enforcement_duties : str
        The publisher's policy, ``allow`` or ``deny``: whether access "within the scope of law enforcement duties"
        (CPL 160.57 to 160.59) is relied on for models.
    registry : str
        Random name of the registry, which distinguishes two registries' epochs.
    epoch : int
        Number of the registry's last committed change.
    as_of : date
        The day whose law and facts it gives.
    known_at : str
        The registry's last recorded time, ISO 8601, UTC.
    not_after : date
        The last day on which it may be trusted.
    seals : int
        How many seals it is made of, those without a publishable key included.
    coverage : mapping of tuple of str to int
        For each set of schemes, how many seals carry keys of exactly these.
    allow_empty : bool
        Whether it was published without entries on purpose.
    extensions : mapping of str to JSON value
        What later versions state next to these.
    critical : tuple of str
        The extensions without which the index would be misread: a reader that does not know one refuses the index.

    Raises
    ------
    ValueError
        If an extension is critical and is not among the extensions.

    Examples
    --------
    >>> facts = IndexFacts(uses=("training",), audience="police", epoch=1, as_of=date(2026, 11, 25),
    ...                    known_at="2026-11-25T00:00:00Z", not_after=date(2026, 12, 25), seals=1)

    >>> facts.holds_prints
    True
    """

    uses: tuple[str, ...]
    audience: str
    jurisdictions: Mapping[str, str] = field(default_factory=dict)
    law_enforcement_duties: str = "allow"
    registry: str = ""
    epoch: int
    as_of: date
    known_at: str
    not_after: date
    seals: int
    coverage: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    allow_empty: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)
    critical: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = set(self.critical) - set(self.extensions)
        if missing:
            raise ValueError(f"missing critical extensions: {', '.join(sorted(missing))}")

    @property
    def holds_prints(self) -> bool:
        """Whether it serves records that hold fingerprints, palmprints or photographs too."""
        return "prints" not in self.extensions

    def check_audience(self, where: str) -> None:
        """Refuse an audience that is not a common one, and that no law is said to declare.

        Parameters
        ----------
        where : str
            The file.

        Raises
        ------
        UnsuitableIndex

        Examples
        --------
        >>> facts = IndexFacts(uses=("training",), audience="everyone", epoch=1, as_of=date(2026, 11, 25),
        ...                    known_at="2026-11-25T00:00:00Z", not_after=date(2026, 12, 25), seals=1)
        >>> facts.check_audience("a.sealindex")
        Traceback (most recent call last):
        ...
        sealscrub.errors.UnsuitableIndex: a.sealindex: its audience is not one that this version of sealscrub knows...
        """
        if not is_audience(self.audience, self.extensions):
            raise UnsuitableIndex(
                "its audience is not one that this version of sealscrub knows",
                where=where,
                hint="ask the custodian for an index that is published for your audience.",
            )


@dataclass(frozen=True, kw_only=True)
class SchemeFacts:
    """A scheme that an index holds keys of: its number in the file, its entries and its definition's fingerprint.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])

    >>> index.header.schemes["arrest_number"].entries
    1
    """

    number: int
    entries: int
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class IndexHeader:
    """Everything that the header of an index file says.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> index = example_index(["K14612345"])

    >>> index.header.covered(["arrest_number"]), index.header.covered(["docket"])
    (1.0, 0.0)
    """

    facts: IndexFacts
    key_id: str
    schemes: Mapping[str, SchemeFacts]
    entries: int
    prefix_bits: int
    bucket_bits: int
    chunk_bytes: int
    chunks: tuple[str, ...]
    body_bytes: int

    def to_bytes(self) -> bytes:
        """Canonical JSON of the header."""
        facts = self.facts
        document = {
            "allow_empty": facts.allow_empty,
            "as_of": facts.as_of.isoformat(),
            "audience": facts.audience,
            "body_bytes": self.body_bytes,
            "bucket_bits": self.bucket_bits,
            "chunk_bytes": self.chunk_bytes,
            "chunks": list(self.chunks),
            "critical": sorted(facts.critical),
            "coverage": [[list(schemes), count] for schemes, count in sorted(facts.coverage.items())],
            "entries": self.entries,
            "epoch": facts.epoch,
            "extensions": dict(facts.extensions),
            "jurisdictions": dict(facts.jurisdictions),
            "key_id": self.key_id,
            "known_at": facts.known_at,
            "law_enforcement_duties": facts.law_enforcement_duties,
            "not_after": facts.not_after.isoformat(),
            "prefix_bits": self.prefix_bits,
            "registry": facts.registry,
            "schemes": {
                name: {"entries": s.entries, "fingerprint": s.fingerprint, "number": s.number}
                for name, s in self.schemes.items()
            },
            "seals": facts.seals,
            "uses": sorted(facts.uses),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, content: bytes, where: str) -> IndexHeader:
        """Read a header; raises :class:`CorruptIndex` if it is invalid."""
        try:
            header = cls._from_document(json.loads(content))
            canonical = header.to_bytes() == content and header._plausible()
            canonical = canonical and header.linked is not None and header.reviews is not None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise CorruptIndex("the header cannot be read", where=where, hint=_NEW_COPY) from None
        if not canonical:
            raise CorruptIndex("the header is not in its canonical form", where=where, hint=_NEW_COPY)
        if unknown := set(header.facts.critical) - KNOWN_EXTENSIONS:
            raise UnsuitableIndex(
                f"it has extensions that this version of sealscrub cannot read: {', '.join(sorted(unknown))}",
                where=where,
                hint="install a newer sealscrub.",
            )
        header.facts.check_audience(where)
        return header

    @classmethod
    def _from_document(cls, document: dict[str, Any]) -> IndexHeader:
        facts = IndexFacts(
            uses=tuple(document["uses"]),
            audience=document["audience"],
            jurisdictions={str(name): str(version) for name, version in document["jurisdictions"].items()},
            law_enforcement_duties=document["law_enforcement_duties"],
            registry=document["registry"],
            epoch=int(document["epoch"]),
            as_of=date.fromisoformat(document["as_of"]),
            known_at=document["known_at"],
            not_after=date.fromisoformat(document["not_after"]),
            seals=int(document["seals"]),
            coverage={tuple(schemes): int(count) for schemes, count in document["coverage"]},
            allow_empty=bool(document["allow_empty"]),
            extensions=document["extensions"],
            critical=tuple(document["critical"]),
        )
        return cls(
            facts=facts,
            key_id=document["key_id"],
            schemes={name: SchemeFacts(**s) for name, s in document["schemes"].items()},
            entries=int(document["entries"]),
            prefix_bits=int(document["prefix_bits"]),
            bucket_bits=int(document["bucket_bits"]),
            chunk_bytes=int(document["chunk_bytes"]),
            chunks=tuple(document["chunks"]),
            body_bytes=int(document["body_bytes"]),
        )

    def _plausible(self) -> bool:
        """Whether the sizes are such that the body can be laid out; asked before any signature is looked at."""
        return (
            0 <= self.entries < 1 << 32
            and 3 <= self.prefix_bits <= 32
            and 1 <= self.bucket_bits <= 32
            and self.chunk_bytes >= ALIGNMENT
            and self.chunk_bytes % ALIGNMENT == 0
            and self.facts.seals >= 0
        )

    @property
    def linked(self) -> Mapping[str, RecallBound | None]:
        """By scheme, the systems whose keys stand for links, with the bound on the links' recall if one was made."""
        return bounds_of(self.facts.extensions.get(LINKAGE, {}))

    @property
    def reviews(self) -> RegimeReviews:
        """By jurisdiction, reviews of the regimes that bar its uses; empty if the publisher named none."""
        return reviews_of(self.facts.extensions.get(REVIEWS, {}))

    def covered(self, schemes: Iterable[str]) -> float:
        """Share of the seals that carry a key of at least one of these schemes; 1 if there is no seal."""
        wanted = set(schemes)
        if not self.facts.seals:
            return 1.0
        recognisable = sum(count for held, count in self.facts.coverage.items() if wanted & set(held))
        return recognisable / self.facts.seals


@dataclass(frozen=True)
class Layout:
    """Where the parts of the body are, in bytes from the start of the file."""

    bitmap: int
    buckets: int
    high: int
    low: int
    codes: int
    end: int

    @classmethod
    def of(cls, header_bytes: int, entries: int, prefix_bits: int, bucket_bits: int) -> Layout:
        """Place the parts behind a header of this length."""
        bitmap = aligned(PREFIX_BYTES + header_bytes + SIGNATURE_BYTES)
        buckets = aligned(bitmap + (1 << prefix_bits) // 8)
        high = aligned(buckets + 4 * ((1 << bucket_bits) + 1))
        low = aligned(high + 8 * entries)
        codes = aligned(low + 8 * entries)
        return cls(bitmap, buckets, high, low, codes, codes + entries)


def aligned(offset: int) -> int:
    """Round an offset up to the next multiple of the alignment."""
    return -(-offset // ALIGNMENT) * ALIGNMENT
