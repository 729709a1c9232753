"""Who asks: the account, the database's user, or anyone who holds the key of a signed grant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sealscrub.certificates import Role, Signer, load_signer
from sealscrub.certificates.envelope import load_public_key
from sealscrub.custodian.custody import Asker, Grant, account, make_grant, sign_paper
from sealscrub.custodian.registry import Registry
from sealscrub.datasets import example_index
from sealscrub.errors import AccessDenied, ConfigError
from sealscrub.identifiers import generate_certifier
from sealscrub.validators.certification import certify

from ...cli.conftest import Ended, sealscrub
from ...today import today
from .conftest import SEALED, Custodian, custodian, new_key

__all__ = ["custodian", "sealscrub"]

LISTED = 'account = "r.alvarez"\npurposes = ["gun_licence"]'


def granted(custodian: Custodian, *, until: int = 5, by: Signer | None = None) -> Path:
    """A grant to r.alvarez, with its holder's key beside it."""
    place = custodian.folder / "alvarez.grant"
    for name in (".key", ".key.pub"):
        place.with_name(place.name + name).unlink(missing_ok=True)
    generate_certifier(place.with_name("alvarez.grant.key"))
    holder = load_public_key(place.with_name("alvarez.grant.key.pub"))
    grant = make_grant("r.alvarez", holder, today() + dt.timedelta(10))
    grant = grant.model_copy(
        update={"since": today() + dt.timedelta(min(0, until)), "until": today() + dt.timedelta(until)}
    )
    place.write_bytes(sign_paper(grant, by or custodian.signer))
    return place


def asked(custodian: Custodian, grant: Path | None) -> int:
    with Registry.open(custodian.place, purpose="gun_licence", grant=grant) as registry:
        return len(registry.history("arrest_number", SEALED))


def test_the_holder_of_a_grant_asks_as_its_account(custodian: Custodian) -> None:
    custodian.roster(LISTED)
    with pytest.raises(AccessDenied):
        asked(custodian, None)
    assert asked(custodian, granted(custodian)) == 1
    *_, entry, outcome = custodian.log

    assert (entry.who, outcome.who) == (f"r.alvarez by {account()}",) * 2


def test_a_grant_is_no_more_than_the_roster(custodian: Custodian) -> None:
    custodian.roster(LISTED.replace("r.alvarez", "m.chen"))
    with pytest.raises(AccessDenied):
        asked(custodian, granted(custodian))

    assert (custodian.log.last().why, custodian.log.last().who) == ("unlisted", f"r.alvarez by {account()}")


def _stolen(custodian: Custodian) -> Path:
    place = granted(custodian)
    for name in (".key", ".key.pub"):
        place.with_name(place.name + name).unlink()
    generate_certifier(place.with_name("alvarez.grant.key"))
    return place


def _keyless(custodian: Custodian) -> Path:
    place = granted(custodian)
    place.with_name("alvarez.grant.key").unlink()
    return place


def _open_key(custodian: Custodian) -> Path:
    place = granted(custodian)
    place.with_name("alvarez.grant.key").chmod(0o644)
    return place


def _unsigned(custodian: Custodian) -> Path:
    place = granted(custodian)
    place.write_text('{"account": "r.alvarez"}')
    return place


