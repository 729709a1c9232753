"""Who asked about one record: by its keyed reference, in any spelling, and never about another one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from sealscrub.custodian.custody import Asking, ReferenceKey, accesses_to, open_access
from sealscrub.custodian.registry import Registry
from sealscrub.errors import SealscrubError, UsageError

from ...cli.conftest import Ended, sealscrub
from .conftest import OTHER, SEALED, Custodian, listed

__all__ = ["sealscrub"]

Call = Callable[..., Ended]


def asked(custodian: Custodian, number: str, purpose: str) -> None:
    asking = Asking(purpose=purpose)
    with Registry.open(custodian.place, asking=asking) as registry:
        registry.history("arrest_number", number)


def test_what_was_done_and_refused_is_told_of_this_record_alone(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"), version=2)
    before = accesses_to(custodian.log, custodian.references.refer("arrest_number", SEALED))
    asked(custodian, SEALED, "gun_licence")
    asked(custodian, OTHER, "gun_licence")
    with pytest.raises(SealscrubError):
        asked(custodian, SEALED, "parole_supervision")
    found = accesses_to(custodian.log, custodian.references.refer("arrest_number", "k14-612345"))

    assert before.entries == ()
    assert [
        (entry.kind.value, outcome and outcome.result and outcome.result.value) for entry, outcome in found.entries
    ] == [
        ("access", "done"),
        ("denial", None),
    ]
    assert {entry.purpose for entry, _ in found.entries} == {"gun_licence", "parole_supervision"}


def test_accesses_to_the_whole_registry_are_counted(custodian: Custodian) -> None:
    before = accesses_to(custodian.log, custodian.references.refer("arrest_number", SEALED)).wide
    with Registry.open(custodian.place, asking=Asking(purpose="audit")) as registry:
        registry.seals()

    assert accesses_to(custodian.log, custodian.references.refer("arrest_number", SEALED)).wide == before + 1


def test_the_command_reads_the_number_from_standard_input(
    sealscrub: Call, custodian: Custodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    custodian.roster(listed("gun_licence"), version=2)
    asked(custodian, SEALED, "gun_licence")
    words = ["audit", "who", custodian.folder / "audit.log", "arrest_number"]
    key = ["--reference-key", custodian.folder / "audit.log.key", "--format", "json"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SEALED}\n"))
    (row,) = json.loads(sealscrub(*words, *key).out)["rows"]
    none = sealscrub(*words, "K14999999", *key)

    assert (row["purpose"], row["ended"]) == ("gun_licence", "done")
    assert (none.code, SEALED in none.out) == (0, False)


def test_what_is_not_an_identifier_is_refused_without_saying_it(custodian: Custodian) -> None:
    with pytest.raises(UsageError) as refused:
        custodian.references.refer("arrest_number", "612345 Doe")
    assert "Doe" not in str(refused.value)
    assert isinstance(custodian.references, ReferenceKey)
    assert open_access is not None
