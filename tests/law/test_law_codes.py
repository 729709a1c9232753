"""Numbers of offences."""

from __future__ import annotations

import pytest

from sealscrub.law import parse_law_code


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
    ],
)
def test_a_code_is_read(text: str, article: str, section: str, subdivision: str) -> None:
    code = parse_law_code(text)

    assert code is not None
    assert (code.article, code.section, code.subdivision) == (article, section, subdivision)
    assert code.law == ("VTL" if text.upper().startswith("VTL") else "PL")


@pytest.mark.parametrize(
    "text", [None, "", "(null)", "LOC000000V", "PL", "1192", "PL 22", "240.2", "240.200", "K14612345"]
)
def test_what_is_no_code_is_none(text: str | None) -> None:
    assert parse_law_code(text) is None
