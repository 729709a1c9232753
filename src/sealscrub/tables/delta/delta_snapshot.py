"""One version of a Delta table: as the library has it, compared with the log."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sealscrub.errors import UnreadableInput, UsageError

from ..arrow.arrow_values import value_series
from ..value_free_errors import raise_own
from .delta_address import DeltaAddress
from .delta_features import refuse_unread
from .delta_log import DataFile, LoggedState, log_head, replay, versions_logged
from .delta_schema import DeltaSchema

__all__ = ["DeltaSnapshot"]


@dataclass(frozen=True, slots=True)
class DeltaSnapshot:
    """One version of a table.

    Attributes
    ----------
    folder : Path
        The table's folder.
    state : LoggedState
        The version, as the log has it.
    head : str
        The digest of its commit.
    schema : DeltaSchema
        The columns and properties.
    kinds : pyarrow.Schema
        Types of the columns.
    dtypes : dict of str to polars.DataType
        The same, of polars.
    live : dict of str to ndarray of bool
        Of the files with a deletion vector, which rows it leaves, as far as it goes.
    """

    folder: Path
    state: LoggedState
    head: str
    schema: DeltaSchema
    kinds: pa.Schema
    dtypes: dict[str, pl.DataType]
    live: dict[str, npt.NDArray[np.bool_]]

    @property
    def version(self) -> int:
        """The version."""
        return self.state.version

    @property
    def declared(self) -> str:
        """The schema as the log writes it."""
        return str(self.state.metadata.get("schemaString"))

    @property
    def table_id(self) -> str:
        """The id that the table gave itself."""
        return str(self.state.metadata.get("id", ""))

    @classmethod
    def open(cls, address: DeltaAddress) -> DeltaSnapshot:
        """Open a version.

        Raises
        ------
        MissingExtra
            When deltalake is not installed.
        UsageError
            When the table or the version does not exist.
        UnreadableInput
            When it cannot be read without a wrong answer.
        """
        address.check()
        where = str(address)
        table = _open_delta(address, where)
        head = log_head(address.path, table.version())
        state = replay(address.path, table.version())
        _refuse_state(state, where)
        schema = DeltaSchema.of(state.metadata, where)
        try:
            names = [uri.rpartition("/")[2] for uri in table.file_uris()]
            kinds = pa.schema(table.schema().to_arrow())
            masks = _vectors(table) if any(file.vector for file in state.ordered) else {}
            dtypes = {name: _dtype(kinds.field(name).type, name) for name in schema.columns}
        except Exception as error:  # of deltalake, which has one type of error for all; it may show values
            raise_own(error)
            raise UnreadableInput(
                "deltalake cannot read this version", where=where, hint="see that the folder was copied whole."
            ) from None
        if Counter(names) != Counter(file.path.rpartition("/")[2] for file in state.ordered):
            raise UnreadableInput("deltalake and the log do not name the same files", where=where, hint="run it again.")
        live = {file.path: _mask(file, masks, where) for file in state.ordered if file.vector}
        return cls(address.path, state, head, schema, kinds, dtypes, live)


def _open_delta(address: DeltaAddress, where: str) -> Any:
    import deltalake

    try:
        return deltalake.DeltaTable(str(address.path.absolute()), version=address.version)
    except Exception as error:  # of deltalake, which has one type of error for all; it may show values
        raise_own(error)
        _refuse_version(address, where)
        _refuse_by_log(address, where)
        raise UnreadableInput(
            "deltalake cannot open this table or this version of it",
            where=where,
            hint="a commit may be missing or newer than deltalake reads: pip install -U deltalake.",
        ) from None


def _refuse_version(address: DeltaAddress, where: str) -> None:
    """Say that there never was such a version, if the log holds none that is as new."""
    newest = max(versions_logged(address.path), default=None)
    if address.version is not None and newest is not None and address.version > newest:
        raise UsageError("the table has no such version yet", where=where, hint=f"the newest is v{newest}.")


def _refuse_by_log(address: DeltaAddress, where: str) -> None:
    """Say which feature it is that a version uses and deltalake does not open, if its log can be read."""
    try:
        newest = max(versions_logged(address.path), default=0)
        state = replay(address.path, newest if address.version is None else address.version)
    except (UnreadableInput, OSError):
        return
    _refuse_state(state, where)


def _refuse_state(state: LoggedState, where: str) -> None:
    configuration = state.metadata.get("configuration")
    refuse_unread(state.protocol, configuration if isinstance(configuration, dict) else {}, where)


def _dtype(kind: pa.DataType, name: str) -> pl.DataType:
    return value_series(pa.chunked_array([], type=kind), name).dtype


def _vectors(table: Any) -> dict[str, npt.NDArray[np.bool_]]:
    found: dict[str, npt.NDArray[np.bool_]] = {}
    for row in pa.table(table.deletion_vectors()).to_pylist():
        found[row["filepath"]] = np.array(row["selection_vector"], dtype=np.bool_)
    return found


def _mask(file: DataFile, masks: dict[str, npt.NDArray[np.bool_]], where: str) -> npt.NDArray[np.bool_]:
    """Give the rows that a deletion vector leaves, and see that it says as many as the log."""
    found = [mask for name, mask in masks.items() if name.endswith((f"/{file.path}", f"/{file.logged}"))]
    removed = -1 if len(found) != 1 else int(np.count_nonzero(~found[0]))
    if file.vector is None or removed != file.vector.get("cardinality"):
        raise UnreadableInput(
            "a deletion vector cannot be read", where=where, hint="see that the folder was copied whole."
        )
    return found[0]
