"""What a suite came to, fit to travel: verdicts, and the index that they hold for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sealscrub.reports import (
    Case,
    Column,
    Document,
    JunitReport,
    Kind,
    Name,
    Rule,
    State,
    Suite,
    Table,
    Verdicts,
)
from sealscrub.transforms import Verdict

from .expectation_verdicts import META

__all__ = ["ExpectationOutcome", "SuiteOutcome", "outcome_of"]

_TYPES = (
    "expect_derived_column_reproducible",
    "expect_index_fresh",
    "expect_keys_parsable",
    "expect_no_sealed_elements",
    "expect_no_sealed_records",
)
"""Expectations of ours, whose results hold nothing of the data."""
_KINDS: dict[Verdict, Kind] = {Verdict.CLEAN: "good", Verdict.FOUND: "bad", Verdict.INCOMPLETE: "warn"}
_LEDES = {
    Verdict.CLEAN: "Every expectation holds.",
    Verdict.FOUND: "An expectation does not hold.",
    Verdict.INCOMPLETE: "Not everything could be checked.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationOutcome:
    """What one expectation came to.

    Attributes
    ----------
    type : str
        Such as ``expect_no_sealed_records``.
    verdict : Verdict
        Of an expectation that is not ours: ``clean`` or ``found``, or ``incomplete`` if it raised.
    findings : tuple of str
        Why.
    index : mapping
        Epoch, as-of date and digest of the index; empty if none was asked.
    result : mapping
        Great Expectations' result, in the format that was asked for; empty for expectations that are not ours,
        whose results may hold values.

    Examples
    --------
    >>> ExpectationOutcome(type="expect_index_fresh", verdict=Verdict.FOUND, findings=("old date",)).findings
    ('old date',)
    """

    type: str
    verdict: Verdict
    findings: tuple[str, ...] = ()
    index: Mapping[str, Any] = field(default_factory=dict, hash=False)
    result: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteOutcome(JunitReport):
    """What a suite came to over one batch of data.

    Attributes
    ----------
    suite, data : str
        Their names.
    results : tuple of ExpectationOutcome
        In no particular order.
    index : mapping
        Epoch, as-of date and digest of the index; empty if no expectation asked one.

    Examples
    --------
    >>> holds = ExpectationOutcome(type="expect_keys_parsable", verdict=Verdict.CLEAN)
    >>> SuiteOutcome(suite="training", data="train.csv", results=(holds,)).exit_code
    0
    """

    suite: str
    data: str
    results: tuple[ExpectationOutcome, ...]
    index: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def verdict(self) -> Verdict:
        """The worst of the verdicts: found before incomplete before clean."""
        verdicts = {result.verdict for result in self.results}
        for worst in (Verdict.FOUND, Verdict.INCOMPLETE):
            if worst in verdicts:
                return worst
        return Verdict.CLEAN if verdicts else Verdict.INCOMPLETE

    @property
    def success(self) -> bool:
        """Whether every expectation holds."""
        return self.verdict is Verdict.CLEAN

    @property
    def exit_code(self) -> int:
        """0 all hold · 1 one does not · 3 one could not be checked."""
        return {Verdict.CLEAN: 0, Verdict.FOUND: 1}.get(self.verdict, 3)

    def _facts(self) -> Mapping[str, Any]:
        return {
            "suite": self.suite,
            "data": self.data,
            "verdict": self.verdict.value,
            **self.index,
            "expectations": [
                {"type": each.type, "verdict": each.verdict.value, "findings": list(each.findings)}
                for each in self.results
            ],
        }

    def _document(self) -> Document:
        rows = tuple(
            (State(_KINDS[each.verdict], each.verdict.value), Name(each.type), ", ".join(each.findings))
            for each in self.results
        )
        columns = (Column("verdict"), Column("expectation"), Column("why"))
        cases = tuple(Case(name=each.type, rules=_rules(each)) for each in self.results)
        facts = {name: str(value) for name, value in self.index.items()}
        return Document(
            tool="expectations",
            kind=_KINDS[self.verdict],
            headline=self.verdict.value,
            lede=_LEDES[self.verdict],
            of=f"{self.suite} over {self.data}",
            facts={name.replace("_", " ").capitalize(): value for name, value in facts.items()},
            parts=(Table(title="Expectations", columns=columns, rows=rows),),
            steps=() if self.success else ("Scrub the data, or settle what could not be checked, and run it again.",),
            verdicts=Verdicts(
                run=Suite(name=self.suite, cases=cases, classname=self.data, properties=facts),
                exit_code=self.exit_code,
                complete=self.verdict is not Verdict.INCOMPLETE,
            ),
        )


def _rules(outcome: ExpectationOutcome) -> tuple[Rule, ...]:
    if outcome.verdict is Verdict.CLEAN:
        return ()
    found = outcome.verdict is Verdict.FOUND
    message = ", ".join(outcome.findings) or outcome.verdict.value
    return (Rule(code=outcome.verdict.value, outcome="failure" if found else "error", message=message),)


def outcome_of(suite: str, data: str, results: Sequence[Any]) -> SuiteOutcome:
    """Take what Great Expectations found, and of expectations that are not ours nothing but whether they hold."""
    found = tuple(_outcome(each) for each in results)
    index = next((each.index for each in found if each.index), {})
    return SuiteOutcome(suite=suite, data=data, results=found, index=index)


def _outcome(result: Any) -> ExpectationOutcome:
    kind = result.expectation_config.type
    if kind not in _TYPES:
        raised = _has_raised(result.exception_info or {})
        verdict = Verdict.CLEAN if result.success else Verdict.INCOMPLETE if raised else Verdict.FOUND
        return ExpectationOutcome(type=kind, verdict=verdict)
    said = (result.meta or {}).get(META)
    if said is None:  # Great Expectations itself failed
        return ExpectationOutcome(type=kind, verdict=Verdict.INCOMPLETE)
    verdict, findings, index = said["verdict"], said["findings"], said.get("index")
    facts = {name: said[name] for name in ("epoch", "as_of", "index")} if index else {}
    return ExpectationOutcome(
        type=kind, verdict=Verdict(verdict), findings=tuple(findings), index=facts, result=dict(result.result or {})
    )


def _has_raised(info: Mapping[str, Any]) -> bool:
    """Whether an exception was raised: by the expectation, or (under its metric's name) by a metric."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(isinstance(each, Mapping) and each.get("raised_exception") for each in info.values())
