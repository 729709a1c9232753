"""The ways in which a text may be read: as it is, with its escapes resolved, without its mark-up."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sealscrub.identifiers.letters import Letters, fold_letters, folded_character

__all__ = ["ESCAPE", "QUOTED_SPACE", "may_be_edited", "views"]

LONGEST_EDIT = 1_000  # characters of the longest tag, link or escape that is read as such

_UTF8 = (
    r"%[0-7][0-9A-Fa-f]|%[CcDd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]"
    r"|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}|%[Ff][0-7](?:%[89ABab][0-9A-Fa-f]){3}"
)
_QUOTED = rf"=(?:2[C-F]|3[AD]|5F|20\r?\n|\r?\n)|{_UTF8.partition('|')[2].replace('%', '=')}"
_RTF = r"\\u(?:82[0-9]{2}|[1-9][0-9]{1,2})(?:\?|\\'[0-9A-Fa-f]{2})|\\'(?:2[c-f]|9[267]|[a-f][0-9])|\\(?:pard?|line)\b ?"
ESCAPE = (
    rf"{_UTF8}|{_QUOTED}|{_RTF}|&#(?:[0-9]{{1,7}}|[Xx][0-9A-Fa-f]{{1,6}});?|&[A-Za-z][A-Za-z0-9]{{1,31}};"
    r"|\\u[0-9A-Fa-f]{4}|\\u\{0{0,4}(?:10|[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\}|\\x[0-7][0-9A-Fa-f]|\\[nrtbf/_.#'\r\n-]|\+"
)
QUOTED_SPACE = "=20"
"""A space in quoted-printable, or the begin of a year: so a text is read with it and without."""
_ESCAPES = re.compile(f"({ESCAPE})")
_VALUES = r"""[^<>"']{0,32}(?:(?:"[^"]{0,200}"|'[^']{0,200}')[^<>"']{0,32}){1,4}"""  # in which a > ends no tag
_OPEN_VALUES = rf"""{_VALUES.replace("{1,4}", "{0,4}")}(?:"[^"]{{0,200}}|'[^']{{0,200}})?"""
_COMMENT = rf"<!--(?:[^<-]|-(?!->)|<(?!!--)){{0,{LONGEST_EDIT - 7}}}-->"
_BLOCK = (  # tags that a reader sees as white space
    r"</?(?i:td|th|tr|table|thead|tbody|tfoot|caption|p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|pre|blockquote|section"
    rf"|article|header|footer|option)(?=[\s/>])(?:{_VALUES}|[^<>]{{0,{LONGEST_EDIT - 16}}})>"
)
_TAG = rf"<(?:[A-Za-z]{_VALUES}|[^<>]{{0,{LONGEST_EDIT - 2}}})>"
_LINK = rf"\]\([^()]{{0,{LONGEST_EDIT - 3}}}\)|\]\[[^\[\]]{{0,{LONGEST_EDIT - 3}}}\]|\[\^[^\[\]]{{1,64}}\]"
# Each way begins with a sign of its own, outside of any group: so what begins with none is passed over at once.
_EDIT = rf"{_BLOCK}|{_COMMENT}|{_TAG}|{_LINK}|\*|`|~|\x1b\[[0-9;]{{0,16}}[A-Za-z]|{ESCAPE}"
_MARKUP = re.compile(f"({_EDIT})")
_QUOTED_SPACES = re.compile(f"({_EDIT}|{QUOTED_SPACE})")
_IS_BLOCK = re.compile(_BLOCK)
_MARKS = frozenset("<[]*`~\x1b")
_EDITED_SIGNS = b"<[]*`~%&\\+=\x1b"
_TAGS = re.compile("([\U000e0020-\U000e007e])")  # letters that no one sees, and that programs read
_ESCAPED_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "\f"} | {sign: sign for sign in "/_.#'\r\n-"}
_ESCAPED_CONTROLS |= dict.fromkeys(("par", "pard", "line"), "\n")
_OPEN_LINK = rf"\](?:\([^()]{{0,{LONGEST_EDIT - 3}}}|\[[^\[\]]{{0,{LONGEST_EDIT - 3}}})?"
_OPEN_END = re.compile(
    rf"(?:<!--(?:[^-]|-(?!->)){{0,{LONGEST_EDIT - 7}}}|<[^<>]{{0,{LONGEST_EDIT - 2}}}|<[A-Za-z]{_OPEN_VALUES}"
    rf"|\[(?:\^[^\[\]]{{0,64}}|[0-9:.,]{{1,16}}(?:{_OPEN_LINK})?)?|{_OPEN_LINK}"
    r"|%[^\s<>]{0,33}|&[^\s<>]{0,33}|\\[^\s<>]{0,33}|=[0-9A-Fa-f]{0,2}(?:=[0-9A-Fa-f]{0,2}){0,3}\r?"
    r"|\x1b[^A-Za-z]{0,17})\Z"
)
_OPEN_NUMBER = re.compile(  # of a line
    r"\n[ \t>]{0,16}(?:[0-9]{1,5}\r?(?:\n[0-9:.,>\- ]{0,40})?|[\[(]?[0-9][0-9:.,)\]|>\- \t]{0,40})\r?\Z"
)
_BESIDE_DIGIT = re.compile(r"\d[<*`~\[\]\x1b]")
_NUMBERS = frozenset("0123456789:.,)]|>- \t\r\n")
_OPENS = re.compile(r"[<\[\]%&\\=\x1b]")
_SOFT_HYPHEN = "\u00ad"
_BROKEN_WORD = re.compile(rf"{_SOFT_HYPHEN}(?=\s)")  # at the end of a line, where it is shown
_ACCENT = "\u0301"
_ACCENTS = re.compile(rf"([^\W\d_]?)({_ACCENT}+)")


def views(text: str) -> list[Letters]:
    """Read a text in each way that differs, folded; places are those of the text itself."""
    found = _folded_views(text)
    if any(sign in text for sign in "%&\\+="):
        found += _edited_views(text, _ESCAPES)
    if QUOTED_SPACE in text:
        found += _edited_views(text, _QUOTED_SPACES)
    if any(mark[0] in text and mark in text for mark in ("<", "*", "`", "~", "\x1b", "](", "][", "[^")):
        found += _edited_views(text, _MARKUP)
        if _BESIDE_DIGIT.search(text):  # it may be where a value needs a separator
            found += _edited_views(text, _MARKUP, gone=" ")
    if not text.isascii() and _TAGS.search(text):
        found += _edited_views(text, _TAGS)
    return found


def may_be_edited(text: str) -> bool:
    """Whether a text has escapes, mark-up or the like, or could have them with what is behind it."""
    if not text.isascii() and (_SOFT_HYPHEN in text or _TAGS.search(text)):
        return True
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded.translate(None, _EDITED_SIGNS)) == len(encoded):
        return False
    return QUOTED_SPACE in text or _MARKUP.search(text) is not None or unfinished(text) < len(text)


def _folded_views(text: str) -> list[Letters]:
    """Read a text as it is, and if that differs, with spaces in place of what is read as nothing, or hyphens."""
    found = [fold_letters(text)]
    apart = text if text.isascii() and found[0].starts is None else _with_spaces(text)
    if apart != text:
        found.append(fold_letters(apart))
    if _SOFT_HYPHEN in text and _BROKEN_WORD.search(text):
        found.append(fold_letters(_BROKEN_WORD.sub("-", text)))
    return found


def unfinished(text: str) -> int:
    """Where what may become a tag or an escape begins at the end of a text; its length if nothing does."""
    opens = _OPENS.search(text, max(0, len(text) - LONGEST_EDIT - 16))
    found = _OPEN_END.search(text, opens.start()) if opens else None
    end = found.start() if found else len(text)
    number = _OPEN_NUMBER.search(text, max(0, end - 80), end) if text[end - 1 : end] in _NUMBERS else None
    return number.start() if number else end


class _SpacedSigns(dict[int, str]):
    """What each character is between two words, worked out when it is first met.

    It is a space if it is neither letter nor digit, and is read as nothing or as letters (U+2122, TRADE MARK SIGN);
    an accent if it is one, which may belong to the letter before it.
    """

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        folded, kind = folded_character(sign), unicodedata.category(sign)
        value = sign
        if not folded:
            value = _ACCENT if kind in ("Mn", "Me") else " "
        elif kind[0] not in "LN" and any(each.isalnum() for each in folded):
            value = " "
        self[code] = value
        return value


_SPACED_SIGNS = _SpacedSigns()


def _with_spaces(text: str) -> str:
    """Replace what is neither letter nor digit, and is read as nothing or as letters, by spaces."""
    apart = text.translate(_SPACED_SIGNS)
    if _ACCENT in apart:
        apart = _ACCENTS.sub(lambda found: found[0] if found[1] else " " * len(found[2]), apart)
    return apart


def _edited_views(text: str, edits: re.Pattern[str], gone: str = "") -> list[Letters]:
    parts = edits.split(text)  # what is between the edits, and these
    edited = parts[1::2]
    if not edited:
        return []
    meant = [gone if (said := _meant(edit)) is None else said for edit in edited]
    places = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    begin, end = places[:-1:2], places[1::2]
    edges = np.zeros(len(text) + 1, np.int64)
    edges[begin] = 1
    edges[end] -= 1
    kept = np.flatnonzero(np.cumsum(edges[:-1]) == 0)
    lengths = np.fromiter(map(len, meant), np.int64, len(meant))
    place = np.repeat(np.searchsorted(kept, begin), lengths)
    before = np.insert(kept, place, np.repeat(begin, lengths))
    after = np.insert(kept + 1, place, np.repeat(end, lengths))
    parts[1::2] = meant
    return [_with_places(folded, before, after) for folded in _folded_views("".join(parts))]


def _with_places(folded: Letters, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> Letters:
    """Letters of an edited text with their places in the text itself."""
    if folded.starts is None or folded.ends is None:
        return Letters(folded.text, before, after)
    return Letters(folded.text, before[folded.starts], after[folded.ends - 1])


@lru_cache(maxsize=1 << 12)
def _meant(escape: str) -> str | None:
    """What an edit stands for; None if it is mark-up, and no one sees it."""
    if escape[0] in _MARKS:
        return " " if _IS_BLOCK.match(escape) else None
    if escape.startswith(QUOTED_SPACE) and escape[-1] == "\n":
        return "\n"
    if escape[0] in "%=":
        return bytes.fromhex(escape.replace(escape[0], "")).decode("utf-8", "replace")[:1]
    if escape[0] == "&":
        meant = html.unescape(escape)
        return meant if meant == escape else meant[:1]
    if escape[0] == "\\":
        return _meant_behind_backslash(escape[1:])
    return " " if escape == "+" else chr(ord(escape) - 0xE0000)


def _meant_behind_backslash(said: str) -> str:
    if said[:2] == "u{":
        return chr(int(said[2:-1], 16))
    if said[0] in "ux":
        digits = re.split(r"[?\\]", said[1:])[0]
        return chr(int(digits, 16 if digits == said[1:] else 10))  # of RTF, with what stands for it
    if said[0] == "'" and said != "'":
        return bytes.fromhex(said[1:]).decode("cp1252", "replace")
    return _ESCAPED_CONTROLS[said.rstrip(" ")]
