"""The words of reports of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealscrub.errors import Spelled
from sealscrub.reports import counted

from ..trial.wording import Wording

if TYPE_CHECKING:
    from .answer_findings import Finding
    from .response_times import Timing

__all__ = ["MEANINGS_RUNNING", "REMEDIES", "WORDING", "shown_change", "shown_kinds", "shown_timing"]

_MEANINGS = {
    "PASS": "Every answer is, bit for bit, what it would be had the sealed records never existed.",
    "INTERFERENCE": "Sealed records show in the answers: they differ from what they would be without them.",
    "ORACLE": "A sealed id gets another answer than an id that no one has: the answers reveal which ids are sealed.",
    "VACUOUS": "The probes do not reach the data: removing half of the other records changes no answer.",
    "NONDETERMINISTIC": "The same question over the same data gets two answers, so a difference says nothing.",
    "AMBIENT_INPUT": "It reads something other than its data, which may hold what the sealed records left.",
    "NO_SEALED_ROWS": "There is nothing to test with: no sealed record reached it.",
    "INCONCLUSIVE": "The test was inconclusive, which is not a pass.",
}

MEANINGS_RUNNING = {
    "PASS": "No answer of the running system names a sealed record, treats a sealed id unlike an unknown one or has a "
    "gap.",
    "INTERFERENCE": "Sealed records show in the answers of the running system.",
    "VACUOUS": "The probes reach nothing: open ids get the answer of unknown ones.",
}
"""For a running system: there is no twin without the sealed records."""

_NEXT_STEPS = {
    "PASS": "Nothing. Keep the test: it covers only this system on this data.",
    "INTERFERENCE": "Remove the sealed records before the system is built: before ranking, normalising, counting, "
    "fitting and indexing.",
    "ORACLE": Spelled(
        "Say which ids the system knows: guard(…, known=ids), so a sealed id gets the answer of an unknown one. "
        "Where that is wanted: oracle_ok=True.",
        "Let the system know which ids there are, so a sealed id gets the answer of an unknown one. Where a "
        "difference is wanted: --oracle-ok.",
    ),
    "VACUOUS": "Let the query use the probe: probe.id, probe.record, probe.text.",
    "NONDETERMINISTIC": Spelled(
        "Give every source of chance a seed; leave what is not a part of the answer out with "
        "ignore=['headers.x-request-id'].",
        "Give every source of chance a seed; leave what is not a part of the answer out with "
        "--ignore headers.x-request-id.",
    ),
    "AMBIENT_INPUT": Spelled(
        "Build the system from the data that it is given. If no sealed record can be in what it reads, "
        "declare it with inputs=[…]. A service that is asked over TCP needs sandbox=False.",
        "Build the system from the data that it is given.",
    ),
    "NO_SEALED_ROWS": "Let the system ask sealscrub which records are sealed, so planted ones can test it; or "
    "test it on data that holds some.",
    "INCONCLUSIVE": "Correct what the reason names, and run it again.",
}

WORDING = Wording(
    suite="output nullity",
    tool="nullity test of outputs",
    tested="system",
    given="data",
    other_result="other answers",
    fails="cannot be built",
    meanings=_MEANINGS,
    next_steps=_NEXT_STEPS,
)

REMEDIES = {
    "unfiltered": "scrub the data, or put a guard before the answer",
    "refusal": "give a sealed id the answer of an unknown one: the same status, text and headers",
    "post-filter": "filter before the cut: guard_ranking refills to k",
    "kept ranks": "renumber the kept records, as guard_ranking does",
    "softmax": "recompute the shares of the kept records from raw scores",
    "z-norm": "recompute mean and spread of the kept records",
    "fitted": "fit on scrubbed data; a guard cannot remove it afterwards",
    "structure": "rebuild the index from the kept records, as NullGallery does",
    "totals": "count after the filter, in the source",
    "pages": "page over the survivors",
    "suggestions": "build the vocabulary from scrubbed data",
    "background": "draw the background from scrubbed data",
    "oracle": "name the ids that the system knows",
    "cache": "fix its source; compute tags and lengths after the filter",
    "failing": "let it fail with the error of an unknown id",
}
"""What to do, by cause."""

_MOST_KINDS = 3


def shown_kinds(finding: Finding, most: int = _MOST_KINDS) -> str:
    """Say which probes bring it out, and how many of them."""
    shown = list(finding.kinds)[:most]
    if len(finding.kinds) > most and "random" in finding.kinds:
        shown[-1] = "random"  # what anyone sees, and not only who knows where to look
    kinds = [f"{kind} {finding.kinds[kind][0]}/{finding.kinds[kind][1]}" for kind in shown]
    return " · ".join(kinds) + (" · …" if len(finding.kinds) > most else "")


def shown_change(finding: Finding) -> str:
    """Show the largest change of a number, with its direction."""
    if finding.change is None:
        return ""
    return f"{'+' if finding.change > 0 else '−'}{abs(finding.change):.3g}"


def shown_timing(timing: Timing) -> str:
    """Say how two samples of times compare."""
    sizes = f"{timing.sizes[0]:,} and {counted(timing.sizes[1], 'answer')}"
    medians = f"medians {_time(timing.first)} and {_time(timing.second)}"
    return f"{timing.what}: {medians}, permutation p = {timing.p:.3g} ({sizes})"


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"
