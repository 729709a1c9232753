"""The one door: nobody gets in without a grant and an entry, and a refusal tells nothing of what there is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from sealscrub.certificates import Role, Signer
from sealscrub.custodian.custody import Entry, Kind, Purpose, Terms, account, annex_key, known_purposes
from sealscrub.custodian.law import access_provisions
from sealscrub.custodian.registry import Registry, migrate
from sealscrub.errors import AccessDenied, ConfigError, KeyFileError, UnreadableInput
from sealscrub.identifiers import generate_keys, load_annex, load_key, load_publisher

from ...today import today
from .conftest import OPEN, OTHER, SEALED, Custodian, listed, new_key


def denied(custodian: Custodian, *, purpose: str | None = "gun_licence", value: str = SEALED) -> AccessDenied:
    """Ask for one record, be refused, and find that in the log."""
    with Registry.open(custodian.place, purpose=purpose) as registry, pytest.raises(AccessDenied) as raised:
        registry.history("arrest_number", value)
    assert custodian.log.last().kind is Kind.DENIAL
    return raised.value


def test_whoever_has_a_grant_is_shown_what_it_covers(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"))
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        assert len(registry.history("arrest_number", SEALED)) == 1
        assert registry.history("arrest_number", OPEN) == ()
    *_, asked, ended = custodian.log

    assert (asked.kind, asked.purpose, asked.scope, asked.who) == (Kind.ACCESS, "gun_licence", "record", account())
    assert asked.references == (custodian.references.refer("arrest_number", OPEN),)
    assert (ended.of, ended.count) == (asked.number, 0)
    assert SEALED not in (custodian.folder / "audit.log").read_text()


def test_a_grant_for_a_record_at_a_time_opens_no_list(custodian: Custodian) -> None:
    """A request for everything."""
    custodian.roster(listed("gun_licence"))
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        for ask in (registry.seals, lambda: registry.changes(0)):
            with pytest.raises(AccessDenied):
                ask()
            assert custodian.log.last().why == "scope"


def test_a_refusal_does_not_tell_whether_a_seal_exists(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"))
    said = {str(denied(custodian, purpose="probation_supervision", value=each)) for each in (SEALED, OTHER, OPEN)}
    custodian.order(OTHER, account=account())
    said |= {str(denied(custodian, purpose="court_order", value=each)) for each in (SEALED, OPEN)}

    assert len(said) == 1


@pytest.mark.parametrize(
    ("roster", "why"),
    [
        ({"people": ['account = "nobody.else"\npurposes = ["gun_licence"]']}, "unlisted"),
        ({"people": []}, "unlisted"),
        ({"days": (-30, -1)}, "roster-expired"),
        ({"days": (1, 30)}, "roster-expired"),
        ({"by": Signer(new_key(), Role.CERTIFIER)}, "roster"),
        ({"people": [listed("gun_licence") + f"\nuntil = {today() - dt.timedelta(1)}"]}, "expired"),
        ({"people": [listed("gun_licence") + f"\nfrom = {today() + dt.timedelta(1)}"]}, "expired"),
    ],
)
def test_what_does_not_grant(roster: dict[str, object], why: str, custodian: Custodian) -> None:
    people = roster.pop("people", [listed("gun_licence")])
    custodian.roster(*people, **roster)
    denied(custodian)

    assert custodian.log.last().why == why


def test_a_roster_that_is_missing_or_unsigned_grants_nothing(custodian: Custodian) -> None:
    (custodian.folder / "roster.json").unlink()
    assert "no valid roster" in str(denied(custodian))
    (custodian.folder / "roster.json").write_text((custodian.folder / "roster.toml").read_text())
    assert "no valid roster" in str(denied(custodian))


def test_an_older_version_put_back_grants_nothing(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"))
    older = (custodian.folder / "roster.json").read_bytes()
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        registry.history("arrest_number", SEALED)
    custodian.roster(listed("audit"), version=2)
    assert custodian.log.last().kind is Kind.OUTCOME
    denied(custodian)
    (custodian.folder / "roster.json").write_bytes(older)
    denied(custodian)

    assert custodian.log.last().why == "roster-older"


@pytest.mark.parametrize("beside", ["audit.log.roster", "audit.log.tree", ""])
def test_an_older_version_does_not_count_whatever_is_removed_beside_the_log(beside: str, custodian: Custodian) -> None:
    """The log alone decides: all that stands beside it may go, or be put back with the older roster."""
    custodian.roster(listed("gun_licence"))
    older = (custodian.folder / "roster.json").read_bytes()
    Registry.open(custodian.place, purpose="gun_licence").history("arrest_number", SEALED)
    custodian.roster(listed("audit"), version=2)
    Registry.open(custodian.place, purpose="audit").history("arrest_number", SEALED)
    kept = {"audit.log", "audit.log.key"}
    for path in custodian.folder.glob("audit.log*"):
        if path.name not in kept and beside in ("", path.name):
            path.unlink()
    (custodian.folder / "roster.json").write_bytes(older)
    denied(custodian)

    assert custodian.log.last().why == "roster-older"


def test_a_roster_whose_filing_failed_was_not_in_force(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"))
    entry = Entry(kind=Kind.ROSTER, who="r.alvarez", what="roster file version 2", digest="ab" * 32, version=2)
    with pytest.raises(OSError, match="no room"), custodian.log.act(entry):
        raise OSError("no room")
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        registry.history("arrest_number", SEALED)


def test_without_a_purpose_nothing_is_shown(custodian: Custodian) -> None:
    assert "purpose=" in str(denied(custodian, purpose=None))
    with pytest.raises(ConfigError, match="unknown purpose") as raised:
        Registry.open(custodian.place, purpose="curiosity")
    assert "gun_licence" in raised.value.hint


def test_a_clock_that_was_set_back_opens_nothing(custodian: Custodian) -> None:
    """The log's last entry is from tomorrow, so that today's roster may be yesterday's."""
    custodian.roster(listed("gun_licence"))
    path = custodian.folder / "audit.log"
    lines = path.read_bytes().splitlines(keepends=True)
    at, later = (f"{day.isoformat()}T".encode() for day in (today(), today() + dt.timedelta(2)))
    path.write_bytes(b"".join([*lines[:-1], lines[-1].replace(at, later)]))

    for _ in range(2):  # the denial's own entry does not take the clock's part
        assert "clock" in str(denied(custodian))


