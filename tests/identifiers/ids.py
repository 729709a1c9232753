"""Identifiers of every scheme, made up, with their canonical value and many ways to write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st

INVISIBLE = "\u200b\u200d\ufeff\u00ad\u2060\u2066\u200e\ufe0f"
BLANKS = " \u00a0\u2003\u202f\t"
DASHES = "-\u2010\u2011\u2013\u2014\u2212\uff0d"
COUNTIES = ["NY", "KN", "BX", "QN", "RI"]
LABELS = {
    "arrest_number": ["ARREST NO. ", "Arrest #", "arr ", "AR# ", "Arrest Number: ", "arrest id-"],
    "nysid": ["NYSID#", "nysid no ", "NYSID: "],
    "cjtn": ["CJTN ", "OBTS Number: ", "ccn#", "501 Number ", "Court Control Number: "],
    "docket": ["Docket No. ", "DKT#"],
    "indictment": ["Indictment No. "],
    "indictment_case": ["Indictment #"],
    "complaint": ["Complaint No ", "UF61 ", "uf-61: "],
    "voucher": ["Voucher ", "Invoice #"],
    "photo": ["Photo ID ", "mugshot#"],
}

_gap = st.sampled_from(["", " ", "-", "/", ".", "#", "_", " - "])
_cut = st.sampled_from([" ", "-", "/", ".", "_", " - "])


@dataclass(frozen=True)
class Written:
    """One identifier: scheme, canonical value, and one way in which it is written."""

    scheme: str
    canonical: str
    raw: str


def _digits(value: int, width: int, draw: st.DrawFn) -> str:
    """A serial number with some of its leading zeros, or all."""
    bare = str(value)
    return bare.zfill(draw(st.integers(len(bare), width)))


def _year(draw: st.DrawFn) -> tuple[int, str]:
    year = draw(st.integers(1950, 2049))
    return year, draw(st.sampled_from([f"{year}", f"{year % 100:02}"]))


@st.composite
def arrest_numbers(draw: st.DrawFn) -> tuple[str, str]:
    borough, (year, written) = draw(st.sampled_from("MBKQS")), _year(draw)
    serial = draw(st.integers(1, 999_998))
    full = draw(st.booleans())
    number = f"{serial:06}" if full else _digits(serial, 6, draw)
    raw = f"{borough}{draw(_gap)}{written}{draw(_gap if full else _cut)}{number}"
    return f"{borough}{year % 100:02}{serial:06}", raw


@st.composite
def tracking_numbers(draw: st.DrawFn) -> tuple[str, str]:
    serial, letter = draw(st.integers(10, 99_999_998)), draw(st.sampled_from("ABCQZ"))
    digits = draw(st.sampled_from([f"{serial:08}", f"{serial:07}"]))
    return f"{serial:08}{letter}", f"{digits}{draw(_gap)}{letter}"


@st.composite
def dockets(draw: st.DrawFn) -> tuple[str, str]:
    year, written = _year(draw)
    serial = draw(st.integers(1, 999_999))
    number = _digits(serial, 6, draw)
    if draw(st.booleans()):
        county = draw(st.sampled_from(COUNTIES))
        raw = f"CR{draw(_gap)}{number}{draw(_cut)}{written}{draw(_gap)}{county}"
    else:
        county = draw(st.sampled_from([*COUNTIES, "SK", "SN", "SX", "SQ", "SR", "SB"]))
        raw = f"{written}{draw(_gap)}{county}{draw(_gap)}{number}"
    return f"{year}{county}{serial:06}", raw


@st.composite
def indictments(draw: st.DrawFn) -> tuple[str, str]:
    kind, (year, written) = draw(st.sampled_from(["IND", "SCI"])), _year(draw)
    serial, defendant = draw(st.integers(1, 999_999)), draw(st.integers(1, 999))
    canonical = f"{kind}-{serial:06}-{year}-{defendant:03}"
    raw = f"{kind}{draw(_gap)}{_digits(serial, 6, draw)}{draw(_cut)}{written}{draw(_cut)}{_digits(defendant, 3, draw)}"
    if draw(st.booleans()):
        county = draw(st.sampled_from(COUNTIES))
        return f"{canonical}-{county}", f"{raw}{draw(_cut)}{county}"
    return canonical, raw


@st.composite
def indictment_cases(draw: st.DrawFn) -> tuple[str, str]:
    year, written = _year(draw)
    serial = draw(st.integers(1, 999_999))
    number = _digits(serial, 6, draw)
    if draw(st.booleans()):
        return f"IND-{serial:06}-{year}", f"{number}{draw(_cut)}{year}"
    kind = draw(st.sampled_from(["IND", "SCI"]))
    return f"{kind}-{serial:06}-{year}", f"{kind}{draw(_gap)}{number}{draw(_cut)}{written}"


@st.composite
def complaints(draw: st.DrawFn) -> tuple[str, str]:
    year, precinct = draw(st.integers(1950, 2049)), draw(st.integers(1, 999))
    serial = draw(st.integers(1, 999_998))
    canonical = f"{year}-{precinct:03}-{serial:06}"
    if draw(st.booleans()):
        return canonical, canonical.replace("-", "")
    return canonical, f"{year}{draw(_cut)}{_digits(precinct, 3, draw)}{draw(_cut)}{_digits(serial, 6, draw)}"


@st.composite
def vouchers(draw: st.DrawFn) -> tuple[str, str]:
    before = draw(st.text("ABCX", max_size=4))
    number = draw(st.integers(100, 10**15).map(str))
    after = draw(st.text("ABCX", max_size=2))
    sign = st.sampled_from(["", "-", " ", "/"])
    canonical = f"{before}{number}{after}"
    raw = f"{before}{draw(sign) if before else ''}{number}{draw(sign) if after else ''}{after}"
    return canonical, raw


STRATEGIES = {
    "arrest_number": arrest_numbers(),
    "nysid": tracking_numbers(),
    "cjtn": tracking_numbers(),
    "docket": dockets(),
    "indictment": indictments(),
    "indictment_case": indictment_cases(),
    "complaint": complaints(),
    "voucher": vouchers().filter(lambda pair: not re.fullmatch("9+", pair[0])),
    "photo": vouchers().filter(lambda pair: not re.fullmatch("9+", pair[0])),
}


@st.composite
def dressed(draw: st.DrawFn, raw: str, scheme: str) -> str:
    """The same id as people and programs distort it."""
    text = draw(st.sampled_from(["", *LABELS[scheme]])) + raw
    text = draw(st.sampled_from([text, text.lower(), text.swapcase()]))
    if draw(st.booleans()):
        text = "".join(draw(st.sampled_from(DASHES)) if sign == "-" else sign for sign in text)
    if draw(st.booleans()):
        text = "".join(draw(st.sampled_from(BLANKS)) if sign == " " else sign for sign in text)
    if draw(st.booleans()):
        wide = draw(st.sets(st.integers(0, len(text) - 1), max_size=6))
        text = "".join(_full_width(sign) if at in wide else sign for at, sign in enumerate(text))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(INVISIBLE)) + text[at:]
    return draw(st.text(BLANKS, max_size=2)) + text + draw(st.text(BLANKS, max_size=2))


def _full_width(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign


@st.composite
def written(draw: st.DrawFn, scheme: str | None = None) -> Written:
    """An identifier of one scheme, or of any, somehow written."""
    scheme = scheme or draw(st.sampled_from(sorted(STRATEGIES)))
    canonical, raw = draw(STRATEGIES[scheme])
    return Written(scheme, canonical, draw(dressed(raw, scheme)))
