"""``sealscrub verify``: whether a certificate holds."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options as opt
from .declarations import needs, option

if TYPE_CHECKING:
    from sealscrub.certificates import Certificate

__all__ = ["verify"]


def verify(
    certificate: Annotated[Path, typer.Argument(help="The certificate.", metavar="CERTIFICATE")],
    *,
    public_key: opt.OptionalPublicKey = None,
    data: Annotated[str | None, option("The dataset that it is about.", metavar="FILE")] = None,
    model: opt.Models = None,
    index: Annotated[opt.UsedIndex, needs("--index", of=("key_file", "min_epoch"))],
    rerun: Annotated[opt.Rerun, needs("--raw", hint="--raw arrests.parquet")] = None,
    raw: Annotated[opt.Raw, needs("--rerun")] = None,
    retrain: Annotated[opt.Retrain, needs("--data")] = None,
    receipts: Annotated[opt.ReceiptsFile, needs("--data")] = None,
    annex: Annotated[opt.AnnexFile, needs("--annex-key")] = None,
    annex_key: Annotated[opt.AnnexKey, needs("--annex")] = None,
    require_fresh: Annotated[
        bool, option("A stale certificate does not verify; exit code 1.", "--require-fresh"), needs("--index")
    ] = False,
    purpose: Annotated[opt.Purpose, needs("--annex", "--receipts")] = None,
    reporting: opt.Reporting,
) -> None:
    """Verify a certificate as far as what is given allows, and print which levels were reached.

    L0 the signature · L1 data and model by their digests · L2 the rows against the index · L3 the code that made the
    data, tested for nullity · L4 data and models built again, bit for bit. L0 and L1 need nothing but the files.

    Exits with 0 when all that was asked for verifies, 1 when something does not, 2 on wrong use, 3 when something
    cannot be read.

    Example: sealscrub verify clean.certificate.json --data clean.parquet --public-key team.key.pub
    """
    from sealscrub.certificates import open_annex, open_certificate
    from sealscrub.certificates.annex import read_sealed
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.custodian.custody import open_receipts
    from sealscrub.errors import ConfigError, InvalidCertificate
    from sealscrub.validators.certification import Verification
    from sealscrub.validators.certification import verify as verified

    if public_key is None:
        raise ConfigError(
            "--public-key is missing",
            hint="get it from the signer by another channel than the certificate: --public-key team.key.pub.",
        )
    reporting.check(Verification, written=[data])
    opened = open_certificate(certificate, public_key)
    table = None if index.index is None else index.open()
    bound = opened.statement.predicate.annex
    if annex is not None and bound is None:
        raise InvalidCertificate("the certificate was issued without an annex", where=str(annex))
    content = None
    if annex is not None and annex_key is not None and bound is not None:  # first, since it may be another's
        with custodied(annex_key, purpose=purpose, what="verify annex") as key:
            content = open_annex(read_sealed(annex), key, bound.commitment)
    function, frame = _loaded(rerun, raw, opened)
    training, clean = _loaded(retrain, None if data is None else Path(data), opened)
    with contextlib.ExitStack() as stack:
        made_from = None
        if receipts is not None:
            made_from = stack.enter_context(open_receipts(receipts, purpose=purpose, what="verify receipts"))
        result = verified(
            opened,
            data=data,
            models=model or (),
            index=table,
            rerun=function,
            raw=frame,
            receipts=made_from,
            retrain=None if training is None else lambda _: training(clean),
        )
    reporting.end(replace(result, annex=content), 1 if require_fresh and result.stale else result.exit_code)


def _loaded(name: str | None, file: Path | None, opened: Certificate) -> tuple[Any, Any]:
    """Load a function, and the data in the kind that it takes."""
    if name is None or file is None:
        return None, None
    from sealscrub.validators.certification.reproduction import keys_of

    from .nullity_data import load_data, load_function

    on = [f"{scheme}={column}" for scheme, columns in keys_of(opened.statement).items() for column in columns]
    function = load_function(name)
    frame, _ = load_data({"": file}, on, "auto", function)
    return function, frame
