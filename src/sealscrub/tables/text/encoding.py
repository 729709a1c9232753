"""Text encodings of files: recognising them, checking them, and giving every byte back as it was.

UTF-8 and the single-byte encodings (Latin-1, Windows code pages) are worked on as they are: the bytes that
shape a file (delimiter, quote, line end) are ASCII in all of them. UTF-16 and UTF-32 are taken through UTF-8
and back, which loses nothing.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError

__all__ = ["TextEncoding", "invalid_at", "recode_single_byte", "recognise_encoding"]

_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How a file's text is encoded.

    Parameters
    ----------
    codec : str
        Python's name of the encoding.
    bom : bytes
        The byte-order mark that the file begins with, or nothing.
    """

    codec: str
    bom: bytes = b""

    @property
    def wide(self) -> bool:
        """Whether characters take two or four bytes, so the text is taken through UTF-8."""
        return self.codec.startswith(("utf-16", "utf-32"))

    @property
    def unicode(self) -> bool:
        """Whether the text is UTF-8 while it is worked on."""
        return self.wide or self.codec == "utf-8"

    @property
    def inner(self) -> str:
        """The encoding of the bytes that are worked on."""
        return "utf-8" if self.unicode else self.codec


def recognise_encoding(head: bytes, asked: str | None) -> TextEncoding:
    """Return a file's encoding from its first bytes, or check the one that was asked for.

    Parameters
    ----------
    head : bytes
        At least the first four bytes of the file, if it has as many.
    asked : str or None
        The encoding's name; None for UTF-8, unless a byte-order mark says otherwise.

    Raises
    ------
    ConfigError
        If the encoding is unknown, or is one in which a delimiter's byte can be half a character.
    """
    bom = next((mark for mark in _BOMS if head.startswith(mark)), b"")
    if asked is None:
        return TextEncoding(_BOMS.get(bom, "utf-8"), bom)
    codec = _codec_named(asked)
    if codec == "utf-8":
        return TextEncoding(codec, bom if bom == codecs.BOM_UTF8 else b"")
    if codec in ("utf-16", "utf-32"):
        matches = _BOMS.get(bom, "").startswith(codec)
        return TextEncoding(_BOMS[bom] if matches else f"{codec}-le", bom if matches else b"")
    if codec.startswith(("utf-16", "utf-32")):
        return TextEncoding(codec, bom if _BOMS.get(bom) == codec else b"")
    _single_byte_lengths(codec)
    return TextEncoding(codec)


def _codec_named(asked: str) -> str:
    try:
        name = codecs.lookup(asked).name
    except LookupError:
        raise ConfigError(f"unknown encoding {asked!r}", hint="such as utf-8, latin-1 or cp1252.") from None
    return "utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else name


def invalid_at(data: bytes) -> int | None:
    """Find the first byte that is not UTF-8; None if all are."""
    if data.isascii():
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


@lru_cache(maxsize=8)
def _single_byte_lengths(codec: str) -> npt.NDArray[np.int64]:
    """Give the number of UTF-8 bytes of each of the 256 bytes; 0 if the encoding does not define it."""
    lengths = np.zeros(256, dtype=np.int64)
    for byte in range(256):
        text = _decoded(bytes([byte]), codec)
        shaped = text is not None and len(text) == 1 and (byte > 127 or ord(text) == byte)
        lengths[byte] = len(text.encode()) if text is not None and shaped else 0
    undefined = np.flatnonzero(lengths == 0)
    pairs = (bytes([first, second]) for first in undefined for second in range(256))
    if undefined.size and (undefined[0] < 128 or any(_decoded(pair, codec) for pair in pairs)):
        raise ConfigError(
            f"the encoding {codec} is not supported",
            hint="convert the file to UTF-8, UTF-16, UTF-32 or a single-byte encoding such as cp1252.",
        )
    return lengths


def _decoded(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None
    except LookupError:
        raise ConfigError(f"{codec} is not an encoding of text", hint="such as utf-8 or cp1252.") from None


def recode_single_byte(
    data: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int64], codec: str
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]] | None:
    """Turn values in a single-byte encoding, one after another, into UTF-8.

    Parameters
    ----------
    data : ndarray of uint8
        The values' bytes without anything between them.
    lengths : ndarray of int64, shape (n,)
        The length of each value.
    codec : str
        The encoding.

    Returns
    -------
    (ndarray of uint8, ndarray of int64) or None
        The same in UTF-8; None if a byte has no meaning in the encoding.
    """
    sizes = _single_byte_lengths(codec)[data]
    if not sizes.all():
        return None
    ends = np.concatenate(([0], np.cumsum(sizes)))
    bounds = np.concatenate(([0], np.cumsum(lengths)))
    recoded = np.frombuffer(data.tobytes().decode(codec).encode(), dtype=np.uint8)
    return recoded, np.diff(ends[bounds])
