"""Who may do what in a PostgreSQL registry, as the database itself has it: roles, grants and row-level security.

Three roles that nobody logs in as; people's own roles are made members of one. The owner of the tables and the server's
superusers are bound by none of this.

=========  ==========================================================================================================
custodian  reads all of it and appends to it; updates, deletes and closed epochs are refused, as to everyone
publisher  reads what an index is made of: states, and keys that name a record or an action; no person's key, no name
auditor    reads when what was recorded, under which law and on what basis; no key, no name, no seal's id, no file's
=========  ==========================================================================================================
"""

from __future__ import annotations

import re

from sealscrub.errors import UsageError
from sealscrub.identifiers import get_scheme, scheme_names

__all__ = ["role_statements"]

_TABLES = ("meta", "epochs", "events", "event_keys", "event_persons")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CLOSED = "event_id <= (SELECT coalesce(max(last_event), 0) FROM epochs)"
_STATES = ("event_id", "seal_id", "event", "regime", "effective_from")
_DECISIONS = (
    *("event_id", "epoch", "position", "event", "regime", "effective_from", "notified_on", "basis", "rule_version"),
    "reason",
)


def role_statements(prefix: str = "sealscrub") -> str:
    """SQL that makes the roles and says what each may do, for the tables' owner to run in the registry's schema.

    Run again, it puts things back as they should be. Own schemes have to be registered before.

    Parameters
    ----------
    prefix : str
        What the roles' names begin with: ``PREFIX_custodian``, ``PREFIX_publisher``, ``PREFIX_auditor``.

    Raises
    ------
    UsageError
        When the prefix is no plain name.

    Examples
    --------
    >>> print(role_statements().splitlines()[0])
    BEGIN;
    """
    if not _PREFIX.fullmatch(prefix):
        raise UsageError("a role's prefix is lower-case letters, digits and _", hint="--prefix sealscrub")
    custodian, publisher, auditor = (f"{prefix}_{role}" for role in ("custodian", "publisher", "auditor"))
    every = f"{custodian}, {publisher}, {auditor}"
    tables = ", ".join(_TABLES)
    lines = ["BEGIN;"]
    lines += [_role(name) for name in (custodian, publisher, auditor)]
    lines += [
        f"DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {every}', current_schema()); END $$;",
        f"REVOKE ALL ON {tables} FROM PUBLIC, {every};",
        *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;" for table in _TABLES),
        "",
        f"GRANT SELECT ON meta TO {every};",
        _policy("meta", prefix, "everyone", "SELECT", every, "true"),
        "",
        f"GRANT SELECT, INSERT ON epochs, events, event_keys, event_persons TO {custodian};",
        "-- what locks a table has to be allowed to update it; no policy lets a row be updated, and triggers refuse it",
        f"GRANT UPDATE ON epochs TO {custodian};",
        *(_policy(table, prefix, "custodian", "SELECT", custodian, "true") for table in _TABLES[1:]),
        _policy("epochs", prefix, "custodian_adds", "INSERT", custodian, "true"),
        *(_policy(table, prefix, "custodian_adds", "INSERT", custodian, f"NOT ({_CLOSED})") for table in _TABLES[2:]),
        "",
        f"GRANT SELECT (epoch, recorded_at, last_event) ON epochs TO {publisher};",
        f"GRANT SELECT ({', '.join(_STATES)}) ON events TO {publisher};",
        f"GRANT SELECT ON event_keys TO {publisher};",
        _policy("epochs", prefix, "publisher", "SELECT", publisher, "true"),
        _policy("events", prefix, "publisher", "SELECT", publisher, _CLOSED),
        _policy("event_keys", prefix, "publisher", "SELECT", publisher, f"{_CLOSED} AND ({_published()})"),
        "",
        f"GRANT SELECT (epoch, recorded_at, source_sha256, source_rows, last_event) ON epochs TO {auditor};",
        f"GRANT SELECT ({', '.join(_DECISIONS)}) ON events TO {auditor};",
        _policy("epochs", prefix, "auditor", "SELECT", auditor, "true"),
        _policy("events", prefix, "auditor", "SELECT", auditor, _CLOSED),
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


def _role(name: str) -> str:
    return (
        f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n"
        f"ALTER ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;"
    )


def _policy(table: str, prefix: str, name: str, verb: str, roles: str, rows: str) -> str:
    full = f"{prefix}_{name}"
    check = "WITH CHECK" if verb == "INSERT" else "USING"
    made = f"CREATE POLICY {full} ON {table} FOR {verb} TO {roles} {check} ({rows});"
    return f"DROP POLICY IF EXISTS {full} ON {table};\n{made}"


def _published() -> str:
    """Which keys name one record or one action: the schemes that are known here, and systems' own ids."""
    names = ", ".join(f"'{name}'" for name in sorted(scheme_names()) if get_scheme(name).published)
    return f"scheme IN ({names}) OR scheme LIKE 'opaque:%'"
