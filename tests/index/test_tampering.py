"""Any byte that the publisher did not sign is refused before an answer depends on it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sealscrub.errors import CorruptIndex, IndexRefused, UnreadableInput, UsageError, WrongKey
from sealscrub.identifiers import generate_keys, load_publisher
from sealscrub.index import Index, SchemeEntries, open_index, read_header
from sealscrub.index.header import Layout

from .custodian import VALUES, Custodian, joined, split, with_header

ASKED = {"arrest_number": ["K14612345", "M15000001", "K14612346"], "docket": ["2014KN012345", "2014KN012346"]}
ANSWERS = {"arrest_number": [1, 2, 0], "docket": [1, 0]}


@pytest.fixture
def published(custodian: Custodian, tmp_path: Path) -> bytes:
    return custodian.publish(tmp_path / "a.sealindex").read_bytes()


def opened(custodian: Custodian, content: bytes) -> Index:
    path = custodian.folder / "changed.sealindex"
    path.write_bytes(content)
    return open_index(path, custodian.key, remember=False)


def body_start(content: bytes) -> int:
    end = 16 + int.from_bytes(content[8:16], "little") + 64
    return end + -end % 64


def flips(content: bytes, places: range) -> Iterator[bytes]:
    for at in places:
        changed = bytearray(content)
        changed[at] ^= (1, 0x80, 0xFF)[at % 3]
        yield bytes(changed)


def test_every_byte_before_the_body_is_signed(custodian: Custodian, published: bytes) -> None:
    for changed in flips(published, range(body_start(published))):
        with pytest.raises(IndexRefused):
            opened(custodian, changed)


def test_every_byte_of_the_body_is_verified_before_it_answers(custodian: Custodian, published: bytes) -> None:
    for changed in flips(published, range(body_start(published), len(published))):
        index = opened(custodian, changed)
        for scheme, values in ASKED.items():
            with pytest.raises(CorruptIndex):
                custodian.reasons(index, scheme, values)
        with pytest.raises(CorruptIndex):
            index.verify()
        with pytest.raises(CorruptIndex):
            index.verify()


def test_every_truncation_and_extension_is_refused(custodian: Custodian, published: bytes) -> None:
    for end in range(len(published)):
        with pytest.raises(IndexRefused):
            opened(custodian, published[:end])
    for more in (b"\0", b"\n", bytes(64), published):
        with pytest.raises(IndexRefused, match="longer"):
            opened(custodian, published + more)


def test_swapped_bytes_are_refused(custodian: Custodian, published: bytes) -> None:
    rng = np.random.default_rng(8)
    tried = 0
    for a, b in rng.integers(0, len(published), (600, 2)).tolist():
        if published[a] == published[b]:
            continue
        changed = bytearray(published)
        changed[a], changed[b] = changed[b], changed[a]
        with pytest.raises(IndexRefused):
            opened(custodian, bytes(changed)).verify()
        tried += 1
    assert tried > 100


def test_bytes_cut_out_or_put_in_are_refused(custodian: Custodian, published: bytes) -> None:
    rng = np.random.default_rng(9)
    for at in rng.integers(0, len(published), 150).tolist():
        for changed in (published[:at] + published[at + 1 :], published[:at] + b"\0" + published[at:]):
            with pytest.raises(IndexRefused):
                opened(custodian, changed)


def test_the_body_of_another_index_is_refused(custodian: Custodian, published: bytes) -> None:
    other = custodian.publish(
        custodian.folder / "b.sealindex",
        {
            "arrest_number": {f"K1{n}612345": reason for n, reason in enumerate(VALUES["arrest_number"].values())},
            "docket": VALUES["docket"],
        },
    ).read_bytes()
    assert len(other) == len(published)
    start = body_start(published)
    with pytest.raises(CorruptIndex):
        custodian.reasons(opened(custodian, published[:start] + other[start:]), "docket", ASKED["docket"])


CHANGES: dict[str, Any] = {
    "allow_empty": True,
    "as_of": "2020-01-01",
    "audience": "vendor",
    "body_bytes": 64,
    "bucket_bits": 4,
    "chunk_bytes": 64,
    "chunks": [],
    "coverage": [[["docket"], 9]],
    "critical": ["later"],
    "entries": 2,
    "epoch": 999,
    "extensions": {"later": 1},
    "jurisdictions": {"us-nj": ""},
    "key_id": "0" * 16,
    "known_at": "2030-01-01T00:00:00Z",
    "law_enforcement_duties": "deny",
    "not_after": "2099-01-01",
    "prefix_bits": 10,
    "registry": "another",
    "schemes": {"docket": {"entries": 3, "fingerprint": "0" * 16, "number": 0}},
    "seals": 0,
    "uses": ["inference_input"],
}


def test_every_field_is_covered_by_the_changes(published: bytes) -> None:
    assert set(split(published)[0]) == set(CHANGES)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("signed_by", ["another publisher", "nobody", "the old signature"])
def test_a_changed_field_is_refused(custodian: Custodian, published: bytes, field: str, signed_by: str) -> None:
    other = load_publisher(generate_keys(custodian.folder / "other.key")[1])
    old = published[16 + int.from_bytes(published[8:16], "little") :][:64]
    sign = {
        "another publisher": lambda head: other.sign("index", head),
        "nobody": lambda head: bytes(64),
        "the old signature": lambda head: old,
    }[signed_by]
    changed = with_header(published, {field: CHANGES[field]}, sign)
    assert changed != published
    with pytest.raises(IndexRefused):
        opened(custodian, changed)


def test_the_changes_above_are_refused_for_their_signature(custodian: Custodian, published: bytes) -> None:
    """The same file put together by the publisher opens: it is not its shape that is refused."""
    again = with_header(published, {}, lambda head: custodian.publisher.sign("index", head))
    assert again == published
    later = with_header(published, {"epoch": 999}, lambda head: custodian.publisher.sign("index", head))
    assert opened(custodian, later).epoch == 999


def test_a_signature_for_another_purpose_is_refused(custodian: Custodian, published: bytes) -> None:
    with pytest.raises(CorruptIndex):
        opened(custodian, with_header(published, {}, lambda head: custodian.publisher.sign("certificate", head)))


HOSTILE: dict[str, dict[str, Any]] = {
    "bitmap larger than memory": {"prefix_bits": 10**9},
    "buckets larger than memory": {"bucket_bits": 10**9},
    "negative bits": {"prefix_bits": -1},
    "negative entries": {"entries": -5},
    "more entries than the buckets count": {"entries": 1 << 32},
    "no chunk size": {"chunk_bytes": 0},
    "odd chunk size": {"chunk_bytes": 63},
    "negative chunk size": {"chunk_bytes": -64},
    "uses of several types": {"uses": [1, "a"]},
    "uses is a number": {"uses": 5},
    "coverage of several types": {"coverage": [[["a"], 1], [[1], 1]]},
    "coverage is a text": {"coverage": "ab"},
    "schemes is a list": {"schemes": []},
    "scheme is a list": {"schemes": {"docket": []}},
    "scheme with more": {"schemes": {"docket": {"entries": 3, "fingerprint": "", "number": 0, "x": 1}}},
    "date is a number": {"as_of": 20200101},
    "no date": {"not_after": "tomorrow"},
    "fraction": {"epoch": 1.5},
    "truth": {"epoch": True},
    "infinite": {"epoch": float("inf")},
    "nothing": {"epoch": None},
    "more members": {"comment": "hello"},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_header_is_refused_with_and_without_the_key(
    custodian: Custodian, published: bytes, change: dict[str, Any]
) -> None:
    changed = with_header(published, change, lambda head: custodian.publisher.sign("index", head))
    with pytest.raises(CorruptIndex):
        opened(custodian, changed)
    with pytest.raises(CorruptIndex):
        read_header(custodian.folder / "changed.sealindex")


@pytest.mark.parametrize(
    "header",
    [b"", b"{}", b"[]", b"5", b"null", b"\xff", b"[" * 50_000, b'{"a":' * 50_000, b"1" * 9000],
    ids=lambda header: repr(header[:5]),
)
def test_what_is_no_header_is_refused(custodian: Custodian, published: bytes, header: bytes) -> None:
    with pytest.raises(CorruptIndex):
        opened(custodian, joined(header, b"", lambda head: custodian.publisher.sign("index", head)))


@pytest.mark.parametrize("form", ["spaces", "order", "unicode", "twice", "utf-16"])
def test_a_header_has_one_form(custodian: Custodian, published: bytes, form: str) -> None:
    document, rest = split(published)
    compact = json.dumps(document, sort_keys=True, separators=(",", ":"))
    header = {
        "spaces": json.dumps(document, sort_keys=True).encode(),
        "order": json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode(),
        "unicode": compact.replace("police", "p\\u006flice").encode(),
        "twice": ('{"allow_empty":true,' + compact[1:]).encode(),
        "utf-16": compact.encode("utf-16"),
    }[form]
    with pytest.raises(CorruptIndex, match="canonical"):
        opened(custodian, joined(header, rest, lambda head: custodian.publisher.sign("index", head)))


def test_a_length_beyond_the_file_is_refused(custodian: Custodian, published: bytes) -> None:
    for length in (len(published), 1 << 24, 1 << 40, (1 << 64) - 1):
        with pytest.raises(CorruptIndex):
            opened(custodian, published[:8] + length.to_bytes(8, "little") + published[16:])


def test_random_bytes_are_refused(custodian: Custodian) -> None:
    rng = np.random.default_rng(10)
    for size in (0, 1, 7, 8, 16, 100, 5000):
        with pytest.raises(CorruptIndex):
            opened(custodian, rng.bytes(size))
        with pytest.raises(CorruptIndex):
            opened(custodian, b"SEALIDX2" + rng.bytes(size))


def test_a_path_that_is_no_file(custodian: Custodian, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("fifo", "."):
        with pytest.raises(CorruptIndex, match="not a file"):
            open_index(tmp_path / name, custodian.key)
    for name, refusal in (("absent", UsageError), ("loop", UnreadableInput)):
        with pytest.raises(refusal):
            open_index(tmp_path / name, custodian.key)


def test_another_key_is_named(custodian: Custodian, published: bytes, tmp_path: Path) -> None:
    other = generate_keys(tmp_path / "other.key")[0]
    with pytest.raises(WrongKey) as refused:
        open_index(tmp_path / "a.sealindex", other)
    assert custodian.key.for_audience("police").key_id in refused.value.hint


def test_a_bad_chunk_refuses_its_own_keys_and_answers_for_the_others(custodian: Custodian, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    digests = rng.integers(0, 1 << 64, (1 << 20, 2), np.uint64, endpoint=False)
    path = tmp_path / "large.sealindex"
    custodian.write(path, [SchemeEntries("docket", digests, np.ones(len(digests), np.uint8))])
    header, content = read_header(path), bytearray(path.read_bytes())
    chunk_bytes = header.chunk_bytes
    start = body_start(bytes(content))
    layout = Layout.of(int.from_bytes(content[8:16], "little"), header.entries, header.prefix_bits, header.bucket_bits)
    assert layout.bitmap == start
    # A chunk in the middle of the low halves: every entry's low half is read on a hit, and on nothing else.
    bad = (layout.low - start) // chunk_bytes + 1
    first, last = ((start + chunk * chunk_bytes - layout.low) // 8 for chunk in (bad, bad + 1))
    assert 0 < first < last < header.entries
    content[start + bad * chunk_bytes + 5] ^= 1
    path.write_bytes(content)
    ordered = digests[np.lexsort((digests[:, 1], digests[:, 0]))]
    index = open_index(path, custodian.key)
    assert (index.lookup("docket", ordered[:first]) == 1).all()
    assert (index.lookup("docket", ordered[last:]) == 1).all()
    misses = ordered[first:last].copy()
    misses[:, 0] ^= np.uint64(1 << 20)
    assert not index.lookup("docket", misses).any()
    for asked in (ordered[first : first + 1], ordered[last - 1 : last], ordered):
        for _ in range(2):
            with pytest.raises(CorruptIndex):
                index.lookup("docket", asked)
    with pytest.raises(CorruptIndex):
        index.verify()
    assert (index.lookup("docket", ordered[:first]) == 1).all()
