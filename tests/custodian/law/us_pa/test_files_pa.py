"""Pennsylvania's files: read, decided at once as one by one, derived, published, scanned."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.cli import run
from sealscrub.custodian.law import (
    Decision,
    bars,
    decide,
    decide_charges,
    parse_law_code,
    read_cases,
    read_charges,
    related,
)
from sealscrub.custodian.law.dispositions import map_disposition
from sealscrub.custodian.registry import Registry
from sealscrub.identifiers import canonicalise
from sealscrub.index import open_index

from .asking_pa import ASSAULT, CLEAN_SLATE, DRUGS, EXPUNGED, LAW, PETITION, THEFT, day

DOCKETS = [*(f"CP-51-CR-000000{n}-2015" for n in range(1, 4)), "MJ-38101-CR-0000004-2015"]
SAID: dict[str, list[str]] = {
    "disposition": [
        *(
            "Guilty",
            "Guilty",
            "Guilty Plea",
            "Withdrawn",
            "Nolle Prossed",
            "Held for Court",
            "ARD",
            "Pending",
            "Unread",
        ),
        "",
    ],
    "grade": ["M2", "M2", "M1", "M3", "M", "S", "F", "F3", "F1", ""],
    "statute": [THEFT, THEFT, ASSAULT, DRUGS, "18 § 5510", "18 § 5905", "18 § 5515", "18 § 3304", "18 § 901", ""],
    "history": ["complete", "complete", ""],
    "case_bar": ["N", "N", "Y", ""],
    "restitution": ["paid", "none", "owed", ""],
    "fines_paid": ["Y", "N", ""],
    "max_penalty_months": ["", "", "6", "24", "60"],
    "min_sentence_months": ["", "12", "30.0"],
    "otn": ["T 123456-7", "T1234567", "U 765432-1", ""],
}
HEAD = ["docket_number", "defendant_id", "charge", "event", "event_date", *SAID]
YEARS = [2005, 2010, 2014, 2016, 2019, 2024]
ORDERS = ["9122.1", "18 Pa.C.S. 9122.2", "9122", "9122(a)(2.1)", "9122.9"]


@st.composite
def files(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows of two persons whose cases are few and long ago."""
    rows = []
    for _ in range(draw(st.integers(1, 7))):
        row = {name: draw(st.sampled_from(values)) for name, values in SAID.items()}
        row |= {
            "docket_number": draw(st.sampled_from(DOCKETS)),
            "defendant_id": draw(st.sampled_from(["7", "7", "8"])),
            "charge": draw(st.sampled_from(["1", "1", "2", ""])),
            "event": "disposition",
            "event_date": f"{draw(st.sampled_from(YEARS))}-06-1{draw(st.integers(0, 3))}",
        }
        kind = draw(st.sampled_from(["disposition", "disposition", "disposition", "seal_order", "pardon"]))
        if kind != "disposition":
            texts = ORDERS if kind == "seal_order" else ["Unconditional", "Conditional", ""]
            row |= {"event": kind, "disposition": draw(st.sampled_from(texts))}
        rows.append(row)
    return rows


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, HEAD)
        writer.writeheader()
        writer.writerows(rows)


Answered = Counter[tuple[str, str, Decision]]


