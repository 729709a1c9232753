"""JSON: the report as programs on the trusted host read it. Operator's copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Literal, TypeVar

from sealscrub.errors import Spelled, UnreadableInput
from sealscrub.matching import SweepTally

from .scrub_report_values import ColumnReport, KeyReport, LevelReport, NarrativeReport, ReportValues, TableReport

__all__ = ["facts_of", "read_json"]

_Made = TypeVar("_Made", bound=ReportValues)
_ACTIONS: dict[str, Literal["scan", "scrub"]] = {"scan": "scan", "scrub": "scrub"}


def facts_of(report: ReportValues) -> dict[str, Any]:
    """Give what the JSON of a report holds.

    ``epoch``, ``as_of``, ``complete`` and ``tables`` are the contract. ``sealed`` and its siblings are only in
    ``keys``: the coverage of a table's key columns together is ``coverage_together``.
    """
    document: dict[str, Any] = {
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
        "swept": report.swept,
        "problems": report.problems,
        "warnings": report.warnings,
        "tables": [_table(table) for table in report.tables],
    }
    if report.min_recall is not None:
        document["min_recall"] = report.min_recall
    if report.reviewed:
        document["reviewed"] = dict(report.reviewed)
    if report.plan:
        document |= {"plan": report.plan, "refit": report.refit}
    return document


def read_json(text: str, make: Callable[..., _Made]) -> _Made:
    """Read back what ``to_json`` wrote, and make the report of it.

    Raises
    ------
    UnreadableInput
        If the text is no such report.
    """
    try:
        return _report(json.loads(text), make)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UnreadableInput(
            "this is not a report of sealscrub",
            hint=Spelled(
                "give the JSON that Report.to_json() gave, or Report.save(…) wrote.",
                "give the JSON that --format json or --report FILE.json wrote.",
            ),
        ) from None


def _table(table: TableReport) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": table.name,
        "rows": table.rows,
        "removed": table.removed,
        "changed": table.changed,
        "quarantined": table.quarantined,
        "unchecked": table.unchecked,
        "without_key": table.without_key,
        "reach": table.reach,
        "coverage_together": table.coverage,
        "keys": [_key(key) for key in table.keys],
        "slow_columns": table.slow_columns,
        "notes": table.notes,
    }
    if table.positions is not None:
        document["positions"] = table.positions
    if table.accepted_null:
        document["accepted_null"] = table.accepted_null
    if table.levels:
        document["levels"] = [asdict(each) for each in table.levels]
    if table.elsewhere:
        document["elsewhere"] = [asdict(each) for each in table.elsewhere]
    if table.narratives:
        document["narratives"] = [asdict(each) for each in table.narratives]
    if table.left:
        document["left"] = dict(table.left)
    if table.path:
        document["path"] = table.path
    if table.linked or table.columns:
        document |= {"linked": table.linked, "columns": [asdict(column) for column in table.columns]}
    return document


_OF_LINKS = ("linked", "recall", "alpha", "bounded_on")


def _key(key: KeyReport) -> dict[str, Any]:
    """What a report holds of a key column: of one that stands for links also what these find at least."""
    held = asdict(key)
    return held if key.linked else {name: held[name] for name in held if name not in _OF_LINKS}


def _report(document: Mapping[str, Any], make: Callable[..., _Made]) -> _Made:
    return make(
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
        min_recall=None if document.get("min_recall") is None else float(document["min_recall"]),
        problems=tuple(document["problems"]),
        warnings=tuple(document["warnings"]),
        plan=str(document.get("plan", "")),
        refit=tuple(document.get("refit", ())),
        swept=document.get("swept", False) is True,
        reviewed={str(place): str(said) for place, said in document.get("reviewed", {}).items()},
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
        without_key=int(document.get("without_key", 0)),
        reach=None if document.get("reach") is None else float(document["reach"]),
        accepted_null=str(document.get("accepted_null", "")),
        slow_columns=tuple(document["slow_columns"]),
        notes=tuple(document["notes"]),
        positions=None if positions is None else tuple(positions),
        linked=int(document.get("linked", 0)),
        columns=tuple(ColumnReport(**column) for column in document.get("columns", ())),
        levels=tuple(LevelReport(**each) for each in document.get("levels", ())),
        elsewhere=tuple(SweepTally(**each) for each in document.get("elsewhere", ())),
        left=dict(document.get("left", {})),
        narratives=tuple(NarrativeReport(**each) for each in document.get("narratives", ())),
        path=str(document.get("path", "")),
    )
