"""What MLflow is told of a dataset: its source, its columns, and of a table of a lake its id and version."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from sealscrub.certificates import ContentDigest
from sealscrub.tables.database import DatabaseSource
from sealscrub.tables.opener import lake_named

if TYPE_CHECKING:
    from sealscrub.certificates.statement_values import TableVersion

__all__ = ["mlflow_dataset", "source_address", "version_tags"]

_CODE = ("mlflow.source.name", "mlflow.source.type")
_DIGEST = 36  # characters at most


def source_address(data: Any, source: str | None) -> str | None:
    """Say where data came from: as it is said, or else its path or address; None of a frame.

    User and password of a database are left out.
    """
    given = lake_named(data) if source is None else source
    if not isinstance(given, str | os.PathLike):
        return None
    text = os.fspath(given)
    on_a_server = "://" in text and DatabaseSource.names_one(text)
    return DatabaseSource.parse(text).shown if on_a_server else text


def version_tags(version: TableVersion | None) -> dict[str, str]:
    """Give the tags that name a table of a lake and its version; of other data, none."""
    return {} if version is None else {f"sealscrub.table.{name}": said for name, said in version.model_dump().items()}


def mlflow_dataset(
    name: str,
    digest: ContentDigest,
    first: pl.DataFrame,
    address: str | None,
    version: TableVersion | None,
    logged: Mapping[str, str],
) -> Any:
    """Make MLflow's dataset: with source and schema, and without its profile, which counts.

    Parameters
    ----------
    name, digest, first
        What it is called, its digest, and some of its rows, whose types are told.
    address : str, optional
        Where it came from; if it is not said, it is the code that logs it.
    version : TableVersion, optional
        Of a table of a lake.
    logged : mapping
        The tags of the run.
    """
    from mlflow.data.meta_dataset import MetaDataset

    return MetaDataset(  # type: ignore[abstract]  # its profile is None
        _origin(address, version, logged), name=name, digest=digest.value[:_DIGEST], schema=_schema(first)
    )


def _origin(address: str | None, version: TableVersion | None, logged: Mapping[str, str]) -> Any:
    """Give the source, of a kind that anyone's MLflow reads: where it knows none, tags of a source that is code."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.dataset_source_registry import resolve_dataset_source
    from mlflow.exceptions import MlflowException

    if address is None:
        return CodeDatasetSource({name: logged[name] for name in _CODE if name in logged})
    if version is None:
        try:
            return resolve_dataset_source(address)
        except MlflowException:
            pass
    return CodeDatasetSource({"sealscrub.source": address, **version_tags(version)})


def _schema(first: pl.DataFrame) -> Any:
    """Say the columns and their types; integer widths do not count in the content digest, so they do not here."""
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType

    def kind(dtype: pl.DataType) -> Any:
        if dtype.is_integer():
            return DataType.long
        if dtype.is_float():
            return DataType.double
        if dtype == pl.Boolean:
            return DataType.boolean
        if dtype in (pl.Date, pl.Datetime):
            return DataType.datetime
        if dtype == pl.Binary:
            return DataType.binary
        return DataType.string if dtype in (pl.String, pl.Categorical, pl.Enum) else AnyType()  # type: ignore[no-untyped-call]  # MLflow's

    return Schema([ColSpec(kind(dtype), name) for name, dtype in sorted(first.schema.items())])
