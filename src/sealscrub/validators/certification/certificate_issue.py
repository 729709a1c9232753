"""Issue a certificate: check, and sign what was found to hold."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from sealscrub.certificates.statement_plausibility import draws
from sealscrub.certificates.statement_values import Annex, Check, IndexState, KeyOfTable, Predicate, Subject
from sealscrub.certificates.structure import structure_and_texts
from sealscrub.certificates.table_version import table_version
from sealscrub.errors import (
    ConfigError,
    LowCoverage,
    MarkedAggregate,
    Spelled,
    UncheckedKeys,
    UnreadableInput,
    UsageError,
)
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.fitness import the_day
from sealscrub.matching import KeyColumn, Policy, parse_on
from sealscrub.matching.hidden_names import refuse_ids
from sealscrub.matching.key_columns import On
from sealscrub.matching.known_recall import LOW_RECALL, finds_too_little, why_not_known
from sealscrub.tables.single_readings import hold_rows
from sealscrub.transforms import Report, scan
from sealscrub.transforms.next_steps import scrub_first

from ..artefacts import Certainty, ModelAudit, audit_model
from ..artefacts.composite_search import CompositeSearch
from ..artefacts.identifier_search import IdentifierSearch
from ..nullity import NullityReport
from .issued_checks import artefact_check, nullity_checks, row_checks
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
        Encrypted to the custodian's annex key; None if no annex was asked for.
    receipts : Receipts or None
        What personal exclusion receipts are made from. They stay with the signer.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.certificates import load_signer
    >>> signer = load_signer(generate_certifier("team.key")[0])
    >>> data = pl.DataFrame({"arrest_no": ["M14000017"]})
    >>> issued = certify(data, example_index(["K14612345"]), {"arrest_number": "arrest_no"}, signer=signer)
    >>> [check.id for check in issued.statement.predicate.checks if check.result == "pass"]
    ['rowScan', 'sweep']
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
    leave: Mapping[str, str] | None = None,
) -> Issued:
    """Check a dataset and models against an index, and sign a certificate about them.

    Everything in the certificate would be the same, but for time, nonce and commitment, had the sealed records never
    been in the raw data.

    Parameters
    ----------
    data : frame, str or Path, optional
        The clean dataset; a Delta or Iceberg table may also be given as its library has opened it.
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
        its verdict would reveal whether there were any.
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
    leave : mapping of str to str, optional
        Columns of the dataset that cannot hold ids of records, and why: they are not compared with the index, and the
        certificate says so.

    Returns
    -------
    Issued

    Raises
    ------
    StillSealed
        When sealed or withheld records were found; exit code 1, and nothing is signed.
    IncompleteError
        When something could not be checked, or the data has other rows when it is read again, as a reader has.
    UsageError
        When nothing is named, the index is unsuitable, `not_after` is beyond the index, or the dataset holds what
        neither its content digest nor its structure digest covers.

    Examples
    --------
    >>> import polars as pl
    >>> from sealscrub.certificates import load_signer
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> private, public = generate_certifier("team.key")
    >>> clean = pl.DataFrame({"arrest_no": ["M14000017"]})
    >>> certify(clean, example_index(["K14612345"]), {"arrest_number": "arrest_no"}, signer=load_signer(private))
    Issued(data)
    """
    if index is None or (data is None and not (models := tuple(models))):
        raise ConfigError("nothing to certify", hint="give data, models or both, and an index.")
    index.require_use(use)
    if receipts not in (True, False, "verifiable"):
        raise ConfigError(f"unknown kind of receipts {receipts!r}", hint='True, or "verifiable".')
    policy, left = policy or Policy(), dict(sorted((leave or {}).items()))
    if receipts and data is None:
        raise ConfigError("receipts need a dataset", hint="give the data, or leave receipts out.")
    if receipts and policy.accept - {"null"}:
        raise ConfigError(
            "cannot make receipts: keys that could not be read are accepted, and an id among them would seem absent",
            hint="scrub the data with a quarantine, or leave receipts out.",
        )
    files = tuple(Path(model) for model in models)
    names = [*([name] if data is not None else []), *(model.name for model in files)]
    _check_names(names, code or {})
    refuse_ids(index, policy, "a name in the certificate", "rename the file, or what code= names.", names, code or {})
    last = not_after or index.not_after
    if last > index.not_after:
        raise UsageError(
            f"the certificate would be valid for longer than the index, which expires on {index.not_after}"
        )
    if last < the_day():
        raise UsageError("the certificate's last day is in the past", hint="give a later day, or none.")
    checks: list[Check] = []
    subjects: list[Subject] = []
    keys: tuple[KeyColumn, ...] = ()
    scanned = digest = made = None
    if data is not None:
        if on is None:
            raise ConfigError(
                "no key columns given for the data",
                hint=Spelled('on={"arrest_number": "ARREST_NO"}', "--on arrest_number=ARREST_NO"),
            )
        keys = parse_on(on)
        _check_columns(keys)
        data = hold_rows(data)
        version = table_version(data)
        scanned = _scan_to_certify(data, index, on, use, policy, name, read_as, leave)
        digest = content_digest(data, schema=schema)
        digest.check_rows(sum(table.rows for table in scanned.tables), name)
        structure, texts = structure_and_texts(data, schema)
        _check_texts(texts, index, name)
        if table_version(data) != version:
            raise UnreadableInput("the table changed while it was certified", where=name, hint="run it again.")
        digests = {ALGORITHM: digest.value, structure.algorithm: structure.value}
        subjects.append(Subject(name=name, digest=digests, annotations=version))
        checks += row_checks(left, version)
        if receipts:
            made = Receipts.over(canonical_keys(data, keys, schema), verifiable=receipts == "verifiable")
    audits = [_audited(model, index, policy) for model in files]
    for model, audit in zip(files, audits, strict=True):
        subjects.append(Subject(name=model.name, digest={"sha256": sha256_of(model)}))
        checks.append(artefact_check(model, audit))
    checks += nullity_checks(nullity)
    annex, sealed = None, None
    if annex_key is not None:
        sealed, commitment = seal_annex(_annex_content(scanned, audits, raw, index, on, use, policy), annex_key)
        annex = Annex(commitment=commitment)
    facts, schemes = index.header.facts, {key.scheme for key in keys}
    links_alone = schemes <= set(index.linked)
    statement = Statement(
        subject=tuple(subjects),
        predicate=Predicate(
            tool={"name": "sealscrub", "version": __version__},
            jurisdictions=dict(facts.jurisdictions),
            index=IndexState.of(index),
            keys=tuple(KeyOfTable(scheme=key.scheme, columns=key.columns) for key in keys),
            accepted=tuple(sorted({*policy.accept, *policy.allow})),
            min_coverage=None if keys and links_alone else f"{policy.min_coverage:.6f}".rstrip("0").rstrip("."),
            recall=_recall(index, schemes.union(*(audit.schemes for audit in audits)), policy) or None,
            reviewed=index.reviewed or None,
            left=left or None,
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


def _recall(index: Index, schemes: Iterable[str], policy: Policy) -> dict[str, str]:
    """Say in words, by scheme, how many of the seals the links of a system find."""
    bounds = {scheme: index.linked[scheme] for scheme in set(schemes) & set(index.linked)}
    return {
        scheme: "is not known: no bound on it was made"
        if bound is None
        else f"is not known: {why}"
        if (why := why_not_known(index, [scheme], policy))
        else bound.in_words
        for scheme, bound in sorted(bounds.items())
    }


def _check_names(names: list[str], code: Mapping[str, str]) -> None:
    """Refuse names by which a reader of the certificate would be misled."""
    if len(set(names)) < len(names):
        raise ConfigError("two subjects of the certificate have the same file name", hint="rename one of them.")
    if any(map(draws, [*names, *code, *code.values()])) or not all(names):
        raise ConfigError("a name in the certificate has control characters", hint="rename the file.")


def _check_columns(keys: tuple[KeyColumn, ...]) -> None:
    if any(draws(column) for key in keys for column in key.columns):
        raise ConfigError("the name of a key column has control characters", hint="rename the column.")


def _scan_to_certify(
    data: Any,
    index: Index,
    on: On,
    use: str,
    policy: Policy,
    name: str,
    read_as: Any,
    leave: Mapping[str, str] | None,
) -> Report:
    try:
        report = scan(data, index, on, use=use, policy=policy, name=name, read_as=read_as, leave=leave)
    except MarkedAggregate as error:
        raise StillSealed(f"cannot certify: {error.message}", where=name, hint=error.hint) from None
    if report.found:
        raise StillSealed(
            "cannot certify: sealed or withheld records found",
            where=name,
            hint=scrub_first(report),
        )
    if why := finds_too_little(index, [key.scheme for key in parse_on(on)], policy):
        raise LowCoverage(f"cannot certify: {why}", where=name, hint=LOW_RECALL)
    if not report.complete:
        raise UncheckedKeys(
            "cannot certify: not everything in the data could be checked",
            where=name,
            hint=Spelled(
                "scan them to see what; scrub with quarantine=, or accept it: Policy(accept=…).",
                "scan them to see what; scrub with --quarantine, or accept it with --accept.",
            ),
        )
    return report


def _check_texts(texts: Iterable[str], index: Index, name: str) -> None:
    """Refuse names, unused levels and metadata that hold an identifier of the index: the scan reads only rows."""
    texts = list(texts)
    search = IdentifierSearch(index, [scheme for scheme in index.schemes if not get_scheme(scheme).parts])
    search.add_texts((name, "structure", "identifier"), texts)
    together = CompositeSearch(index, [scheme for scheme in index.schemes if len(get_scheme(scheme).parts) == 2])
    together.add_texts(0, "structure", texts)
    if any(sure is not Certainty.POSSIBLE for _, _, sure, _ in search.counts()) or any(together.found()):
        raise StillSealed(
            "cannot certify: sealed or withheld records found in names, levels or metadata of the data",
            where=name,
            hint="scrub the data without keeping such an entry; rename columns and files that an identifier names.",
        )


def _audited(model: Path, index: Index, policy: Policy) -> ModelAudit:
    audit = audit_model(
        model,
        index,
        accept=policy.accept,
        min_coverage=policy.min_coverage,
        min_recall=policy.min_recall,
        recall_alpha=policy.recall_alpha,
    )
    if audit.findings:
        raise StillSealed(
            "cannot certify: sealed or withheld records found in the model",
            where=model.name,
            hint=Spelled(
                "audit_model says where; train it again on clean data.",
                "sealscrub audit-model says where; train it again on clean data.",
            ),
        )
    if audit.too_few:
        raise LowCoverage(f"cannot certify: {audit.too_few}", where=model.name, hint=LOW_RECALL)
    return audit


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
        accept = frozenset({"near", "unparsable", "null"})
        loose = Policy(allow=policy.allow, accept=accept, min_coverage=policy.min_coverage)
        digest: ContentDigest = content_digest(raw)
        content["raw"] = {
            "digest": str(digest),
            "rows": digest.rows,
            "scan": json.loads(scan(raw, index, on, use=use, policy=loose, name="raw", sweep=False).to_json()),
        }
    return content
