"""The verdict of a nullity test of outputs as JUnit XML. Travels: no counts, no parts of answers, no paths."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sealscrub.transforms.formats.names import printable

from .report_words import MEANINGS

if TYPE_CHECKING:
    from .report import OutputNullityReport

__all__ = ["output_nullity_junit", "travelling_output_verdict"]


def travelling_output_verdict(report: OutputNullityReport) -> str:
    """Give the verdict as it may leave the host: that no row was sealed is itself something to know about the data."""
    return "INCONCLUSIVE" if report.verdict.value == "NO_SEALED_ROWS" else report.verdict.value


def output_nullity_junit(report: OutputNullityReport) -> str:
    """Render as JUnit XML: a pass, a failure, or an error for what could not be told."""
    verdict = travelling_output_verdict(report)
    tag = {0: "", 1: "failure"}.get(report.exit_code, "error")
    counts = {"tests": "1", "failures": str(int(tag == "failure")), "errors": str(int(tag == "error")), "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": "sealscrub", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": "output nullity", **counts})
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="sealscrub_nullity", value=verdict)
    if report.index_id:
        ElementTree.SubElement(properties, "property", name="epoch", value=str(report.epoch))
    name = printable(report.function)
    case = ElementTree.SubElement(suite, "testcase", classname="sealscrub.output_nullity", name=name)
    if tag:
        said = f"{MEANINGS[verdict]} The operator's copy says where."
        ElementTree.SubElement(case, tag, type=f"sealscrub.{verdict.lower()}", message=said)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
