"""Numbers of offences."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.custodian.law import parse_law_code, read_charges


@pytest.mark.parametrize(
    ("text", "article", "section", "subdivision"),
    [
        ("PL 2211500", "221", "221.15", ""),
        ("PL 1200001", "120", "120.00", "1"),
        ("PL 215510B", "215", "215.51", "B"),
        ("PL 2650301", "265", "265.03", "1"),
        ("PL 221.15", "221", "221.15", ""),
        ("221.05", "221", "221.05", ""),
        ("PL 240.37(2)", "240", "240.37", "2"),
        ("pl 120.05 02", "120", "120.05", "2"),
        ("VTL1192001", "", "1192", "1"),
        ("VTL11920U1", "", "1192", ""),
        ("VTL0511001", "", "511", "1"),
        ("VTL 1192(1)", "", "1192", "1"),
        ("VTL 1192.1", "", "1192", "1"),
        ("VTL 1192", "", "1192", ""),
        ("VTL 1192 2A", "", "1192", "2A"),
        ("PL 120.00 01 AM", "120", "120.00", "1"),
        ("PL 155.30 04 EF", "155", "155.30", "4"),
        ("PL 240.20 V", "240", "240.20", ""),
        ("PL 240.20 07 V", "240", "240.20", "7"),
        ("PL 221.10 BM", "221", "221.10", ""),
        ("P.L. 155.25", "155", "155.25", ""),
        ("P.L. § 155.25", "155", "155.25", ""),
        ("PL §155.25", "155", "155.25", ""),
        ("PL-120.00", "120", "120.00", ""),
        ("120.00 (1)", "120", "120.00", "1"),
        ("PL 120.00 SUB 1", "120", "120.00", "1"),
        ("V.T.L. 1192.1", "", "1192", "1"),
        ("VTL 1192 01 I", "", "1192", "1"),
        ("VTL 0511 01 UM", "", "511", "1"),
    ],
)
def test_a_code_is_read(text: str, article: str, section: str, subdivision: str) -> None:
    code = parse_law_code(text)

    assert code is not None
    assert (code.article, code.section, code.subdivision) == (article, section, subdivision)
    assert code.law == ("VTL" if text.upper().startswith("V") else "PL")
    assert not code.attempt


@pytest.mark.parametrize("text", ["110/155.25", "PL 110/155.25", "PL 110-155.25", "110.00/155.25", "PL 110 155.25 BM"])
def test_an_attempt_is_read_as_one(text: str) -> None:
    code = parse_law_code(text)

    assert code is not None
    assert (code.section, code.attempt, str(code)) == ("155.25", True, "PL 155.25 (attempt)")


@pytest.mark.parametrize(
    ("text", "law", "section"),
    [
        ("AC 10-125", "AC", "10-125"),
        ("AC 10-125(B)", "AC", "10-125"),
        ("A.C. 10-125 V", "AC", "10-125"),
        ("AC 0019190", "AC", "0019190"),
        ("TAX 1814", "TAX", "1814"),
        ("TAX 1814(A)", "TAX", "1814"),
        ("ABC 65-C", "ABC", "65-C"),
        ("PHL 3304", "PHL", "3304"),
    ],
)
def test_a_number_of_another_law_is_one(text: str, law: str, section: str) -> None:
    code = parse_law_code(text)

    assert code is not None
    assert (code.law, code.article, code.section) == (law, "", section)


@pytest.mark.parametrize(
    ("text", "subdivision", "grade"),
    [
        ("PL 155.25 AM", "", "M"),
        ("PL 120.00 01 A MISD", "1", "M"),
        ("P.L. 155.25 (A-MISD)", "", "M"),
        ("PL 155.25 (AM)", "", "M"),
        ("PL 155.25 CLASS A MISDEMEANOR", "", "M"),
        ("VTL 511 1 U MISD", "1", "M"),
        ("PL 155.30 04 EF", "4", "F"),
        ("PL 155.30 E FELONY", "", "F"),
        ("PL 120.05 D FEL", "", "F"),
        ("PL 220.21 A-IF", "", "F"),
        ("PL 220.21 A-I FELONY", "", "F"),
        ("PL 110/155.25 B MISD", "", "M"),
        ("PL 240.26 VIOL", "", "V"),
        ("VTL 1180 TRAFFIC INFRACTION", "", "I"),
        ("AC 10-125 VIOLATION", "", "V"),
        ("AC 10-125 V", "", ""),
        ("PL 155.25 M", "", ""),
        ("PL 155.25 (M)", "M", ""),
        ("PL 215.51 B", "B", ""),
        ("PL 155.25", "", ""),
    ],
)
def test_a_grade_behind_a_number_is_read_unless_it_may_be_a_paragraph(text: str, subdivision: str, grade: str) -> None:
    code = parse_law_code(text)

    assert code is not None
    assert (code.subdivision, code.grade) == (subdivision, grade)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "ASSAULT MISD",
        "PL 155.25 XMISD",
        "(null)",
        "LOC000000V",
        "PL",
        "1192",
        "PL 22",
        "240.2",
        "240.200",
        "K14612345",
        "PL 120.00 XX YY",
        "AC",
        "AC TEN",
        "2018KN000001",
    ],
)
def test_what_is_no_code_is_none(text: str | None) -> None:
    assert parse_law_code(text) is None


def test_the_lines_of_a_code_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "dispositions.csv"
    codes = ["PL 120.00 01 AM", "P.L. 155.25", "110/155.25", "AC 10-125", "", "ASSAULT", "PL 120"]
    rows = [f"D{at},7,ACQUITTED,2018-05-01,{code}" for at, code in enumerate(codes)]
    file.write_text("\n".join(["docket,defendant_id,disposition,event_date,law_code", *rows]) + "\n")

    assert read_charges(file).oddities["law_code is unknown, and counts as blank"] == (7, 8)


def test_a_grade_behind_a_number_is_the_severity_of_a_row_that_has_none_or_the_same(tmp_path: Path) -> None:
    file = tmp_path / "dispositions.csv"
    rows = [
        *("PL 155.25 A MISD,,", "PL 155.25 AM,M,A", "PL 155.25 AM,F,E", "PL 155.30 EF,X,E"),
        *("PL 155.25,M,A", "PL 155.25 A MISD,M,B", "PL 155.25 M,F,"),
    ]
    lines = [f"D{at},7,PLED GUILTY,2018-05-01,{row}" for at, row in enumerate(rows)]
    file.write_text(
        "\n".join(["docket,defendant_id,disposition,event_date,law_code,severity,offense_class", *lines]) + "\n"
    )
    charges = read_charges(file)

    assert charges.rows["severity"].to_list() == ["M", "M", None, "F", "M", "M", "F"]
    assert charges.oddities == {
        "severity is another than law_code says, and counts as blank": (4,),
        "severity is unknown, and counts as blank": (5,),
    }
