"""Where a text may be cut: into sentences, lines of lists and paragraphs, of 2,000 characters at most."""

from __future__ import annotations

import re

__all__ = ["LONGEST_UNIT", "is_mark", "unit_end", "unit_ends"]

LONGEST_UNIT = 2_000

_REACH = 64  # characters behind a possible end that decide whether it is one
_ABBREVIATIONS = (
    "no|nos|num|arr|arrest|dkt|ind|compl|inv|mr|mrs|ms|mx|dr|drs|det|dets|sgt|sgts|lt|lts|capt|cpt|insp|off|ofc"
    "|ofcs|hon|jr|sr|esq|agt|agts|asst|atty|attys|cpl|def|dep|deps|tpr|pvt|perp|vic|wit|susp|resp|rep|reps"
    "|pres|deft|defts|lieut|messrs|ct|cts|expy|misd|fel|mme|mlle|sra|st|ave|blvd|rd|pl|ln|ste|apt|rm|fl|bldg|hwy|pkwy|rte|sq|mt|ft|prof|rev|gov|govt|sen|gen"
    "|col|maj|supt|cmdr|ofcr|ptl|vs|v|etc|e\\.g|i\\.e|inc|co|corp|ltd|bros|assn|univ|hosp|dept|dist|div|pct|prec"
    "|approx|fig|sec|art|p\\.o|d\\.o\\.b|dob|a\\.k\\.a|aka|cf|al|ex|ext|ref|reg|tel|vol|pp|lic|veh|nr|bzw|ph\\.d"
    "|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|tues|wed|thu|thurs|fri|sat|sun|[a-z]"
    "|(?:[a-z]\\.)+[a-z]"
)
_ABBREVIATED = re.compile(
    rf"(?<![^\W_])(?<![^\W_]\.)(?<!\w['\u2019\u02bc\uff07])(?:{_ABBREVIATIONS})\.\Z", re.IGNORECASE
)
_SHORT_WORDS = frozenset(_ABBREVIATIONS.split("|"))
_WORDS = frozenset(  # words, too, in small letters
    {"art", "def", "dep", "ex", "ext", "fig", "fl", "ft", "mar", "off", "perp", "pres", "reg", "rep", "reps", "sat"}
    | {"sec", "sq", "sun", "susp", "vic", "wed", "wit"}
)
_LOOKED = 16  # characters before a full stop in which an abbreviation is
_STOPS = (
    ".!?\u2026\u203c\u203d\u2047\u2048\u2049\u0589\u061e\u061f\u06d4\u0700\u0701\u0702\u0964\u0965\u104b\u1362\u1367\u1368"
    "\u166e\u17d4\u17d5\u1803\u1809\ua6f3\ua92f\uaaf1\uabeb"
)
_WIDE = "\u3002\uff01\uff1f\uff61"  # no white space follows these
_UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff"
_CLOSERS = rf"\"'\u2019\u201d\u00bb\u203a)\]}}*_`~{_UNSEEN}\U0001f300-\U0001faff"
_ENTITIES = "&(?:quot|apos|r[ds]quo|raquo|#(?:3[49]|187|82(?:17|21)|x2[27]|x201[9dD]));"  # that close a quotation
_SPACED = (  # signs that close a quotation in some languages and open one in others, notes, a French quotation
    r"(?:(?= [^\u00bb])"  # which is what is most often behind a full stop
    rf"|(?:[{_CLOSERS}\u201c\u00ab\u2039\u00b9\u00b2\u00b3\u2070\u2074-\u2079]|\[[0-9]{{1,4}}\]|{_ENTITIES}){{0,8}}+"
    r"(?:[ \u00a0\u202f]\u00bb(?=\s|\Z)|(?=\s)))"
)
_WIDE_CLOSERS = rf"{_CLOSERS}\u300d\u300f\uff09\u3011\u3015\u3009\u300b\uff3d\uff02\uff07"
_LINES = "\n\r\v\f\x85\u2028\u2029"
_BULLETS = r"-*+\u2022>|#{\[\u00b7\u2010-\u2014\u2023\u2043\u2460-\u249b\u25a0-\u25ff\u2610-\u2612"
_BEGINS_LINE = (
    rf"[ \t\u00a0\u3000]{{0,32}}(?:[{_LINES}]|[{_BULLETS}]"
    r"|[0-9]{1,4}[.)]\s|[\uff10-\uff19]{1,4}[\uff0e\uff09\u3001](?![\uff10-\uff19])"
    r"|(?:[a-z][.)]|[A-Z]\)|(?:[ivx]{2,5}|[IVX]{2,5})[.)])[ \t])"
)
_TURNS = "<["
_ROLE = r"(?:(?:system|developer|user|assistant|model|tool|ipython)(?=[\r\n]|<\||\Z))?"
_TURN = (  # the marks of the turns of chats, less their first sign
    rf"\|\w{{1,32}}\|>{_ROLE}|\uff5c[\w\u2581]{{1,32}}\uff5c>|(?:start|end)_of_turn>{_ROLE}"
    r"|/?INST\]|</?SYS>>|/s>(?= ?(?:<s>|\[INST\]))|s>(?= ?\[INST\])"
)
_END = re.compile(  # one set of signs first: that is what makes the search quick
    rf"[{_STOPS}{_WIDE}{_LINES}{_TURNS}](?:(?<=[{_STOPS}])(?<![{_STOPS}]{{2}})[{_STOPS}]*+{_SPACED}"
    rf"|(?<=[{_WIDE}])[{_WIDE}]*+(?:[{_WIDE_CLOSERS}]|{_ENTITIES}){{0,8}}"
    rf"|(?<=[{_LINES}])(?!(?<=\r)\n)(?={_BEGINS_LINE})|(?<=\r)\n(?={_BEGINS_LINE})|(?<=\u2029)"
    rf"|(?<=[{_TURNS}])(?:{_TURN}))"
)
_MARK = re.compile(rf"[{_TURNS}](?:{_TURN}|/?s>)")
_MOST_STOPS = 16
_ITEM = re.compile(  # the number of an item, of a page of law, a time or a date, which belongs to what follows
    r"[-*+\u2022>|#(\[_ \u2600-\u27bf\ufe0f\U0001f300-\U0001faff]{0,8}(?=\w)"
    r"(?:[0-9]{1,3}|[0-9]{1,4}(?:[.:/-][0-9]{1,4}){1,4}|x{0,3}(?:ix|iv|v?i{0,3}))[)\]]?",
    re.IGNORECASE,
)
_LONGEST_ITEM = 34
_HOURS = re.compile(  # a time of day with which a sentence begins
    r"(?:(?:on|at|about|around|or|approx(?:imately|\.)?|between|and|from|to)\s+|(?:[0-9][0-9:/.-]*|hrs\.)\s*){1,8}hrs",
    re.IGNORECASE,
)
_LONGEST_HOURS = 80
_ITEM_ENDS = frozenset("0123456789xivXIV\u0130\u0131)]")
_PLAIN = 4 * LONGEST_UNIT  # characters that are looked through at once for plain ends
_ROW_END = re.compile(rf"[^\S{_LINES}]{{0,16}}\|[^\S{_LINES}]{{0,16}}(?:[{_LINES}]|(?P<open>\Z))")
_QUOTED = re.compile(rf"(?:\r\n|[{_LINES}])[ \t]{{0,8}}[>#][>#\ \t]{{0,16}}+(?:(?<=[ \t])(?P<next>\S)|(?P<open>\Z))?")
_CLOSING_TAG = re.compile(r"</(?P<name>[A-Za-z][A-Za-z0-9]{0,15})\s?>")
_LEADING = re.compile(rf"\s{{0,{LONGEST_UNIT}}}")
_NEXT_SIGN = re.compile(rf"\s{{1,{_REACH}}}(?P<next>\S)")


