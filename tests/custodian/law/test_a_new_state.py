"""A state is one new folder: an invented one, beside these tests, goes through all that a state goes through."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.custodian import law
from sealscrub.custodian.custody import account
from sealscrub.custodian.law import Decision, bars, decide, decide_charges, parse_law_code, read_cases, read_charges
from sealscrub.custodian.law.desk import deciding_facts
from sealscrub.custodian.law.dispositions import map_disposition
from sealscrub.custodian.law.jurisdiction_packages import add_rooms
from sealscrub.custodian.law.jurisdictions import _LOADED
from sealscrub.custodian.registry import Registry
from sealscrub.errors import ConfigError, NoticeError, UsageError
from sealscrub.identifiers import known_schemes
from sealscrub.index import open_index, read_header

from ...contracts.test_core_of_the_law import TERMS
from .asking import case, day, row

PLACE = "us-zz"
ROOMS = Path(__file__).parent / "invented"
LET_GO, PAID, YOUNG = "us-zz/zc-12.900", "us-zz/zc-12.901", "us-zz/zc-12.k90b"
HEAD = (
    "case_number,citizen,defendant_id,charge,law_code,severity,event,disposition,event_date,"
    "fine_paid,fine,paid_on,court"
)
ROWS = (
    "ZZ-2021-1,P0001,7,1,12:345,X,,HELD ON PLEA ZC 12 345,2021-02-01,Y,070.50,2021-04-01,",
    "ZZ-2021-1,P0001,7,1,,,pledge_kept,,2021-03-01,,,,",
    "ZZ/2021/00002,P0001,7,,12:001,X,let_go,,2021-05-01,Y,,,",
    "ZZ-2021-3,P0002,8,,12:001,X,,UNDER PLEDGE,2021-05-01,,,,",
    "ZZ-2021-4,P0003,9,,12:001,Q,,LET GO,2021-05-01,,,,",
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
    codes = [parse_law_code(text, PLACE) for text in ("ZC-12:345", "zc 12 k45b")]

    assert [code and (code.law, code.article, code.section) for code in codes] == [
        ("ZC", "12", "12:345"),
        ("ZC", "12", "12:K45B"),
    ]
    assert parse_law_code("PL 120.00", PLACE) is None
    assert map_disposition("let go", PLACE) == "DISMISSED_ENTIRE"
    assert map_disposition("ACQUITTED", PLACE) == "UNMAPPED"
    assert map_disposition("UNDER PLEDGE", PLACE) == "PLEDGED"
    place = law.jurisdiction(PLACE)
    assert [int(place.is_crime(*grade)) for grade in (("X",), ("X", "3"), ("Q",), (None,))] == [2, 0, 0, 1]


def test_its_columns_events_and_facts_decide() -> None:
    convicted = row("2021-02-01", "HELD", severity="Q", more=(("fine_paid", True), ("fine", "70.5")))
    kept = row("2021-03-01", event="pledge_kept")

    assert [str(answer(on, convicted, kept).answer) for on in ("2022-03-01", "2022-03-02")] == ["not_sealed", "sealed"]
    assert answer("2023-01-01", convicted, kept).effect == "expunge"
    assert str(answer("2023-01-01", convicted).answer) == "not_sealed"
    unknown = answer("2023-01-01", row("2021-02-01", "HELD", severity="Q", more=(("fine", "70.5"),)), kept)
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
    convicted = row("2021-02-01", "HELD", severity="X")
    assert str(answer("2022-01-01", convicted, row("2021-03-01", event="sentence")).answer) == "not_sealed"
    rebuked = row("2021-02-01", "HELD", severity="X", apprentice=True, blessed=True)
    assert str(answer("2022-01-01", rebuked).answer) == "sealed"
    assert answer("2022-01-01", row("2021-02-01", "HELD", severity="X", apprentice=True)).missing == ("blessed",)
    again = row("2021-04-01", "HELD", severity="X", apprentice=True)
    assert answer("2022-01-01", rebuked, again).missing == ("blessed",), "a second row that leaves it blank"


@pytest.mark.parametrize("kind", ["sentence", "warrant", "restored", "pledge_kept", "seal_order", "appeal_filed"])
def test_an_event_like_a_common_one_is_read_as_it_on_a_crowded_day(kind: str) -> None:
    on = "2021-03-01"
    common, own = row(on, "LET GO"), row(on, event="let_go")

    asked = [answer("2022-01-01", each, row(on, event=kind)) for each in (common, own)]
    assert asked[0] == asked[1]


def test_its_courts_and_days_without_a_clerk_are_its_own() -> None:
    held = row("2021-04-01", "HELD", severity="X", court="nursery")

    assert [str(answer(on, held).answer) for on in ("2021-05-04", "2021-05-05")] == ["not_sealed", "sealed"]
    assert str(answer("2022-01-01", row("2021-04-01", "HELD", severity="X", court="assize")).answer) == "not_sealed"
    assert str(answer("2022-01-01", row("2021-04-01", "HELD", severity="X", court="family")).answer) == "not_sealed"


def test_what_is_laid_aside_is_neither_over_nor_known_to_continue() -> None:
    aside = row("2021-04-01", "LAID ASIDE", severity="X")

    assert str(answer("2022-01-01", aside).answer) == "not_sealed"
    assert str(answer("2022-01-01", aside, row("2021-06-01", "LET GO")).answer) == "sealed"


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
    for text, said in (("HUSHED UNDER ZC 12:900", "sealed"), ("MUFFLED UNDER ZC 12:900", "unknown")):
        ordered = row("2022-01-01", text, event="seal_order")
        assert str(answer("2022-01-01", row("2021-02-01", "PENDING"), ordered).answer) == said


def test_many_come_out_as_each_by_itself(file: Path) -> None:
    more = (
        "ZZ-2021-6,P0005,11,,12:K45B,X,,HELD,2021-04-01,,,,Nursery",
        "ZZ-2021-7,P0006,12,,12:K45B,X,,HELD,2021-04-01,,,,assize",
        "ZZ-2021-8,P0007,13,,12:001,X,,LAID ASIDE,2021-04-01,,,,assize",
        "ZZ-2021-8,P0007,13,,,,seal_order,HUSHED UNDER ZC 12:900,2021-05-01,,,,",
    )
    file.write_text("\n".join([HEAD, *ROWS, *more]) + "\n")
    charges = read_charges(file, law=PLACE)
    cases = read_cases(file, law=PLACE)
    each = [decide(*one, day("2022-06-01"), linked=law.related(one, cases), law=PLACE, explain=False) for one in cases]

    assert list(decide_charges(charges, day("2022-06-01"), law=PLACE)) == each
    assert [str(decision.answer) for decision in each] == [
        *("sealed", "sealed", "not_sealed", "sealed"),
        *("sealed", "not_sealed", "sealed"),
    ]
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
    file.write_text(f"{HEAD}\n{ROWS[4]}family\n")
    with pytest.raises(NoticeError, match="line 2, column court: is not one of assize, nursery"):
        read_charges(file, law=PLACE)
    file.write_text(f"{HEAD}\n{ROWS[4].replace(',Q,', ',M,')}\n")
    assert "severity is unknown, and counts as blank" in read_charges(file, law=PLACE).oddities


def test_what_only_it_has_is_a_use_and_an_audience_of_its_own() -> None:
    on = day("2022-06-01")

    assert not bars(LET_GO, use="museum", audience="night_archivist", on=on)
    assert bars(LET_GO, use="training", audience="night_archivist", on=on)
    assert not bars(LET_GO, use="training", audience="police", on=on)
    assert bars("us-ny/cpl-160.50", use="museum", audience="police", on=on), "it is no use of New York's"
    uses = dict(answer("2022-06-01", row("2021-02-01", "LET GO")).uses)
    assert uses == dict.fromkeys(
        ("prosecutor", "vendor", "researcher", "court", "night_archivist"), ("training", "inference_input", "output")
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


def test_its_words_and_reviews_go_through_the_desk(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("\n".join([HEAD, *ROWS, "ZZ-2021-5,P0004,10,,12:K45B,X,,SENT AWAY,2021-05-01,,,,"]) + "\n")
    of = ["--law", PLACE, "--as-of", "2022-06-01"]
    derive = ["registry", "derive", "seals.db", file.name, *of]

    assert run(["registry", "init", "seals.db"]) == 0
    assert run([*derive, "--dry-run", "--explain", "before.jsonl"]) == 0
    assert run(["law", "review", "export", file.name, "-o", "queue.csv", "--facts", "facts.csv", *of]) == 0
    lines = [line.split(",") for line in Path("queue.csv").read_text().splitlines()]
    words = next(line for line in lines if "SENT AWAY" in line)
    words[lines[0].index("answer")] = "let go"
    Path("queue.csv").write_text("\n".join(map(",".join, [lines[0], words])) + "\n")
    assert run(["law", "review", "import", "queue.csv", "--aliases", "ours.toml", "--law", PLACE]) == 2, "no ending"
    words[lines[0].index("answer")] = "laid aside"
    Path("queue.csv").write_text("\n".join(map(",".join, [lines[0], words])) + "\n")
    assert run(["law", "review", "import", "queue.csv", "--aliases", "ours.toml", "--law", PLACE]) == 0
    assert run([*derive, "--aliases", "ours.toml", "--explain", "after.jsonl"]) == 0
    capsys.readouterr()
    assert run(["law", "diff", "before.jsonl", "after.jsonl"]) == 0
    assert f"Unknown {LET_GO} → not sealed 1" in " ".join(capsys.readouterr().out.split())
    assert run(["law", "review", "fill", "facts.csv", file.name, "-o", "filled.csv", "--law", PLACE]) == 0

    rules = [f"{rule.id}@{rule.version}" for rule in law.jurisdiction(PLACE).rules() if rule.id.startswith(LET_GO)]
    assert run(["keygen", "--certifier", "court.key"]) == 0
    reviews = ["--reviewer-key", "court.key.pub"]
    for number, rule in enumerate(rules):
        signed = ["--reviewer", "A. Jones", "--signing-key", "court.key", "-o", f"{number}.json"]
        assert run(["law", "sign", rule, *signed]) == 0
        reviews += ["--rule-review", f"{number}.json"]
    capsys.readouterr()
    assert run(["law", "rules", "--law", PLACE, *reviews]) == 0
    assert "1 of 3" in capsys.readouterr().out
    page = ["law", "explain", file.name, "--docket", "ZZ 2021 4", *of, *reviews, "--format", "html"]
    assert run(page) == 0
    assert "A. Jones" in capsys.readouterr().out


def test_an_audience_of_its_own_gets_a_key_an_index_clean_data_and_a_certificate(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["registry", "init", "seals.db"]) == 0
    assert run(["registry", "derive", "seals.db", file.name, "--law", PLACE, "--as-of", "2022-06-01"]) == 0
    assert run(["keygen", "seal.key"]) == 0
    for audience in ("night_archivist", "police"):
        assert run(["keygen", f"{audience}.key", "--derive-from", "seal.key", "--audience", audience]) == 0
        assert run(["publish", "seals.db", "--key-file", "seal.key", "-o", f"{audience}.sealindex", "--use", "training",
                    "--use", "museum", "--audience", audience]) == 0  # fmt: skip
    header = read_header("night_archivist.sealindex").facts
    assert (header.audience, dict(header.extensions), header.critical) == (
        "night_archivist",
        {"audience": [PLACE]},
        ("audience",),
    )
    assert not read_header("police.sealindex").facts.extensions
    pl.DataFrame({"case": ["ZZ-2021-00004", "ZZ-2021-3"], "label": [1, 0]}).write_parquet("train.parquet")
    used = ["--index", "night_archivist.sealindex", "--on", "us_zz_case=case"]
    own = [*used, "--key-file", "night_archivist.key"]

    assert run(["scrub", "train.parquet", *own, "-o", "wrong.parquet", "--key-file", "police.key"]) == 2
    assert run(["scrub", "train.parquet", *own, "-o", "clean.parquet", "--use", "museum"]) == 0
    assert pl.read_parquet("clean.parquet").rows() == [("ZZ-2021-3", 0)]
    assert run(["keygen", "--certifier", "team.key"]) == 0
    certify = ["certify", "--data", "clean.parquet", *own, "--signing-key", "team.key", "-o", "clean.json"]
    assert run([*certify, "--report", "clean.html"]) == 0
    assert "night_archivist" in Path("clean.html").read_text()
    verify = ["verify", "clean.json", "--data", "clean.parquet", "--public-key", "team.key.pub"]
    assert run([*verify, "--index", "night_archivist.sealindex", "--key-file", "night_archivist.key"]) == 0
    assert run([*verify, "--index", "police.sealindex", "--key-file", "police.key"]) == 1, "of another audience"
    capsys.readouterr()
    assert run(["key", "opens", "seal.key", ".", "--format", "json"]) == 1
    assert capsys.readouterr().out.count('"night_archivist"') == 2, "its key and its index"


def test_what_describes_the_offence_falls_with_another_one_that_the_text_names() -> None:
    said = {"law_code": "12:345", "severity": "X", "curio": "glass", "cried_on": day("2021-02-05")}
    own, other = (row("2021-02-01", f"KEPT {code}", **said) for code in ("ZC 12:345", "ZC 12:346"))

    assert [str(answer(on, own).answer) for on in ("2021-02-15", "2021-02-16")] == ["not_sealed", "sealed"]
    assert answer("2022-01-01", other).missing == ("curio",)
    early = row("2021-02-01", "KEPT ZC 12:345", **(said | {"cried_on": day("2021-01-01")}))
    assert answer("2022-01-01", early).legal_from == day("2021-02-12"), "cried out before: from the end"
    decided = answer("2021-02-15", own).reasons
    assert decided is not None
    assert any("10 days from the crying out" in each.said for each in deciding_facts(decided))


#: No common name, and none of another state's, is in the head of its file.
OWN_HEAD = "case_number,citizen,incident,prisoner,taken_on,outcome,said_on,curio,cried_on"
OWN_ROWS = (
    "ZZ-2021-1,P0001,I-001,7,2021-01-01,LET GO,2021-05-01,,",
    "ZZ-2021-2,P0002,I/002,8,2021-01-01,UNDER PLEDGE,2021-05-01,,",
    ",P0003,I 003,9,2021-01-02,LET GO,2021-05-01,,",
    ",P0004,,10,2021-01-03,LET GO,2021-05-01,,",
    "ZZ-2021-5,P0002,i-005,11,2021-01-04,KEPT,2021-05-01,Glass,2021-05-02",
)


@pytest.mark.parametrize(
    ("on", "columns", "kept"),
    [
        ("us_zz_case", "case", [1, 2, 3]),
        ("us_zz_incident", "incident", [1, 3]),
        ("us_zz_person_day", "citizen+day", [1]),
    ],
)
def test_its_own_names_go_from_its_file_to_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: str, columns: str, kept: list[int]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.csv").write_text("\n".join([OWN_HEAD, *OWN_ROWS]) + "\n")
    cells = {
        "case": ["ZZ 2021 1", "ZZ 2021 2", None, None, "ZZ.2021.5"],
        "incident": ["I001", "I002", "I003", None, "I005"],
        "citizen": ["P0001", "P0002", "P0003", "P0004", "P0002"],
        "day": ["2021-01-01", "2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04"],
    }
    pl.DataFrame({name: cells[name] for name in columns.split("+")} | {"row": range(5)}).write_parquet("train.parquet")

    assert read_charges("own.csv", law=PLACE).unread == ()
    assert run(["registry", "init", "seals.db"]) == 0
    assert run(["registry", "derive", "seals.db", "own.csv", "--law", PLACE, "--as-of", "2022-06-01"]) == 0
    assert run(["keygen", "seal.key"]) == 0
    assert run(["publish", "seals.db", "--key-file", "seal.key", "-o", "t.sealindex", "--use", "training",
                "--audience", "vendor"]) == 0  # fmt: skip
    assert set(open_index("t.sealindex", "seal.key").schemes) == {"us_zz_case", "us_zz_incident", "us_zz_person_day"}
    used = ["--index", "t.sealindex", "--key-file", "seal.key", "--on", f"{on}={columns}", "--min-coverage", "0"]
    assert run(["scrub", "train.parquet", *used, "--accept", "null", "-o", "clean.parquet"]) == 0
    assert pl.read_parquet("clean.parquet")["row"].to_list() == kept
    assert run(["keygen", "--certifier", "team.key"]) == 0
    certify = ["certify", "--data", "clean.parquet", *used, "--accept", "null"]
    assert run([*certify, "--signing-key", "team.key", "-o", "clean.json"]) == 0
    verify = ["verify", "clean.json", "--data", "clean.parquet", "--public-key", "team.key.pub"]
    assert run([*verify, "--index", "t.sealindex", "--key-file", "seal.key"]) == 0


def test_it_has_no_name_of_new_york() -> None:
    files = [*ROOMS.glob("us_zz/*.py"), *ROOMS.glob("us_zz/*.toml")]
    written = "\n".join([OWN_HEAD, *OWN_ROWS, *(file.read_text() for file in files)])

    assert [found[0] for found in TERMS.finditer(written)] == []


def test_a_purpose_of_its_own_opens_one_record_under_a_roster(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    Path("roster.toml").write_text(
        f'version = 1\napproved_by = "A. Lee"\nfrom = {today}\nuntil = {today + dt.timedelta(30)}\n'
        + f'[[people]]\naccount = "{account()}"\npurposes = ["keeping_registry"]\nscope = "registry"\n'
        + f'[[people]]\naccount = "{account()}"\npurposes = ["museum_visit"]\n'
    )
    Path("custody.toml").write_text(
        'authority = "court.key.pub"\nroster = "roster.json"\nlog = "audit.log"\nreference_key = "audit.log.key"\n'
        'orders = "orders"\n'
    )
    Path("orders").mkdir()
    assert run(["keygen", "--certifier", "court.key"]) == 0
    assert run(["audit", "init", "audit.log"]) == 0
    assert run(["roster", "sign", "roster.toml", "--signing-key", "court.key", "-o", "roster.json"]) == 0
    assert run(["registry", "init", "seals.db", "--custody", "custody.toml"]) == 0
    derive = ["registry", "derive", "seals.db", file.name, "--law", PLACE, "--as-of", "2022-06-01"]
    assert run(derive) == 0
    asked = ["registry", "history", "seals.db", "us_zz_case", "ZZ-2021-4", "--purpose"]
    capsys.readouterr()

    assert run([*asked, "museum_visit"]) == 0
    assert LET_GO in capsys.readouterr().out
    assert run([*asked, "gun_licence"]) == 3, "no one is listed for it"
    assert run([*asked, "sightseeing"]) == 2
    assert "museum_visit" in capsys.readouterr().err, "the hint names it"
    assert run(["roster", "purposes"]) == 0
    out = capsys.readouterr().out
    assert "ZC 12:902" in out
    assert "CPL 160.50(1)(d)(ii); ZC 12:903" in out
    assert run(["roster", "show", "roster.json", "--public-key", "court.key.pub"]) == 0
    assert "ZC 12:902" in capsys.readouterr().out


def test_a_folder_that_cannot_be_loaded_is_named_with_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = tmp_path / "us_zz_broken"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "jurisdiction.py").write_text("from . import facts\n")
    (room / "facts.py").write_text("FACTS = {}\nFACTS['none']\n")
    add_rooms(tmp_path)

    assert run(["law", "rules", "--law", "us-zz-broken"]) == 2
    assert "us_zz_broken/facts.py, line 2: cannot be loaded (KeyError)" in capsys.readouterr().err
    (room / "facts.py").write_text("FACTS = {\n")
    assert run(["law", "rules", "--law", "us-zz-broken"]) == 2
    assert "us_zz_broken/facts.py, line 1: cannot be loaded (SyntaxError)" in capsys.readouterr().err
    (room / "facts.py").write_text("")
    (room / "jurisdiction.py").write_text("JURISDICTION = None\n")
    sys.modules.pop("sealscrub.custodian.law.us_zz_broken", None)
    importlib.invalidate_caches()
    assert run(["law", "rules", "--law", "us-zz-broken"]) == 2
    assert "us_zz_broken/jurisdiction.py: JURISDICTION is not a Jurisdiction" in capsys.readouterr().err


VALUE = "2014KN000123"


@pytest.mark.parametrize("file", ["jurisdiction.py", "facts.py"])
@pytest.mark.parametrize(
    "line",
    [
        f"raise ValueError('{VALUE} is not a case')",
        f"int('{VALUE}')",
        f"{{}}['{VALUE}']",
        f"raise ExceptionGroup('{VALUE}', [ValueError('{VALUE}')])",
        f"unfinished = '{VALUE}",
    ],
)
def test_an_error_of_loading_shows_the_file_and_the_line_and_no_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, line: str
) -> None:
    room = tmp_path / "us_zz_valued"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "jurisdiction.py").write_text("from . import facts\n")
    (room / file).write_text(f"FACTS = {{}}\n\n{line}\n")
    add_rooms(tmp_path)

    with pytest.raises(ConfigError, match=f"us_zz_valued/{file}, line 3: cannot be loaded") as caught:
        law.jurisdiction("us-zz-valued")
    assert VALUE not in "".join(traceback.format_exception(caught.value))
    assert VALUE not in f"{caught.value!r} {caught.value.hint}"
    for shown in ("text", "json"):
        assert run(["law", "rules", "--law", "us-zz-valued", "--format", shown]) == 2
        said = capsys.readouterr()
        assert f"us_zz_valued/{file}, line 3" in said.out + said.err
        assert VALUE not in said.out + said.err
