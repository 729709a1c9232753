"""What a certificate says was checked: the rows, the audit of a model, and the nullity test of the code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sealscrub.certificates.statement_values import Check, TableVersion
from sealscrub.errors import Spelled, UsageError

from ..artefacts import ModelAudit
from ..nullity import NullityReport, NullityVerdict

__all__ = ["artefact_check", "nullity_checks", "row_checks"]


def row_checks(left: Mapping[str, str], version: TableVersion | None) -> list[Check]:
    """What a scan without a finding looked at, and what it did not: columns, earlier versions of the table."""
    checks = [Check(id="rowScan", result="pass"), Check(id="sweep", result="pass")]
    checks += [Check(id="sweep", result="notChecked", detail=f"{column}: {why}") for column, why in left.items()]
    if version is not None:
        checks.append(Check(id="history", result="notChecked", detail="other versions of the table, and their files"))
    return checks


def artefact_check(model: Path, audit: ModelAudit) -> Check:
    """What an audit of a model found, without a finding."""
    if audit.not_checked:
        return Check(id="artefactScan", result="notChecked", detail=f"{model.name}: not all of it could be compared")
    return Check(id="artefactScan", result="pass", detail=model.name)


def nullity_checks(report: NullityReport | None) -> list[Check]:
    """What the nullity test found, and what its sandbox left open."""
    if report is None:
        return [Check(id="nullity", result="notChecked", detail="no nullity test was given")]
    if not report.planted:
        raise UsageError(
            "the nullity test ran over real records: its verdict would reveal whether there were any",
            hint=Spelled("run it with plant=True.", "run it over planted records."),
        )
    if report.verdict is not NullityVerdict.PASS:
        raise UsageError(
            ": ".join(["the nullity test ended with " + report.verdict, *([report.reason] if report.reason else [])]),
            hint=Spelled(
                "only a PASS can be certified; check_nullity(…, plant=True) gives the whole report.",
                "only a PASS can be certified; sealscrub check-nullity gives the whole report.",
            ),
        )
    left = [Check(id="sandbox", result="notChecked", detail=door) for door in report.open_doors]
    return [Check(id="nullity", result="pass", detail="planted records"), *left]
