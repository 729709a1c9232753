"""A signed file of plain names, for a host that may hold them.

It is laid out as an index file is: magic ``SEALTXT3``, the header's length, the header in canonical JSON, the
publisher's signature over all of these bound to the purpose ``names``, and the body, whose SHA-256 the header holds:
names and names with dates, a line each, compressed.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.errors import (
    CorruptIndex,
    EmptyIndex,
    KeyFileError,
    Spelled,
    UnsuitableIndex,
    UsageError,
    WriteFailed,
    WrongKey,
)
from sealscrub.file_system import readable
from sealscrub.identifiers import AudienceKey, MatchingKey, Publisher
from sealscrub.identifiers.keys import verify_signature

from .fitness import the_day
from .header import MAX_HEADER_BYTES, PREFIX_BYTES, SIGNATURE_BYTES, IndexFacts, IndexHeader
from .index_trust import check_fitness

__all__: list[str] = []

PLAIN_MAGIC = b"SEALTXT3"
_PURPOSE = "names"
_MODE = 0o600
_NEW_COPY = "get a new copy of the file from its publisher."
_MOST_BYTES = 1 << 31


def write_plain(
    path: str | Path,
    names: pl.Series,
    dates: pl.Series,
    facts: IndexFacts,
    publisher: Publisher,
    *,
    audience_key: AudienceKey,
) -> None:
    """Write names, and names with dates."""
    path = Path(path)
    facts.check_audience(str(path))
    if not len(names) and not facts.allow_empty:
        raise EmptyIndex(
            "no names to publish",
            where=str(path),
            hint=Spelled("allow_empty=True writes an empty file.", "--allow-empty writes an empty file."),
        )
    if path.exists() and not _is_ours(path):
        raise UsageError(
            "the output would replace a file that is not a file of names",
            where=str(path),
            hint="choose another file, or delete it.",
        )
    body = zlib.compress(("\n".join(names.to_list()) + "\n\n" + "\n".join(dates.to_list())).encode(), 6)
    stated = _header(facts, audience_key.key_id).to_bytes().decode("ascii")
    document = {"facts": stated, "sha256": hashlib.sha256(body).hexdigest()}
    content = json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")
    head = PLAIN_MAGIC + len(content).to_bytes(8, "little") + content
    with placed_file(path, mode=_MODE) as file:
        file.write(head + publisher.sign(_PURPOSE, head) + body)


def open_plain(
    path: Path,
    key: MatchingKey | AudienceKey,
    *,
    use: str | None,
    min_epoch: int | None,
    today: date | None,
    remember: bool,
) -> tuple[IndexFacts, str, pl.Series, pl.Series]:
    """Open such a file, or refuse it as an index is refused; give the SHA-256 of its body next to what it holds."""
    head, signature, body = _parts(path)
    document, header = _read_header(head[PREFIX_BYTES:], path)
    try:
        known = key.for_audience(header.facts.audience).key_id == header.key_id
    except KeyFileError as error:
        raise WrongKey(error.message, where=str(path), hint=error.hint) from None
    if not known:
        raise WrongKey("it was published under another key", where=str(path), hint="give the key of its audience.")
    if not verify_signature(key.publisher_public_key, _PURPOSE, head, signature):
        raise CorruptIndex("the publisher's signature does not fit its header", where=str(path), hint=_NEW_COPY)
    if hashlib.sha256(body).hexdigest() != document["sha256"]:
        raise CorruptIndex("its content is not what the publisher signed", where=str(path), hint=_NEW_COPY)
    check_fitness(path, header, key.path, use=use, min_epoch=min_epoch, today=today or the_day(), remember=remember)
    names, _, dates = zlib.decompress(body).decode().partition("\n\n")
    lines = (pl.Series(text.split("\n") if text else [], dtype=pl.String) for text in (names, dates))
    first, second = lines
    return header.facts, document["sha256"], first, second


def old_names(path: Path) -> UnsuitableIndex:
    """Say that names were made words in another way, so not all of them would be found."""
    return UnsuitableIndex(
        "its names were published by another version of sealscrub",
        where=str(path),
        hint="publish them again with this one.",
    )


def _header(facts: IndexFacts, key_id: str) -> IndexHeader:
    return IndexHeader(
        facts=facts, key_id=key_id, schemes={}, entries=0, prefix_bits=9, bucket_bits=3, chunk_bytes=64, chunks=(),
        body_bytes=0,
    )  # fmt: skip


def _read_header(content: bytes, path: Path) -> tuple[dict[str, Any], IndexHeader]:
    try:
        document = json.loads(content)
        stated = document["facts"].encode("ascii")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CorruptIndex("the header cannot be read", where=str(path), hint=_NEW_COPY) from None
    return document, IndexHeader.from_bytes(stated, str(path))


def _parts(path: Path) -> tuple[bytes, bytes, bytes]:
    with readable(path, what="the names"), path.open("rb") as file:
        content = file.read(_MOST_BYTES)
    if content[: len(PLAIN_MAGIC)] != PLAIN_MAGIC:
        raise old_names(path)
    size = int.from_bytes(content[len(PLAIN_MAGIC) : PREFIX_BYTES], "little")
    end = PREFIX_BYTES + size
    if size > MAX_HEADER_BYTES or len(content) < end + SIGNATURE_BYTES:
        raise CorruptIndex("the file is truncated", where=str(path), hint=_NEW_COPY)
    return content[:end], content[end : end + SIGNATURE_BYTES], content[end + SIGNATURE_BYTES :]


def _is_ours(path: Path) -> bool:
    try:
        if not path.is_file() or not path.stat().st_size:
            return True
        with path.open("rb") as file:
            return file.read(7) in (PLAIN_MAGIC[:7], b"SEALIDX")
    except OSError as error:
        raise WriteFailed(f"cannot be written ({error.strerror})", where=str(path)) from None
