"""How a delimited file is written: its delimiter, whether quotes quote, and what ends a line.

The dialect is RFC 4180 with any single-byte delimiter and any of the three line ends. It is read off the
file's first records and then holds for the whole file: a record that does not fit it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sealscrub.errors import ConfigError

__all__ = ["CR", "LF", "QUOTE", "Dialect", "Quoting", "outside_quotes", "sniff_dialect"]

LF, CR, QUOTE = 0x0A, 0x0D, 0x22
_CANDIDATES = b",\t;|"

Quoting = Literal["minimal", "none"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written.

    Parameters
    ----------
    delimiter : int
        The byte between two fields.
    quoted : bool
        Whether a field may be quoted (RFC 4180); if not, a quote is a character like any other.
    newline : int
        The last byte of a line end: ``LF`` (also for CR LF) or ``CR``.
    """

    delimiter: int = ord(",")
    quoted: bool = True
    newline: int = LF


def outside_quotes(data: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return which positions are outside of quotes, for data that begins outside of them."""
    quotes = np.flatnonzero(data == QUOTE)
    outside: npt.NDArray[np.bool_] = (np.searchsorted(quotes, at) & 1) == 0
    return outside


def sniff_dialect(
    sample: bytes,
    *,
    complete: bool,
    delimiter: str | None = None,
    quoting: Quoting = "minimal",
    tabs: bool = False,
) -> Dialect:
    r"""Read a file's dialect off its first bytes.

    Parameters
    ----------
    sample : bytes
        The first bytes of the file, after its byte-order mark.
    complete : bool
        Whether the sample is the whole file.
    delimiter : str, optional
        One ASCII character; by default that of comma, tab, semicolon and bar which splits the first records
        most evenly.
    quoting : {"minimal", "none"}
        Whether quotes quote.
    tabs : bool
        Whether the file's name speaks for tabs.

    Raises
    ------
    ConfigError
        If the delimiter is not a single ASCII character, or is a quote or a line end.

    Examples
    --------
    >>> chr(sniff_dialect(b"id;name\r\n1;a, b\r\n", complete=True).delimiter)
    ';'
    """
    if quoting not in ("minimal", "none"):
        raise ConfigError(f"unknown quoting {quoting!r}", hint="it is minimal or none.")
    quoted = quoting == "minimal"
    newline = _newline(sample, quoted, complete)
    if delimiter is not None:
        return Dialect(_one_byte(delimiter), quoted, newline)
    return Dialect(_likeliest(sample, quoted, newline, complete, tabs), quoted, newline)


def _one_byte(delimiter: str) -> int:
    character = "\t" if delimiter in ("\\t", "tab") else delimiter
    if len(character) != 1 or not character.isascii() or character in '"\r\n\0':
        raise ConfigError(
            "a delimiter must be one ASCII character, not a quote or a line end",
            hint="such as , or ; or | or \\t.",
        )
    return ord(character)


def _newline(sample: bytes, quoted: bool, complete: bool) -> int:
    data = np.frombuffer(sample, dtype=np.uint8)
    at = np.flatnonzero((data == LF) | (data == CR))
    if quoted:
        at = at[outside_quotes(data, at)]
    if not at.size or data[at[0]] == LF:
        return LF
    after = int(at[0]) + 1
    if after == data.size:
        return CR if complete else LF
    return LF if data[after] == LF else CR


def _likeliest(sample: bytes, quoted: bool, newline: int, complete: bool, tabs: bool) -> int:
    data = np.frombuffer(sample, dtype=np.uint8)
    ends = _outside_quotes(data, newline, quoted)
    if complete and (not ends.size or ends[-1] != data.size - 1):
        ends = np.append(ends, data.size)
    best, score = ord(","), (False, 0)
    for candidate in b"\t,;|" if tabs else _CANDIDATES:
        counts = np.diff(np.searchsorted(_outside_quotes(data, candidate, quoted), ends), prepend=0)
        widths = np.diff(ends, prepend=-1) - 1
        counts = counts[widths > 1]  # blank lines, CR LF ones included, are not records
        if counts.size and counts[0] and (bool((counts == counts[0]).all()), int(counts[0])) > score:
            best, score = candidate, (bool((counts == counts[0]).all()), int(counts[0]))
    return best


def _outside_quotes(data: npt.NDArray[np.uint8], byte: int, quoted: bool) -> npt.NDArray[np.int64]:
    at = np.flatnonzero(data == byte)
    return at[outside_quotes(data, at)] if quoted else at
