"""``sealscrub certify``: check data and models, and sign a certificate about them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sealscrub.atomic_write import placed_file

from . import options as opt
from .audit_entries import made, used
from .declarations import formerly, needs, option
from .progress import phases
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.matching import Policy
    from sealscrub.testing import NullityReport

__all__ = ["certify"]

Data = Annotated[
    str | None,
    option("The clean dataset: a Parquet file, a folder of them, or a table of a database.", "--data", metavar="FILE"),
]
Output = Annotated[Path, option("The certificate. It travels.", "-o", "--output")]
Verifiable = Annotated[
    bool,
    option(
        "Make receipts that prove their value (RFC 9497) and cannot be used to test guesses. Needs the extra receipts.",
        "--verifiable",
    ),
]
Commit = Annotated[str, option("The commit of the code that made the data.", "--commit")]


def certify(
    *,
    data: Data = None,
    index: opt.UsedIndex,
    on: Annotated[opt.On, needs("--data")] = None,
    use: opt.Use = "training",
    model: opt.Models = None,
    signing_key: opt.SigningKey,
    output: Output,
    annex: opt.AnnexFile = None,
    receipts: Annotated[opt.ReceiptsFile, needs("--data")] = None,
    verifiable: Annotated[Verifiable, needs("--receipts")] = False,
    raw: opt.Raw = None,
    rerun: Annotated[opt.Rerun, needs("--raw"), formerly("--nullity")] = None,
    not_after: opt.NotAfter = None,
    commit: Commit = "",
    leave: Annotated[opt.Leave, needs("--data")] = None,
    lenient: opt.Leniency,
    audit_log: opt.AuditLogFile = None,
    custody: Annotated[opt.CustodyTerms, needs("--receipts")] = None,
    report: Annotated[opt.ReportFiles, formerly("--page", of="report")],
) -> None:
    """Check a dataset and models against an index, and sign a certificate about them.

    The certificate names no count of what was removed: it would be the same had the sealed records never existed.
    With --report it is written to read; the signed file is the evidence. The function of --rerun is run as
    check-nullity does, with planted records alone, and must pass.

    Exits with 0 when it is issued, 1 when sealed records were found, 2 on wrong use, 3 when something could not be
    checked.

    Example: sealscrub certify --data clean.parquet --index training.sealindex --key-file seal.key
    --on arrest_number=ARREST_NO --signing-key team.key -o clean.certificate.json --annex clean.annex
    """
    from sealscrub.certificates import load_signer
    from sealscrub.certificates.certificate_report import CertificateReport
    from sealscrub.custodian.custody import Terms
    from sealscrub.identifiers import load_key
    from sealscrub.tables.database import DatabaseSource
    from sealscrub.validators.certification import certify as issue

    terms = "" if custody is None else Terms.from_file(custody).to_text()
    written = [file for file in (output, annex, receipts) if file is not None]
    address = None if data is None or not DatabaseSource.names_one(data) else DatabaseSource.parse(data)
    place = address.file if address is not None else None if data is None else Path(data)
    read = [place, raw, signing_key, index.file, index.key, *(model or ())]
    opt.check_new_files("the output", written, opt.places_of(read))
    report.check(CertificateReport, written=[place])
    table, policy = index.open(use), lenient.policy()
    signer = load_signer(signing_key)
    with used(audit_log, "certificate", "certify", table, policy) as act:
        issued = issue(
            data,
            table,
            on,
            signer=signer,
            models=model or (),
            name=address.shown if address is not None else place.name if place is not None else "data",
            use=use,
            policy=policy,
            nullity=None
            if rerun is None or raw is None
            else _planted_nullity_report(rerun, raw, table, on or [], use, policy),
            raw=raw,
            annex_key=load_key(index.key).annex_public_key if annex is not None else None,
            receipts="verifiable" if verifiable else receipts is not None,
            not_after=None if not_after is None else not_after.date(),
            leave=opt.left_columns(leave),
            code={name: value for name, value in (("gitCommit", commit), ("function", rerun)) if value},
        )
        said = CertificateReport(issued.statement, signer.key_id)
        _place(
            [
                (annex, issued.annex, 0o600),
                (receipts, replace(issued.receipts, custody=terms).to_bytes() if issued.receipts else None, 0o600),
                *((file, text.encode(), None) for file, text in report.texts(said)),
                (output, issued.certificate, None),
            ]
        )
        made(act, output)


def _planted_nullity_report(
    name: str, raw: Path, index: Index, on: list[str], use: str, policy: Policy
) -> NullityReport:
    from sealscrub.validators.certification import planted_nullity

    from .nullity_data import load_data, load_function

    function = load_function(name)
    frame, _ = load_data({"": raw}, opt.given_keys(on), "auto", function)
    with phases() as progress:
        return planted_nullity(function, frame, index, on, use=use, policy=policy, progress=progress)


def _place(contents: list[tuple[Path | None, bytes | None, int | None]]) -> None:
    """Write all the files, and put them in place when all are whole: the certificate last, which binds the others."""
    with contextlib.ExitStack() as stack:
        for place, content, mode in reversed(contents):  # left in the order of the list
            if place is not None and content is not None:
                file = stack.enter_context(placed_file(place, mode=mode))
                file.write(content)
                file.flush()
    for place, content, _ in contents:
        if place is not None and content is not None:
            remark(f"wrote {place}")
