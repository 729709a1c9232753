"""A state is one new folder: an invented one, beside these tests, goes through all that a state goes through."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.law import Decision, bars, decide, decide_charges, parse_law_code, read_cases, read_charges
from sealscrub.custodian.law.dispositions import map_disposition
from sealscrub.custodian.law.jurisdiction_packages import add_rooms
from sealscrub.custodian.law.jurisdictions import _LOADED
from sealscrub.custodian.registry import Registry
from sealscrub.errors import NoticeError, UsageError
from sealscrub.identifiers import known_schemes
from sealscrub.index import open_index

from .asking import case, day, row

PLACE = "us-zz"
ROOMS = Path(__file__).parent / "invented"
LET_GO, PAID = "us-zz/zc-12.900", "us-zz/zc-12.901"
HEAD = (
    "case_number,person_number,defendant_id,charge,law_code,severity,event,disposition,event_date,"
    "fine_paid,fine,paid_on"
)
ROWS = (
    "ZZ-2021-1,P0001,7,1,12:345,X,,CONV ON PLEA ZC 12 345,2021-02-01,Y,070.50,2021-04-01",
    "ZZ-2021-1,P0001,7,1,,,pledge_kept,,2021-03-01,,,",
    "ZZ/2021/00002,P0001,7,,12:001,X,let_go,,2021-05-01,Y,,",
    "ZZ-2021-3,P0002,8,,12:001,X,,UNDER PLEDGE,2021-05-01,,,",
    "ZZ-2021-4,P0003,9,,12:001,Q,,LET GO,2021-05-01,,,",
)


@pytest.fixture(autouse=True)
def _invented(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder is a room of the law for a test, and nothing of it is left afterwards."""
    for name in ("_known", "_aliases", "_files"):
        monkeypatch.setattr(known_schemes, name, dict(getattr(known_schemes, name)))
    before = list(law.__path__)
    add_rooms(ROOMS)
    yield
    law.__path__[:] = before
    for name in [name for name in sys.modules if ".us_zz" in name]:
        del sys.modules[name]
    _LOADED.pop(PLACE, None)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "dispositions.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n")
    return path


def answer(on: str, *events: law.Event) -> Decision:
    return decide(*case("ZZ-2021-1", *events), day(on), law=PLACE)


def test_its_codes_grades_and_words_are_its_own() -> None:
    code = parse_law_code("ZC-12:345", PLACE)

    assert code is not None
    assert (code.law, code.article, code.section) == ("ZC", "12", "12:345")
    assert parse_law_code("PL 120.00", PLACE) is None
    assert map_disposition("let go", PLACE) == "DISMISSED_ENTIRE"
    assert map_disposition("ACQUITTED", PLACE) == "UNMAPPED"
    assert map_disposition("UNDER PLEDGE", PLACE) == "PLEDGED"
    place = law.jurisdiction(PLACE)
    assert [int(place.is_crime(*grade)) for grade in (("X",), ("X", "3"), ("Q",), (None,))] == [2, 0, 0, 1]


def test_its_columns_events_and_facts_decide() -> None:
    convicted = row("2021-02-01", "CONVICTED", severity="Q", more=(("fine_paid", True), ("fine", "70.5")))
    kept = row("2021-03-01", event="pledge_kept")

    assert [str(answer(on, convicted, kept).answer) for on in ("2022-03-01", "2022-03-02")] == ["not_sealed", "sealed"]
    assert answer("2023-01-01", convicted, kept).effect == "expunge"
    assert str(answer("2023-01-01", convicted).answer) == "not_sealed"
    unknown = answer("2023-01-01", row("2021-02-01", "CONVICTED", severity="Q", more=(("fine", "70.5"),)), kept)
    assert (str(unknown.answer), unknown.missing) == ("unknown", ("fine_paid",))
    other = case("ZZ-2021-9", row("2021-01-01", "PENDING", more=(("fine_paid", False),)))
    owing = decide(*case("ZZ-2021-1", convicted, kept), day("2023-01-01"), linked=[other], law=PLACE)
    assert str(owing.answer) == "not_sealed"


def test_its_adjournments_and_findings_in_place_of_a_conviction_are_its_own() -> None:
    off, gone = row("2021-01-01", "PUT OFF"), row("2021-06-01", "LET GO")

    assert [str(answer(on, off, gone).answer) for on in ("2021-05-31", "2021-06-01")] == ["not_sealed", "sealed"]
    assert answer("2022-01-01", off, gone).paragraph == "(2)"
    taken_up = row("2021-03-01", "TAKEN UP AGAIN")
    assert answer("2022-01-01", off, taken_up, gone).paragraph == ""
    assert str(answer("2022-01-01", off, row("2021-03-01", event="restored")).answer) == "not_sealed"
    convicted = row("2021-02-01", "CONVICTED", severity="X")
    assert str(answer("2022-01-01", convicted, row("2021-03-01", event="sentence")).answer) == "not_sealed"
    rebuked = row("2021-02-01", "CONVICTED", severity="X", apprentice=True, blessed=True)
    assert str(answer("2022-01-01", rebuked).answer) == "sealed"
    assert answer("2022-01-01", row("2021-02-01", "CONVICTED", severity="X", apprentice=True)).missing == ("blessed",)
    again = row("2021-04-01", "CONVICTED", severity="X", apprentice=True)
    assert answer("2022-01-01", rebuked, again).missing == ("blessed",), "a second row that leaves it blank"


