"""Parquet files that hold an identifier where no reader of rows meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sealscrub.tables.parquet.thrift_compact import read_struct

__all__ = ["FORGED", "HIDDEN", "footer_of"]

Change = Callable[[bytes, bytes, bytes], bytes]
"""From a file, a value that it holds and an identifier as long: another file, of the same rows."""


def footer_of(content: bytes) -> tuple[int, Any]:
    """Where the footer begins, and what is in it."""
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    return start, read_struct(content, start)[0]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _before_the_footer(content: bytes, value: bytes, held: bytes) -> bytes:
    start, _ = footer_of(content)
    return content[:start] + held * 3 + content[start:]


def _one_byte(content: bytes, value: bytes, held: bytes) -> bytes:
    start, _ = footer_of(content)
    return content[:start] + b"7" + content[start:]


def _among_zeros(content: bytes, value: bytes, held: bytes) -> bytes:
    start, _ = footer_of(content)
    return content[:start] + bytes(500) + held + bytes(500) + content[start:]


def _with_footer(content: bytes, added: bytes) -> bytes:
    start, _ = footer_of(content)
    footer = content[start:-9] + added + b"\x00"
    return content[:start] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def _a_field_of_the_footer(content: bytes, value: bytes, held: bytes) -> bytes:
    return _with_footer(content, b"\xa8" + _varint(len(held)) + held)


def _numbers_in_the_footer(content: bytes, value: bytes, held: bytes) -> bytes:
    return _with_footer(content, b"\xa9" + bytes([len(held) << 4 | 5]) + b"".join(_varint(2 * byte) for byte in held))


def _a_page_too_many(content: bytes, value: bytes, held: bytes) -> bytes:
    """Behind the last value of the last column stands another page, which the column's span covers."""
    start, footer = footer_of(content)
    column = footer[4][-1][1][-1][3]
    old, end = column[7], min(column[at] for at in (9, 11) if column.get(at)) + column[7]
    page = b"\x15\x00\x15" + _varint(2 * len(held)) + b"\x15" + _varint(2 * len(held))
    page += b"\x2c\x15\x00\x15\x00\x15\x06\x15\x06\x00\x00" + held
    told = [b"\x16" + _varint(2 * size) for size in (old, old + len(page))]
    assert content[start:].count(told[0]) == 1
    footer_bytes = content[start:-8].replace(*told)
    length = len(footer_bytes).to_bytes(4, "little")
    return content[:end] + page + content[end:start] + footer_bytes + length + b"PAR1"


HIDDEN: dict[str, Change] = {
    "before the footer": _before_the_footer,
    "a single byte": _one_byte,
    "among zeros": _among_zeros,
    "a field of the footer": _a_field_of_the_footer,
    "numbers in the footer": _numbers_in_the_footer,
    "a page too many": _a_page_too_many,
}


def _in_the_footer(content: bytes, value: bytes, held: bytes) -> bytes:
    start, _ = footer_of(content)
    assert value in content[start:]
    return content[:start] + content[start:].replace(value, held)


def _in_headers_of_pages(content: bytes, value: bytes, held: bytes) -> bytes:
    start, _ = footer_of(content)
    assert value in content[:start]
    return content[:start].replace(value, held) + content[start:]


FORGED: dict[str, Change] = {
    "the footer": _in_the_footer,
    "headers of pages, or indexes": _in_headers_of_pages,
    "everywhere": lambda content, value, held: content.replace(value, held),
}
