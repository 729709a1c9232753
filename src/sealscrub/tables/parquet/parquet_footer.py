"""What the footer of a Parquet file says about it as a whole: whether it is encrypted, and whether its pages are there.

pyarrow ends the process when it is asked for the metadata of an encrypted column. The footer of such a file is either
encrypted as a whole, or followed by a signature that the length of the footer counts (`Parquet modular encryption
<https://parquet.apache.org/docs/file-format/data-pages/encryption/>`_).
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput

__all__ = ["encrypted", "is_encrypted", "pages_fit", "refuse_encrypted"]

_TAIL = 8  # length of the footer, and the magic bytes
_ENCRYPTED = b"PARE"


def is_encrypted(file: BinaryIO) -> bool:
    """Say whether a Parquet file is encrypted, or some of its columns are; the position in `file` changes.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError
        When it is not a Parquet file.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    if tail.endswith(_ENCRYPTED):
        return True
    read = int(pq.read_metadata(file).serialized_size)
    return read != int.from_bytes(tail[:4], "little")


def refuse_encrypted(path: Path) -> None:
    """Refuse a Parquet file that is encrypted, or has a column that is.

    Raises
    ------
    UnreadableInput
        When it is encrypted.
    pyarrow.ArrowException, OSError, ValueError
        When it is not a Parquet file.
    """
    with path.open("rb") as file:
        if is_encrypted(file):
            raise encrypted(str(path))


def encrypted(where: str) -> UnreadableInput:
    """Say that a file is encrypted."""
    return UnreadableInput(
        "this Parquet file is encrypted, or some of its columns are",
        where=where,
        hint="decrypt it, and give the decrypted file.",
    )


def pages_fit(metadata: pq.FileMetaData, size: int) -> bool:
    """Whether every column chunk is in the file, and the row groups hold the rows that the footer counts.

    A reader that trusts a footer over a file that was cut fails in ways that cannot be caught quietly.
    """
    rows = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        rows += group.num_rows
        for chunk in map(group.column, range(metadata.num_columns)):
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and chunk.dictionary_page_offset:
                start = min(start, chunk.dictionary_page_offset)
            if start < 0 or chunk.total_compressed_size < 0 or start + chunk.total_compressed_size > size:
                return False
    return rows == int(metadata.num_rows)
