"""Who asked about one record: by its keyed reference, in any spelling, and never about another one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from sealscrub.custodian.custody import RecordAccesses, accesses_to
from sealscrub.custodian.registry import Registry
from sealscrub.errors import SealscrubError

from ...cli.conftest import Ended, sealscrub
from .conftest import OTHER, SEALED, Custodian, listed

__all__ = ["sealscrub"]

Call = Callable[..., Ended]


def ask(custodian: Custodian, number: str, purpose: str) -> None:
    with Registry.open(custodian.place, purpose=purpose) as registry:
        registry.history("arrest_number", number)


def told(custodian: Custodian, number: str) -> RecordAccesses:
    return accesses_to(custodian.log, custodian.references.refer("arrest_number", number))


def test_what_was_done_and_refused_is_told_of_this_record_alone(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"), version=2)
    before = told(custodian, SEALED)
    ask(custodian, SEALED, "gun_licence")
    ask(custodian, OTHER, "gun_licence")
    with pytest.raises(SealscrubError):
        ask(custodian, SEALED, "parole_supervision")
    found = told(custodian, "k14-612345")

    assert before.entries == ()
    assert [(str(entry.kind), entry.purpose, outcome is None) for entry, outcome in found.entries] == [
        ("access", "gun_licence", False),
        ("denial", "parole_supervision", True),
    ]
    assert len(told(custodian, OTHER).entries) == 1


def test_accesses_to_the_whole_registry_are_counted(custodian: Custodian) -> None:
    before = told(custodian, SEALED)
    with Registry.open(custodian.place, purpose="audit") as registry:
        registry.seals()

    assert told(custodian, SEALED) == RecordAccesses(entries=(), wide=before.wide + 1)


def test_the_command_reads_the_number_from_standard_input(
    sealscrub: Call, custodian: Custodian, monkeypatch: pytest.MonkeyPatch
) -> None:
    custodian.roster(listed("gun_licence"), version=2)
    ask(custodian, SEALED, "gun_licence")
    words = ["audit", "who", custodian.folder / "audit.log", "arrest_number"]
    key = ["--reference-key", custodian.folder / "audit.log.key", "--format", "json"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SEALED}\n"))
    (row,) = json.loads(sealscrub(*words, *key).out)
    none = sealscrub(*words, "K14999999", *key)

    assert (row["purpose"], row["ended"]) == ("gun_licence", "done")
    assert (none.code, json.loads(none.out)) == (0, [])
