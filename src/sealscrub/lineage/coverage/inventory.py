"""The inventory: which data sets, plans, models, services, indexes and caches there are, as a TOML file lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sealscrub.errors import DOCS, ConfigError
from sealscrub.file_system import read_toml
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.iceberg.iceberg_catalog import loaded_table, table_folders

__all__ = ["Inventory", "ListedCache", "ListedData", "ListedIndex", "ListedPlan", "ListedService", "read_inventory"]

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


MOST_DAYS = 36_500
"""For how many days a superseded copy may be kept at most."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ListedData(_Frozen):
    """A data set or a model file.

    Attributes
    ----------
    name : str
    path : str
        A file, a folder of Parquet files, or the address of a Delta or Iceberg table.
    certificate : str or None
        Its certificate; without it, those next to it are looked for: ``PATH.certificate.json`` or
        ``STEM.certificate.json``.
    report : str or None
        What ``scrub --report FILE.json`` wrote of it.
    earlier : str or None
        A pattern of earlier outputs, such as ``clean/train-*.parquet``.
    """

    name: Name
    path: str
    certificate: str | None = None
    report: str | None = None
    earlier: str | None = None


class ListedPlan(_Frozen):
    """An estate that a plan scrubs.

    Attributes
    ----------
    plan, output : str
        The plan's file, and the folder that ``scrub --plan`` writes.
    root : str or None
        The folder that its sources are in.
    report : str or None
        What ``scrub --plan --report FILE.json`` wrote.
    """

    plan: str
    output: str
    root: str | None = None
    report: str | None = None


class ListedService(_Frozen):
    """Something that answers.

    Attributes
    ----------
    name : str
    models : tuple of str
        What it answers with: a listed model's name, or ``models:/NAME@ALIAS`` and the like.
    index : str or None
        The index that its guard uses.
    """

    name: Name
    models: tuple[str, ...] = ()
    index: str | None = None


class ListedIndex(_Frozen):
    """A published index in use: its file."""

    path: str


class ListedCache(_Frozen):
    """A folder or file in which copies of data are left by programs."""

    path: str


class Inventory(_Frozen):
    """What there is. Places count from the file's own folder.

    Attributes
    ----------
    version : int
    datasets, models : tuple of ListedData
    plans : tuple of ListedPlan
    services : tuple of ListedService
    indexes : tuple of ListedIndex
    caches : tuple of ListedCache
    keep_days : int
        For how many days a superseded copy may be kept.
    home : Path
        What relative places count from.

    Examples
    --------
    >>> Inventory(version=1, datasets=(ListedData(name="train", path="train.parquet"),)).place("train.parquet")
    PosixPath('train.parquet')
    """

    version: Literal[1]
    datasets: tuple[ListedData, ...] = ()
    plans: tuple[ListedPlan, ...] = ()
    models: tuple[ListedData, ...] = ()
    services: tuple[ListedService, ...] = ()
    indexes: tuple[ListedIndex, ...] = ()
    caches: tuple[ListedCache, ...] = ()
    keep_days: int = Field(7, ge=0, le=MOST_DAYS)
    home: Path = Field(default=Path(), exclude=True)

    def place(self, written: str) -> Path:
        """Give the place of what is written in it."""
        return self.home / written

    def data_place(self, written: str) -> tuple[Path, DeltaAddress | IcebergAddress | None]:
        """Give the place of data, and its address if it is a Delta or Iceberg table, whose place is its folder.

        Raises
        ------
        ConfigError
            When an address is badly written, or the catalog that it names cannot be opened.
        UnreadableInput, UsageError
            When the table does not exist or lies on another machine.
        """
        if DeltaAddress.names_one(written):
            delta = DeltaAddress.parse(written)
            delta = DeltaAddress(self.home / delta.path, delta.version)
            delta.check()
            return delta.path, delta
        if IcebergAddress.names_one(written):
            iceberg = IcebergAddress.parse(written)
            return table_folders(loaded_table(iceberg).metadata, str(iceberg))[0], iceberg
        return self.place(written), None


def read_inventory(path: str | Path) -> Inventory:
    """Read an inventory.

    Parameters
    ----------
    path : str or Path
        TOML.

    Raises
    ------
    ConfigError
        When something in it is unknown or missing, or a name appears twice; the error names the place.
    UnreadableInput
        When it cannot be read.

    Examples
    --------
    >>> _ = Path("inventory.toml").write_text("version = 1")
    >>> read_inventory("inventory.toml").datasets
    ()
    """
    path = Path(path)
    facts = read_toml(path)
    try:
        found = Inventory.model_validate(facts | {"home": path.absolute().parent})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        parts = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]  # an unknown name is a value
        place = ".".join(map(str, parts))
        raise ConfigError(
            f"{first['msg']}{f' ({place})' if place else ''}", where=str(path), hint=f"see {DOCS}how-to/coverage.md."
        ) from None
    for kind in (found.datasets, found.models, found.services):
        names = [each.name for each in kind]
        if len(names) != len(set(names)):
            raise ConfigError("two have the same name", where=str(path), hint="give each a name of its own.")
    return found
