"""What a name means is decided once, for the verbs and for plans."""

from __future__ import annotations

from pathlib import Path

import deltalake
import polars as pl
import pytest

from sealscrub.errors import ConfigError
from sealscrub.tables.database import DatabaseSource
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress
from sealscrub.tables.opener import DataSource, names_of, source_named


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("arrests.parquet", Path),
        ("lake/*.csv", Path),
        (Path("lake"), Path),
        ("book.xlsx#Arrests", Path),
        ("delta:lake/arrests@v3", DeltaAddress),
        (Path("delta:lake"), DeltaAddress),
        ("iceberg:city/police.arrests", IcebergAddress),
        ("postgresql://db.example/estate#public.arrests", DatabaseSource),
    ],
)
def test_a_name_means_one_thing(name: str | Path, kind: type) -> None:
    found = source_named(name)
    assert isinstance(found, kind)
    assert source_named(found) is found if kind is not Path else source_named(found) == Path(name)


@pytest.mark.parametrize("name", ["delta:", "iceberg:arrests", "postgresql:arrests"])
def test_an_address_that_is_badly_written_is_not_taken_for_a_file(name: str) -> None:
    with pytest.raises(ConfigError):
        source_named(name)
    with pytest.raises(ConfigError):
        DataSource([name, "arrests.parquet"])


def test_a_file_with_the_name_of_an_address_in_a_database_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "city.db#arrests").write_text("arrest_no\n")
    assert source_named("city.db#arrests", tmp_path) == Path("city.db#arrests")


def test_a_table_of_the_library_is_named_at_the_version_that_it_has(tmp_path: Path) -> None:
    for _ in range(2):
        deltalake.write_deltalake(tmp_path / "arrests", pl.DataFrame({"n": [1]}), mode="append")
    (name,) = names_of(deltalake.DeltaTable(tmp_path / "arrests", version=0)) or ()
    assert source_named(name) == DeltaAddress(tmp_path / "arrests", 0)
