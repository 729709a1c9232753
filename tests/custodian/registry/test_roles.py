"""What each role of a PostgreSQL registry can do, tried as a second user. Runs with ``pytest -m postgres``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from sealscrub.custodian.custody import Kind, Terms, account
from sealscrub.custodian.registry import Registry, role_statements
from sealscrub.errors import AccessDenied, RegistryError, SchemeError, UsageError
from sealscrub.identifiers import load_key, load_publisher

from ..custody.conftest import SEALED
from ..custody.conftest import Custodian as Kept
from ..custody.conftest import custodian as kept
from .custodian import DAY, Custodian, notice
from .test_postgres import ROWS, TABLES, execute, place, shared

__all__ = ["kept", "place", "shared"]

pytestmark = pytest.mark.postgres

As = Callable[[str], str]
ROLES = ("custodian", "publisher", "auditor")


@pytest.fixture
def acting(shared: Custodian, place: str) -> Iterator[As]:
    """The URL by which a member of a role connects; the registry holds a few rows."""
    prefix = f"t{secrets.token_hex(4)}"
    shared.add(*ROWS)
    script(place, role_statements(prefix))
    script(place, role_statements(prefix))  # again, it changes nothing
    for name in ROLES:
        execute(place, f"CREATE ROLE {prefix}_a_{name} LOGIN IN ROLE {prefix}_{name}")
    execute(place, f"CREATE ROLE {prefix}_a_nobody LOGIN")

    yield lambda name: sa.make_url(place).set(username=f"{prefix}_a_{name}").render_as_string(hide_password=False)

    for name in (*ROLES, "nobody"):
        execute(place, f"DROP OWNED BY {prefix}_a_{name}; DROP ROLE {prefix}_a_{name}")
    for name in ROLES:
        execute(place, f"DROP OWNED BY {prefix}_{name}; DROP ROLE {prefix}_{name}")


def script(place: str, statements: str) -> None:
    """Run SQL as psql does: what looks like a placeholder is none."""
    engine = sa.create_engine(place, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection, connection.connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        engine.dispose()


def refused(url: str, statement: str) -> str:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        execute(url, statement)
    return str(caught.value)


def test_the_custodian_reads_and_appends(acting: As, shared: Custodian) -> None:
    with Registry.open(acting("custodian")) as registry:
        assert len(registry.seals(DAY)) == 3
        assert registry.add(shared.file(notice("S9", docket="2014KN000009", last_name="Roe"))).epoch == 2
        assert registry.add(shared.file(notice("S9", docket="2014KN000009", last_name="Roe"))).known == 1
        assert registry.history("docket", "2014KN000009")[0].person.last_name == "Roe"


_COLUMNS = {
    "meta": "value",
    "epochs": "source_rows",
    "events": "event",
    "event_keys": "value",
    "link_events": "event",
    "link_bounds": "lower",
    "link_runs": "model",
    "link_known": "known",
    "link_draws": "seed",
}


@pytest.mark.parametrize("verb", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}", "DROP TABLE {}"])
def test_the_custodian_rewrites_nothing(acting: As, place: str, verb: str) -> None:
    before = [execute(place, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]
    for table in TABLES:
        column = _COLUMNS.get(table, "charge")
        said = refused(acting("custodian"), verb.format(table, column, column))
        assert "permission denied" in said or "must be owner" in said or "append-only" in said
    assert [execute(place, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES] == before


def test_the_custodian_puts_nothing_into_an_epoch_that_is_closed(acting: As) -> None:
    """Not by a temporary table either, from which the guards would read where the last epoch ends."""
    row = "INSERT INTO event_keys VALUES (1, 'docket', '2014KN000001')"
    assert "row-level security" in refused(acting("custodian"), row)
    fake = "CREATE TEMP TABLE epochs (epoch int, last_event int); "
    assert "row-level security" in refused(acting("custodian"), fake + row)


def test_a_guard_reads_no_temporary_table(place: str, shared: Custodian) -> None:
    shared.add(*ROWS)
    fake = "CREATE TEMP TABLE epochs (epoch int, last_event int); "
    assert "append-only" in refused(place, fake + "INSERT INTO event_keys VALUES (1, 'docket', '2014KN000001')")


def test_the_publisher_publishes_and_sees_no_person(acting: As, place: str, shared: Custodian, tmp_path: Path) -> None:
    url = acting("publisher")
    own = shared.publish(path=tmp_path / "own").path.read_bytes()
    prefix = sa.make_url(url).username.removesuffix("_a_publisher")
    script(place, role_statements(prefix, with_persons=True))
    with Registry.open(url) as registry:
        keys, publisher = load_key(shared.folder / "seal.key"), load_publisher(shared.folder / "seal.key.publisher")
        asked = {"uses": ["training"], "audience": "police", "as_of": DAY, "not_after": shared.index().not_after}
        made = registry.publish(tmp_path / "theirs", keys=keys, publisher=publisher, **asked)
        assert made.path.read_bytes() == own
        for ask in (lambda: registry.history("docket", "2014KN012345"), lambda: registry.changes(0)):
            with pytest.raises(RegistryError, match="may not do this"):
                ask()
        with pytest.raises(RegistryError, match="may not do this"):
            registry.add(shared.file(notice("S9", docket="2014KN000009")))
        assert registry.history("nysid", "12345678A") == ()
    assert execute(url, "SELECT DISTINCT scheme FROM event_keys ORDER BY 1") == [
        ("arrest_number",),
        ("docket",),
        ("person_arrest",),
    ]
    for statement in (
        "SELECT * FROM event_persons",
        "SELECT source_document FROM events",
        "SELECT source_name FROM epochs",
        "SELECT extract FROM link_runs",
    ):
        assert "permission denied" in refused(url, statement)


def test_the_auditor_reads_decisions_and_no_identifier(acting: As) -> None:
    url = acting("auditor")
    assert execute(url, "SELECT event, basis, epoch FROM events ORDER BY event_id") == [
        ("sealed", "notice", 1),
        ("withheld", "notice", 1),
        ("sealed", "notice", 1),
    ]
    for statement in (
        "SELECT seal_id FROM events",
        "SELECT fingerprint FROM events",
        "SELECT source_document FROM events",
        "SELECT value FROM event_keys",
        "SELECT last_name FROM event_persons",
        "SELECT row_id FROM link_events",
        "SELECT seal_id FROM link_events",
        "SELECT source_name FROM epochs",
        "INSERT INTO event_keys VALUES (9, 'docket', 'x')",
    ):
        assert "permission denied" in refused(url, statement)


def test_the_auditor_runs_registry_status(acting: As, shared: Custodian) -> None:
    shared.add(notice("S1", "vacated", docket="2014KN012345", effective_from="2021-01-01"))
    with Registry.open(acting("auditor")) as registry:
        assert registry.status(DAY).equals(shared.registry.status(DAY))
        assert registry.status(DAY, epoch=1).equals(shared.registry.status(DAY, epoch=1))
    seals = execute(acting("auditor"), "SELECT seal_id FROM decisions ORDER BY event_id")
    assert seals == [("1",), ("2",), ("3",), ("1",)]
    for role in ("publisher", "nobody"):
        assert "decisions" in refused(acting(role), "SELECT * FROM decisions")


def test_a_publisher_is_kept_from_persons_numbers(acting: As, shared: Custodian, tmp_path: Path) -> None:
    url = acting("publisher")
    assert execute(url, "SELECT DISTINCT scheme FROM event_keys ORDER BY 1") == [("arrest_number",), ("docket",)]
    with Registry.open(url) as registry:
        keys, publisher = load_key(shared.folder / "seal.key"), load_publisher(shared.folder / "seal.key.publisher")
        asked = {"uses": ["training"], "audience": "police", "as_of": DAY, "not_after": shared.index().not_after}
        made = registry.publish(tmp_path / "theirs", keys=keys, publisher=publisher, **asked)
    assert "person_arrest" not in made.schemes
    with pytest.raises(SchemeError):
        role_statements("x", without=["nobodys_scheme"])


def test_an_owner_who_may_not_make_roles_grants_to_those_that_are_there(place: str, tmp_path: Path) -> None:
    prefix, schema = f"t{secrets.token_hex(4)}", f"owned_{secrets.token_hex(4)}"
    owner = f"{prefix}_owner"
    execute(place, f"CREATE ROLE {owner} LOGIN; CREATE SCHEMA {schema} AUTHORIZATION {owner}")
    url = sa.make_url(place).set(username=owner, query={"options": f"-csearch_path={schema}"})
    url = url.render_as_string(hide_password=False)
    try:
        Registry.create(url).close()
        with pytest.raises(psycopg.Error, match="permission denied to create role"):
            script(url, role_statements(prefix))
        for name in ROLES:
            execute(place, f"CREATE ROLE {prefix}_{name} NOLOGIN")
        script(url, role_statements(prefix))
        script(url, role_statements(prefix))
        execute(place, f"ALTER ROLE {prefix}_auditor BYPASSRLS")
        with pytest.raises(psycopg.Error, match="beyond its grants"):
            script(url, role_statements(prefix))
    finally:
        execute(place, f"DROP SCHEMA {schema} CASCADE; DROP OWNED BY {owner}; DROP ROLE {owner}")
        for name in ROLES:
            execute(place, f"DROP ROLE IF EXISTS {prefix}_{name}")


def test_what_no_epoch_closed_yet_is_seen_by_the_custodian_alone(acting: As, place: str) -> None:
    unclosed = (
        "INSERT INTO events SELECT 4, 2, 2, 'S9', 'open', NULL, '2020-01-01', NULL, 'notice', NULL, NULL, '', NULL"
    )
    execute(place, unclosed)
    seen = "SELECT count(event_id) FROM events"
    counts = [execute(acting(role), seen) for role in ("custodian", "publisher", "auditor")]
    assert counts == [[(4,)], [(3,)], [(3,)]]


def test_whoever_has_no_role_sees_nothing(acting: As) -> None:
    for table in TABLES:
        assert "does not exist" in refused(acting("nobody"), f"SELECT * FROM {table}")  # of that schema nothing shows
    with pytest.raises(RegistryError, match="is not a registry"):
        Registry.open(acting("nobody"))


def test_the_databases_user_is_who_asks(acting: As, kept: Kept, place: str, shared: Custodian) -> None:
    terms = Terms.from_file(kept.folder / "custody.toml")
    kept.roster('account = "postgres"\npurposes = ["keeping_registry"]\nscope = "registry"')
    execute(place, f"CREATE SCHEMA {(other := f'kept_{secrets.token_hex(4)}')}")
    url = sa.make_url(place).set(query={"options": f"-csearch_path={other}"}).render_as_string(hide_password=False)
    try:
        with Registry.create(url, custody=terms) as registry:
            registry.add(kept.folder / "notices.csv")
            assert kept.log.last().who == (f"postgres by {account()}" if account() != "postgres" else "postgres")
        script(url, role_statements(prefix := f"t{secrets.token_hex(4)}"))
        execute(url, f"CREATE ROLE {prefix}_c LOGIN IN ROLE {prefix}_custodian")
        theirs = sa.make_url(url).set(username=f"{prefix}_c").render_as_string(hide_password=False)
        with Registry.open(theirs, purpose="gun_licence") as registry:
            with pytest.raises(AccessDenied):
                registry.history("arrest_number", SEALED)
            assert kept.log.last().kind is Kind.DENIAL
            kept.roster(f'account = "{prefix}_c"\npurposes = ["gun_licence"]')
            assert len(registry.history("arrest_number", SEALED)) == 1
    finally:
        execute(place, f"DROP SCHEMA {other} CASCADE; DROP OWNED BY {prefix}_c; DROP ROLE {prefix}_c")
        for role in ("custodian", "publisher", "auditor"):
            execute(place, f"DROP OWNED BY {prefix}_{role}; DROP ROLE {prefix}_{role}")


@pytest.mark.parametrize("prefix", ["", "Sealscrub", "x; DROP TABLE meta", "1x"])
def test_a_prefix_is_a_plain_name(prefix: str) -> None:
    with pytest.raises(UsageError):
        role_statements(prefix)
