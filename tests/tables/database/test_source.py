"""What a plan may write for a table of a database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.errors import ConfigError, SealscrubError, UnreadableInput
from sealscrub.tables.database import DatabaseKind, DatabaseSource, TableName

SECRET = "s3cret-canary"  # noqa: S105 - nobody's
names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty database of each kind, and one outside it."""
    root = tmp_path / "plan"
    root.mkdir()
    for name in ("estate.sqlite", "odd#name.db", "../outside.db"):
        connection = sqlite3.connect(root / name)
        connection.execute("CREATE TABLE arrests (arrest_no TEXT)")
        connection.close()
    duckdb.connect(str(root / "estate.duckdb")).close()
    (root / "wrong.duckdb").write_bytes((root / "estate.sqlite").read_bytes())
    (root / "wrong.db").write_bytes((root / "estate.duckdb").read_bytes())
    (root / "link.db").symlink_to(root / "../outside.db")
    return root


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("estate.sqlite#arrests", DatabaseKind.SQLITE, TableName(None, "arrests")),
        ("estate.duckdb#city.arrests", DatabaseKind.DUCKDB, TableName("city", "arrests")),
        ('estate.duckdb#"a.b"."c""#d"', DatabaseKind.DUCKDB, TableName("a.b", 'c"#d')),
        ("odd#name.db#arrests 2015", DatabaseKind.SQLITE, TableName(None, "arrests 2015")),
    ],
)
def test_a_file_and_a_table(text: str, kind: DatabaseKind, name: TableName, folder: Path) -> None:
    source = DatabaseSource.parse(text, folder)
    assert (source.kind, source.name) == (kind, name)
    assert source.file is not None
    assert DatabaseSource.names_one(text)


@given(names, names)
def test_any_name_is_read_back_as_it_is(schema: str, table: str) -> None:
    name = TableName(schema, table)
    assert TableName.parse(name.sql) == name
    assert TableName.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "estate.sqlite",
        "estate.sqlite#",
        "estate.sqlite#a.b.c",
        'estate.sqlite#"open',
        "estate.csv#arrests",
        "#arrests",
        "../outside.db#arrests",
        "link.db#arrests",
        "/etc/estate.db#arrests",
        "mysql://host/db#arrests",
        "${SEALSCRUB_NO_SUCH}#public.arrests",
        f"postgresql://ann:{SECRET}@host/#public.arrests",
        f"postgresql://ann:{SECRET}@host:port/db#public.arrests",
        f"postgresql://ann:{SECRET}@host/db/more#public.arrests",
        f"postgresql://ann:{SECRET}@host/db?options=-cx#public.arrests",
        f"postgresql://ann@host/db?password={SECRET}&passfile=/etc/x#public.arrests",
        f"postgresql://ann:{SECRET}@[host/db#public.arrests",
        f"postgresql://ann:{SECRET}@host/db",
    ],
)
def test_anything_else_is_refused_and_no_password_is_shown(text: str, folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        DatabaseSource.parse(text, folder)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize("text", ["wrong.duckdb#a", "wrong.db#a", "absent.db#a"])
def test_a_file_of_another_kind_is_unreadable(text: str, folder: Path) -> None:
    with pytest.raises(UnreadableInput):
        DatabaseSource.parse(text, folder)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@db.example:5432/estate",
        f"postgresql://db.example:5432/estate?user=ann&password={SECRET}",
        f"postgresql+psycopg://ann:{SECRET}@db.example:5432/estate",
    ],
)
def test_a_server_is_shown_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTATE_URL", url)
    for text in (f"{url}#city.arrests", "${ESTATE_URL}#city.arrests"):
        source = DatabaseSource.parse(text, ".")
        assert source.place == "postgresql://db.example:5432/estate"
        assert source.name == TableName("city", "arrests")
        assert source.url.startswith("postgresql://")
        assert SECRET in source.url
        assert SECRET not in repr(source)


def test_a_bad_url_in_the_environment_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTATE_URL", f"mysql://ann:{SECRET}@host/db")
    with pytest.raises(SealscrubError) as caught:
        DatabaseSource.parse("${ESTATE_URL}#city.arrests", ".")
    assert SECRET not in str(caught.value)
    assert "${ESTATE_URL}" in str(caught.value)