def is_mark(unit: str) -> bool:
    """Whether a unit is the mark of a turn of a chat.

    Examples
    --------
    >>> is_mark("<|im_start|>user"), is_mark("<b>")
    (True, False)
    """
    return unit[:1] in _TURNS and _MARK.fullmatch(unit) is not None


def unit_ends(text: str, start: int, scanned: int, *, final: bool) -> tuple[list[int], int]:
    """Find where all units end, as :func:`unit_end` does one after the other.

    Returns
    -------
    ends : list of int
    scanned : int
        Up to where an end of the unit that is not over was looked for.

    Examples
    --------
    >>> unit_ends("Seen at No. 12. Then gone. Never", 0, 0, final=False)
    ([15, 26], 27)
    """
    ends: list[int] = []
    while start < len(text):
        if scanned <= start:
            start = _plain_ends(text, start, ends)
            scanned = max(start, scanned)
            if start == len(text):
                break
        end, scanned = unit_end(text, start, scanned, final=final)
        if end < 0:
            break
        ends.append(end)
        start = scanned = end
    return ends, scanned


def _plain_ends(text: str, start: int, ends: list[int]) -> int:
    """Find the ends of units for as long as nothing behind the text could make them others."""
    first = _begins(text, start)
    behind = min(len(text) - 2 * _REACH, start + _PLAIN)
    for found in _END.finditer(text, first, max(first, behind)):
        at = found.start()
        sign = text[at]
        end = at if sign in _LINES else found.end()
        if end <= first or (sign == "\n" and text[end - 1] == "\r") or (sign in _LINES and _wrapped(text, at)):
            continue
        if sign in _WIDE or sign in _TURNS or end > start + LONGEST_UNIT or end >= behind - 1:
            break
        if sign in _LINES or (_is_end(text, first, at, end) and not _ends_row(text, start, first, end)):
            end = _line_end(text, first, end)
            ends.append(end)
            start, first = end, _begins(text, end)
    return start


