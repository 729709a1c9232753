"""What a suite came to, fit to travel: verdicts, and the index that they hold for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sealscrub import __version__
from sealscrub.errors import ConfigError
from sealscrub.placing import placed_file
from sealscrub.transforms import Verdict

from .verdicts import META

__all__ = ["ExpectationOutcome", "SuiteOutcome", "outcome_of"]

_TYPES = (
    "expect_derived_column_reproducible",
    "expect_index_fresh",
    "expect_keys_parsable",
    "expect_no_sealed_elements",
    "expect_no_sealed_records",
)
"""Expectations of ours, whose results hold nothing of the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationOutcome:
    """What one expectation came to.

    Attributes
    ----------
    type : str
        Such as ``expect_no_sealed_records``.
    verdict : Verdict
        Of an expectation that is not ours: ``clean`` or ``found``, or ``incomplete`` where it raised.
    findings : tuple of str
        Why.
    index : mapping
        Epoch, as-of date and digest of the index; empty where none was asked.
    result : mapping
        Great Expectations' result, in the format that was asked for; empty for expectations that are not ours,
        whose results may hold values.
    """

    type: str
    verdict: Verdict
    findings: tuple[str, ...] = ()
    index: Mapping[str, Any] = field(default_factory=dict, hash=False)
    result: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteOutcome:
    """What a suite came to over one batch of data.

    Attributes
    ----------
    suite, data : str
        Their names.
    results : tuple of ExpectationOutcome
        In no particular order.
    index : mapping
        Epoch, as-of date and digest of the index; empty where no expectation asked one.
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

    def to_json(self) -> str:
        """Render as JSON, without counts: fit to travel."""
        said = {
            "suite": self.suite,
            "data": self.data,
            "verdict": self.verdict.value,
            **self.index,
            "tool": f"sealscrub {__version__}",
            "expectations": [
                {"type": each.type, "verdict": each.verdict.value, "findings": list(each.findings)}
                for each in self.results
            ],
        }
        return json.dumps(said, indent=2) + "\n"

    def to_junit(self) -> str:
        """Render as JUnit XML, without counts: fit to travel."""
        failed = [each for each in self.results if each.verdict is Verdict.FOUND]
        errors = [each for each in self.results if each.verdict is Verdict.INCOMPLETE]
        numbers = {"tests": str(len(self.results)), "failures": str(len(failed)), "errors": str(len(errors))}
        root = ElementTree.Element("testsuite", {"name": self.suite, **numbers})
        properties = ElementTree.SubElement(root, "properties")
        for name, value in self.index.items():
            ElementTree.SubElement(properties, "property", {"name": name, "value": str(value)})
        for each in self.results:
            case = ElementTree.SubElement(root, "testcase", {"classname": self.data, "name": each.type})
            if each.verdict is not Verdict.CLEAN:
                kind = "failure" if each.verdict is Verdict.FOUND else "error"
                ElementTree.SubElement(case, kind, {"message": ", ".join(each.findings) or each.verdict.value})
        ElementTree.indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"

    def to_text(self) -> str:
        """Render for a terminal."""
        lines = [f"{self.suite} over {self.data}: {self.verdict.value}"]
        lines += [
            f"  {each.verdict.value:<10} {each.type}" + (f": {', '.join(each.findings)}" if each.findings else "")
            for each in self.results
        ]
        if self.index:
            lines.append("index {index}, epoch {epoch}, as of {as_of}".format(**self.index))
        return "\n".join(lines) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a .json, .xml (JUnit) or .txt file.

        Raises
        ------
        ConfigError
            When the suffix names none of these.
        """
        path = Path(path)
        texts = {".json": self.to_json, ".xml": self.to_junit, ".txt": self.to_text}
        if path.suffix.lower() not in texts:
            raise ConfigError("the suffix names no format", where=str(path), hint=".json, .xml or .txt.")
        with placed_file(path) as file:
            file.write(texts[path.suffix.lower()]().encode())


def outcome_of(suite: str, data: str, results: Sequence[Any]) -> SuiteOutcome:
    """Take what Great Expectations found, and of expectations that are not ours nothing but whether they hold."""
    found = tuple(_outcome(each) for each in results)
    index = next((each.index for each in found if each.index), {})
    return SuiteOutcome(suite=suite, data=data, results=found, index=index)


def _outcome(result: Any) -> ExpectationOutcome:
    kind = result.expectation_config.type
    if kind not in _TYPES:
        raised = _raised(result.exception_info or {})
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


def _raised(info: Mapping[str, Any]) -> bool:
    """Whether an exception was raised: by the expectation, or (under its metric's name) by a metric."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(isinstance(each, Mapping) and each.get("raised_exception") for each in info.values())
