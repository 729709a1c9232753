"""Digests of whole columns against the CMAC of ``cryptography``, one value at a time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.identifiers import digest_column

KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
# NIST SP 800-38B, appendix D.3 (AES-256): length of the message in bytes, and its CMAC.
NIST = {
    0: "028962f61b7bf89efc6b551f4667d983",
    16: "28a7023f452e8f82bd4bf28d8c37c35c",
    40: "aaf3d8f1de5640c232f5b169b9c911e6",
    64: "e1992190549f6ed5696a2c056c315410",
}


def mac(message: bytes, key: bytes = KEY) -> bytes:
    cmac = CMAC(AES(key))
    cmac.update(message)
    return cmac.finalize()


def one_by_one(values: list[str | None], key: bytes = KEY) -> bytes:
    return b"".join(bytes(16) if value is None else mac(value.encode(), key) for value in values)


def as_bytes(digests: np.ndarray) -> bytes:
    return digests.astype(">u8").tobytes()


@pytest.mark.parametrize("length", NIST)
def test_the_oracle_gives_the_published_examples(length: int) -> None:
    assert mac(MESSAGE[:length]).hex() == NIST[length]


def test_the_empty_message_gives_the_published_example() -> None:
    assert as_bytes(digest_column(pl.Series([""]), KEY)).hex() == NIST[0]


def test_every_length_alone_and_all_lengths_mixed() -> None:
    texts = ["".join(chr(33 + (at * 7 + length) % 90) for at in range(length)) for length in range(71)]
    for text in texts:
        assert as_bytes(digest_column(pl.Series([text, text]), KEY)) == 2 * mac(text.encode())
    assert as_bytes(digest_column(pl.Series(texts), KEY)) == one_by_one(list(texts))


@pytest.mark.parametrize("most", [1, 3, 20])
def test_few_lengths_of_many_values(most: int) -> None:
    texts = [None if at % 11 == 0 else f"{at:05}é"[: at % most + 1] for at in range(256 * (most + 2))]
    values = pl.Series(["before", *texts, "behind", "x" * 300])[1:-2]
    assert as_bytes(digest_column(values, KEY)) == one_by_one(list(texts))


@given(
    values=st.lists(st.none() | st.text(max_size=70), max_size=40),
    key=st.binary(min_size=32, max_size=32),
)
@settings(max_examples=150, deadline=None)
def test_equals_cmac_value_by_value(values: list[str | None], key: bytes) -> None:
    assert as_bytes(digest_column(pl.Series(values, dtype=pl.String), key)) == one_by_one(values, key)


@given(
    parts=st.lists(st.lists(st.none() | st.text(max_size=40), max_size=12), min_size=1, max_size=5),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_chunks_and_slices_change_nothing(parts: list[list[str | None]], data: st.DataObject) -> None:
    column = pl.concat([pl.Series(part, dtype=pl.String) for part in parts], rechunk=False)
    values = [value for part in parts for value in part]
    start = data.draw(st.integers(0, len(values)))
    length = data.draw(st.integers(0, len(values)))
    piece = column.slice(start, length)
    assert as_bytes(digest_column(piece, KEY)) == one_by_one(values[start : start + length])


@pytest.mark.parametrize("kind", ["one length", "many lengths", "nulls"])
def test_long_columns_are_the_same_on_both_sides_of_every_border(kind: str) -> None:
    texts: list[str | None] = {
        "one length": [f"K146{n:05}" for n in range(97)],
        "many lengths": ["x" * (n % 61) for n in range(97)],
        "nulls": [None if n % 5 == 0 else "é" * (n % 23) for n in range(97)],
    }[kind]
    rows = (1 << 15) * 2 + 3
    column = pl.Series(texts, dtype=pl.String).gather(np.arange(rows) % len(texts))
    expected = np.frombuffer(one_by_one(texts), ">u8").reshape(-1, 2).astype(np.uint64)
    assert np.array_equal(digest_column(column, KEY), expected[np.arange(rows) % len(texts)])


def test_an_empty_column_has_no_digests() -> None:
    assert digest_column(pl.Series([], dtype=pl.String), KEY).shape == (0, 2)


def test_a_column_of_nulls_is_zeros() -> None:
    assert not digest_column(pl.Series([None, None], dtype=pl.String), KEY).any()


@pytest.mark.parametrize(("start", "length"), [(0, 4), (1, 3), (2, 1)])
def test_what_a_view_holds_other_than_its_text_says_nothing(start: int, length: int) -> None:
    """A writer left bytes behind a text, and a length and a text in a null's place."""
    values = ["K14612345", None, "", "M1400001"]
    views = (
        b"".join(each.to_bytes(4, "little") + b"K14612345\x80zz" for each in (9, 9, 0))
        + (8).to_bytes(4, "little")
        + b"M1400001\xffzzz"
    )
    buffers = [pa.py_buffer(bytes([0b1101])), pa.py_buffer(views)]
    array = pa.Array.from_buffers(pa.string_view(), 4, buffers).slice(start, length)
    column = pl.Series(pl.from_arrow(array))
    assert as_bytes(digest_column(column, KEY)) == one_by_one(values[start : start + length])