BAD: dict[str, tuple[Callable[[Custodian], Path], str]] = {
    "stolen": (_stolen, "grant-key"),
    "without its key": (_keyless, "grant"),
    "with a key that others can read": (_open_key, "grant"),
    "unsigned": (_unsigned, "grant"),
    "by another": (lambda custodian: granted(custodian, by=Signer(new_key(), Role.CERTIFIER)), "grant"),
    "expired": (lambda custodian: granted(custodian, until=-1), "grant-expired"),
    "a roster": (lambda custodian: custodian.folder / "roster.json", "grant"),
    "absent": (lambda custodian: custodian.folder / "absent", "grant"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_grant_that_does_not_count_lets_nobody_in(custodian: Custodian, name: str) -> None:
    make, why = BAD[name]
    custodian.roster(LISTED, LISTED.replace("r.alvarez", account()))  # nor as the account that runs the process
    with pytest.raises(AccessDenied):
        asked(custodian, make(custodian))

    assert (custodian.log.last().why, custodian.log.last().who) == (why, account())


def test_a_grant_counts_on_its_last_day(custodian: Custodian) -> None:
    custodian.roster(LISTED)
    for _ in range(2):  # midnight may come in between
        day = dt.datetime.now(dt.UTC).date()
        grant = granted(custodian, until=(day - today()).days)
        try:
            seen = asked(custodian, grant)
        except AccessDenied:
            seen = 0
        if day == dt.datetime.now(dt.UTC).date():
            break

    assert seen == 1


def test_a_grant_ends_within_a_year(custodian: Custodian) -> None:
    holder = new_key().public_key()
    for until in (today() - dt.timedelta(1), today() + dt.timedelta(400)):
        with pytest.raises(ConfigError):
            make_grant("r.alvarez", holder, until)
    with pytest.raises(ConfigError):
        make_grant("no account", holder, today())
    assert isinstance(make_grant("r.alvarez", holder, today()), Grant)


def test_a_database_user_that_a_log_cannot_hold_is_on_no_roster() -> None:
    assert Asker(user="custodian").name == "custodian"
    assert {Asker(user=each).name for each in ("x\ny", "", "uid-0", "userns-0")} == {"unnamed-user"}


def test_the_command_line(custodian: Custodian, sealscrub: Callable[..., Ended]) -> None:
    folder = custodian.folder
    custodian.roster(LISTED)
    grant = folder / "a.grant"
    assert sealscrub("keygen", "--certifier", f"{grant}.key").code == 0
    words = ("roster", "grant", "r.alvarez", "--holder", f"{grant}.key.pub", "--signing-key", folder / "court.key")
    assert sealscrub(*words, "--until", today() + dt.timedelta(30), "-o", grant).code == 0
    ask = ("registry", "history", custodian.place, "arrest_number", SEALED, "--purpose", "gun_licence")
    assert sealscrub(*ask).code == 3
    assert sealscrub(*ask, "--grant", grant).out.startswith("The events of its seals")


def test_a_grant_for_what_is_under_no_custody_is_refused_where_it_would_be_ignored(
    custodian: Custodian, sealscrub: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, plain = granted(custodian), custodian.folder / "plain.db"
    Registry.create(plain).close()
    key = generate_certifier(custodian.folder / "team.key")[0]
    clean = pl.DataFrame({"arrest_no": ["M14000017"]})
    index = example_index(["K14612345"])
    made = certify(clean, index, {"arrest_number": "arrest_no"}, signer=load_signer(key), receipts=True).receipts
    assert made is not None
    receipts = custodian.folder / "clean.receipts"
    receipts.write_bytes(made.to_bytes())
    receipts.chmod(0o600)
    notices = custodian.folder / "plain.csv"
    notices.write_text("seal_id,event,effective_from,arrest_number\nA-9,sealed,2024-03-01,K24000109\n")
    asked = {
        "history": ("registry", "history", plain, "arrest_number", SEALED),
        "migrate": ("registry", "migrate", plain, custodian.folder / "copy.db"),
        "receipt": ("receipt", "make", receipts, "--id", "M14000099", "-o", custodian.folder / "receipt.json"),
        "add": ("registry", "add", plain, notices),
    }
    for words in asked.values():
        ended = sealscrub(*words, "--grant", grant)
        assert (ended.code, "this is not under custody" in ended.err, "--grant" in ended.err) == (2, True, True), ended
    with pytest.raises(ConfigError, match="leave grant= out"):
        Registry.open(plain, grant=grant)

    monkeypatch.setenv("SEALSCRUB_GRANT", str(grant))
    assert [sealscrub(*words).code for words in asked.values()] == [0, 0, 0, 0]
