"""A custodian for tests: keys in a folder, and indexes published from plain canonical values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.identifiers import MatchingKey, digest_column, generate_keys, load_key, load_publisher
from sealscrub.index import Index, IndexFacts, Reason, SchemeEntries, write_index

from ..today import today

FACTS: dict[str, Any] = {
    "uses": ("training", "output"),
    "audience": "police",
    "jurisdictions": {"us-ny": "us-ny/uses-2"},
    "registry": "7d0c6f1e",
    "epoch": 5,
    "as_of": today() - timedelta(days=2),
    "known_at": "2026-01-02T03:04:05Z",
    "not_after": today() + timedelta(days=28),
    "seals": 3,
    "coverage": {("arrest_number",): 2, ("arrest_number", "docket"): 1},
}
VALUES = {
    "arrest_number": {"K14612345": Reason.SEALED, "M15000001": Reason.WITHHELD},
    "docket": {"2014KN012345": Reason.SEALED},
}


def facts(**changes: Any) -> IndexFacts:
    return IndexFacts(**(FACTS | changes))


class Custodian:
    """Keys, and what is done with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key_file, self.publisher_file, *_ = generate_keys(folder / "seal.key")
        key = load_key(self.key_file)
        assert isinstance(key, MatchingKey)
        self.key = key
        self.publisher = load_publisher(self.publisher_file)

    def digests(self, scheme: str, values: list[str], audience: str = "police") -> np.ndarray:
        return digest_column(pl.Series(values, dtype=pl.String), self.key.for_audience(audience).scheme_key(scheme))

    def entries(self, values: Mapping[str, Mapping[str, Reason]], audience: str = "police") -> list[SchemeEntries]:
        return [
            SchemeEntries(
                scheme, self.digests(scheme, list(reasons), audience), np.array(list(reasons.values()), np.uint8)
            )
            for scheme, reasons in values.items()
        ]

    def publish(self, path: Path, values: Mapping[str, Mapping[str, Reason]] = VALUES, **changes: Any) -> Path:
        self.write(path, self.entries(values, changes.get("audience", "police")), **changes)
        return path

    def write(self, path: Path, entries: list[SchemeEntries], **changes: Any) -> None:
        stated = facts(**changes)
        write_index(path, entries, stated, self.publisher, audience_key=self.key.for_audience(stated.audience))

    def reasons(self, index: Index, scheme: str, values: list[str]) -> list[int]:
        return index.lookup(scheme, self.digests(scheme, values, index.audience)).tolist()


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Header of an index file as a document, and what follows the signature."""
    end = 16 + int.from_bytes(content[8:16], "little")
    return json.loads(content[16:end]), content[end + 64 :]


def joined(header: bytes, rest: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """An index file with another header, signed again; the body is moved to where it belongs then."""
    head = b"SEALIDX2" + len(header).to_bytes(8, "little") + header
    filled = head + sign(head)
    return filled + bytes(-len(filled) % 64) + rest


def with_header(content: bytes, change: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> bytes:
    """The file with some members of its header changed, in canonical form, signed again."""
    document, rest = split(content)
    gap = -(16 + int.from_bytes(content[8:16], "little") + 64) % 64
    header = json.dumps(document | change, sort_keys=True, separators=(",", ":")).encode()
    return joined(header, rest[gap:], sign)


def day(text: str) -> date:
    return date.fromisoformat(text)
