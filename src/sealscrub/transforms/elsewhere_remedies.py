"""What settles a place that is not a key column, where ids of records are."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection
from typing import Literal

from sealscrub.errors import Spelled
from sealscrub.matching import SweepTally
from sealscrub.matching.sweep import NAMELESS
from sealscrub.tables.table import COLUMN_NAMES, DECLARATION, FILE_NAME, METADATA

__all__ = ["Asker", "remedy"]

Asker = Literal["scrub", "plan", "check"]
"""Who says how a place is settled: a call or command of a scrub or scan, a plan, or a part that only judges."""

_AT_SOURCE = {
    COLUMN_NAMES: "rename the column",
    FILE_NAME: "rename the file or folder",
    "(index)": "give the frame another index",
    METADATA: (
        "write a new file or table, and do not keep the entry of metadata; or, of a Delta or Iceberg table, change the "
        "entry with its own engine, and delete the history, which may hold it too"
    ),
    DECLARATION: (
        "change how the table is declared at its source: its defaults, checks, indexes and triggers, "
        "and the views and sequences next to it"
    ),
}
_SPLIT = "give each id a row or a list element of its own, at its source"
_ELEMENTS = "declare it under elements, with the text between the ids as separator"
_ASIDE = "set the rows aside, and do not accept them:"
_SET_ROWS_ASIDE = Spelled(f"{_ASIDE} policy=Policy(quarantine=True)", f"{_ASIDE} --quarantine FILE")
_SET_ASIDE_IN_PLAN = Spelled(f"{_ASIDE} quarantine=FOLDER", f"{_ASIDE} --quarantine FOLDER")


def remedy(tally: SweepTally, *, asker: Asker, narratives: Collection[str] = ()) -> str:
    """Say every way to settle a place, with its argument or option, or its key of a plan.

    Parameters
    ----------
    tally : SweepTally
        The place, and what was met there.
    asker : {"scrub", "plan", "check"}
        Whose arguments are named. A check, as the parts for scikit-learn and pandera are, edits no text: it names the
        scrub that does.
    narratives : collection of str
        Columns that are declared narratives, and can be nothing else.

    Returns
    -------
    str
        :class:`Spelled` if it names arguments.

    Examples
    --------
    >>> place = SweepTally(place="note", texts=True, keys=True, found=1)
    >>> for way in remedy(place, asker="scrub").split("; or "):
    ...     print(way)
    declare it a key too, which removes these rows: on={SCHEME: 'note'}
    remove the sentences, all of a text if others are empty: narrative={'note': 'sentence'}
    make such values null, if others are: narrative={'note': 'null'}
    remove their rows: narrative={'note': 'drop'}
    leave it: leave={'note': 'reason'}.
    >>> for way in remedy(place, asker="check").split("; or "):
    ...     print(way)
    declare it a key too: on={SCHEME: 'note'}
    scrub the data first: ss.scrub(data, index, on, narrative={'note': 'sentence'})
    leave it: leave={'note': 'reason'}.
    """
    if tally.place == NAMELESS:
        return "rename the column."
    if tally.declared:
        ways = [_SPLIT, *([_ELEMENTS] if asker == "plan" and tally.whole and tally.texts else [])]
        ways.append(_SET_ASIDE_IN_PLAN if asker == "plan" else _SET_ROWS_ASIDE)
        return Spelled("; or ".join(ways) + ".", "; or ".join(map(Spelled.in_shell, ways)) + ".")
    ways = _ways_in_plan(tally) if asker == "plan" else _remedies(tally, scrubs=asker == "scrub")
    if (tally.column or tally.place) in narratives:
        at_source = _at_source(tally) or "correct the values at their source"
        ways = [at_source, *(way for way in ways if way.startswith("accept "))]
    return Spelled("; or ".join(ways) + ".", "; or ".join(map(Spelled.in_shell, ways)) + ".")


def _remedies(tally: SweepTally, *, scrubs: bool) -> list[str]:
    column, place = tally.column or tally.place, tally.place
    quoted = shlex.quote(column)
    leave = Spelled(f"leave it: leave={{{place!r}: 'reason'}}", f"leave it: --leave {_option(place)}=REASON")
    accepted = [
        Spelled(f"accept {what}: policy=Policy(accept={{{word!r}}})", f"accept {what}: --accept {word}")
        for what, word in _acceptable(tally)
    ]
    key = "declare it a key too, which removes these rows:"
    declare = Spelled(f"{key} on={{SCHEME: {column!r}}}", f"{key} --on SCHEME={quoted}")
    remove = "remove the sentences, all of a text if others are empty:"
    sentences = Spelled(f"{remove} narrative={{{column!r}: 'sentence'}}", f"{remove} --narrative {quoted}")
    null = Spelled(
        f"make such values null, if others are: narrative={{{column!r}: 'null'}}",
        f"make such values null, if others are: --null-elsewhere {quoted}",
    )
    drop = Spelled(
        f"remove their rows: narrative={{{column!r}: 'drop'}}", f"remove their rows: --narrative {quoted}=drop"
    )
    at_source = _at_source(tally)
    if at_source is not None:
        return [at_source, *accepted, leave]
    texts, found = tally.whole and tally.texts and tally.found, tally.found
    if not scrubs:
        ways = [f"declare it a key too: on={{SCHEME: {column!r}}}"] if tally.whole and tally.keys else []
        edit = "sentence" if texts else "null"
        first = f"scrub the data first: ss.scrub(data, index, on, narrative={{{column!r}: {edit!r}}})"
        return [*ways, *([first] if found else []), *accepted, leave]
    chosen = {declare: tally.whole and tally.keys, sentences: texts, null: found, drop: found}
    return [*(way for way, fits in chosen.items() if fits), *accepted, leave]


def _ways_in_plan(tally: SweepTally) -> list[str]:
    column, place = json.dumps(tally.column or tally.place), json.dumps(tally.place)
    leave = f"leave it: {place} = 'reason' under leave"
    accepted = [f"accept {what}: accept = [{word!r}]" for what, word in _acceptable(tally)]
    at_source = _at_source(tally)
    if at_source is not None:
        return [at_source, *accepted, leave]
    ways = f"{column} = 'null' (such values become null, if others are) or {column} = 'drop' (their rows are removed)"
    if tally.whole and tally.texts:
        ways = f"{column} = 'sentence' (the sentences are removed, all of a text if others are empty), {ways}"
    declare = ["declare it under keys or columns"] if tally.whole and tally.keys else []
    declare = ["declare it under elements"] if tally.place.startswith(f"{tally.column}[]") else declare
    return [*declare, *([f"under narrative, {ways}"] if tally.found else []), *accepted, leave]


def _acceptable(tally: SweepTally) -> list[tuple[str, str]]:
    """What can be accepted once for a run, if nothing was found: in words, and as the policy says it."""
    met = {("near values", "near"): tally.near, ("what may be chance, everywhere", "chance"): tally.ambiguous}
    return [each for each, count in met.items() if count and not tally.found]


def _at_source(tally: SweepTally) -> str | None:
    """What is done to the data itself if no way of a scrub settles the place."""
    if tally.place.endswith(" (names)"):
        return "rename the field"
    if (tally.near or tally.unread) and not (tally.found or tally.ambiguous):
        return "correct the values at their source"
    return _AT_SOURCE.get(tally.place)


def _option(place: str) -> str:
    """A place as the option that leaves it reads it."""
    return shlex.quote(place.replace("=", "\\="))
