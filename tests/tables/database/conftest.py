"""Schemas that are made for a test and dropped after it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest

from .postgres_estate import Estate, server


@pytest.fixture
def postgres() -> Iterator[Estate]:
    with psycopg.connect(server(), autocommit=True) as connection:
        made = Estate(connection, f"test {secrets.token_hex(6)}")
        connection.execute(f'CREATE SCHEMA "{made.schema}"')
        connection.execute(f"SET search_path = \"{made.schema}\"; SET TimeZone = 'UTC'")
        yield made
        found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{made.schema}%"])
        for (name,) in found.fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')