def _begins(text: str, start: int) -> int:
    """Where a unit begins behind its white space."""
    if text.startswith(" ", start) and not text[start + 1 : start + 2].isspace():
        return start + 1
    leading = _LEADING.match(text, start)
    return min(leading.end() if leading else start, start + LONGEST_UNIT)


def unit_end(text: str, start: int, scanned: int, *, final: bool) -> tuple[int, int]:
    """Find where the unit that begins at a place ends.

    White space is at the beginning of a unit, never at its end. Whether there is an end depends on the text from
    the unit's beginning to some characters behind the end, and on nothing else.

    Parameters
    ----------
    text : str
    start : int
        Where the unit begins.
    scanned : int
        Up to where an end was looked for without success before.
    final : bool
        Whether the text ends here, or continues.

    Returns
    -------
    end : int
        If it ends; -1 where that is not certain yet.
    scanned : int
        Up to where an end was looked for.

    Examples
    --------
    >>> text = "Seen at No. 12. Then gone."
    >>> unit_end(text, 0, 0, final=True)
    (15, 15)
    """
    limit = start + LONGEST_UNIT
    first = _begins(text, start)
    at = max(first, scanned)
    for found in _END.finditer(text, at, min(len(text), limit + _REACH)):
        at = found.start()
        sign = text[at]
        end = at if sign in _LINES or (sign in _TURNS and at > first) else found.end()
        if end > limit or end <= first or (sign == "\n" and text[end - 1] == "\r"):
            continue
        if sign in _STOPS:
            if not final and end == len(text):  # what follows may belong to the end
                return -1, at
            if not final and len(text) < end + _REACH + 2 and not _next_sign(text, end):
                return -1, at
            if not _is_end(text, first, at, end):
                continue
            row = _ends_row(text, start, first, end)
            if row and not final and row["open"] is not None:
                return -1, at
            if row:
                continue
        elif sign in _TURNS:
            if not final and len(text) < found.end() + _REACH + 2:
                return -1, at
        elif sign in _WIDE:
            end = _closed(text, first, end, limit)
            if not final and len(text) < end + _REACH and text[end : end + 1] in ("", "<", "&"):
                return -1, at
        elif (wrapped := _wrapped(text, at, final=final)) is None:
            return -1, at
        elif wrapped:
            continue
        end = _line_end(text, first, end)
        return end, end
    if len(text) >= limit + _REACH + 2 or (final and len(text) > limit):
        return _cut(text, first, limit), limit
    if final:
        end = _line_end(text, first, len(text))
        return end, end
    return -1, max(first, len(text) - _REACH - 24)


