"""JUnit XML: verdicts for a CI server. It travels: ``tests``, ``failures`` and ``errors`` number cases, never rows."""

from __future__ import annotations

from xml.etree import ElementTree

from .display_names import printable
from .document import Document
from .traveller import verdicts_of
from .travelling_verdicts import Suite

__all__ = ["to_junit"]


def to_junit(document: Document) -> str:
    """Render a document that travels as JUnit XML.

    Raises
    ------
    UsageError
        If the document is the operator's copy, or has no verdicts.
    """
    verdicts = verdicts_of(document)
    root = ElementTree.Element("testsuites", name="sealscrub")
    root.extend(_suite(each) for each in (verdicts.run, *verdicts.suites) if each.cases)
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(suite: Suite) -> ElementTree.Element:
    name = printable(suite.name)
    element = ElementTree.Element("testsuite", name=name)
    facts = [
        (fact, value)
        for fact, values in suite.properties.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    properties = ElementTree.SubElement(element, "properties") if facts else element
    for fact, value in facts:
        ElementTree.SubElement(properties, "property", name=fact, value=printable(value))
    for each in suite.cases:
        case = ElementTree.SubElement(element, "testcase", classname=suite.classname or name, name=each.name)
        for rule in each.rules[:1]:  # a JUnit case has one outcome: what was found goes before what was not checked
            named = {"type": f"sealscrub.{rule.code}"} if rule.outcome != "skipped" else {}
            ElementTree.SubElement(case, rule.outcome, {**named, "message": rule.message})
    element.set("tests", str(len(suite.cases)))
    for attribute, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        element.set(attribute, str(len(element.findall(f"testcase/{tag}"))))
    return element
