"""A certificate as a report to read or print: one screen, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.reports import Cell, Column, Document, Name, Reported, State, Table

from .statement import Statement
from .statement_values import Check

__all__ = ["CertificateReport"]

_CHECKS = {
    "sweep": "No other column names such a record",
    "rowScan": "No row has a key of a sealed or withheld record",
    "artefactScan": "The model file holds none",
    "history": "No other version of the table holds one",
    "nullity": "The code gives the same result as if such records had never existed",
}


@dataclass(frozen=True, slots=True)
class CertificateReport(Reported):
    """What a certificate says, to read or print. It is not evidence: the signed file is.

    Parameters
    ----------
    statement : Statement
    signed_by : str
        Id of the key that signed it (:attr:`Signer.key_id`), by which a reader asks whose key that is.
    """

    statement: Statement
    signed_by: str

    def _facts(self) -> Mapping[str, Any]:
        return {"key_id": self.signed_by, "statement": self.statement.document()}

    def _document(self) -> Document:
        checks = self.statement.predicate.checks
        every = all(check.result == "pass" for check in checks)
        return Document(
            tool="certificate",
            kind="good" if checks and every else "warn",
            headline="Certificate of exclusion",
            lede="The signer states that the following was checked against the index of sealed records named below.",
            facts=_said(self.statement, self.signed_by),
            parts=(_checked(checks), _about(self.statement)),
            steps=(
                "Verify the signed file, which is the evidence: sealscrub verify. This page is for reading.",
                "Ask for a new certificate when its last day is past, or seals are known that it does not cover.",
            ),
            closing=(
                "It says nothing about how many records were removed, or whether there were any: it would read the "
                "same had they never existed.",
            ),
        )


def _said(statement: Statement, signed_by: str) -> dict[str, Cell]:
    predicate = statement.predicate
    law = ", ".join(f"{name} ({rules or 'no table of uses'})" for name, rules in predicate.jurisdictions.items())
    reviewed = "; ".join(f"{name}: {said}" for name, said in sorted((predicate.reviewed or {}).items()))
    keys = ", ".join(f"{'+'.join(key.columns)} ({key.scheme})" for key in predicate.keys)
    index, versions = predicate.index, ", ".join(map(str, statement.versions()))
    return {
        "Issued": f"{statement.issued():%Y-%m-%d %H:%M}Z",
        "Until": predicate.not_after,
        "Signed as": str(predicate.signer),
        "With the key": Name(signed_by),
        "Index": f"epoch {index.epoch} as of {index.as_of}, for {', '.join(index.uses)} by {index.audience}",
        "Law": law or "none",
        **({"Law reviewed": reviewed} if reviewed else {}),
        **({"Version": Name(versions)} if versions else {}),
        "Key columns": keys or "none",
        "Accepted": ", ".join(predicate.accepted) or "nothing",
        "Annex": "there is one, only for the custodian" if predicate.annex else "none was issued",
        "Receipts": "can be made" if predicate.receipts else "none",
    }


def _checked(checks: tuple[Check, ...] | list[Check]) -> Table:
    rows = [
        (
            State("good", "passed") if check.result == "pass" else State("warn", "not checked"),
            _CHECKS.get(check.id, check.id),
            check.detail,
        )
        for check in checks
    ]
    return Table(title="Checked", columns=(Column("result"), Column("what"), Column("of")), rows=tuple(rows))


def _about(statement: Statement) -> Table:
    rows = [(Name(each.name), kind, Name(value)) for each in statement.subject for kind, value in each.digest.items()]
    return Table(title="About", columns=(Column("data or model"), Column("digest"), Column("value")), rows=tuple(rows))