def at_once_and_one_by_one(rows: list[dict[str, str]], on: str) -> tuple[Answered, Answered]:
    """What is decided of each action of a file in bulk, and by itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dispositions.csv"
        write(path, rows)
        charges, cases = read_charges(path, law=LAW), read_cases(path, law=LAW)
        named = charges.actions.select("docket", "defendant_id").iter_rows()
        at_once = decide_charges(charges, day(on), law=LAW)
        each = (decide(*one, day(on), linked=related(one, cases), law=LAW, explain=False) for one in cases)
        return (
            Counter((*names, decision) for names, decision in zip(named, at_once, strict=True)),
            Counter((one[0].docket, one[0].defendant_id, decision) for one, decision in zip(cases, each, strict=True)),
        )


@settings(max_examples=40, deadline=None)
@given(rows=files(), on=st.sampled_from(["2019-07-01", "2024-06-10", "2024-06-11", "2026-06-12"]))
def test_many_come_out_as_each_by_itself(rows: list[dict[str, str]], on: str) -> None:
    at_once, one_by_one = at_once_and_one_by_one(rows, on)

    assert at_once == one_by_one


@settings(max_examples=20, deadline=None)
@given(rows=files(), on=st.sampled_from(["2024-06-10", "2026-06-12"]))
def test_cases_that_are_alike_but_for_their_days_come_out_as_each_by_itself(
    rows: list[dict[str, str]], on: str
) -> None:
    """Each row is a person's only case, and stands there again a year earlier."""
    alone = []
    for number, row in enumerate(rows):
        for back in range(2):
            date = f"{int(row['event_date'][:4]) - back}{row['event_date'][4:]}"
            named = {"defendant_id": f"{number}-{back}", "docket_number": f"CP-51-CR-{number}{back}-2015", "otn": ""}
            alone.append(row | named | {"event_date": date})
    at_once, one_by_one = at_once_and_one_by_one(alone, on)

    assert at_once == one_by_one


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("18 § 2701 §§ A1", "18 2701(A1)"),
        ("18 Pa.C.S. 2701(a)(1)", "18 2701(A1)"),
        ("18 Pa. C.S.A. § 3921(a)", "18 3921(A)"),
        ("35 P.S. § 780-113(a)(30)", "35 780-113(A30)"),
        ("35 § 780-113 §§ A30", "35 780-113(A30)"),
        ("18 § 901/3502", "18 3502 (attempt)"),
        ("75 § 3802 §§ A1*", "75 3802(A1)"),
        ("2701", None),
        ("Theft", None),
    ],
)
def test_numbers_of_offences(text: str, code: str | None) -> None:
    read = parse_law_code(text, LAW)

    assert (str(read) if read else None) == code


@pytest.mark.parametrize(
    ("scheme", "texts", "value"),
    [
        ("us_pa_docket", ["CP-51-CR-1234-2015", "cp 51 CR 0001234 2015", "CP51CR00012342015"], "CP-51-CR-0001234-2015"),
        ("us_pa_docket", ["MC-51-SU-0000007-2020", "Docket No. MC-51-SU-7-2020"], "MC-51-SU-0000007-2020"),
        ("us_pa_docket", ["MJ-38101-CR-0000123-2019", "MJ38101CR00001232019"], "MJ-38101-CR-0000123-2019"),
        ("us_pa_docket", ["CP-5-CR-1234-2015", "MJ-3810-CR-1-2019", "2015KN000001", "CP-51-CR-1234-15"], None),
        ("us_pa_otn", ["T 123456-7", "T1234567", "OTN T123456-7"], "T123456-7"),
        ("us_pa_otn", ["U 123456", "u123456"], "U123456"),
        ("us_pa_otn", ["1234567", "TT123456", "T12345"], None),
    ],
)
def test_numbers_of_dockets_and_arrests(scheme: str, texts: list[str], value: str | None) -> None:
    assert set(canonicalise(pl.Series(texts), scheme).values) == {value}


def test_words_of_dockets() -> None:
    words = {
        "Guilty Plea - Non-Negotiated": "CONVICTED",
        "Nolo Contendere": "CONVICTED",
        "Nolle Prosequi": "DISMISSED_ENTIRE",
        "Dismissed (Rule 600)": "DISMISSED_ENTIRE",
        "Judgment of Acquittal": "ACQUITTED_COMPLETE",
        "Held for Court": "TRANSFERRED_SUPERIOR",
        "Charge Changed": "SUPERSEDED",
        "ARD": "DIVERTED",
        "Not Dismissed": "UNMAPPED",
        "Adjudicated Delinquent": "UNMAPPED",
    }

    assert {text: str(map_disposition(text, LAW)) for text in words} == words


