"""A second place, whose clock runs from the arrest and whose unit is the arrest; the engine does not know it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sealscrub.custodian import law
from sealscrub.custodian.law import Unit, decide, jurisdiction, known_regimes

from .asking import DAY, case, day, row

PLACE = "us-ca-demonstration"
ARREST: dict[str, Any] = {"arrest_number": "LA1", "arrest_date": day("2021-02-28")}


def said(on: str, *cases: Any) -> list[str]:
    return [
        str(decide(each[0], each[1], day(on), linked=[other for other in cases if other is not each], law=PLACE).answer)
        for each in cases
    ]


def test_its_clock_runs_from_the_arrest() -> None:
    dismissed = case("A", row("2021-06-01", "DISMISSED", severity="M"), **ARREST)
    rejected = case("B", row("2021-06-01", "DA REJECT", severity="F"), **ARREST)

    assert [said(on, dismissed) for on in ("2022-02-28", "2022-03-01")] == [["not_sealed"], ["sealed"]]
    assert [said(on, rejected) for on in ("2024-02-28", "2024-02-29")] == [["not_sealed"], ["sealed"]]
    assert decide(*dismissed, day("2021-07-01"), law=PLACE).next_change == day("2022-02-28") + DAY


def test_its_unit_is_the_arrest() -> None:
    dismissed = case("A", row("2021-06-01", "DISMISSED", severity="M"), **ARREST)
    convicted = case("B", row("2021-06-01", "NOLO CONTENDERE", severity="M"), **ARREST)
    acquitted = case("C", row("2021-06-01", "NOT GUILTY", severity="M"), **ARREST)

    assert said("2023-01-01", dismissed, acquitted) == ["sealed", "sealed"]
    assert said("2023-01-01", dismissed, convicted) == ["not_sealed", "not_sealed"]


def test_it_does_not_bar_the_police() -> None:
    uses = dict(
        decide(*case("A", row("2021-06-01", "DISMISSED", severity="M"), **ARREST), day("2023-01-01"), law=PLACE).uses
    )

    assert (uses["police"], "training" in uses["vendor"]) == ((), True)


def test_it_is_marked_and_no_regime_of_a_notice() -> None:
    place = jurisdiction(PLACE)

    assert place.demonstration
    assert not jurisdiction("us-ny").demonstration
    assert [group.unit for group in place.regimes] == [Unit.ARREST]
    assert all("demonstration" in rule.id for rule in place.rules())
    assert not any("demonstration" in regime.name for regime in known_regimes())


def test_the_engine_imports_neither_place() -> None:
    assert law.__file__ is not None
    for file in Path(law.__file__).parent.glob("*.py"):
        imports = [line for line in file.read_text(encoding="utf-8").splitlines() if "import" in line]
        assert not any("us_ca" in line or "us_ny" in line for line in imports), file.name
