"""The ways in which a text may be read: as it stands, with its escapes resolved, without its mark-up."""

from __future__ import annotations

import html
import re

import numpy as np

from sealscrub.identifiers.letters import Letters, fold_letters

__all__ = ["views"]

LONGEST_EDIT = 202  # characters of the longest tag or escape that is read as such

_UTF8 = (
    r"%[0-7][0-9A-Fa-f]|%[CcDd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]"
    r"|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"
)
_NAMED = "nbsp|shy|ensp|emsp|thinsp|zwnj|zwj|ndash|mdash|hyphen|dash|minus|sol|num|period|lowbar|Tab|NewLine|amp"
_ESCAPE = (
    rf"{_UTF8}|&#(?:[0-9]{{1,7}}|[Xx][0-9A-Fa-f]{{1,6}});?|&(?:{_NAMED});"
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-7][0-9A-Fa-f]|\\[nrtbf/_.#-]|\+"
)
_ESCAPES = re.compile(_ESCAPE)
_MARKUP = re.compile(rf"(?P<gone><[^<>]{{0,{LONGEST_EDIT - 2}}}>|[*`~]|\x1b\[[0-9;]{{0,16}}[A-Za-z])|{_ESCAPE}")
_TAGS = re.compile("[\U000e0020-\U000e007e]")  # letters that no one sees, and that programs read
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "\f"} | {sign: sign for sign in "/_.#-"}
_OPEN_END = re.compile(rf"(?:<[^<>]{{0,{LONGEST_EDIT - 2}}}|[%&\\][^\s<>]{{0,12}}|\x1b[^A-Za-z]{{0,17}})\Z")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def views(text: str) -> list[Letters]:
    """Read a text in each way that differs, folded; places are those of the text itself."""
    found = [fold_letters(text)]
    if any(sign in text for sign in "%&\\+"):
        found.append(_edited(text, _ESCAPES))
    if any(sign in text for sign in "<*`~\x1b"):
        found.append(_edited(text, _MARKUP))
    if not text.isascii():
        if _TAGS.search(text):
            found.append(_edited(text, _TAGS))
        if _INVISIBLE.search(text):  # within a word it is nothing, between two it divides them
            found.append(fold_letters(_INVISIBLE.sub(" ", text)))
    return found


def unfinished(text: str) -> int:
    """Where what may become a tag or an escape begins at the end of a text; its length where nothing does."""
    tail = max(0, len(text) - LONGEST_EDIT - 16)
    found = _OPEN_END.search(text, tail)
    return found.start() if found else len(text)


def _edited(text: str, edits: re.Pattern[str]) -> Letters:
    parts, starts, ends, at = [], [], [], 0
    for edit in edits.finditer(text):
        if edit.start() > at:
            parts.append(text[at : edit.start()])
            starts.append(np.arange(at, edit.start()))
            ends.append(starts[-1] + 1)
        meant = "" if edit.groupdict().get("gone") is not None else _meant(edit[0])
        parts.append(meant)
        starts.append(np.full(len(meant), edit.start()))
        ends.append(np.full(len(meant), edit.end()))
        at = edit.end()
    parts.append(text[at:])
    starts.append(np.arange(at, len(text)))
    ends.append(starts[-1] + 1)
    before, after = np.concatenate(starts), np.concatenate(ends)
    folded = fold_letters("".join(parts))
    if folded.starts is None or folded.ends is None:
        return Letters(folded.text, before, after)
    return Letters(folded.text, before[folded.starts], after[folded.ends - 1])


def _meant(escape: str) -> str:
    if escape[0] == "%":
        return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")[:1]
    if escape[0] == "&":
        return html.unescape(escape)[:1]
    if escape[0] == "\\":
        return chr(int(escape[2:], 16)) if escape[1] in "ux" else _CONTROL[escape[1]]
    return " " if escape == "+" else chr(ord(escape) - 0xE0000)
