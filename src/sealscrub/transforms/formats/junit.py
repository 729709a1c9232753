"""JUnit XML: verdicts for a CI server, one test case for each table and key column. Travels: no counts."""

from __future__ import annotations

from typing import assert_never
from xml.etree import ElementTree

from ..report import Report
from .names import printable
from .travelling import Finding, TravellingReport, TravellingTable, travelling

__all__ = ["to_junit"]

_RUN = "sealscrub"


def to_junit(report: Report) -> str:
    """Render as JUnit XML.

    A key column fails where a scan found something, is an error where it could not be checked, and else
    passes; a table without a key column is skipped. The suite ``sealscrub`` has one more case, ``complete``,
    which is an error whenever the run is incomplete, for whatever reason. ``tests``, ``failures`` and
    ``errors`` number cases, never rows.
    """
    facts = travelling(report)
    root = ElementTree.Element("testsuites", name=_RUN)
    root.append(_run_suite(facts))
    root.extend(_table_suite(table) for table in facts.tables)
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _run_suite(facts: TravellingReport) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_RUN)
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in facts.facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=printable(value))
    case = ElementTree.SubElement(suite, "testcase", classname=_RUN, name="complete")
    if not facts.complete:
        _outcome(case, "error", "incomplete", "Not everything could be checked. The operator's copy says why.")
    return _numbered(suite)


def _table_suite(table: TravellingTable) -> ElementTree.Element:
    name = printable(table.name)
    suite = ElementTree.Element("testsuite", name=name)
    for key in table.keys:
        label = f"{printable(key.scheme)}={printable(key.column)}"
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=label)
        if key.findings:
            # a JUnit case has one outcome: what was found goes before what was not checked
            _say(case, key.findings[0])
    if not table.keys:
        _say(ElementTree.SubElement(suite, "testcase", classname=name, name="no key column"), Finding.NO_KEYS)
    return _numbered(suite)


def _say(case: ElementTree.Element, finding: Finding) -> None:
    match finding:
        case Finding.FOUND:
            _outcome(case, "failure", "found", "Holds records that may not be used: sealed, or withheld.")
        case Finding.UNCHECKED:
            _outcome(case, "error", "unchecked", "Holds keys that could not be checked: near or unparsable.")
        case Finding.LOW_COVERAGE:
            _outcome(case, "error", "low-coverage", "Too few of the seals could have been recognised.")
        case Finding.NO_KEYS:
            ElementTree.SubElement(case, "skipped", message="No key column was named: nothing was looked up.")
        case _:
            assert_never(finding)


def _outcome(case: ElementTree.Element, tag: str, kind: str, message: str) -> None:
    ElementTree.SubElement(case, tag, type=f"sealscrub.{kind}", message=message)


def _numbered(suite: ElementTree.Element) -> ElementTree.Element:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    return suite
