"""Issue a certificate: check, and sign what was found to hold."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub import __version__
from sealscrub.certificates import (
    ContentDigest,
    Receipts,
    Signer,
    Statement,
    content_digest,
    seal_annex,
    seal_envelope,
    sha256_of,
)
from sealscrub.certificates.content import ALGORITHM
from sealscrub.certificates.sense import draws
from sealscrub.certificates.statement import Annex, Check, IndexState, KeyOfTable, Predicate, Subject
from sealscrub.errors import ConfigError, MarkedAggregate, UncheckedKeys, UsageError
from sealscrub.index import Index
from sealscrub.index.fitness import the_day
from sealscrub.matching import KeyColumn, Policy, parse_on
from sealscrub.matching.key_columns import On
from sealscrub.transforms import Report, scan

from ..artefacts import ModelAudit, audit_model
from ..nullity.report import NullityReport, NullityVerdict
from .receipt_trees import canonical_keys

__all__ = ["Issued", "StillSealed", "certify"]


class StillSealed(UsageError):
    """What was to be certified holds sealed or withheld records; no certificate is issued."""

    exit_code = 1


@dataclass(frozen=True, eq=False, repr=False)
class Issued:
    """A certificate, and what was issued with it.

    Attributes
    ----------
    certificate : bytes
        The signed envelope. It travels.
    statement : Statement
        What it says.
    annex : bytes or None
        Encrypted to the custodian's annex key; None where no annex was asked for.
    receipts : Receipts or None
        What personal exclusion receipts are made from. They stay with the signer.
    """

    certificate: bytes
    statement: Statement
    annex: bytes | None = None
    receipts: Receipts | None = None

    def __repr__(self) -> str:
        return f"Issued({', '.join(subject.name for subject in self.statement.subject)})"


def certify(
    data: Any = None,
    index: Index | None = None,
    on: On | None = None,
    *,
    signer: Signer,
    models: Iterable[str | Path] = (),
    name: str = "data",
    use: str = "training",
    policy: Policy | None = None,
    nullity: NullityReport | None = None,
    raw: Any = None,
    annex_key: bytes | None = None,
    receipts: bool | str = False,
    not_after: date | None = None,
    code: Mapping[str, str] | None = None,
    schema: Mapping[str, pl.DataType] | None = None,
    read_as: Any = None,
) -> Issued:
    """Check a dataset and models against an index, and sign a certificate about them.

    Everything in the certificate would be the same, but for time, nonce and commitment, had the sealed records never
    been in the raw data.

    Parameters
    ----------
    data : frame, str or Path, optional
        The clean dataset.
    index : Index
    on : mapping, or iterable of str, optional
        The key columns of the dataset; needed with `data`.
    signer : Signer
        From :func:`sealscrub.certificates.load_signer`.
    models : iterable of path
        Model files, each audited as :func:`sealscrub.validators.artefacts.audit_model` does.
    name : str
        What the dataset is called.
    use : str
        The use that the index must be for.
    policy : Policy, optional
        Keys that are near or do not parse must be accepted to be certified, and the certificate says so.
    nullity : NullityReport, optional
        A passed nullity test with planted records of the code that made the data. One over real records is refused:
        its verdict would tell whether there were any.
    raw : frame, str or Path, optional
        The data before scrubbing: counts of it go into the annex, nothing of it into the certificate.
    annex_key : bytes, optional
        The custodian's annex public key, 32 bytes; with it an annex is made.
    receipts : bool or "verifiable"
        Whether personal exclusion receipts can be made; "verifiable": they prove their value (RFC 9497) and do not
        carry the secret of their tree, some 0.1 ms an identifier.
    not_after : date, optional
        Its last day; by default that of the index.
    code : mapping, optional
        ``{"gitCommit": …, "lockDigest": …}``: what made the data.
    schema : mapping of str to polars.DataType, optional
        The types in which a text file is read for its content digest.
    read_as : ReadAs, optional
        How text files are read for the scan.

    Returns
    -------
    Issued

    Raises
    ------
    StillSealed
        When sealed or withheld records were found; exit code 1, and nothing is signed.
    IncompleteError
        When something could not be checked.
    UsageError
        When nothing is named, the index is unsuitable, or `not_after` is beyond the index.
    """
    if index is None or (data is None and not (models := tuple(models))):
        raise ConfigError("there is nothing to certify", hint="name data, models or both, and an index.")
    index.require_use(use)
    if receipts not in (True, False, "verifiable"):
        raise ConfigError(f"there are no receipts of the kind {receipts!r}", hint='True, or "verifiable".')
    policy = policy or Policy()
    if receipts and data is None:
        raise ConfigError("receipts are of a dataset, and none is named", hint="name the data, or leave receipts out.")
    if receipts and policy.accept:
        raise ConfigError(
            "there are no receipts over keys that could not be read: an id among them would seem absent",
            hint="scrub the data with a quarantine, or leave receipts out.",
        )
    files = tuple(Path(model) for model in models)
    _check_names([*([name] if data is not None else []), *(model.name for model in files)], code or {})
    last = not_after or index.not_after
    if last > index.not_after:
        raise UsageError(f"the index may be trusted until {index.not_after}, no certificate longer")
    if last < the_day():
        raise UsageError("the certificate's last day is past already", hint="name a later one, or none.")
    checks: list[Check] = []
    subjects: list[Subject] = []
    keys: tuple[KeyColumn, ...] = ()
    scanned = digest = made = None
    if data is not None:
        if on is None:
            raise ConfigError("the key columns of the data are not named", hint='on={"arrest_number": "ARREST_NO"}')
        keys = parse_on(on)
        _check_columns(keys)
        scanned = _scanned(data, index, on, use, policy, name, read_as)
        digest = content_digest(data, schema=schema)
        subjects.append(Subject(name=name, digest={ALGORITHM: digest.value}))
        checks.append(Check(id="rowScan", result="pass"))
        if receipts:
            made = Receipts.over(canonical_keys(data, keys, schema), verifiable=receipts == "verifiable")
    audits = [_audited(model, index) for model in files]
    for model, audit in zip(files, audits, strict=True):
        subjects.append(Subject(name=model.name, digest={"sha256": sha256_of(model)}))
        checks.append(_artefact_check(model, audit))
    checks.append(_nullity_check(nullity))
    annex, sealed = None, None
    if annex_key is not None:
        sealed, commitment = seal_annex(_annex_content(scanned, audits, raw, index, on, use, policy), annex_key)
        annex = Annex(commitment=commitment)
    facts = index.header.facts
    statement = Statement(
        subject=tuple(subjects),
        predicate=Predicate(
            tool={"name": "sealscrub", "version": __version__},
            jurisdictions={facts.jurisdiction: facts.rules},
            index=IndexState.of(index),
            keys=tuple(KeyOfTable(scheme=key.scheme, columns=key.columns) for key in keys),
            accepted=tuple(sorted({*policy.accept, *policy.allow})),
            min_coverage=f"{policy.min_coverage:.6f}".rstrip("0").rstrip(".") if keys else None,
            checks=tuple(checks),
            code=dict(code or {}),
            signer=signer.role,
            issued_at=datetime.now(UTC).isoformat(timespec="seconds"),
            nonce=secrets.token_hex(16),
            not_after=last.isoformat(),
            annex=annex,
            receipts=made.trees() if made else (),
        ),
    )
    return Issued(seal_envelope(statement.document(), signer), statement, sealed, made)


def _check_names(names: list[str], code: Mapping[str, str]) -> None:
    """Refuse names by which a reader of the certificate would be misled."""
    if len(set(names)) < len(names):
        raise ConfigError("two of what is to be certified have one file name", hint="rename one of them.")
    if any(map(draws, [*names, *code, *code.values()])) or not all(names):
        raise ConfigError("a name that the certificate would say holds control characters", hint="rename the file.")


def _check_columns(keys: tuple[KeyColumn, ...]) -> None:
    if any(draws(column) for key in keys for column in key.columns):
        raise ConfigError("the name of a key column holds control characters", hint="rename the column.")


def _scanned(data: Any, index: Index, on: On, use: str, policy: Policy, name: str, read_as: Any) -> Report:
    seen = replace(policy, require_keys=True)  # a scan that met no key at all has checked nothing
    try:
        report = scan(data, index, on, use=use, policy=seen, name=name, read_as=read_as)
    except MarkedAggregate as error:
        raise StillSealed(f"{error.message}: no certificate is issued", where=name, hint=error.hint) from None
    if report.found:
        raise StillSealed(
            "the data hold sealed or withheld records, so that no certificate is issued",
            where=name,
            hint="scrub them first.",
        )
    if not report.complete:
        raise UncheckedKeys(
            "not everything in the data could be checked, so that no certificate is issued",
            where=name,
            hint="scan them to see what; scrub with --quarantine, or accept it with --accept.",
        )
    return report


def _audited(model: Path, index: Index) -> ModelAudit:
    audit = audit_model(model, index)
    if audit.findings:
        raise StillSealed(
            "the model holds sealed or withheld records, so that no certificate is issued",
            where=model.name,
            hint="sealscrub audit-model says where; train it anew on clean data.",
        )
    return audit


def _artefact_check(model: Path, audit: ModelAudit) -> Check:
    if audit.not_checked:
        return Check(id="artefactScan", result="notChecked", detail=f"{model.name}: not all of it could be compared")
    return Check(id="artefactScan", result="pass", detail=model.name)


def _nullity_check(report: NullityReport | None) -> Check:
    if report is None:
        return Check(id="nullity", result="notChecked", detail="no nullity test was given")
    if not report.planted:
        raise UsageError(
            "the nullity test ran over real records: its verdict would tell that there were any",
            hint="run it with plant=True.",
        )
    if report.verdict is not NullityVerdict.PASS:
        raise UsageError(f"the nullity test ended with {report.verdict}", hint="only a PASS can be certified.")
    return Check(id="nullity", result="pass", detail="planted records")


def _annex_content(
    scanned: Report | None,
    audits: list[ModelAudit],
    raw: Any,
    index: Index,
    on: On | None,
    use: str,
    policy: Policy,
) -> dict[str, Any]:
    content: dict[str, Any] = {
        "sealscrub": "annex",
        "index": index.id,
        "scan": json.loads(scanned.to_json()) if scanned else None,
        "models": [json.loads(audit.to_json()) for audit in audits],
    }
    if raw is not None and on is not None:
        loose = Policy(allow=policy.allow, accept=frozenset({"near", "unparsable"}), min_coverage=policy.min_coverage)
        digest: ContentDigest = content_digest(raw)
        content["raw"] = {
            "digest": str(digest),
            "rows": digest.rows,
            "scan": json.loads(scan(raw, index, on, use=use, policy=loose, name="raw").to_json()),
        }
    return content