def test_its_statutes_words_are_quoted() -> None:
    place = law.jurisdiction(PLACE)
    told = {rule.id: place.words_of(rule) for rule in place.rules()}

    assert told[f"{LET_GO}/2"] == "who is let go was never held"
    assert told[f"{PAID}/1"] == ""


def test_an_order_is_read_by_its_own_sections() -> None:
    ordered = row("2022-01-01", "UNDER 12:900", event="seal_order")

    assert str(answer("2022-01-01", row("2021-02-01", "PENDING"), ordered).answer) == "sealed"
    unread = answer("2022-01-01", row("2021-02-01", "PENDING"), row("2022-01-01", "12:90", event="seal_order"))
    assert (str(unread.answer), unread.missing) == ("unknown", ("ordered",))


def test_many_come_out_as_each_by_itself(file: Path) -> None:
    charges = read_charges(file, law=PLACE)
    cases = read_cases(file, law=PLACE)
    each = [decide(*one, day("2022-06-01"), linked=law.related(one, cases), law=PLACE, explain=False) for one in cases]

    assert list(decide_charges(charges, day("2022-06-01"), law=PLACE)) == each
    assert [str(decision.answer) for decision in each] == ["sealed", "sealed", "not_sealed", "sealed"]
    assert not charges.oddities
    with pytest.raises(UsageError, match="read by the law of us-zz"):
        decide_charges(charges, day("2022-06-01"))


def test_a_cell_that_it_does_not_know_is_told_with_its_line(file: Path) -> None:
    file.write_text(f"{HEAD}\n{ROWS[0].replace('070.50', 'much')}\n")
    with pytest.raises(NoticeError, match="line 2, column fine: is not a number"):
        read_charges(file, law=PLACE)
    file.write_text(f"{HEAD}\n{ROWS[1].replace('pledge_kept', 'pledge_lost')}\n")
    with pytest.raises(NoticeError, match="pledge_kept"):
        read_charges(file, law=PLACE)
    file.write_text(f"{HEAD}\n{ROWS[4].replace(',Q,', ',M,')}\n")
    assert "severity is unknown, and counts as blank" in read_charges(file, law=PLACE).oddities


def test_what_only_it_has_is_a_use_and_an_audience_of_its_own() -> None:
    on = day("2022-06-01")

    assert not bars(LET_GO, use="museum", audience="archivist", on=on)
    assert bars(LET_GO, use="training", audience="archivist", on=on)
    assert not bars(LET_GO, use="training", audience="police", on=on)
    assert bars("us-ny/cpl-160.50", use="museum", audience="police", on=on), "it is no use of New York's"
    uses = dict(answer("2022-06-01", row("2021-02-01", "LET GO")).uses)
    assert uses == dict.fromkeys(
        ("prosecutor", "vendor", "researcher", "court", "archivist"), ("training", "inference_input", "output")
    ) | {"police": ()}


def test_it_goes_through_the_registry_the_index_and_a_scan(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["law", "explain", file.name, "--docket", "CASE ZZ2021-2", "--law", PLACE, "--as-of", "2022-06-01"]
    derived = ["registry", "derive", "seals.db", file.name, "--law", PLACE, "--as-of", "2022-06-01"]

    assert run(asked) == 0
    out = capsys.readouterr().out
    assert f"The action is sealed under {LET_GO}, from 2021-05-01" in out
    assert run(["registry", "init", "seals.db"]) == 0
    assert run(derived) == 0
    assert run(["keygen", "seal.key"]) == 0
    publish = ["publish", "seals.db", "--key-file", "seal.key"]
    assert run([*publish, "-o", "t.sealindex", "--use", "training", "--audience", "vendor"]) == 0
    assert run([*publish, "-o", "p.sealindex", "--use", "training", "--audience", "police"]) == 0
    assert run([*publish, "-o", "m.sealindex", "--use", "museum", "--audience", "vendor", "--allow-empty"]) == 0

    assert len(open_index("t.sealindex", "seal.key", use="training")) == 3
    assert len(open_index("p.sealindex", "seal.key", use="training")) == 1
    assert len(open_index("m.sealindex", "seal.key", use="museum")) == 0
    with Registry.open("seals.db") as registry:
        history = registry.history("us_zz_case", "ZZ 2021 4")
    assert len(history) == 1
    Path("train.csv").write_text("case,label\nZZ-2021-00004,1\nZZ-2021-3,0\n")
    scan = ["scan", "train.csv", "--index", "t.sealindex", "--on", "us_zz_case=case", "--key-file", "seal.key"]
    assert run(scan) == 1
    assert run(["law", "rules", "--law", PLACE]) == 0
    assert run(["law", "rule", f"{PAID}/1"]) == 0
    assert run(["law", "forecast", file.name, "--until", "2023-01-01", "--as-of", "2021-06-01", "--law", PLACE]) == 0
