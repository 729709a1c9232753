"""Who may use what, in the three states other than New York: as the tables of audiences and uses were written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sealscrub.custodian.law import bars, jurisdiction, ruling

PAGES = Path(__file__).parents[3] / "docs" / "reference"
ON = dt.date(2026, 11, 1)
USES = ("training", "inference_input", "output", "aggregate_report")
#: By regimes and audience, for the four uses: ``o`` open, ``b`` barred, ``?`` no source says, and so barred.
TABLE = {
    "us-pa/cs-9122.1 us-pa/cs-9122.2": {
        "police": "oooo",
        "prosecutor": "oooo",
        "court": "oooo",
        "vendor": "???o",
        "researcher": "??bo",
    },
    "us-pa/cs-9122": dict.fromkeys(("police", "prosecutor", "court", "vendor", "researcher"), "bbbo"),
    "us-or/ors-137.225 us-or/ors-137.226 us-or/ors-137.223": {
        **dict.fromkeys(("police", "prosecutor", "court", "vendor"), "bbbo"),
        "researcher": "bbb?",
    },
    "us-or/ors-419a": dict.fromkeys(("police", "prosecutor", "court", "vendor", "researcher"), "bbbo"),
    " ".join(f"us-va/vc-19.2-392.{part}" for part in ("6", "6-1", "8", "11", "12-1", "12", "17")): {
        "state_agency": "oobo",
        "police": "??bo",
        "prosecutor": "??bo",
        "court": "???o",
        "vendor": "bbbo",
        "researcher": "bbbo",
    },
    "us-va/vc-19.2-392.2": dict.fromkeys(
        ("state_agency", "police", "prosecutor", "court", "vendor", "researcher"), "bbbo"
    ),
}
CELLS = [
    (regime, audience, use, cell)
    for regimes, lines in TABLE.items()
    for regime in regimes.split()
    for audience, cells in lines.items()
    for use, cell in zip(USES, cells, strict=True)
]


@pytest.mark.parametrize("state", ["us-pa", "us-or", "us-va"])
def test_each_use_is_open_barred_or_unknown_and_then_barred(state: str) -> None:
    cells = [cell for cell in CELLS if cell[0].startswith(state)]
    lines = {cell: ruling(cell[0], audience=cell[1], use=cell[2], on=ON) for cell in cells}

    assert {cell[0] for cell in cells} == {group.regime for group in jurisdiction(state).regimes}
    assert [cell for cell in cells if bars(cell[0], audience=cell[1], use=cell[2], on=ON) != (cell[3] != "o")] == []
    assert [cell for cell, line in lines.items() if line.unknown != (cell[3] == "?")] == []
    assert [cell for cell, line in lines.items() if line.unknown and "ot known" not in line.note] == []
    assert {line.reviewed_by for line in lines.values()} == {""}


@pytest.mark.parametrize("state", ["us-pa", "us-or", "us-va"])
def test_the_page_says_what_is_unknown(state: str) -> None:
    text = (PAGES / f"law-{state}.md").read_text(encoding="utf-8")
    tables = dict(part.split("\n", 1) for part in text.split("\n## ")[1:] if "\n" in part)

    for regime, audience, use, cell in CELLS:
        if regime.startswith(state):
            rows = [
                row for row in tables[regime].splitlines() if row.startswith("| ") and audience in row.split("|")[1]
            ]
            assert (f"{use} [unknown]" in rows[0]) == (cell == "?"), (regime, audience, use)
