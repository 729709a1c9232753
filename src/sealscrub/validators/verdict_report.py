"""What reports of nullity tests have in common: a verdict that travels, and files in the format of their suffix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from sealscrub.errors import ConfigError
from sealscrub.transforms.formats.files import replace_file
from sealscrub.transforms.formats.names import printable

__all__ = ["VerdictReport"]


class VerdictReport(ABC):
    """A report that comes down to one verdict. The text, the page and the JSON are the operator's; JUnit travels."""

    suite: ClassVar[str]
    """What JUnit calls the kind of test."""
    verdict: StrEnum
    function: str
    epoch: int
    index_id: str

    @property
    @abstractmethod
    def exit_code(self) -> int:
        """0 a pass · 1 sealed records show · 3 it could not be told."""

    @property
    def travelling_verdict(self) -> str:
        """The verdict as it may leave the host.

        That no row was sealed is itself something to know about the data: it travels as INCONCLUSIVE.
        """
        return "INCONCLUSIVE" if self.verdict.value == "NO_SEALED_ROWS" else str(self.verdict.value)

    @abstractmethod
    def to_text(self) -> str:
        """Render for a terminal and for a failing test."""

    @abstractmethod
    def to_html(self) -> str:
        """Render as one self-contained page."""

    @abstractmethod
    def to_json(self) -> str:
        """Render as JSON. Operator's copy: it holds counts."""

    def to_junit(self) -> str:
        """Render as JUnit XML, which travels: the verdict, no counts, no names but the function's."""
        verdict = self.travelling_verdict
        tag = {0: "", 1: "failure"}.get(self.exit_code, "error")
        failures, errors = str(int(tag == "failure")), str(int(tag == "error"))
        counts = {"tests": "1", "failures": failures, "errors": errors, "skipped": "0"}
        root = ElementTree.Element("testsuites", {"name": "sealscrub", **counts})
        suite = ElementTree.SubElement(root, "testsuite", {"name": self.suite, **counts})
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="sealscrub_nullity", value=verdict)
        if self.index_id:
            ElementTree.SubElement(properties, "property", name="epoch", value=str(self.epoch))
        named = {"classname": f"sealscrub.{self.suite.replace(' ', '_')}", "name": printable(self.function)}
        case = ElementTree.SubElement(suite, "testcase", named)
        if tag:
            said = f"{self.meanings()[verdict]} The operator's copy says where."
            ElementTree.SubElement(case, tag, type=f"sealscrub.{verdict.lower()}", message=said)
        ElementTree.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"

    @staticmethod
    @abstractmethod
    def meanings() -> Mapping[str, str]:
        """Each verdict in a sentence."""

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report, in the format of the name's suffix.

        Parameters
        ----------
        path : path-like
            ``.txt``, ``.html`` and ``.json`` hold counts, and are written 0600; ``.xml`` is JUnit, and holds none.

        Raises
        ------
        ConfigError
            If the suffix names no format.
        WriteFailed
            If the file could not be completed.
        """
        ways = {".txt": self.to_text, ".html": self.to_html, ".json": self.to_json, ".xml": self.to_junit}
        suffix = Path(path).suffix.lower()
        if suffix not in ways:
            raise ConfigError(f"no report format ends in {suffix!r}", hint=f"one of {', '.join(ways)}.")
        replace_file(str(path), ways[suffix](), private=suffix != ".xml")
