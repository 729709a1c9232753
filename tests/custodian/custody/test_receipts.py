"""What receipts are made from says about any number whether clean data hold it: under custody, one record at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sealscrub.certificates import Receipts
from sealscrub.custodian.custody import Kind, Terms, account, open_receipts
from sealscrub.errors import AccessDenied, KeyFileError

from ...cli.conftest import Ended, sealscrub
from .conftest import OPEN, SEALED, Custodian, custodian, listed

__all__ = ["custodian", "sealscrub"]


@pytest.fixture
def receipts(custodian: Custodian) -> Path:
    """A file over one open number, under custody."""
    made = Receipts.over({"arrest_number": [pl.Series([OPEN])]})
    terms = Terms.from_file(custodian.folder / "custody.toml").to_text()
    place = custodian.folder / "clean.receipts"
    place.write_bytes(Receipts(made.secret, made.values, custody=terms).to_bytes())
    return place


def test_they_come_through_the_door_alone(custodian: Custodian, receipts: Path) -> None:
    with pytest.raises(KeyFileError, match="under custody"):
        Receipts.from_file(receipts)
    custodian.roster(listed("accused"))
    with pytest.raises(AccessDenied), open_receipts(receipts, purpose="accused"):
        pass  # all of it, on a grant for one record at a time
    assert (custodian.log.last().kind, custodian.log.last().why) == (Kind.DENIAL, "scope")


def test_a_receipt_leaves_an_entry_that_names_no_record(
    custodian: Custodian, receipts: Path, sealscrub: Callable[..., Ended]
) -> None:
    make = ("receipt", "make", receipts, "--id", SEALED, "-o", custodian.folder / "receipt.json")
    assert sealscrub(*make).code == 3
    assert not (custodian.folder / "receipt.json").exists()
    custodian.roster(listed("accused"))
    assert sealscrub(*make, "--purpose", "accused").code == 0
    *_, entry, outcome = custodian.log

    assert (entry.what, entry.purpose, entry.who, outcome.of) == ("receipt make", "accused", account(), entry.number)
    assert entry.references == (custodian.references.refer("arrest_number", SEALED),)
    assert SEALED not in (custodian.folder / "audit.log").read_text()


def test_without_custody_they_are_whoevers_can_read_them(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(Receipts.over({"arrest_number": [pl.Series([OPEN])]}).to_bytes())
    with open_receipts(tmp_path / "r") as receipts:
        assert receipts.values == Receipts.from_file(tmp_path / "r").values
