"""What the statements for a PostgreSQL registry show the publisher, as they are written."""

from __future__ import annotations

import pytest

from sealscrub.custodian.registry import role_statements
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme


def shown(table: str, statements: str) -> str:
    """Give the condition by which the publisher reads a table."""
    (line,) = (
        each for each in statements.splitlines() if each.startswith("CREATE") and f"publisher ON {table}" in each
    )
    return line


@pytest.mark.parametrize("table", ["event_keys", "link_events"])
def test_a_system_that_is_left_out_shows_neither_ids_nor_links(table: str) -> None:
    usual = shown(table, role_statements("x"))
    less = shown(table, role_statements("x", without=["opaque:vendor", "opaque:lab", "person_arrest"]))

    hidden = {"event_keys": "scheme <> 'opaque:{}'", "link_events": "namespace <> '{}'"}[table]
    assert [hidden.format(name) in less for name in ("vendor", "lab", "other")] == [True, True, False]
    assert "<>" not in usual


def test_a_key_with_a_persons_number_is_shown_only_if_asked_for() -> None:
    register_scheme(Scheme(name="ward_number", level=Level.PERSON, spellings=[Spelling(r"W\d{4}")]))
    register_scheme(Scheme(name="ward_day", level=Level.ARREST, parts=["ward_number", "date"]))
    usual = shown("event_keys", role_statements("x"))
    more = shown("event_keys", role_statements("x", with_persons=True))
    less = shown("event_keys", role_statements("x", with_persons=True, without=["person_arrest"]))

    holding = ("person_arrest", "ward_day", "arrest_number", "nysid", "ward_number")
    assert [f"'{name}'" in usual for name in holding] == [False, False, True, False, False]
    assert [f"'{name}'" in more for name in holding] == [True, True, True, False, False]
    assert [f"'{name}'" in less for name in holding] == [False, True, True, False, False]
