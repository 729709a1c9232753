"""The words of reports of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscrub.errors import Spelled
from sealscrub.reports import printable

from ..trial.wording import Wording

if TYPE_CHECKING:
    from ..trial.energy import ChanceTest
    from .comparison import Difference
    from .paths import PathOfRow

__all__ = [
    "WORDING",
    "chance_outcome",
    "chance_powers",
    "shown_change",
    "shown_first",
    "shown_path",
    "shown_rows",
]

_FEW = 5

_MEANINGS = {
    "PASS": "Every bit of the result is what it would be had the sealed records never existed.",
    "INTERFERENCE": "The sealed records show in the result: it differs from what it would be without them.",
    "VACUOUS": "The result does not depend on the data: removing other records changes nothing either.",
    "NONDETERMINISTIC": "Two runs over the same data differ, so a difference says nothing.",
    "AMBIENT_INPUT": "It uses something other than its argument, which may hold what the sealed records left.",
    "NO_SEALED_ROWS": "There is nothing to test with: no sealed record reached it.",
    "INCONCLUSIVE": "The test was inconclusive, which is not a pass.",
}

_NEXT_STEPS = {
    "PASS": "Nothing. Keep the test: it covers only this function on this data.",
    "INTERFERENCE": "Scrub at the source: call sealscrub.scrub before any count, join, split or fit, and compute from "
    "what it gives.",
    "VACUOUS": "Let it compute from the data that it is given: a result from a cache, a file or a constant passes any "
    "test.",
    "NONDETERMINISTIC": Spelled(
        "Give every source of chance a seed, and sort where the order is left open. Where that cannot be, repeats= "
        "compares results with and without the sealed records as two samples, which is not a pass either.",
        "Give every source of chance a seed, and sort where the order is left open. Where that cannot be, --repeats "
        "compares results with and without the sealed records as two samples, which is not a pass either.",
    ),
    "AMBIENT_INPUT": Spelled(
        "Pass what it reads as an argument. If no sealed record can be in it, declare it with inputs=[…]. "
        "Write to the temporary folder only.",
        "Pass what it reads as an argument. If no sealed record can be in it, declare it with --inputs. "
        "Write to the temporary folder only.",
    ),
    "NO_SEALED_ROWS": "Let it ask sealscrub which records are sealed, so planted ones can test it; or test it on "
    "data that holds some.",
    "INCONCLUSIVE": "Correct what the reason names, and run it again.",
}


WORDING = Wording(
    suite="nullity",
    tool="nullity test",
    tested="function",
    given="argument",
    other_result="another result",
    fails="fails",
    meanings=_MEANINGS,
    next_steps=_NEXT_STEPS,
)


def shown_rows(difference: Difference) -> str:
    """Say how many rows differ, and of how many."""
    if not difference.of:
        return ""
    return f"{difference.rows:,} of {difference.of:,}"


def shown_change(difference: Difference) -> str:
    """Show the largest change of numbers, with its direction."""
    if difference.largest is None:
        return ""
    sign = {1: "+", -1: "−", 0: "±"}[difference.sign]
    return f"{sign}{difference.largest:.3g}"


def shown_first(difference: Difference, most: int = _FEW) -> str:
    """Show positions of the first rows that differ, in the result without the sealed records."""
    shown = ", ".join(map(str, difference.first[:most]))
    return f"{shown}, …" if shown and difference.rows > min(most, len(difference.first)) else shown


def shown_path(path: PathOfRow) -> str:
    """Say where a row that differs came from."""
    home = f"{printable(path.table)} " if path.table else "the data's "
    by = "label" if path.by == "(index)" else printable(path.by)
    if not path.rows:
        return f"row {path.row} of {printable(path.name)}: no unsealed row of {home.strip()} has the same {by}"
    rows = ", ".join(map(str, path.rows)) + (f", … ({path.of:,} in all)" if path.of > len(path.rows) else "")
    word = "row" if path.of == 1 else "rows"
    return f"row {path.row} of {printable(path.name)}: {home}{word} {rows}, of the same {by}"


def chance_outcome(chance: ChanceTest) -> str:
    """Say what came of comparing two samples of results."""
    text = (
        f"Two samples of {chance.runs} results each, with and without the sealed records, by permutations of their "
        f"energy distance: {chance.statistic:.3f} from 0 (alike) to 1 (apart), p = {chance.p_value:.2g}."
    )
    if not chance.differs:
        return f"{text} No difference beyond chance was found, which is not a pass: it may be too small to be found so."
    named = ", ".join(map(printable, chance.columns[:_FEW]))
    more = f" and {len(chance.columns) - _FEW} more" if len(chance.columns) > _FEW else ""
    return f"{text} They differ by more than chance" + (f", each for itself in: {named}{more}." if named else ".")


def chance_powers(chance: ChanceTest) -> list[str]:
    """Say how often such a test would find shifts that have a name."""
    return [f"{shift.power:.0%} of the time: {shift.name}" for shift in chance.shifts]
