"""SARIF 2.1.0: verdicts for a code-scanning service, a result for each table with findings. Travels."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, assert_never
from urllib.parse import quote

from sealscrub import __version__

from ..report import Report
from .names import printable
from .travelling import Finding, TravellingReport, TravellingTable, travelling

__all__ = ["to_sarif"]

_HOME = "https://github.com/sealscrub/sealscrub"
_HELP = f"{_HOME}/blob/main/docs/reference/reports.md"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# id, name, default level, what it says of a table, what to do
_RULES = (
    (
        "SEAL001",
        "SealedRecordsFound",
        "error",
        "holds records that may not be used: sealed, or withheld",
        "Take them out at the source with sealscrub scrub, before any count, join, split or fit.",
    ),
    (
        "SEAL002",
        "KeysNotChecked",
        "warning",
        "holds keys that could not be checked: near or unparsable",
        "Mend them, set the rows aside with --quarantine, or accept them by name with --accept.",
    ),
    (
        "SEAL003",
        "CoverageTooLow",
        "warning",
        "was looked up by keys that only a part of the seals carry: coverage is too low",
        "Name a further key column with --on, or ask the custodian for an index with more keys.",
    ),
    (
        "SEAL004",
        "RunIncomplete",
        "warning",
        "belongs to a run that is incomplete",
        "Read the operator's copy of the report, which says why.",
    ),
    (
        "SEAL005",
        "NoKeyColumn",
        "none",
        "has no key column named, so nothing in it was looked up",
        "Name a key column with --on, or leave the table out of what is used.",
    ),
)
_INCOMPLETE = 3


def to_sarif(report: Report) -> str:
    """Render as SARIF 2.1.0.

    What was found is an error, what could not be checked a warning, a table without key columns
    ``notApplicable``. A clean table has no result. An incomplete run is ``executionSuccessful: false``, and
    has a result on every table where no finding explains it, so that no reader takes it for a pass.
    """
    facts = travelling(report)
    run = {
        "tool": {"driver": _driver()},
        "invocations": [_invocation(facts)],
        "artifacts": [_artifact(table) for table in facts.tables],
        "results": _results(facts),
        "columnKind": "unicodeCodePoints",
        "properties": {name: printable(value) for name, value in facts.facts.items()},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver() -> dict[str, Any]:
    return {
        "name": "sealscrub",
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [
            {
                "id": rule,
                "name": name,
                "shortDescription": {"text": f"A table {says}."},
                "help": {"text": help},
                "helpUri": f"{_HELP}#{rule.lower()}",
                "defaultConfiguration": {"level": level},
            }
            for rule, name, level, says, help in _RULES
        ],
    }


def _invocation(facts: TravellingReport) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": facts.complete, "exitCode": facts.exit_code}
    if not facts.complete:
        text = "Not everything could be checked. This is not a clean bill; the operator's copy says why."
        invocation["toolExecutionNotifications"] = [{"level": "error", "message": {"text": text}}]
    return invocation


def _artifact(table: TravellingTable) -> dict[str, Any]:
    return {
        "location": {"uri": _uri(table), "description": {"text": _literal(table.name)}},
        "roles": ["analysisTarget"],
    }


def _results(facts: TravellingReport) -> list[dict[str, Any]]:
    causes = [
        (at, table, finding, _rule_of(finding)) for at, table in enumerate(facts.tables) for finding in table.findings
    ]
    results = [_result(at, table, _columns(table, cause), rule) for at, table, cause, rule in causes]
    explained = any(cause in (Finding.UNCHECKED, Finding.LOW_COVERAGE) for _, _, cause, _ in causes)
    if not facts.complete and not explained:
        if not facts.tables:
            return [_result(None, None, [], _INCOMPLETE)]
        results += [_result(at, table, [], _INCOMPLETE) for at, table in enumerate(facts.tables)]
    return results


def _rule_of(finding: Finding) -> int:
    match finding:
        case Finding.FOUND:
            return 0
        case Finding.UNCHECKED:
            return 1
        case Finding.LOW_COVERAGE:
            return 2
        case Finding.NO_KEYS:
            return 4
        case _:
            assert_never(finding)


def _columns(table: TravellingTable, finding: Finding) -> list[str]:
    return [key.column for key in table.keys if finding in key.findings]


def _result(at: int | None, table: TravellingTable | None, columns: list[str], rule: int) -> dict[str, Any]:
    identity, _, level, says, _ = _RULES[rule]
    named = f" (key column {', '.join(_literal(column) for column in columns)})" if columns else ""
    subject = "The data" if table is None else f"{_literal(table.name)}{named}"
    result: dict[str, Any] = {
        "ruleId": identity,
        "ruleIndex": rule,
        "kind": "notApplicable" if level == "none" else "fail",
        "level": level,
        "message": {"text": f"{subject} {says}."},
    }
    if table is not None:
        result["locations"] = [_location(at, table, columns)]
        result["partialFingerprints"] = {"table/v1": _fingerprint(identity, table)}
    return result


def _location(at: int | None, table: TravellingTable, columns: list[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(table), "index": at}}}
    if columns:
        location["logicalLocations"] = [
            {"name": printable(column), "fullyQualifiedName": f"{printable(table.name)}::{printable(column)}"}
            for column in columns
        ]
    return location


def _uri(table: TravellingTable) -> str:
    # a name is no scheme, host or query: everything but the slashes between folders is escaped
    path = re.sub("^/+", "/", table.name)
    return quote(path, safe="/", errors="surrogatepass") or "%20"


def _literal(name: str) -> str:
    # in a SARIF message brackets make links, braces are placeholders and a backslash escapes
    return re.sub(r"[\\\[\]]", r"\\\g<0>", printable(name)).replace("{", "{{").replace("}", "}}")


def _fingerprint(rule: str, table: TravellingTable) -> str:
    named = f"{rule}\0{table.name}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(named).hexdigest()[:32]
