"""The texts that bytes may be: as they are encoded, and as the digits of a digest or a UUID."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

__all__ = [
    "digits_of_bytes",
    "key_texts",
    "other_readings_of_bytes",
    "readings_of_bytes",
    "text_of_bytes",
    "uuid_texts",
]

_LONGEST = 64  # bytes that may be a digest
_UUID = 16
_CONTROL_SIGNS = r"[\x00-\x1f\x7f-\x{9f}]"
_ENCODINGS = ("cp1252", "cp1250", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_ORDERS = (
    ((0, 1, 2, 3), (3, 2, 1, 0)),
    ((4, 5), (5, 4)),
    ((6, 7), (7, 6)),
    ((8, 9), (8, 9)),
    (tuple(range(10, 16)),) * 2,
)


def text_of_bytes(values: pl.Series) -> pl.Series:
    r"""Read bytes as text: UTF-8, or UTF-16 or UTF-32 with a mark, or with the zeros that ASCII has in these.

    Parameters
    ----------
    values : polars.Series of Binary

    Examples
    --------
    >>> text_of_bytes(pl.Series([b"a", "a".encode("utf-16"), "a".encode("utf-16-be"), b"a\0\0"])).to_list()
    ['a', 'a', 'a', 'a']
    """
    try:
        texts = values.cast(pl.String)
        if not texts.str.contains("\0", literal=True).any():
            return texts
    except pl.exceptions.PolarsError:
        pass
    return pl.Series([None if value is None else _text(value) for value in values], dtype=pl.String)


def key_texts(values: pl.Series) -> pl.Series:
    r"""Read bytes as UTF-8; null if they are not, or hold control characters, as UUIDs and digests do.

    Space around a text may be any, and zeros may fill it up.

    Parameters
    ----------
    values : polars.Series of Binary

    Examples
    --------
    >>> key_texts(pl.Series([b"K14612345", b"a\n\0\0", b"\xff", b"a\x01b"])).to_list()
    ['K14612345', 'a\n\x00\x00', None, None]
    """
    try:
        texts = values.cast(pl.String)
    except pl.exceptions.PolarsError:
        texts = pl.Series(values.name, [None if value is None else _utf8(value) for value in values], dtype=pl.String)
    plain = ~texts.str.strip_chars_end("\0").str.strip_chars().str.contains(_CONTROL_SIGNS)
    if plain.all():
        return texts
    return pl.DataFrame({"text": texts, "plain": plain}).select(pl.when("plain").then("text")).to_series()


def digits_of_bytes(values: pl.Series) -> Iterator[pl.Series]:
    r"""Give the digits of bytes in hexadecimal, in both cases, and as UUIDs in both orders; null if there are none.

    Examples
    --------
    >>> [texts[0] for texts in digits_of_bytes(pl.Series([b"\xab\x01"]))][:2]
    ['ab01', 'AB01']
    """
    size = values.bin.size()
    digits = pl.DataFrame({"hex": values.bin.encode("hex"), "size": size}).select(
        pl.when(pl.col("size").is_between(1, _LONGEST)).then("hex")
    )
    yield digits.to_series()
    yield digits.to_series().str.to_uppercase()
    if (size == _UUID).any():
        whole = pl.DataFrame({"hex": values.bin.encode("hex"), "size": size})
        for order in (0, 1):
            made = pl.when(pl.col("size") == _UUID).then(_grouped(order))
            texts = whole.select(made).to_series()
            yield texts
            yield texts.str.to_uppercase()
        swapped = whole.select(
            pl.when(pl.col("size") == _UUID).then(
                pl.concat_str([pl.col("hex").str.slice(2 * at, 2) for each in _ORDERS for at in each[1]])
            )
        ).to_series()
        yield swapped
        yield swapped.str.to_uppercase()


def uuid_texts(values: pl.Series) -> pl.Series:
    r"""Give the texts of UUIDs that are held as bytes, 16 each.

    Parameters
    ----------
    values : polars.Series of Binary

    Examples
    --------
    >>> uuid_texts(pl.Series([b"0123456789abcdef", None])).to_list()
    ['30313233-3435-3637-3839-616263646566', None]
    """
    return values.bin.encode("hex").alias("hex").to_frame().select(_grouped(0)).to_series().alias(values.name)


def _grouped(order: int) -> pl.Expr:
    groups = [pl.concat_str([pl.col("hex").str.slice(2 * at, 2) for at in each[order]]) for each in _ORDERS]
    return pl.concat_str(groups, separator="-")


def readings_of_bytes(value: bytes) -> list[str]:
    r"""Give the texts that one value may be: as :func:`text_of_bytes` reads it, and its digits if that is not text.

    Examples
    --------
    >>> readings_of_bytes(b"K14612345"), readings_of_bytes(b"\xab\x01")[1:]
    (['K14612345'], ['ab01', 'AB01'])
    """
    text = _text(value)
    if text.isprintable() and "\ufffd" not in text:
        return [text]
    series = pl.Series([value], dtype=pl.Binary)
    return [text, *(digits[0] for digits in digits_of_bytes(series) if digits[0] is not None)]


def other_readings_of_bytes(values: pl.Series) -> Iterator[pl.Series]:
    """Read bytes in other encodings too, if some are not UTF-8 or have zeros; what is UTF-8 is always read so.

    Examples
    --------
    >>> [texts.to_list() for texts in other_readings_of_bytes(pl.Series([b"a", "José".encode("latin-1")]))][0]
    ['a', 'José']
    """
    plain = [None if value is None else _utf8_without_zeros(value) for value in values]
    odd = [at for at, value in enumerate(values) if value is not None and plain[at] is None]
    for encoding in _ENCODINGS if odd else ():
        texts = list(plain)
        for at in odd:
            texts[at] = values[at].decode(encoding, "ignore").replace("\0", "")
        yield pl.Series(texts, dtype=pl.String)


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _utf8_without_zeros(value: bytes) -> str | None:
    return None if b"\0" in value else _utf8(value)


def _text(value: bytes) -> str:
    for mark, encoding in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if value.startswith(mark):
            return value.decode(encoding, "replace").replace("\0", "")
    return value.replace(b"\0", b"").decode("utf-8", "replace")
