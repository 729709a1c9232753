"""The verdict of a nullity test as JUnit XML, for a CI server. Travels: no counts, no names of columns, no paths."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sealscrub.transforms.formats.names import printable

from .report_words import MEANINGS

if TYPE_CHECKING:
    from .report import NullityReport

__all__ = ["nullity_junit", "travelling_verdict"]


def travelling_verdict(report: NullityReport) -> str:
    """Give the verdict as it may leave the host.

    That no row was sealed is itself something to know about the data: it travels as INCONCLUSIVE.
    """
    return "INCONCLUSIVE" if report.verdict.value == "NO_SEALED_ROWS" else report.verdict.value


def nullity_junit(report: NullityReport) -> str:
    """Render as JUnit XML: a pass, a failure (INTERFERENCE, AMBIENT_INPUT), or an error for what could not be told."""
    verdict = travelling_verdict(report)
    tag = {0: "", 1: "failure"}.get(report.exit_code, "error")
    counts = {"tests": "1", "failures": str(int(tag == "failure")), "errors": str(int(tag == "error")), "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": "sealscrub", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": "nullity", **counts})
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="sealscrub_nullity", value=verdict)
    ElementTree.SubElement(properties, "property", name="epoch", value=str(report.epoch))
    case = ElementTree.SubElement(suite, "testcase", classname="sealscrub.nullity", name=printable(report.function))
    if tag:
        ElementTree.SubElement(
            case,
            tag,
            type=f"sealscrub.{verdict.lower()}",
            message=f"{MEANINGS[verdict]} The operator's copy says where.",
        )
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
