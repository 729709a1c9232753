"""How text files are read, where their first bytes do not show it or mislead."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ReadAs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """How text files are read, where their first bytes do not show it or mislead.

    Attributes
    ----------
    format : str, optional
        The name of a format, such as ``parquet``, ``csv`` or ``jsonl``.
    delimiter : str, optional
        One character between the fields.
    encoding : str, optional
        Such as ``utf-8``, ``utf-16``, ``latin-1``, ``cp1252``.
    quoting : str
        ``minimal`` (RFC 4180) or ``none`` (a quote is a character like any other).

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.transforms import ReadAs, scan
    >>> pl.DataFrame({"arrest_no": ["K14612345"], "precinct": [79]}).write_csv("arrests.txt", separator=";")
    >>> read_as = ReadAs(format="csv", delimiter=";")
    >>> scan("arrests.txt", example_index(["K14612345"]), on={"arrest_number": "arrest_no"}, read_as=read_as).found
    True
    """

    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    quoting: str = "minimal"
