"""What canonicalise should say about one text: a few lines of Python for each scheme, with ``re``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from sealscrub.identifiers import Status

_S = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # what Unicode calls white space
_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_G, _C = rf"[{_S}\-./#_]*", rf"[{_S}\-./#_]+"
_COUNTY = "NY|KN|BX|QN|RI"
_LABELS = {
    "arrest_number": "ARREST|ARR|AR",
    "nysid": "NYSID",
    "cjtn": rf"COURT[{_S}]+CONTROL|CJTN|OBTS|CCN|501",
    "docket": "DOCKET|DKT",
    "indictment": "INDICTMENT",
    "indictment_case": "INDICTMENT",
    "complaint": "COMPLAINT|COMPL|UF-61|UF61",
    "voucher": "VOUCHER|INVOICE",
    "photo": "MUGSHOT|PHOTO",
}
_NOTHING = {"", "-", "--", ".", "(NULL)", "NULL", "NIL", "NONE", "NA", "N/A", "#N/A", "NAN", "NAT", "<NA>", "UNK"} | {
    "UNKNOWN",
    "NOT AVAILABLE",
    "NOT APPLICABLE",
}
_DAMAGED = r"-?[0-9]+\.0+|-?[0-9]\.[0-9]+[Ee]\+?[0-9]+|-?[0-9][Ee]\+[0-9]+"
_REPAIR = str.maketrans("OISB", "0158")


def reference(raw: str | None, scheme: str) -> tuple[str | None, Status]:
    """Canonical value and status of one text."""
    if raw is None:
        return None, Status.NULL
    text = _clean(raw)
    if scheme in _LABELS:
        text = re.sub(rf"^(?:{_LABELS[scheme]})(?:[{_S}]*(?:NUMBER|NUM|NO|ID))?[{_S}.:#\-]+", "", text, count=1)
    value = _PARSERS[scheme](text, "[0-9]")
    if value is not None:
        return (None, Status.NULL) if _is_none(value, scheme) else (value, Status.OK)
    if text in _NOTHING or re.fullmatch("0+|9+", text) or (scheme == "nysid" and text in {"00000009", "000000009"}):
        return None, Status.NULL
    if _PARSERS[scheme](text, "[0-9OISB]") is not None:
        return None, Status.NEAR
    return None, Status.DAMAGED if re.fullmatch(_DAMAGED, text) else Status.UNPARSABLE


def _clean(raw: str) -> str:
    for _ in range(2):
        raw = "".join(sign for sign in raw if unicodedata.category(sign) != "Cf" and sign != "\ufe0f")
        raw = re.sub("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]", "-", raw)
        raw = unicodedata.normalize("NFKC", raw)
    return raw.upper().strip(_SPACE)


def _is_none(value: str, scheme: str) -> bool:
    digits = "".join(re.findall("[0-9]", value))
    if scheme in {"voucher", "photo"}:
        return bool(re.fullmatch("0+|9+", value))
    if scheme.startswith("indictment"):
        return False
    serial = digits if scheme in {"nysid", "cjtn"} else digits[-6:]
    return set(serial) == {"0"} or set(digits) == {"9"} or (scheme == "nysid" and digits == "00000009")


def _match(pattern: str, text: str, digit: str) -> list[str] | None:
    found = re.fullmatch(pattern.replace("D", digit), text)
    return None if found is None else list(found.groups())


def _repair(text: str) -> str:
    return text.translate(_REPAIR)


def _year4(year: str) -> str:
    year = _repair(year)
    return year if len(year) == 4 else ("19" if int(year) >= 50 else "20") + year


def _arrest(text: str, digit: str) -> str | None:
    for pattern in (
        rf"([MBKQS]){_G}(DD){_G}(D{{6}})",
        rf"([MBKQS]){_G}(D{{4}}){_C}(D{{1,6}})",
        rf"([MBKQS]){_G}(D{{4}})(D{{6}})",
        rf"([MBKQS]){_G}(DD){_C}(D{{1,6}})",
    ):
        if found := _match(pattern, text, digit):
            year = _repair(found[1])
            if len(year) == 2 or 1950 <= int(year) <= 2049:
                return f"{found[0]}{year[-2:]}{_repair(found[2]).zfill(6)}"
    return None


def _tracking(text: str, digit: str) -> str | None:
    found = _match(rf"(D{{7,8}}){_G}([A-Z])", text, digit)
    return found and _repair(found[0]).zfill(8) + found[1]


def _docket(text: str, digit: str) -> str | None:
    if found := _match(rf"(D{{4}}|DD){_G}({_COUNTY}|S[NKXQRB]){_G}(D{{1,6}})", text, digit):
        return f"{_year4(found[0])}{found[1]}{_repair(found[2]).zfill(6)}"
    if found := _match(rf"CR{_G}(D{{1,6}}){_C}(D{{4}}|DD){_G}({_COUNTY})", text, digit):
        return f"{_year4(found[1])}{found[2]}{_repair(found[0]).zfill(6)}"
    return None


def _indictment(text: str, digit: str) -> str | None:
    found = re.fullmatch(
        rf"(IN[D]|SCI){_G}(D{{1,6}}){_C}(D{{4}}|DD){_C}(D{{1,3}})(?:{_C}({_COUNTY}))?".replace("[D]", "\0")
        .replace("D", digit)
        .replace("\0", "D"),
        text,
    )
    if found is None:
        return None
    kind, serial, year, defendant, county = found.groups()
    end = f"-{county}" if county else ""
    return f"{kind}-{_repair(serial).zfill(6)}-{_year4(year)}-{_repair(defendant).zfill(3)}{end}"


def _case(text: str, digit: str) -> str | None:
    found = re.fullmatch(
        rf"(?:(IN[D]|SCI){_G}(D{{1,6}}){_C}(D{{4}}|DD)|(D{{1,6}}){_C}(D{{4}}))".replace("[D]", "\0")
        .replace("D", digit)
        .replace("\0", "D"),
        text,
    )
    if found is None:
        return None
    kind, serial, year, bare, full = found.groups()
    return f"{kind or 'IND'}-{_repair(serial or bare).zfill(6)}-{_year4(year or full)}"


def _complaint(text: str, digit: str) -> str | None:
    found = _match(rf"(D{{4}}){_C}(D{{1,3}}){_C}(D{{1,6}})", text, digit) or _match(r"(D{4})(D{3})(D{6})", text, digit)
    return found and f"{_repair(found[0])}-{_repair(found[1]).zfill(3)}-{_repair(found[2]).zfill(6)}"


def _voucher(text: str, digit: str) -> str | None:
    if _match(rf"([A-Z]{{0,4}}{_G}D{{3,16}}{_G}[A-Z]{{0,2}})", text, digit):
        return re.sub(rf"[{_S}\-./#_]", "", text)
    return None


_PARSERS: dict[str, Callable[[str, str], str | None]] = {
    "arrest_number": _arrest,
    "nysid": _tracking,
    "cjtn": _tracking,
    "docket": _docket,
    "indictment": _indictment,
    "indictment_case": _case,
    "complaint": _complaint,
    "voucher": _voucher,
    "photo": _voucher,
}