def test_an_order_opens_its_records_to_its_people_until_its_day(custodian: Custodian) -> None:
    custodian.order(SEALED, account=account())
    with Registry.open(custodian.place, purpose="court_order") as registry:
        assert len(registry.history("arrest_number", SEALED)) == 1
        with pytest.raises(AccessDenied):
            registry.seals()
    denied(custodian, purpose="court_order", value=OTHER)
    denied(custodian, purpose="gun_licence")
    custodian.order(SEALED, account="m.chen")
    denied(custodian, purpose="court_order")
    custodian.order(SEALED, account=account(), until=-1)
    denied(custodian, purpose="court_order")
    assert custodian.log.last().why == "order-expired"


def test_no_order_opens_anything_to_training(custodian: Custodian) -> None:
    """The index for training is the same bytes with an order for a seal in force, and without."""
    generate_keys(custodian.folder / "seal.key")
    custodian.roster(listed("publishing_index", "registry"))

    def published() -> bytes:
        with Registry.open(custodian.place) as registry:
            registry.publish(
                custodian.folder / "training.sealindex",
                keys=load_key(custodian.folder / "seal.key"),
                publisher=load_publisher(custodian.folder / "seal.key.publisher"),
                uses=["training"],
                audience="police",
            )
        return (custodian.folder / "training.sealindex").read_bytes()

    before = published()
    custodian.order(SEALED, OTHER, account=account())

    assert published() == before
    assert custodian.log.last().count == 2


