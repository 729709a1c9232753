"""What an expectation comes down to: a verdict, and the index it holds for. Nothing that differs by how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealscrub.errors import (
    IncompleteError,
    LowCoverage,
    SealscrubError,
    UncheckedKeys,
    WrongColumnError,
)
from sealscrub.index import Index
from sealscrub.matching import SweepTally, TableMatcher
from sealscrub.transforms import Verdict

__all__ = ["META", "Checked", "checked_by", "failed_with", "index_facts"]

META = "sealscrub"
"""Where results hold what we say about them."""

_WORDS: dict[type[BaseException], str] = {
    UncheckedKeys: "unchecked keys",
    LowCoverage: "low coverage",
    WrongColumnError: "wrong column",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one expectation found.

    Attributes
    ----------
    verdict : Verdict
        ``clean``; ``found`` if the expectation does not hold; ``incomplete`` if it could not be checked.
    findings : tuple of str
        Why, in words that any data could have given.
    index : mapping of str to object
        Epoch, as-of date and digest of the index; empty if none was asked.

    Examples
    --------
    >>> Checked(verdict=Verdict.FOUND, findings=("sealed",)).to_result()
    {'success': False, 'result': {'observed_value': 'found: sealed'}, 'meta': {'sealscrub': {'verdict': 'found', \
'findings': ['sealed']}}}
    """

    verdict: Verdict
    findings: tuple[str, ...] = ()
    index: Mapping[str, Any] = field(default_factory=dict)

    def to_result(self) -> dict[str, Any]:
        """Give what Great Expectations makes a result of; its meta stays in every result format."""
        said = self.verdict.value + (f": {', '.join(self.findings)}" if self.findings else "")
        if self.index:
            said += f" (index {self.index['index'][:12]}, epoch {self.index['epoch']}, as of {self.index['as_of']})"
        facts = {"verdict": self.verdict.value, "findings": list(self.findings), **self.index}
        success = self.verdict is Verdict.CLEAN
        return {"success": success, "result": {"observed_value": said}, "meta": {META: facts}}


def index_facts(index: Index) -> dict[str, Any]:
    """Say which index it was."""
    return {"epoch": index.epoch, "as_of": index.as_of.isoformat(), "index": index.id}


def checked_by(
    matcher: TableMatcher, *, elsewhere: Sequence[SweepTally] = (), left: Sequence[str] = (), swept: bool = True
) -> Checked:
    """Say what a matcher found in all that it judged, and a sweep in everything else, or that there was none."""
    findings = ["sealed or withheld"] if matcher.tally().matched else []
    findings += ["sealed in another column"] if any(each.found for each in elsewhere) else []
    verdict = Verdict.FOUND if findings else Verdict.CLEAN
    try:
        matcher.check_columns()
    except WrongColumnError:
        findings.append(_WORDS[WrongColumnError])
    findings += [_WORDS[kind] for kind, _, _ in matcher.problems()]
    findings += ["other columns not checked"] if any(each.unchecked for each in elsewhere) else []
    if findings and verdict is Verdict.CLEAN:
        verdict = Verdict.INCOMPLETE
    findings += [f"not compared: {column}" for column in sorted(left)] if swept else ["not compared: other columns"]
    return Checked(verdict=verdict, findings=tuple(dict.fromkeys(findings)), index=index_facts(matcher.index))


def failed_with(error: BaseException) -> Checked:
    """Say that something kept the expectation from being checked: only the kind of error, its text may show values."""
    kind = type(error)
    said = kind.__name__ if isinstance(error, SealscrubError) else IncompleteError.__name__
    return Checked(verdict=Verdict.INCOMPLETE, findings=(_WORDS.get(kind, said),))
