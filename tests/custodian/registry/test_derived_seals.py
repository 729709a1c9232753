"""Seals from dispositions."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.law.desk import open_questions
from sealscrub.custodian.law.dispositions import read_map
from sealscrub.errors import NoticeError, UsageError

from .custodian import Custodian
from .dispositions import DAY, HEAD, ROWS, derive, states, write


def test_each_action_gets_a_record_of_how_it_stands(custodian: Custodian) -> None:
    result = derive(custodian, *ROWS)

    assert (result.rows, result.actions, result.appended, result.epoch) == (5, 5, 5, 1)
    assert states(custodian) == {
        "2018KN000001": ("sealed", "us-ny/cpl-160.50", "2018-05-01"),
        "2018KN000002": ("withheld", "us-ny/cpl-160.57", "2018-05-02"),
        "2018KN000003": ("withheld", "us-ny/cpl-160.50", "2018-05-03"),
        "K18000004": ("withheld", "us-ny/cpl-160.50", "2018-05-04"),
        "2026KN000005": ("withheld", None, "2026-05-05"),
    }
    assert (result.sealed, result.withheld, result.open) == (1, 4, 0)
    sealed = custodian.registry.history("docket", "2018KN000001")[0]
    assert sealed.rule_version == "us-ny/cpl-160.50/3c@1; us-ny/rules-7; us-ny/dispositions-12"
    assert (sealed.basis, sealed.source_document) == ("derived", "d.csv as of 2026-06-01, after epoch 0")


def test_the_same_file_again_changes_nothing(custodian: Custodian) -> None:
    derive(custodian, *ROWS)
    again = derive(custodian, *ROWS, as_of=DAY + dt.timedelta(days=1))

    assert (again.appended, again.epoch, again.changed) == (0, 1, False)
    assert derive(custodian, *ROWS[:2], *ROWS).appended == 0


def test_a_dry_run_appends_nothing(custodian: Custodian) -> None:
    result = derive(custodian, *ROWS, dry_run=True)

    assert (result.appended, result.epoch, result.changed, result.dry_run) == (5, 0, False, True)
    assert custodian.registry.seals(DAY) == ()


def test_a_record_follows_what_becomes_of_its_action(custodian: Custodian) -> None:
    acd = "2026KN000005,11,K26000005,2025-04-01,1,PL 120.00,M,ACD 170.55,2025-05-05"
    reversed_ = "2026KN000005,11,K26000005,2025-04-01,1,,,DISMISSAL VACATED,2026-05-20"
    derive(custodian, acd, as_of=dt.date(2025, 6, 1))
    derive(custodian, acd, as_of=dt.date(2026, 5, 10))
    derive(custodian, acd, reversed_, as_of=DAY)
    derive(custodian, acd, as_of=DAY)  # the row was an error after all

    assert [
        (each.event, str(each.effective_from)) for each in custodian.registry.history("docket", "2026KN000005")
    ] == [
        ("withheld", "2025-05-05"),
        ("sealed", "2026-05-06"),
        ("vacated", "2026-05-20"),
        ("sealed", "2026-05-06"),
        ("sealed", "2026-05-20"),
    ]
    assert states(custodian)["2026KN000005"][0] == "sealed"
    assert derive(custodian, acd, as_of=DAY).appended == 0


def test_what_is_learnt_of_an_earlier_day_is_written_for_it(custodian: Custodian) -> None:
    derive(custodian, "2018KN000001,7,K18000001,2018-01-01,1,,,STET,2019-05-01")
    derive(custodian, "2018KN000001,7,K18000001,2018-01-01,1,,,ACQUITTED,2018-05-01")

    for day in (dt.date(2018, 6, 1), dt.date(2020, 1, 1)):
        assert states(custodian, day)["2018KN000001"][0] == "sealed"


def test_an_arrest_goes_out_only_when_all_its_actions_are_barred(custodian: Custodian) -> None:
    acquitted = "2018KN000001,7,K18000001,2018-01-01,1,PL 120.00,M,ACQUITTED,2018-05-01"
    opened = "2018KN000002,7,K18000001,2018-01-01,1,PL 120.00,M,PENDING,2018-05-01"
    derive(custodian, acquitted, opened)
    assert custodian.published() == {("docket", "2018KN000001"): "sealed"}

    derive(custodian, acquitted, opened.replace("PENDING", "ACQUITTED"))
    assert custodian.published() == {
        ("docket", "2018KN000001"): "sealed",
        ("docket", "2018KN000002"): "sealed",
        ("arrest_number", "K18000001"): "sealed",
    }


def test_a_notice_confirms_or_contradicts_and_neither_is_changed(custodian: Custodian) -> None:
    convicted = "2026KN000002,8,K26000002,2026-01-01,1,PL 120.00,M,PLED GUILTY,2026-05-02"
    custodian.add(
        {
            "seal_id": "N1",
            "event": "sealed",
            "regime": "us-ny/cpl-160.50",
            "effective_from": "2018-05-01",
            "docket": "2018KN000001",
        },
        {
            "seal_id": "N2",
            "event": "sealed",
            "regime": "us-ny/cpl-160.50",
            "effective_from": "2026-05-02",
            "docket": "2026KN000002",
        },
    )
    result = derive(custodian, ROWS[0], convicted)

    assert (result.confirmed, result.contradicted) == (1, 1)
    assert {seal.seal_id: seal.state for seal in custodian.registry.seals(DAY)}["N2"] == "sealed"
    assert derive(custodian, ROWS[0], convicted).appended == 0


def test_a_seal_that_a_notice_ended_is_not_made_anew(custodian: Custodian) -> None:
    derive(custodian, ROWS[0])
    custodian.add({"event": "vacated", "effective_from": "2019-01-01", "docket": "2018KN000001", "basis": "order"})
    result = derive(custodian, ROWS[0])

    assert (result.appended, result.contradicted) == (0, 1)
    assert states(custodian)["2018KN000001"][0] == "vacated"


@pytest.mark.parametrize(
    ("later", "unread"),
    [
        ("PG 240.20 TIME SERVED", []),
        ("DISMISSED", []),
        ("STET", ["PLEA VACATED", "STET"]),
        ("", ["PLEA VACATED"]),
    ],
)
def test_what_is_not_understood_is_what_the_desk_asks_about(
    custodian: Custodian, later: str, unread: list[str]
) -> None:
    """After a later ending that is known, the desk did not ask about a plea that was vacated, and derive did."""
    told = {"PLED GUILTY": "2018-05-01", "PLEA VACATED": "2018-05-02", later: "2018-05-03", "TO COME": "2027-01-01"}
    rows = [f"2018KN000001,71,K18000011,2018-01-01,1,,,{text},{day}" for text, day in told.items() if text]
    result = derive(custodian, *rows)
    charges, mapping = law.read_charges(write(custodian, *rows)), read_map("us-ny")
    asked = open_questions(charges, law.decide_charges(charges, DAY), mapping, DAY)

    assert [text for text, _ in result.unmapped] == unread
    assert sorted(each.cause for each in asked if each.kind == "words") == unread


def test_texts_that_are_not_understood_are_counted_and_mapped_by_the_custodian(custodian: Custodian) -> None:
    rows = [f"2018KN00000{n},7{n},K1800001{n},2018-01-01,1,,,Closed 2018KN99999{n},2018-05-01" for n in (1, 2, 3)]
    result = derive(custodian, *rows, dry_run=True)
    assert (result.unmapped, result.withheld) == ((("CLOSED #", 3),), 3)

    aliases = custodian.folder / "map.toml"
    aliases.write_text('version = "ours-2"\n[texts]\n"CLOSED {docket}" = "DISMISSED_ENTIRE"\n')
    mapped = derive(custodian, *rows, aliases=aliases)
    assert (mapped.unmapped, mapped.sealed) == ((), 3)
    version = custodian.registry.history("docket", "2018KN000001")[0].rule_version
    assert version is not None
    assert version.endswith("us-ny/dispositions-12+ours-2")


def test_decisions_are_explained_a_line_an_action(custodian: Custodian) -> None:
    path = custodian.folder / "decisions.jsonl"
    derive(custodian, *ROWS, explain=path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert path.stat().st_mode & 0o777 == 0o600
    assert [line["docket"] for line in lines] == [row.split(",")[0] for row in ROWS]
    assert list(lines[0]) == [
        *(
            "docket",
            "defendant_id",
            "arrest_number",
            "indictment",
            "answer",
            "regimes",
            "paragraph",
            "effect",
            "copies",
        ),
        *(
            "uses",
            "legal_from",
            "duty_from",
            "eligible_from",
            "next_change",
            "withheld",
            "rules",
            "missing",
            "charges",
            "reasons",
        ),
    ]
    assert [line["answer"] for line in lines] == ["sealed", "unknown", "unknown", "unknown", "not_sealed"]
    assert lines[3]["missing"] == ["certified", "prints_sent"] or "certified" in lines[3]["missing"]
    assert lines[4]["next_change"] == "2026-11-06"
    assert any("us-ny/cpl-160.50/3c" in step for step in lines[0]["reasons"])


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_every_format_says_the_same(custodian: Custodian, suffix: str) -> None:
    frame = pl.read_csv(write(custodian, *ROWS), infer_schema=False, try_parse_dates=suffix == "parquet")
    path = custodian.folder / f"other.{suffix}"
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson}[suffix](path)
    custodian.registry.derive(path, as_of=DAY)

    assert len(states(custodian)) == 5
    assert derive(custodian, *ROWS).appended == 0


def test_a_docket_in_two_arrests_is_one_action_with_both(custodian: Custodian) -> None:
    rows = [ROWS[0], ROWS[0].replace("K18000001", "K18000077")]
    result = derive(custodian, *rows)

    assert list(result.oddities.values()) == [(2, 3)]
    assert result.actions == 1
    assert set(custodian.published()) == {
        ("docket", "2018KN000001"),
        ("arrest_number", "K18000001"),
        ("arrest_number", "K18000077"),
    }
    assert derive(custodian, *rows).appended == 0


def test_an_open_docket_in_two_arrests_holds_both_back(custodian: Custodian) -> None:
    beside = ROWS[0].replace("2018KN000001", "2018KN000009").replace("K18000001", "K18000077")
    pending = ROWS[0].replace("ACQUITTED", "PENDING")
    derive(custodian, pending, pending.replace("K18000001", "K18000077"), beside)

    assert set(custodian.published()) == {("docket", "2018KN000009")}


def test_a_docket_in_very_many_arrests_is_refused(custodian: Custodian) -> None:
    with pytest.raises(UsageError, match="listed with more than 20 arrests"):
        derive(custodian, *(ROWS[0].replace("K18000001", f"K180000{n}") for n in range(10, 40)))
    assert custodian.registry.epoch == 0


def test_ten_thousand_charges_on_one_docket(custodian: Custodian) -> None:
    charges = range(10_000)
    rows = [f"2018KN000001,7,K18000001,2018-01-01,{n},PL 120.00,M,ACQUITTED,2018-05-01" for n in charges]

    assert derive(custodian, *rows).sealed == 1
    assert derive(custodian, *rows[:-1], rows[-1].replace("ACQUITTED", "PENDING")).open == 1


def test_two_final_dispositions_are_unknown(custodian: Custodian) -> None:
    assert (
        derive(custodian, ROWS[0], ROWS[0].replace("ACQUITTED", "PLED GUILTY").replace("05-01", "06-01")).withheld == 1
    )


def test_only_the_needed_columns_are_enough_to_decide_and_name_no_record(custodian: Custodian) -> None:
    path = write(custodian, "7,ACQUITTED,2018-05-01", head="defendant_id,disposition,event_date")

    assert custodian.registry.derive(path, as_of=DAY, dry_run=True).sealed == 1
    told = r"1 of 1 rows cannot be registered; nothing was registered:\n  line 2: holds no key"
    with pytest.raises(NoticeError, match=told):
        custodian.registry.derive(path, as_of=DAY)
    assert custodian.registry.epoch == 0


def test_a_number_that_does_not_parse_is_said_by_its_row(custodian: Custodian) -> None:
    with pytest.raises(NoticeError, match="line 3, column docket: does not parse as a") as caught:
        derive(custodian, ROWS[0], ROWS[1].replace("2018KN000002", "SECRET?"))
    assert "SECRET" not in str(caught.value)
    assert custodian.registry.epoch == 0


def test_a_day_that_has_not_come_is_refused(custodian: Custodian) -> None:
    with pytest.raises(UsageError, match="in the future"):
        derive(custodian, *ROWS, as_of=dt.date(2190, 1, 1))


def test_the_command(custodian: Custodian, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        custodian,
        *(f"{row},x" for row in ROWS),
        ROWS[0].replace("ACQUITTED", "STET").replace("K18000001", "") + ",x",
        head=f"{HEAD},clerk",
    )
    ask = ["registry", "derive", str(custodian.place), str(path), "--law", "us-ny", "--as-of", "2026-06-01"]

    assert run([*ask, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "5 actions of 6 rows" in said.err
    assert "5 events would be appended; the registry stays at epoch 0." in said.err
    assert "Not read: 1 column of the file: clerk." in said.err
    assert "map them with --aliases:\n        1  STET" in said.err
    assert run([*ask, "--map", "clerk="]) == 0
    assert "5 events are appended; the registry is at epoch 1." in capsys.readouterr().err
    assert run([*ask, "--map", "clerk="]) == 0
    assert "Nothing is new; the registry stays at epoch 1." in capsys.readouterr().err
    assert run([*ask[:-1], "2026-13-01"]) == 2
