"""``sealscrub certify``: check data and models, and sign a certificate about them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sealscrub.errors import ConfigError
from sealscrub.placing import placed_file

from . import shared_options as opt
from .phases import phases
from .recorded import AuditLogFile, made, used

if TYPE_CHECKING:
    from sealscrub.index import Index
    from sealscrub.matching import Policy
    from sealscrub.testing import NullityReport

__all__ = ["certify"]

Data = Annotated[
    Path | None, typer.Option("--data", help="The clean dataset: a Parquet file, or a folder of them.", metavar="FILE")
]
Models = Annotated[list[Path] | None, typer.Option("--model", help="A model file. Repeatable.", metavar="FILE")]
SigningKey = Annotated[
    Path, typer.Option("--signing-key", help="A certifier's key, or the publisher's.", metavar="FILE")
]
Output = Annotated[Path, typer.Option("-o", "--output", help="The certificate. It travels.", metavar="FILE")]
AnnexFile = Annotated[
    Path | None,
    typer.Option("--annex", help="The restricted part: encrypted, for the custodian's annex key.", metavar="FILE"),
]
ReceiptsFile = Annotated[
    Path | None,
    typer.Option("--receipts", help="What receipts are made from, 0600; it stays with you.", metavar="FILE"),
]
Verifiable = Annotated[
    bool,
    typer.Option(
        "--verifiable",
        help="With --receipts: they prove their value (RFC 9497), and whoever holds one can test no guesses. From the "
        "extra receipts.",
    ),
]
Raw = Annotated[
    Path | None,
    typer.Option("--raw", help="The data before scrubbing: its counts go into the annex alone.", metavar="FILE"),
]
Nullity = Annotated[
    str | None,
    typer.Option(
        "--nullity",
        help="Your function that made the data from --raw, as module:function, or features from it: it is run as "
        "check-nullity does, with planted records alone, and must pass.",
        metavar="FUNCTION",
    ),
]
Page = Annotated[Path | None, typer.Option("--page", help="The certificate as a page to read, HTML.", metavar="FILE")]
NotAfter = Annotated[str | None, typer.Option("--not-after", help="Its last day; by default the index's.")]
Commit = Annotated[str, typer.Option("--commit", help="The commit of the code that made the data.")]


def certify(
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: opt.On = None,
    *,
    data: Data = None,
    model: Models = None,
    signing_key: SigningKey,
    output: Output,
    annex: AnnexFile = None,
    receipts: ReceiptsFile = None,
    verifiable: Verifiable = False,
    raw: Raw = None,
    nullity: Nullity = None,
    page: Page = None,
    not_after: NotAfter = None,
    commit: Commit = "",
    use: opt.UseOption = None,
    min_epoch: opt.MinEpoch = None,
    allow: opt.Allow = None,
    accept: opt.Accept = None,
    min_coverage: opt.MinCoverage = None,
    schemes: opt.SchemeFile = None,
    audit_log: AuditLogFile = None,
    custody: opt.Custody = None,
) -> None:
    """Check a dataset and models against an index, and sign a certificate about them.

    The certificate names no count of what was taken out: it would be the same had the sealed records never existed.

    Exits with 0 when it is issued, 1 when sealed records were found, 2 on wrong use, 3 when something could not be
    checked.

    Example: sealscrub certify --data clean.parquet --index training.sealindex --key-file seal.key
    --on arrest_number=ARREST_NO --signing-key team.key -o clean.certificate.json --annex clean.annex
    """
    from sealscrub.certificates import load_signer
    from sealscrub.certificates.page import certificate_page
    from sealscrub.custody import Terms
    from sealscrub.identifiers import load_key
    from sealscrub.index import open_index
    from sealscrub.validators.certifying import certify as issue

    if index is None:
        raise ConfigError("--index is missing", hint="--index training.sealindex")
    if key_file is None:
        raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
    if verifiable and receipts is None:
        raise ConfigError("--verifiable is about receipts", hint="--receipts clean.receipts")
    if receipts is not None and data is None:
        raise ConfigError("--receipts are of a dataset, and none is named", hint="--data clean.parquet")
    if custody is not None and receipts is None:
        raise ConfigError("--custody is about who makes receipts", hint="--receipts clean.receipts")
    terms = "" if custody is None else Terms.from_file(custody).to_text()
    written = [file for file in (output, annex, receipts, page) if file is not None]
    _check_places(written, [data, raw, signing_key, index, key_file, *(model or ())])
    opt.load_own_schemes(schemes)
    key = load_key(key_file)
    table = open_index(index, key, use=use or "training", min_epoch=min_epoch)
    policy = opt.policy(allow, accept, min_coverage, None, require_keys=False)
    signer = load_signer(signing_key)
    with used(audit_log, "certificate", "certify", table, policy) as act:
        issued = issue(
            data,
            table,
            on,
            signer=signer,
            models=model or (),
            name=data.name if data is not None else "data",
            use=use or "training",
            policy=policy,
            nullity=None if nullity is None else _tested(nullity, raw, table, on or [], use or "training", policy),
            raw=raw,
            annex_key=key.annex_public_key if annex is not None else None,
            receipts="verifiable" if verifiable else receipts is not None,
            not_after=_day(not_after),
            code={name: value for name, value in (("gitCommit", commit), ("function", nullity)) if value},
        )
        _place(
            [
                (annex, issued.annex, 0o600),
                (receipts, replace(issued.receipts, custody=terms).to_bytes() if issued.receipts else None, 0o600),
                (page, certificate_page(issued.statement).encode(), None),
                (output, issued.certificate, None),
            ]
        )
        made(act, output)


def _tested(name: str, raw: Path | None, index: Index, on: list[str], use: str, policy: Policy) -> NullityReport:
    from sealscrub.validators.certifying import planted_nullity

    from .nullity_data import load_data, load_function

    if raw is None or not on:
        raise ConfigError("--nullity needs what the function takes", hint="--raw arrests.parquet, and --on.")
    function = load_function(name)
    frame, _ = load_data({"": raw}, on, "auto", function)
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
            typer.echo(f"wrote {place}", err=True)


def _check_places(written: list[Path], read: list[Path | None]) -> None:
    taken = {other.resolve() for other in read if other is not None}
    for file in written:
        if file.resolve() in taken:
            raise ConfigError("it would replace a file of this run", where=str(file), hint="name another.")
        taken.add(file.resolve())
        if not file.resolve().parent.is_dir():
            raise ConfigError("the folder is not there", where=str(file), hint="make it.")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConfigError("--not-after is a day, such as 2026-12-31") from None