def test_without_an_entry_nobody_is_let_in(custodian: Custodian) -> None:
    custodian.roster(listed("audit", "registry"))
    (custodian.folder / "audit.log").rename(custodian.folder / "away")
    (custodian.folder / "audit.log").mkdir()
    asks: list[Callable[[], object]] = [
        lambda: Registry.open(custodian.place, purpose="audit").seals(),
        lambda: _add(custodian),
    ]
    for ask in asks:
        with pytest.raises(UnreadableInput, match="audit log cannot be"):
            ask()
    with Registry.open(custodian.place) as registry:
        assert registry.epoch == 1


def _add(custodian: Custodian) -> object:
    more = custodian.folder / "more.csv"
    more.write_text((custodian.folder / "notices.csv").read_text().replace("S1", "S3").replace("S2", "S4"))
    return Registry.open(custodian.place).add(more)


def test_what_goes_in_needs_a_grant_of_its_own(custodian: Custodian) -> None:
    """A false notice unseals; and what is known already shows by what is said about a file."""
    notices = custodian.folder / "notices.csv"
    with Registry.open(custodian.place, purpose="audit") as registry:
        for bring in (lambda: registry.add(notices), lambda: registry.derive(notices, as_of=today(), dry_run=True)):
            with pytest.raises(AccessDenied):
                bring()
    custodian.roster(listed("keeping_registry", "registry"))
    with Registry.open(custodian.place) as registry:
        registry.add(notices)
    *_, entry, outcome = custodian.log

    assert (entry.kind, entry.what, outcome.count) == (Kind.IMPORT, "registry add", 0)


def test_a_registry_without_a_roster_answers_whoever_can_read_it(custodian: Custodian, tmp_path: Path) -> None:
    with Registry.create(tmp_path / "free.db") as registry:
        registry.add(custodian.folder / "notices.csv")
        assert registry.custody is None
        assert len(registry.seals()) == 2


def test_a_copy_of_a_registry_is_under_the_same_custody(custodian: Custodian, tmp_path: Path) -> None:
    with pytest.raises(AccessDenied):
        migrate(custodian.place, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    custodian.roster(listed("keeping_registry", "registry"))
    migrate(custodian.place, tmp_path / "copy.db")
    with Registry.open(tmp_path / "copy.db") as copy:
        assert copy.custody == Terms.from_file(custodian.folder / "custody.toml")


def test_an_old_registry_comes_under_custody_by_a_copy(custodian: Custodian, tmp_path: Path) -> None:
    with Registry.create(tmp_path / "old.db") as old:
        old.add(custodian.folder / "notices.csv")
    migrate(tmp_path / "old.db", tmp_path / "new.db", custody=Terms.from_file(custodian.folder / "custody.toml"))
    with Registry.open(tmp_path / "new.db") as new, pytest.raises(AccessDenied):
        new.seals()


def test_the_annexs_key_comes_through_the_door_alone(custodian: Custodian) -> None:
    terms = Terms.from_file(custodian.folder / "custody.toml").to_text()
    _, _, place, *_ = generate_keys(custodian.folder / "seal.key", custody=terms)
    with pytest.raises(KeyFileError, match="under custody"):
        load_annex(place)
    with pytest.raises(AccessDenied), annex_key(place):
        pass
    with annex_key(place, purpose="audit", what="verify annex") as key:
        assert custodian.log.last().what == "verify annex"
    assert repr(key) == "AnnexKey(…)"


def test_every_purpose_has_its_provision() -> None:
    known = known_purposes()

    assert {*Purpose} < set(known) == {*Purpose, *access_provisions()}
    assert all(known.values())
    assert known["gun_licence"] == "CPL 160.50(1)(d)(iii)"


@pytest.mark.parametrize("content", ["authority = 1", "x = ", 'authority = "a"\n', ""])
def test_terms_that_do_not_say_all_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "custody.toml").write_text(content)
    with pytest.raises(ConfigError):
        Terms.from_file(tmp_path / "custody.toml")
    with pytest.raises(ConfigError, match="damaged"):
        Terms.from_text(content)
