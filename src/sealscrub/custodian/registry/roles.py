"""Who may do what in a PostgreSQL registry, as the database itself has it: roles, grants and row-level security.

Three roles that no one logs in as; people's own roles are made members of one. The owner of the tables and the server's
superusers are bound by none of this.

=========  ==========================================================================================================
custodian  reads all of it and appends to it; updates, deletes and closed epochs are refused, as to everyone
publisher  reads what an index is made of: states, links, and keys that name a record or an action; no person's name,
           and no key made of a person's number (``person_arrest``) unless that is asked for
auditor    reads when what was recorded, under which law and on what basis; no key, no name, no seal's id, no file's
=========  ==========================================================================================================

The roles themselves are made by the first who runs the statements and may make roles: an administrator, if the
tables' owner may not.
"""

# ruff: noqa: S608 - statements of names in this file, and of a prefix that is a plain name

from __future__ import annotations

import re
from collections.abc import Collection

from sealscrub.errors import Spelled, UsageError
from sealscrub.identifiers import Level, get_scheme, scheme_names

from .schema import DECISIONS

__all__ = ["role_statements"]

_LINKED_TABLES = ("link_events", "link_bounds", "link_runs", "link_known", "link_draws")
_TABLES = ("meta", "epochs", "events", "event_keys", "event_persons", *_LINKED_TABLES)
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CLOSED = "event_id <= (SELECT coalesce(max(last_event), 0) FROM epochs)"
_STATES = ("event_id", "seal_id", "event", "regime", "effective_from")
_DECISIONS = (
    *("event_id", "epoch", "position", "event", "regime", "effective_from", "notified_on", "basis", "rule_version"),
    "reason",
)
_STATED = ("event", "regime", "effective_from", "notified_on", "basis")
_LINKS = ("link_events", "link_bounds")
_LINKED = ("event_id", "epoch", "namespace", "event", "band", "model", "basis", "effective_from")
_DRAWN = (
    *("event_id", "epoch", "namespace", "model", "seals_epoch", "drawn_on", "frame", "framed", "in_force", "sampled"),
    *("seed", "who"),
)
_ROLE_ATTRIBUTES = ("rolcanlogin", "rolsuper", "rolcreatedb", "rolcreaterole", "rolreplication", "rolbypassrls")


