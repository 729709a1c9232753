"""Rosters and orders: what may be signed, and what opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.certificates import Role, Signer
from sealscrub.custodian.custody import (
    Order,
    Purpose,
    ReferenceKey,
    Roster,
    open_paper,
    read_order,
    read_roster,
    sign_paper,
)
from sealscrub.errors import ConfigError, InvalidCertificate, KeyFileError

from .conftest import Custodian, new_key

GOOD = """
version = 1
approved_by = "Supreme Court, Kings County"
from = 2026-11-01
until = 2027-05-01
[[people]]
account = "r.alvarez"
purposes = ["gun_licence"]
"""
ORDER = """
court = "Supreme Court, Kings County"
judge = "A. Example"
date = 2026-11-20
until = 2026-12-20
agency = "Police Department"
people = ["m.chen"]
[[records]]
scheme = "arrest_number"
value = "K14-612345"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gun_licence", "curiosity", "purposes: "),
        ("gun_licence", "court_order", "only a court order"),
        ("until = 2027-05-01\n", "", r"is missing \(until"),
        ("2027-05-01", "2028-05-01", "at most one year"),
        ("2027-05-01", "2026-10-01", "must be after"),
        ("version = 1", "version = 2", "needs the previous roster"),
        ('["gun_licence"]', '["gun_licence"]\nscope = "registry"', "own purposes"),
        ('"r.alvarez"', '"r. alvarez\\n"', "account"),
        ("version = 1", "version = 1\nK14612345 = 1", "unknown name"),
        ("version", "[[", "is not valid TOML"),
        ("until = 2027-05-01", "until = 2027-13-01", r"r\.toml, line 5: is not valid TOML"),
        ("account", "acount", "is it misspelt"),
    ],
)
def test_a_roster_that_says_what_cannot_be_is_not_signed(old: str, new: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=said) as raised:
        read_roster(tmp_path / "r.toml")
    assert "14612345" not in str(raised.value)


def test_a_signed_roster_opens_and_a_change_is_a_new_version(tmp_path: Path) -> None:
    signer = Signer(new_key(), Role.CERTIFIER)
    (tmp_path / "r.toml").write_text(GOOD)
    (tmp_path / "r.json").write_bytes(sign_paper(read_roster(tmp_path / "r.toml"), signer))
    first = open_paper(Roster, tmp_path / "r.json", signer.private.public_key())
    assert [(each.account, list(each.purposes), each.scope) for each in first.people] == [
        ("r.alvarez", ["gun_licence"], "record")
    ]
    (tmp_path / "r2.toml").write_text(GOOD.replace("version = 1", "version = 2"))
    second = read_roster(tmp_path / "r2.toml", previous=first)

    assert second.previous == first.digest
    with pytest.raises(ConfigError, match="must be 2\n\nHint: write version = 2"):
        read_roster(tmp_path / "r.toml", previous=first)


def test_an_unsigned_changed_or_mistaken_paper_does_not_open(tmp_path: Path) -> None:
    signer = Signer(new_key(), Role.CERTIFIER)
    (tmp_path / "r.toml").write_text(GOOD)
    signed = sign_paper(read_roster(tmp_path / "r.toml"), signer)
    public = signer.private.public_key()
    for content in (signed[:-3], GOOD.encode(), b"", signed.replace(b"sig", b"gis"), signed + b"\n"):
        (tmp_path / "bad.json").write_bytes(content)
        with pytest.raises(InvalidCertificate, match="bad"):
            open_paper(Roster, tmp_path / "bad.json", public)
    (tmp_path / "r.json").write_bytes(signed)
    with pytest.raises(InvalidCertificate, match="hold a sealscrub order"):
        open_paper(Order, tmp_path / "r.json", public)
    with pytest.raises(InvalidCertificate, match="another key"):
        open_paper(Roster, tmp_path / "r.json", new_key().public_key())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("until = 2026-12-20\n", "", "until"),
        ("2026-12-20", "2026-11-01", "must be after"),
        ("K14-612345", "nothing", "needs a scheme and a value"),
        ("[[records]]", "[[record]]", "needs a scheme and a value"),
        ('["m.chen"]', "[]", "people"),
        ("agency", 'purpose = "audit"\nagency', "court_order"),
    ],
)
def test_an_order_without_its_terms_is_not_signed(old: str, new: str, said: str, custodian: Custodian) -> None:
    paper = custodian.folder / "o.toml"
    paper.write_text(ORDER.replace(old, new, 1))
    with pytest.raises(ConfigError, match=said) as raised:
        read_order(paper, custodian.references)
    assert "612345" not in str(raised.value)


def test_a_signed_order_names_no_record_in_the_clear(custodian: Custodian) -> None:
    (custodian.folder / "o.toml").write_text(ORDER)
    order = read_order(custodian.folder / "o.toml", custodian.references)

    assert order.purpose is Purpose.COURT_ORDER
    assert b"612345" not in sign_paper(order, custodian.signer)
    assert order.records == (custodian.references.refer("arrest_number", "k14 612345"),)


def test_references_are_keyed(tmp_path: Path, custodian: Custodian) -> None:
    other = ReferenceKey.create(tmp_path / "other.key")

    assert other.refer("arrest_number", "K14612345") != custodian.references.refer("arrest_number", "K14612345")
    assert ReferenceKey.load(tmp_path / "other.key").key_id == other.key_id
    with pytest.raises(KeyFileError):
        ReferenceKey.create(tmp_path / "other.key")
    (tmp_path / "other.key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        ReferenceKey.load(tmp_path / "other.key")
    (tmp_path / "x.key").touch(mode=0o600)
    with pytest.raises(KeyFileError, match="not a sealscrub reference key"):
        ReferenceKey.load(tmp_path / "x.key")
