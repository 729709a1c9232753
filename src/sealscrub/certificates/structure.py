"""The structure digest of a dataset: its names, logical types, levels and metadata, which the rows do not show.

Next to the content digest, which is the same for the same rows in any container, it is of one form: Parquet and Arrow,
pandas, polars, DuckDB, a table of a database, or text under a named schema. Digests of two forms cannot be compared.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from sealscrub.errors import UnreadableInput, UsageError
from sealscrub.tables.database import DatabaseSource
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.formats import known_format
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import lake_named
from sealscrub.tables.parquet.parquet_bounds import in_no_row, stated_bounds
from sealscrub.tables.parquet.parquet_extents import UNCOVERED, parquet_extents
from sealscrub.tables.value_free_errors import unquoted

from .parquet_folder import arrow_file, parquet_files
from .structure_of_arrow import described_parquet, described_table
from .structure_of_databases import described_database
from .structure_of_delta import described_delta
from .structure_of_frames import described_duckdb, described_pandas, described_polars
from .structure_of_iceberg import described_iceberg

__all__ = ["STRUCTURE", "StructureDigest", "form_of", "structure_and_texts", "structure_digest"]

STRUCTURE = "sealscrubStructureV1"
"""Name of the algorithm in the subjects of certificates, before a slash and the form."""


@dataclass(frozen=True, slots=True)
class StructureDigest:
    """What a dataset is made of other than its rows.

    Attributes
    ----------
    form : str
        ``arrow`` (and Parquet), ``folder``, ``database``, ``pandas``, ``polars``, ``duckdb`` or ``text``.
    value : str
        SHA-256, 64 hex digits.

    Examples
    --------
    >>> structure_digest(pl.DataFrame({"a": ["x"]})).algorithm
    'sealscrubStructureV1/polars'
    """

    form: str
    value: str

    @property
    def algorithm(self) -> str:
        """Its name in the subjects of certificates."""
        return f"{STRUCTURE}/{self.form}"


def structure_digest(data: Any, *, schema: Mapping[str, pl.DataType] | None = None) -> StructureDigest:
    """Digest the names, logical types, levels and metadata of a dataset.

    The layout of a type does not count: ``string`` and ``large_string`` are one, and so are the ways in which a
    dictionary is indexed. The order of columns does, as does that of levels.

    Parameters
    ----------
    data, schema
        As in :func:`~sealscrub.certificates.content_digest`.

    Raises
    ------
    UsageError
        When a part of it has no canonical form: objects in ``attrs``, Bloom filters, bytes outside of a file's parts.
    UnreadableInput
        When a file cannot be read.

    Examples
    --------
    >>> one = pl.DataFrame({"a": ["x"]}, schema={"a": pl.Enum(["x"])})
    >>> other = pl.DataFrame({"a": ["x"]}, schema={"a": pl.Enum(["x", "K14612345"])})
    >>> structure_digest(one) == structure_digest(other)
    False
    """
    return structure_and_texts(data, schema)[0]


def structure_and_texts(
    data: Any, schema: Mapping[str, pl.DataType] | None = None
) -> tuple[StructureDigest, tuple[str, ...]]:
    """Give the structure digest, and the texts in it that a look at the rows does not meet.

    These are names, texts in metadata, and levels that no row uses.
    """
    data = lake_named(data)
    where = str(data) if isinstance(data, str | os.PathLike) else ""
    data = arrow_file(data)
    form = form_of(data)
    try:
        document, texts = _structure_and_names(data, form, schema)
        spelled = json.dumps([STRUCTURE, form, document], sort_keys=True, separators=(",", ":"), allow_nan=False)
    except UsageError as error:
        error.where = error.where or where
        raise
    except (OSError, ValueError, RecursionError):  # of Arrow, and of text that is not JSON
        raise UnreadableInput("its structure cannot be read", where=where) from None
    return StructureDigest(form, hashlib.sha256(spelled.encode()).hexdigest()), tuple(texts)


def form_of(data: Any) -> str:
    """Give the form of which a dataset's structure digest is."""
    data = lake_named(data)
    if isinstance(data, str | os.PathLike):
        if DatabaseSource.names_one(str(data)):
            return "database"
        if DeltaAddress.names_one(data):
            return "delta"
        if IcebergAddress.names_one(data):
            return "iceberg"
        path = Path(data)
        if path.is_dir():
            return "folder"
        kind = known_format(path)
        return "text" if kind is None or kind.text else "arrow"
    if isinstance(data, pl.DataFrame | pl.LazyFrame):
        return "polars"
    library = type(data).__module__.partition(".")[0].strip("_")
    return {"pyarrow": "arrow", "duckdb": "duckdb"}.get(library, "pandas")


def _structure_and_names(data: Any, form: str, schema: Mapping[str, pl.DataType] | None) -> tuple[Any, Iterable[str]]:
    if form == "folder":
        root = Path(data)
        parts = {path.relative_to(root).as_posix(): _parquet(path) for path in parquet_files(root)}
        names = [*parts, *(text for _, texts in parts.values() for text in texts)]
        return {name: document for name, (document, _) in parts.items()}, names
    if form == "database":
        return described_database(str(data))
    if form == "delta":
        return described_delta(data)
    if form == "iceberg":
        return described_iceberg(data)
    if form == "text":
        named = [[name, str(kind)] for name, kind in (schema or {}).items()]
        return named, [name for name, _ in named]
    if isinstance(data, str | Path):
        return _parquet(Path(data))
    with unquoted("the frame"):
        if form == "arrow":
            return described_table(data)
        return {"pandas": described_pandas, "polars": described_polars, "duckdb": described_duckdb}[form](data)


def _parquet(path: Path) -> tuple[Any, Iterable[str]]:
    extents = parquet_extents(path)
    if not extents.covered:
        raise UsageError(f"{UNCOVERED}, which no digest covers", hint="scrub it, or write it again.")
    with pq.ParquetFile(path) as file:
        document, texts = described_parquet(file)
        bounds = list(stated_bounds(file.schema_arrow, extents))
    untrue = [text for name, bound in bounds for text in in_no_row(path, name, bound).cast(pl.String)]
    return {**document, **({"untrue": untrue} if untrue else {})}, [*texts, *untrue]
