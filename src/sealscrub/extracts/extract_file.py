"""The file of an extract: rows as Parquet, encrypted to the custodian's annex key."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any, Final

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.certificates.annex import MAX_BYTES, open_sealed, seal_to
from sealscrub.errors import InvalidCertificate, Spelled, UnreadableInput, UsageError
from sealscrub.file_system import readable
from sealscrub.identifiers import AnnexKey

__all__ = ["extract_day", "is_extract", "read_rows", "write_rows"]

_MAGIC: Final = b"sealscrub extract 1\n"
_DAY_BYTES: Final = len("2026-01-01\n")
"""The day on which it was made follows in the clear, so it can be seen to be overdue without the key."""
_MARGIN: Final = 1 << 12


def write_rows(path: str | Path, facts: dict[str, Any], rows: pl.DataFrame, recipient: bytes) -> None:
    """Encrypt what an extract says about itself, and its rows, into a file of mode 0600."""
    held = io.BytesIO()
    rows.write_parquet(held, compression="zstd", statistics=False)
    plain = json.dumps(facts, sort_keys=True).encode() + b"\n" + held.getvalue()
    if len(plain) > MAX_BYTES - _MARGIN:
        raise UsageError("is too large for one file", where=str(path), hint="split the rows into several extracts.")
    sealed = seal_to(recipient, plain, _MAGIC + f"{facts['created']}\n".encode())
    with placed_file(path, mode=0o600) as file:
        file.write(sealed)


def is_extract(head: bytes) -> bool:
    """Say by the first bytes of a file whether it is an extract.

    Parameters
    ----------
    head : bytes
        Twenty or more.

    Examples
    --------
    >>> is_extract(b"ID,LAST,FIRST,DOB,ARRESTED")
    False
    """
    return head.startswith(_MAGIC)


def extract_day(head: bytes) -> dt.date | None:
    """Read from the first bytes of an extract on which day it was made.

    Parameters
    ----------
    head : bytes
        Forty or more.

    Returns
    -------
    datetime.date or None
        None if it does not say.

    Examples
    --------
    >>> extract_day(b"ID,LAST,FIRST,DOB,ARRESTED") is None
    True
    """
    said = head[len(_MAGIC) : len(_MAGIC) + _DAY_BYTES]
    try:
        return dt.date.fromisoformat(said.decode("ascii").rstrip("\n")) if is_extract(head) else None
    except ValueError:
        return None


def read_rows(path: str | Path, key: AnnexKey) -> tuple[dict[str, Any], pl.DataFrame]:
    """Decrypt what :func:`write_rows` wrote.

    Raises
    ------
    UnreadableInput
        When it cannot be read, is not an extract, was changed, or is for another key.
    """
    with readable(path):
        held = Path(path).read_bytes()
    try:
        plain = open_sealed(held, key, _MAGIC + held[len(_MAGIC) : len(_MAGIC) + _DAY_BYTES], "extract")
        head, _, rows = plain.partition(b"\n")
        return dict(json.loads(head)), pl.read_parquet(io.BytesIO(rows))
    except InvalidCertificate as error:
        raise UnreadableInput(error.message, where=str(path), hint=error.hint) from None
    except (ValueError, TypeError, pl.exceptions.PolarsError):
        raise UnreadableInput(
            "is not an extract",
            where=str(path),
            hint=Spelled("extract makes one.", "sealscrub link extract makes one."),
        ) from None