@pytest.mark.parametrize("use", ["training", "inference_input", "output"])
@pytest.mark.parametrize("regime", [PETITION, CLEAN_SLATE, EXPUNGED])
def test_who_may_use_what(regime: str, use: str) -> None:
    audiences = ("police", "prosecutor", "court", "vendor", "researcher")
    barred = {who for who in audiences if bars(regime, use=use, audience=who, on=day("2025-01-01"))}

    assert barred == (set(audiences) if regime == EXPUNGED else {"vendor", "researcher"})
    assert not any(bars(regime, use="aggregate_report", audience=who, on=day("2025-01-01")) for who in audiences)
    before = {PETITION: "2018-12-25", CLEAN_SLATE: "2019-06-27"}.get(regime)
    assert before is None or bars(regime, use=use, audience="police", on=day(before))


ROWS = [
    *(
        f"CP-51-CR-0000001-2015,7,T 123456-7,1,{rest}"
        for rest in ("Guilty,,2015-05-01,M2", "9122.2,seal_order,2024-07-01,")
    ),
    "CP-51-CR-0000002-2015,8,T 234567-8,1,Withdrawn,,2018-03-01,M1",
    "CP-51-CR-0000003-2015,9,T 345678-9,1,Not Guilty,,2018-03-01,F1",
    "CP-51-CR-0000003-2015,9,T 345678-9,1,9122(a)(4),seal_order,2018-09-01,",
    "MJ-38101-CR-0000004-2015,10,T 456789-0,1,Held for Court,,2018-03-01,M1",
    "CP-51-CR-0000005-2015,11,T 567890-1,1,Guilty,,2018-03-01,F1",
]


DERIVED = {
    "CP-51-CR-1-2015": "sealed",
    "CP-51-CR-2-2015": "open",
    "CP-51-CR-3-2015": "sealed",
    "MJ-38101-CR-4-2015": "withheld",
    "CP-51-CR-5-2015": "open",
}


def test_it_goes_through_the_registry_the_index_and_a_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    head = "docket_number,defendant_id,otn,charge,disposition,event,event_date,grade"
    Path("courts.csv").write_text("\n".join([head, *ROWS]) + "\n")
    asked = ["law", "explain", "courts.csv", "--docket", "CP-51-CR-2-2015", "--law", LAW, "--as-of", "2025-01-01"]

    assert run(asked) == 0
    assert "2019-06-28" in capsys.readouterr().out
    assert run(["registry", "init", "seals.db"]) == 0
    assert run(["registry", "derive", "seals.db", "courts.csv", "--law", LAW, "--as-of", "2025-01-01"]) == 0
    with Registry.open("seals.db") as registry:
        known = {number: registry.history("us_pa_docket", number) for number in DERIVED}
    assert {number: str(events[-1].event) for number, events in known.items()} == DERIVED

    assert run(["keygen", "seal.key"]) == 0
    publish = ["publish", "seals.db", "--key-file", "seal.key", "--use", "training"]
    assert run([*publish, "-o", "vendor.sealindex", "--audience", "vendor"]) == 0
    assert run([*publish, "-o", "police.sealindex", "--audience", "police"]) == 0
    Path("train.csv").write_text(
        "case,arrest,label\nCP 51 CR 1 2015,X1,1\nCP-51-CR-2-2015,X2,0\nCP-51-CR-5-2015,X3,0\n"
    )
    scan = ["scan", "train.csv", "--key-file", "seal.key", "--on", "us_pa_docket=case", "--no-sweep"]
    assert run([*scan, "--index", "vendor.sealindex"]) == 1
    assert run([*scan, "--index", "police.sealindex"]) == 0, "limited access is open to the police"
    vendor, police = (open_index(f"{who}.sealindex", "seal.key", use="training") for who in ("vendor", "police"))
    assert len(vendor) > len(police) > 0