def role_statements(prefix: str = "sealscrub", *, without: Collection[str] = (), with_persons: bool = False) -> str:
    """SQL that makes the roles and says what each may do, for the tables' owner to run in the registry's schema.

    Run again, it puts things back as they should be. Own schemes have to be registered before. An owner who may not
    make roles (CREATEROLE) runs it once an administrator has made the three, NOLOGIN and with no attribute.

    Parameters
    ----------
    prefix : str
        What the roles' names begin with: ``PREFIX_custodian``, ``PREFIX_publisher``, ``PREFIX_auditor``.
    without : collection of str
        Schemes whose keys the publisher may not read. What it publishes then holds no key of them, and says so by its
        coverage.
    with_persons : bool
        Whether the publisher may read keys that hold a person's number, such as ``person_arrest``, which is made of
        one and a date. If not, what it publishes holds none of them.

    Raises
    ------
    UsageError
        When the prefix is not a plain name.
    SchemeError
        When the scheme does not exist.

    Examples
    --------
    >>> print(role_statements().splitlines()[0])
    BEGIN;
    """
    if not _PREFIX.fullmatch(prefix):
        raise UsageError(
            "a role's prefix may contain only lower-case letters, digits and _",
            hint=Spelled('prefix="sealscrub"', "--prefix sealscrub"),
        )
    custodian, publisher, auditor = (f"{prefix}_{role}" for role in ("custodian", "publisher", "auditor"))
    every = f"{custodian}, {publisher}, {auditor}"
    tables = ", ".join(_TABLES)
    keys = _published_condition(without, with_persons)
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
        f"GRANT SELECT, INSERT ON {', '.join(_TABLES[1:])} TO {custodian};",
        "-- what locks a table has to be allowed to update it; no policy lets a row be updated, and triggers refuse it",
        f"GRANT UPDATE ON epochs TO {custodian};",
        *(_policy(table, prefix, "custodian", "SELECT", custodian, "true") for table in _TABLES[1:]),
        _policy("epochs", prefix, "custodian_adds", "INSERT", custodian, "true"),
        *(_policy(table, prefix, "custodian_adds", "INSERT", custodian, f"NOT ({_CLOSED})") for table in _TABLES[2:]),
        "",
        f"GRANT SELECT (epoch, recorded_at, last_event) ON epochs TO {publisher};",
        f"GRANT SELECT ({', '.join(_STATES)}) ON events TO {publisher};",
        f"GRANT SELECT ON event_keys, link_events, link_bounds TO {publisher};",
        f"GRANT SELECT (event_id, namespace) ON link_runs TO {publisher};",
        _policy("epochs", prefix, "publisher", "SELECT", publisher, "true"),
        _policy("events", prefix, "publisher", "SELECT", publisher, _CLOSED),
        _policy("event_keys", prefix, "publisher", "SELECT", publisher, f"{_CLOSED} AND ({keys})"),
        _policy("link_events", prefix, "publisher", "SELECT", publisher, f"{_CLOSED}{_shown_systems(without)}"),
        _policy("link_bounds", prefix, "publisher", "SELECT", publisher, _CLOSED),
        _policy("link_runs", prefix, "publisher", "SELECT", publisher, f"{_CLOSED}{_shown_systems(without)}"),
        "",
        f"GRANT SELECT (epoch, recorded_at, source_sha256, source_rows, last_event) ON epochs TO {auditor};",
        f"GRANT SELECT ({', '.join(_DECISIONS)}) ON events TO {auditor};",
        f"GRANT SELECT ({', '.join(_LINKED)}) ON link_events TO {auditor};",
        f"GRANT SELECT ON link_bounds TO {auditor};",
        f"GRANT SELECT ({', '.join(_DRAWN)}) ON link_draws TO {auditor};",
        _policy("epochs", prefix, "auditor", "SELECT", auditor, "true"),
        *(_policy(table, prefix, "auditor", "SELECT", auditor, _CLOSED) for table in ("events", *_LINKS, "link_draws")),
        "-- a seal by the number of its first event: enough to count seals, and no id of anybody's",
        f"DROP VIEW IF EXISTS {DECISIONS.name};",
        f"CREATE VIEW {DECISIONS.name} WITH (security_barrier) AS SELECT event_id, "
        f"(min(event_id) OVER (PARTITION BY seal_id))::text AS seal_id, {', '.join(_STATED)} "
        f"FROM events WHERE {_CLOSED};",
        f"REVOKE ALL ON {DECISIONS.name} FROM PUBLIC;",
        f"GRANT SELECT ON {DECISIONS.name} TO {auditor};",
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


def _role(name: str) -> str:
    return (
        "DO $$ BEGIN "
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} NOLOGIN; END IF; "
        f"IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}' AND ({' OR '.join(_ROLE_ATTRIBUTES)})) THEN "
        f"RAISE EXCEPTION 'the role {name} has attributes that go beyond its grants: ALTER ROLE {name} NOLOGIN "
        "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS'; END IF; END $$;"
    )


def _policy(table: str, prefix: str, name: str, verb: str, roles: str, rows: str) -> str:
    full = f"{prefix}_{name}"
    check = "WITH CHECK" if verb == "INSERT" else "USING"
    made = f"CREATE POLICY {full} ON {table} FOR {verb} TO {roles} {check} ({rows});"
    return f"DROP POLICY IF EXISTS {full} ON {table};\n{made}"


def _published_condition(without: Collection[str], with_persons: bool) -> str:
    """Which keys name one record or one action: the schemes that are known here, and systems' own ids."""
    hidden = {get_scheme(name).name for name in without}
    if not with_persons:
        hidden |= {name for name in scheme_names() if _holds_a_person(name)}
    shown = sorted(name for name in scheme_names() if get_scheme(name).published and name not in hidden)
    names = ", ".join(f"'{name}'" for name in shown)
    others = "".join(f" AND scheme <> '{name}'" for name in sorted(hidden) if name.startswith("opaque:"))
    return f"scheme IN ({names}) OR (scheme LIKE 'opaque:%'{others})"


def _holds_a_person(name: str) -> bool:
    """Whether a key of the scheme says a person's number: a part of it is one."""
    scheme = get_scheme(name)
    return scheme.level is Level.PERSON or any(_holds_a_person(part) for part in scheme.parts if part != "date")


def _shown_systems(without: Collection[str]) -> str:
    """Which systems' links are shown: those whose ids are."""
    hidden = sorted(name for name in (get_scheme(each).name for each in without) if name.startswith("opaque:"))
    return "".join(f" AND namespace <> '{name.removeprefix('opaque:')}'" for name in hidden)