def _wrapped(text: str, at: int, *, final: bool = True) -> bool | None:
    """Whether the line behind a place is quoted, or of a comment, and begins with a small letter, if that is known."""
    found = _QUOTED.match(text, at)
    if found is None or (found["open"] is not None and final):
        return False
    return None if found["open"] is not None else (found["next"] or "").islower()


def _ends_row(text: str, start: int, first: int, end: int) -> re.Match[str] | None:
    """Find the sign that closes a table's row behind a place, if the unit begins that row: it belongs to it."""
    if text[first : first + 1] != "|" or (start < first and not any(map(_LINES.__contains__, text[start:first]))):
        return None
    return _ROW_END.match(text, end)


def _closed(text: str, first: int, end: int, limit: int) -> int:
    """Where a unit ends with the tags behind it that close some that it opened."""
    while (tag := _CLOSING_TAG.match(text, end)) and tag.end() <= limit:
        if re.search(rf"<{tag['name']}[\s>]", text[first:end], re.IGNORECASE) is None:
            break
        end = tag.end()
    return end


def _line_end(text: str, first: int, end: int) -> int:
    """Where a unit ends of which the last line does: before the white space of that line."""
    while end > first and text[end - 1].isspace():
        end -= 1
    return end


def _is_end(text: str, first: int, start: int, end: int) -> bool:
    """Whether full stops between these places end the sentence that begins at the first."""
    if text[start - 1 : start] in _STOPS_BEFORE or end - start > _MOST_STOPS:
        return False
    if _next_sign(text, end).islower():
        return False
    if text[start] != ".":
        return True
    if text[start - 1 : start] in _ITEM_ENDS and start - first <= _LONGEST_ITEM and _ITEM.fullmatch(text, first, start):
        return False
    if (
        text[start - 3 : start].lower() == "hrs"
        and start - first <= _LONGEST_HOURS
        and _HOURS.fullmatch(text, first, start)
    ):
        return False
    return text[start + 1 : end] != "" or not _abbreviated(text, start)


def _next_sign(text: str, end: int) -> str:
    """The first sign behind some white space; nothing if none is near."""
    sign = text[end + 1 : end + 2]
    if sign and not sign.isspace() and text[end].isspace():
        return sign
    found = _NEXT_SIGN.match(text, end)
    return found["next"] if found else ""


_STOPS_BEFORE = frozenset(_STOPS)


def _abbreviated(text: str, stop: int) -> bool:
    before = text[max(0, stop - _LOOKED) : stop]
    word = before[before.rfind(" ") + 1 :]
    if not word:
        return False
    if word.isascii() and word.isalpha():
        if len(word) > 1 and word.lower() not in _SHORT_WORDS:
            return False
    elif found := _ABBREVIATED.search(text[max(0, stop - _LOOKED) : stop + 1]):
        word = found[0][:-1]
    else:
        return False
    return word not in _WORDS or _next_sign(text, stop + 1).isdigit()


def _cut(text: str, first: int, limit: int) -> int:
    """Where a unit is cut that does not end: at its last full stop that may be an end, or else at white space."""
    for found in reversed(list(_END.finditer(text, first + _LONGEST_ITEM, limit + _REACH))):
        end = found.end()
        if end <= limit and text[found.start()] in _STOPS and not _next_sign(text, end).islower():
            return end
    for at in range(limit, first, -1):
        if text[at].isspace() and not text[at - 1].isspace():
            return at
    return limit
