"""Triggers by which the database itself refuses to rewrite the registry.

Nothing is updated, deleted or truncated. Nothing is added to an epoch once it is committed: an epoch announces
the numbers of its events and keys, all of them taken when it is committed, and no others are let in. The recorded
time is the store's clock, never before the last one. Whoever owns the file can drop the triggers: they keep tools
and mistakes from rewriting history, not its owner.
"""

# ruff: noqa: S608 - the statements are made of names in this file, never of what anyone gives

from __future__ import annotations

from typing import Final

__all__: list[str] = []

REFUSAL: Final = "the registry is append-only"

_TABLES = ("meta", "epochs", "events", "event_keys", "event_persons")

# SQLite's INSERT OR REPLACE deletes without firing delete triggers, so every key is checked before an insert.
_SQLITE_CLOCK = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
_SQLITE_RECORDED_AT = (
    f"max({_SQLITE_CLOCK}, coalesce((SELECT recorded_at FROM epochs ORDER BY epoch DESC LIMIT 1), ''))"
)
_SQLITE_INSERTS = {
    "meta": "1",
    "epochs": (
        "NEW.epoch IS NOT coalesce((SELECT max(epoch) FROM epochs), 0) + 1"
        f" OR NEW.recorded_at IS NOT {_SQLITE_RECORDED_AT}"
        " OR NEW.first_event IS NOT coalesce((SELECT max(event_id) FROM events), 0) + 1"
        " OR NEW.first_key IS NOT coalesce((SELECT max(key_id) FROM event_keys), 0) + 1"
        " OR (SELECT last_event >= NEW.first_event OR last_key >= NEW.first_key FROM epochs"
        " ORDER BY epoch DESC LIMIT 1) IS 1"
    ),
    "events": (
        "(SELECT NEW.event_id BETWEEN first_event AND last_event AND NEW.epoch = epoch FROM epochs"
        " ORDER BY epoch DESC LIMIT 1) IS NOT 1"
        " OR EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)"
        " OR EXISTS (SELECT 1 FROM events WHERE seal_id = NEW.seal_id AND fingerprint = NEW.fingerprint)"
    ),
    "event_keys": (
        "(SELECT NEW.key_id BETWEEN first_key AND last_key AND NEW.event_id BETWEEN first_event AND last_event"
        " FROM epochs ORDER BY epoch DESC LIMIT 1) IS NOT 1"
        " OR EXISTS (SELECT 1 FROM event_keys WHERE key_id = NEW.key_id)"
    ),
    "event_persons": (
        "(SELECT has_person FROM events WHERE event_id = NEW.event_id) IS NOT 1"
        " OR EXISTS (SELECT 1 FROM event_persons WHERE event_id = NEW.event_id)"
    ),
}

_POSTGRES_RECORDED_AT = (
    "greatest(to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    " (SELECT max(recorded_at) FROM epochs))"
)
# An insert is checked once a statement, over all the rows that it added; a number is taken once by its key.
_POSTGRES_INSERTS = {
    "events": (
        "EXISTS (SELECT 1 FROM added WHERE NOT EXISTS (SELECT 1 FROM epochs p"
        " WHERE p.epoch = (SELECT max(epoch) FROM epochs) AND added.epoch = p.epoch"
        " AND added.event_id BETWEEN p.first_event AND p.last_event))"
    ),
    "event_keys": (
        "EXISTS (SELECT 1 FROM added WHERE NOT EXISTS (SELECT 1 FROM epochs p"
        " WHERE p.epoch = (SELECT max(epoch) FROM epochs)"
        " AND added.key_id BETWEEN p.first_key AND p.last_key"
        " AND added.event_id BETWEEN p.first_event AND p.last_event))"
    ),
    "event_persons": (
        "EXISTS (SELECT 1 FROM added a LEFT JOIN events e ON e.event_id = a.event_id"
        " WHERE coalesce(e.has_person, 0) = 0)"
    ),
}


def recorded_at(dialect: str) -> str:
    """SQL for the recorded time of an epoch that is being inserted."""
    return _SQLITE_RECORDED_AT if dialect == "sqlite" else _POSTGRES_RECORDED_AT


def statements(dialect: str) -> list[str]:
    """The statements that put the guards up."""
    return _sqlite() if dialect == "sqlite" else _postgres()


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    made = []
    for table in _TABLES:
        made += [
            f"CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_only_appended BEFORE INSERT ON {table} WHEN {_SQLITE_INSERTS[table]} {refuse}",
        ]
    return made


def _postgres() -> list[str]:
    refuse = f"RAISE EXCEPTION '{REFUSAL}'"
    made = [_postgres_function("sealscrub_refuse", f"{refuse};")]
    for table in _TABLES:
        made.append(
            f"CREATE TRIGGER {table}_never_rewritten BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION sealscrub_refuse()"
        )
    made.append(
        "CREATE TRIGGER meta_only_appended BEFORE INSERT ON meta FOR EACH STATEMENT EXECUTE FUNCTION sealscrub_refuse()"
    )
    made += [
        _postgres_function(
            "sealscrub_epochs_added",
            "IF NEW.epoch IS DISTINCT FROM coalesce((SELECT max(epoch) FROM epochs), 0) + 1"
            " OR NEW.first_event IS DISTINCT FROM coalesce((SELECT max(event_id) FROM events), 0) + 1"
            " OR NEW.first_key IS DISTINCT FROM coalesce((SELECT max(key_id) FROM event_keys), 0) + 1"
            " OR NEW.first_event <= coalesce((SELECT max(last_event) FROM epochs), 0)"
            " OR NEW.first_key <= coalesce((SELECT max(last_key) FROM epochs), 0)"
            f" THEN {refuse}; END IF; NEW.recorded_at := {_POSTGRES_RECORDED_AT}; RETURN NEW;",
        ),
        "CREATE TRIGGER epochs_only_appended BEFORE INSERT ON epochs"
        " FOR EACH ROW EXECUTE FUNCTION sealscrub_epochs_added()",
    ]
    for table, wrong in _POSTGRES_INSERTS.items():
        made += [
            _postgres_function(f"sealscrub_{table}_added", f"IF {wrong} THEN {refuse}; END IF; RETURN NULL;"),
            f"CREATE TRIGGER {table}_only_appended AFTER INSERT ON {table} REFERENCING NEW TABLE AS added"
            f" FOR EACH STATEMENT EXECUTE FUNCTION sealscrub_{table}_added()",
        ]
    return made


def _postgres_function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
