"""Where a table of a lake is written: Delta to a folder, Iceberg to a catalog or a file."""

from __future__ import annotations

from pathlib import Path

from sealscrub.errors import ConfigError
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import DataSource

__all__ = ["lake_output"]


def lake_output(source: DataSource, output: Path | None) -> Path | IcebergAddress | None:
    """Give what a table of a lake is written to, which the output of another source does not name.

    Parameters
    ----------
    source : DataSource
        What is read.
    output : Path or None
        As it was named.

    Returns
    -------
    Path, IcebergAddress or None
        The folder of a Delta table, the name of an Iceberg table, or the output as it was named.

    Raises
    ------
    ConfigError
        When the output is of another kind than the input.
    """
    if output is not None and IcebergAddress.names_one(output):
        if source.icebergs:
            return IcebergAddress.parse(output)
        only = "only an Iceberg table can be written as an Iceberg table"
        raise ConfigError(only, where=str(output), hint="name a file.")
    named = output is not None and DeltaAddress.names_one(output)
    if output is not None and named and DeltaAddress.parse(output).version is not None:
        raise ConfigError("a new table has no version yet", where=str(output), hint="leave @vN out of the output.")
    if output is None or named == bool(source.lakes):
        return DeltaAddress.parse(output).path if output is not None and named else output
    if named:
        raise ConfigError("only a Delta table can be written as a Delta table", where=str(output), hint="name a file.")
    raise ConfigError(
        "the output must be a Delta table, like the input", where=str(output), hint=f"choose a new one: delta:{output}"
    )
