"""What the statements for a PostgreSQL registry show the publisher, as they are written."""

from __future__ import annotations

import pytest

from sealscrub.custodian.registry import role_statements


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
