"""Triggers by which the database itself refuses to rewrite the registry.

Nothing is updated, deleted or truncated, and nothing is added to an epoch once its row is there. The recorded time
is the store's clock, never before the last one. Anyone who owns the file can drop the triggers: they keep tools and
mistakes from rewriting history, not its owner.
"""

# ruff: noqa: S608 - the statements are made of names in this file, never of what anyone gives

from __future__ import annotations

from typing import Final

__all__: list[str] = []

REFUSAL: Final = "the registry is append-only"
_SQLITE_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"

_LINKED_TABLES = ("link_events", "link_bounds", "link_runs", "link_known", "link_draws")
_TABLES = ("meta", "epochs", "events", "event_keys", "event_persons", *_LINKED_TABLES)
_NUMBERED_TABLES = ("events", *_LINKED_TABLES)

_SQLITE_CLOCK = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
_SQLITE_RECORDED_AT = (
    f"max({_SQLITE_CLOCK}, coalesce((SELECT recorded_at FROM epochs ORDER BY epoch DESC LIMIT 1), ''))"
)
_SQLITE_LAST = "max({})".format(
    ", ".join(f"coalesce((SELECT max(event_id) FROM {name}), 0)" for name in _NUMBERED_TABLES)
)
_SQLITE_NEXT_EPOCH = "NEW.epoch IS NOT coalesce((SELECT max(epoch) FROM epochs), 0) + 1"
_SQLITE_CLOSED = "(SELECT NEW.event_id <= last_event FROM epochs ORDER BY epoch DESC LIMIT 1) IS 1"
# INSERT OR REPLACE deletes without firing delete triggers: these refuse every number that is taken for good.
_SQLITE_INSERTS = {
    "meta": "1",
    "epochs": (
        f"{_SQLITE_NEXT_EPOCH}"
        f" OR NEW.recorded_at IS NOT {_SQLITE_RECORDED_AT}"
        f" OR NEW.last_event IS NOT {_SQLITE_LAST}"
        " OR (SELECT NEW.last_event <= last_event FROM epochs ORDER BY epoch DESC LIMIT 1) IS 1"
    ),
    **dict.fromkeys(_NUMBERED_TABLES, f"{_SQLITE_CLOSED} OR {_SQLITE_NEXT_EPOCH}"),
    "event_keys": _SQLITE_CLOSED,
    "event_persons": _SQLITE_CLOSED,
}
_SQLITE_ONCE = "EXISTS (SELECT 1 FROM events WHERE seal_id = NEW.seal_id AND fingerprint = NEW.fingerprint)"

_POSTGRES_RECORDED_AT = (
    "greatest(to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    " (SELECT max(recorded_at) FROM epochs))"
)
_POSTGRES_LAST = "greatest({})".format(", ".join(f"(SELECT max(event_id) FROM {name})" for name in _NUMBERED_TABLES))
_POSTGRES_CLOSED = "EXISTS (SELECT 1 FROM added WHERE event_id <= (SELECT max(last_event) FROM epochs))"
# An insert is checked once a statement, over all the rows that it added.
_POSTGRES_INSERTS = {
    **dict.fromkeys(
        _NUMBERED_TABLES,
        f"{_POSTGRES_CLOSED} OR EXISTS (SELECT 1 FROM added"
        " WHERE epoch <> coalesce((SELECT max(epoch) FROM epochs), 0) + 1)",
    ),
    "event_keys": _POSTGRES_CLOSED,
    "event_persons": _POSTGRES_CLOSED,
}


def recorded_at(dialect: str) -> str:
    """SQL for the recorded time of an epoch that is being inserted."""
    return _SQLITE_RECORDED_AT if dialect == "sqlite" else _POSTGRES_RECORDED_AT


def statements(dialect: str) -> list[str]:
    """The statements that put the guards up."""
    return _sqlite() if dialect == "sqlite" else _postgres()


def once() -> str:
    """SQLite's trigger that refuses a notice that is registered; it needs the index ``events_once``."""
    return f"CREATE TRIGGER events_once_only BEFORE INSERT ON events WHEN {_SQLITE_ONCE} {_SQLITE_REFUSE}"


def _sqlite() -> list[str]:
    made = [once()]
    for table in _TABLES:
        made += [
            f"CREATE TRIGGER {table}_never_updated BEFORE UPDATE ON {table} {_SQLITE_REFUSE}",
            f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} {_SQLITE_REFUSE}",
            f"CREATE TRIGGER {table}_only_appended BEFORE INSERT ON {table}"
            f" WHEN {_SQLITE_INSERTS[table]} {_SQLITE_REFUSE}",
        ]
    return made


def _postgres() -> list[str]:
    refuse = f"RAISE EXCEPTION '{REFUSAL}'"
    # no one's own or temporary table named epochs is taken for the registry's
    made = ["SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)"]
    made += [_postgres_function("sealscrub_refuse", f"{refuse};")]
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
            f" OR NEW.last_event IS DISTINCT FROM {_POSTGRES_LAST}"
            " OR NEW.last_event <= coalesce((SELECT max(last_event) FROM epochs), 0)"
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
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT"
        f" AS $$ BEGIN {body} END $$"
    )
