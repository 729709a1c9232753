"""``sealscrub verify``: whether a certificate holds."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sealscrub.errors import ConfigError

from . import shared_options as opt

if TYPE_CHECKING:
    from sealscrub.certificates import Certificate

__all__ = ["verify"]


def verify(
    certificate: Annotated[Path, typer.Argument(help="The certificate.", metavar="CERTIFICATE")],
    public_key: Annotated[Path, typer.Option("--public-key", help="The signer's public key, PEM.", metavar="FILE")],
    data: Annotated[Path | None, typer.Option("--data", help="The dataset that it is about.", metavar="FILE")] = None,
    model: Annotated[
        list[Path] | None, typer.Option("--model", help="A model file that it is about. Repeatable.", metavar="FILE")
    ] = None,
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    rerun: Annotated[
        str | None,
        typer.Option("--rerun", help="Your function that made the data, as module:function; it is run with --raw."),
    ] = None,
    raw: Annotated[Path | None, typer.Option("--raw", help="What that function takes.", metavar="FILE")] = None,
    retrain: Annotated[
        str | None,
        typer.Option(
            "--retrain",
            help="Your function that trained the model, as module:function; it is run with --data, and its bytes "
            "must be the certified ones.",
        ),
    ] = None,
    receipts: Annotated[
        Path | None,
        typer.Option(
            "--receipts", help="What certify --receipts wrote: with --data, its trees are built again.", metavar="FILE"
        ),
    ] = None,
    annex: Annotated[Path | None, typer.Option("--annex", help="Open the annex and print it.", metavar="FILE")] = None,
    annex_key: Annotated[
        Path | None, typer.Option("--annex-key", help="The custodian's annex key.", metavar="FILE")
    ] = None,
    require_fresh: Annotated[
        bool, typer.Option("--require-fresh", help="With --index: a stale certificate does not verify; exit code 1.")
    ] = False,
    purpose: opt.Purpose = None,
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    schemes: opt.SchemeFile = None,
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
    from sealscrub.custody import annex_key as custodied
    from sealscrub.custody import open_receipts
    from sealscrub.errors import InvalidCertificate
    from sealscrub.index import open_index
    from sealscrub.validators.certifying import verify as verified

    if format not in ("text", "json"):
        raise ConfigError(f"no format is called {format!r}", hint="text or json.")
    if (annex is None) != (annex_key is None):
        raise ConfigError("--annex and --annex-key go together", hint="seal.key.annex opens annexes.")
    if index is not None and key_file is None:
        raise ConfigError("--key-file is missing", hint="--key-file seal.key, or SEALSCRUB_KEY_FILE.")
    opt.load_own_schemes(schemes)
    opened = open_certificate(certificate, public_key)
    table = None if index is None or key_file is None else open_index(index, key_file)
    if rerun is not None and raw is None:
        raise ConfigError("--rerun needs what the function takes", hint="--raw arrests.parquet")
    if retrain is not None and data is None:
        raise ConfigError("--retrain needs what the function takes", hint="--data clean.parquet")
    if receipts is not None and data is None:
        raise ConfigError("--receipts needs the data that the trees are of", hint="--data clean.parquet")
    if require_fresh and table is None:
        raise ConfigError("--require-fresh needs an index to compare with", hint="--index training.sealindex")
    bound = opened.statement.predicate.annex
    if annex is not None and bound is None:
        raise InvalidCertificate("the certificate was issued without an annex", where=str(annex))
    content = None
    if annex is not None and annex_key is not None and bound is not None:  # first, since it may be another's
        with custodied(annex_key, purpose=purpose, what="verify annex") as key:
            content = open_annex(read_sealed(annex), key, bound.commitment)
    function, frame = _loaded(rerun, raw, opened)
    training, clean = _loaded(retrain, data, opened)
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
    typer.echo(result.to_text() if format == "text" else result.to_json(), nl=False)
    if content is not None:
        import json

        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
    raise typer.Exit(1 if require_fresh and result.stale else result.exit_code)


def _loaded(name: str | None, file: Path | None, opened: Certificate) -> tuple[Any, Any]:
    """Load a function, and the data in the kind that it takes."""
    if name is None or file is None:
        return None, None
    from sealscrub.validators.certifying.building_again import keys_of

    from .nullity_data import load_data, load_function

    on = [f"{scheme}={column}" for scheme, columns in keys_of(opened.statement).items() for column in columns]
    function = load_function(name)
    frame, _ = load_data({"": file}, on, "auto", function)
    return function, frame
