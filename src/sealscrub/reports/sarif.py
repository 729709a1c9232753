"""SARIF 2.1.0: verdicts for a code-scanning service, a result for each table with findings. It travels."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import quote

from sealscrub import __version__
from sealscrub.errors import DOCS

from .display_names import printable
from .document import Document
from .traveller import verdicts_of
from .travelling_verdicts import Rule, Suite, Verdicts

__all__ = ["to_sarif"]

_HOME = "https://github.com/sealscrub/sealscrub"
_HELP = f"{DOCS}reference/reports.md"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"failure": "error", "error": "warning", "skipped": "none"}


def to_sarif(document: Document) -> str:
    """Render a document that travels as SARIF 2.1.0.

    What was found is an error, what could not be checked a warning, what was left out ``notApplicable``. A clean table
    has no result. An incomplete run is ``executionSuccessful: false``, and has a result on every table if no
    finding explains it, so no reader takes it for a pass.

    Raises
    ------
    UsageError
        If the document is the operator's copy, or has no verdicts.
    """
    verdicts = verdicts_of(document)
    run = {
        "tool": {"driver": _driver(verdicts)},
        "invocations": [_invocation(verdicts)],
        "artifacts": [_artifact(suite) for suite in verdicts.suites],
        "results": _results(verdicts),
        "columnKind": "unicodeCodePoints",
        "properties": {name: printable(str(value)) for name, value in verdicts.run.properties.items()},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(verdicts: Verdicts) -> dict[str, Any]:
    return {
        "name": "sealscrub",
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [
            {
                "id": rule.id,
                "name": rule.name,
                "shortDescription": {"text": f"A table {rule.says}."},
                "help": {"text": rule.help},
                "helpUri": f"{_HELP}#{rule.id.lower()}",
                "defaultConfiguration": {"level": _LEVELS[rule.outcome]},
            }
            for rule in verdicts.rules
        ],
    }


def _invocation(verdicts: Verdicts) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": verdicts.complete, "exitCode": verdicts.exit_code}
    if not verdicts.complete:
        text = "Not everything could be checked. This is not a clean bill; the operator's copy says why."
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": text}}]
    return invocation


def _artifact(suite: Suite) -> dict[str, Any]:
    return {
        "location": {"uri": _uri(suite), "description": {"text": _literal(suite.name)}},
        "roles": ["analysisTarget"],
    }


def _results(verdicts: Verdicts) -> list[dict[str, Any]]:
    causes = [(at, suite, rule) for at, suite in enumerate(verdicts.suites) for rule in suite.rules]
    results = [_result(verdicts, rule, at, suite) for at, suite, rule in causes]
    explained = any(rule.outcome == "error" for _, _, rule in causes)
    if not verdicts.complete and not explained and verdicts.unexplained is not None:
        if not verdicts.suites:
            return [_result(verdicts, verdicts.unexplained)]
        results += [_result(verdicts, verdicts.unexplained, at, suite) for at, suite in enumerate(verdicts.suites)]
    return results


def _result(verdicts: Verdicts, rule: Rule, at: int | None = None, suite: Suite | None = None) -> dict[str, Any]:
    columns = (
        [] if suite is None else [case.column for case in suite.cases if case.column is not None and rule in case.rules]
    )
    said = "columns" if len(columns) > 1 else "column"
    named = f" ({said} {', '.join(_literal(column) for column in columns)})" if columns else ""
    subject = "The data" if suite is None else f"{_literal(suite.name)}{named}"
    level = _LEVELS[rule.outcome]
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": verdicts.rules.index(rule),
        "kind": "notApplicable" if level == "none" else "fail",
        "level": level,
        "message": {"text": f"{subject} {rule.says}."},
    }
    if suite is not None:
        result["locations"] = [_location(at, suite, columns)]
        result["partialFingerprints"] = {"table/v2": _fingerprint(rule.id, suite)}
    return result


def _location(at: int | None, suite: Suite, columns: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(suite), "index": at}}}
    if columns:
        location["logicalLocations"] = [
            {"name": printable(column), "fullyQualifiedName": f"{printable(suite.name)}::{printable(column)}"}
            for column in columns
        ]
    return location


def _uri(suite: Suite) -> str:
    # a name is not a scheme, host or query: everything but the slashes between folders is escaped
    path = re.sub("^/+", "/", suite.path or suite.name)
    return quote(path, safe="/", errors="surrogatepass") or "%20"


def _literal(name: str) -> str:
    # in a SARIF message brackets make links, braces are placeholders and a backslash escapes
    return re.sub(r"[\\\[\]]", r"\\\g<0>", printable(name)).replace("{", "{{").replace("}", "}}")


def _fingerprint(rule: str, suite: Suite) -> str:
    named = f"{rule}\0{suite.path}\0{suite.name}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(named).hexdigest()[:32]
