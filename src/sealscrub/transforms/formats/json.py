"""JSON: the report as programs on the trusted host read it. Operator's copy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from sealscrub import __version__
from sealscrub.errors import UnreadableInput

from ..report import ColumnReport, KeyReport, Report, TableReport

__all__ = ["read_json", "to_json"]

_ACTIONS: dict[str, Literal["scan", "scrub"]] = {"scan": "scan", "scrub": "scrub"}


def to_json(report: Report) -> str:
    """Render as JSON.

    ``epoch``, ``as_of``, ``complete`` and ``tables`` are the contract (design: Report). ``sealed`` and its
    siblings stand only in ``keys``: the coverage of a table's key columns together is ``coverage_together``.
    """
    document = {
        "operator_copy": True,
        "epoch": report.epoch,
        "as_of": report.as_of.isoformat(),
        "complete": report.complete,
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "action": report.action,
        "dry_run": report.dry_run,
        "use": report.use,
        "audience": report.audience,
        "index_id": report.index_id,
        "not_after": report.not_after.isoformat(),
        "min_coverage": report.min_coverage,
        "accepted": report.accepted,
        "allowed": report.allowed,
        "problems": report.problems,
        "warnings": report.warnings,
        "tables": [_table(table) for table in report.tables],
        "sealscrub": __version__,
    }
    if report.plan:
        document |= {"plan": report.plan, "refit": report.refit}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def read_json(text: str) -> Report:
    """Read back what :func:`to_json` wrote.

    Raises
    ------
    UnreadableInput
        If the text is no such report.
    """
    try:
        return _report(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UnreadableInput(
            "this is no report of sealscrub",
            hint="give the JSON that --format json or --report FILE.json wrote.",
        ) from None


def _table(table: TableReport) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": table.name,
        "rows": table.rows,
        "removed": table.removed,
        "changed": table.changed,
        "quarantined": table.quarantined,
        "unchecked": table.unchecked,
        "coverage_together": table.coverage,
        "keys": [asdict(key) for key in table.keys],
        "slow_columns": table.slow_columns,
        "notes": table.notes,
    }
    if table.positions is not None:
        document["positions"] = table.positions
    if table.linked or table.columns:
        document |= {"linked": table.linked, "columns": [asdict(column) for column in table.columns]}
    return document


def _report(document: Mapping[str, Any]) -> Report:
    return Report(
        epoch=int(document["epoch"]),
        as_of=date.fromisoformat(document["as_of"]),
        complete=document["complete"] is True,
        tables=tuple(_read_table(table) for table in document["tables"]),
        action=_ACTIONS[document["action"]],
        use=str(document["use"]),
        audience=str(document["audience"]),
        index_id=str(document["index_id"]),
        not_after=date.fromisoformat(document["not_after"]),
        accepted=tuple(document["accepted"]),
        allowed=tuple(document["allowed"]),
        dry_run=document["dry_run"] is True,
        min_coverage=float(document["min_coverage"]),
        problems=tuple(document["problems"]),
        warnings=tuple(document["warnings"]),
        plan=str(document.get("plan", "")),
        refit=tuple(document.get("refit", ())),
    )


def _read_table(document: Mapping[str, Any]) -> TableReport:
    positions = document.get("positions")
    return TableReport(
        name=str(document["name"]),
        rows=int(document["rows"]),
        removed=int(document["removed"]),
        keys=tuple(KeyReport(**key) for key in document["keys"]),
        coverage=float(document["coverage_together"]),
        changed=int(document["changed"]),
        quarantined=int(document["quarantined"]),
        unchecked=int(document["unchecked"]),
        slow_columns=tuple(document["slow_columns"]),
        notes=tuple(document["notes"]),
        positions=None if positions is None else tuple(positions),
        linked=int(document.get("linked", 0)),
        columns=tuple(ColumnReport(**column) for column in document.get("columns", ())),
    )
