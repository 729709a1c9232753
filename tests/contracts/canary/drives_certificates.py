"""Drive ``certificates`` and ``validators.certification``: what is issued, what is refused, and what opens it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

import sealscrub as ss
from sealscrub.certificates import (
    Receipts,
    certificate_schema,
    content_digest,
    load_signer,
    make_receipt,
    open_annex,
    open_certificate,
    seal_annex,
    sha256_of,
    structure_digest,
    verify_receipt,
)
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.identifiers import generate_certifier, load_annex, load_certifier, load_key
from sealscrub.matching import Policy
from sealscrub.validators.certification import Issued, certify, planted_nullity, verify

from .drives_command_line import _run
from .watch import NEAR, NUMBER, PAYLOAD, SEALED, UNPARSABLE, WITHHELD
from .world import ON, World

Calls = Iterator[Callable[[], object]]
ACCEPTING = Policy(accept=frozenset({"near", "unparsable"}))


def digests(world: World) -> Calls:
    clean = ss.scrub(world.checkable, world.index, ON)
    yield lambda: (content_digest(clean), str(content_digest(clean.to_arrow())))
    yield lambda: content_digest(world.arrests)
    yield lambda: content_digest(pl.DataFrame({"a": [object()]}))
    yield lambda: (structure_digest(clean), str(structure_digest(clean.to_arrow())))
    for data in _noted(world):
        yield lambda data=data: (structure_digest(data), str(structure_digest(data)))
        yield lambda data=data: ss.scrub(data, world.index, ON, detail=True).report.to_html()
    yield lambda: content_digest(world.arrests.to_pandas().set_index("offense"))
    for name in ("train.parquet", "train.csv", "torn.parquet", "short.parquet", "several"):
        yield lambda name=name: content_digest(world.inputs / name)
        yield lambda name=name: sha256_of(world.inputs / name)[:8]
    yield lambda: content_digest(world.inputs / "ragged.csv", schema={"arrest_no": pl.Int64()})


def _noted(world: World) -> Iterator[Any]:
    """Clean rows with identifiers and texts of sealed ones beside them: in metadata, levels and attributes."""
    clean = ss.scrub(world.checkable, world.index, ON)
    entries = {SEALED: PAYLOAD, "note": SEALED}
    yield clean.to_arrow().replace_schema_metadata(entries)
    yield clean.with_columns(pl.lit("a", pl.Enum(["a", SEALED, PAYLOAD])).alias("levels"))
    for attrs in (entries, {"original": world.arrests}):
        frame = clean.to_pandas()
        frame.attrs = attrs
        yield frame


def papers(world: World) -> Calls:
    generate_certifier(world.made / "canary-team.key")
    clean = ss.scrub(world.checkable, world.index, ON)
    signer = load_signer(world.made / "canary-team.key")
    yield lambda: (repr(signer), signer.key_id, pickle.dumps(signer))
    for data in _noted(world):
        yield lambda data=data: certify(data, world.index, ON, signer=signer)
    yield lambda: load_certifier(world.inputs / "train.csv")
    yield lambda: load_signer(world.inputs / "train.csv")
    issued = _issued(world, clean)
    yield lambda: (
        issued,
        issued.certificate,
        issued.statement,
        issued.receipts,
        CertificateReport(issued.statement, "ab" * 32).to_html(),
    )
    yield lambda: (certificate_schema(), issued.statement.issued())
    for data in (world.arrests, world.checkable, world.inputs / "train.parquet", world.inputs / "torn.parquet"):
        yield lambda data=data: certify(data, world.index, ON, signer=signer)
        yield lambda data=data: certify(data, world.index, ON, signer=signer, policy=ACCEPTING)
    yield lambda: certify(None, world.index, ON, signer=signer)
    place = world.made / "canary.certificate.json"
    place.write_bytes(issued.certificate)
    opened = open_certificate(place, world.made / "canary-team.key.pub")
    yield lambda: opened
    for data in (clean, world.arrests, world.inputs / "torn.parquet"):
        yield lambda data=data: _verified(verify(opened, data=data, index=world.index))
    yield lambda: _verified(verify(opened, index=world.index, raw=world.checkable, rerun=_raises))
    yield lambda: _verified(verify(opened, data=world.arrests, retrain=_raises))
    yield lambda: planted_nullity(_raises, world.checkable, world.index, ON)
    yield lambda: planted_nullity(_raises, world.inputs / "train.csv", world.index, ON)
    yield lambda: open_certificate(world.inputs / "train.csv", world.made / "canary-team.key.pub")
    yield lambda: open_certificate(place, world.inputs / "train.csv")


def _raises(rows: pl.DataFrame) -> pl.DataFrame:
    raise ValueError(f"{rows['arrest_no'].to_list()[-1]} {PAYLOAD}")


def _issued(world: World, clean: pl.DataFrame) -> Issued:
    key = load_key(world.made / "example.key")
    return certify(
        clean,
        world.index,
        ON,
        signer=load_signer(world.made / "canary-team.key"),
        raw=world.arrests,
        annex_key=key.annex_public_key,
        receipts=True,
    )


def _verified(result: object) -> object:
    return result, result.to_text(), result.to_json(), result.exit_code


def _proved(world: World, clean: pl.DataFrame, who: str) -> object:
    signer = load_signer(world.made / "canary-team.key")
    issued = certify(clean, world.index, ON, signer=signer, receipts="verifiable")
    assert issued.receipts is not None
    receipt = make_receipt(issued.receipts, "arrest_number", who)
    return receipt, verify_receipt(receipt, who, issued.statement), repr(issued.receipts)


def restricted(world: World) -> Calls:
    clean = ss.scrub(world.checkable, world.index, ON)
    issued = _issued(world, clean)
    annex, receipts = issued.annex or b"", issued.receipts
    assert receipts is not None
    commitment = issued.statement.predicate.annex
    assert commitment is not None
    key = load_annex(world.made / "example.key.annex")
    yield lambda: annex
    yield lambda: open_annex(annex, key, commitment.commitment)
    yield lambda: open_annex(annex[:-1], key, commitment.commitment)
    yield lambda: seal_annex(
        {"who": SEALED, "what": [PAYLOAD, NUMBER]}, load_key(world.made / "example.key").annex_public_key
    )
    for who in (SEALED, WITHHELD, NEAR, UNPARSABLE, PAYLOAD):
        yield lambda who=who: verify_receipt(make_receipt(receipts, "arrest_number", who), who, issued.statement)
        yield lambda who=who: make_receipt(receipts, "docket", who)
        yield lambda who=who: verify_receipt(f'{{"{who}": "{PAYLOAD}"}}'.encode(), who, issued.statement)
    for who in (SEALED, UNPARSABLE):
        yield lambda who=who: _proved(world, clean, who)
    place = world.made / "canary.receipts"
    place.write_bytes(receipts.to_bytes())
    yield lambda: (Receipts.from_file(place), receipts.trees())
    yield lambda: Receipts.from_file(world.inputs / "train.csv")


def paper_commands(world: World) -> Calls:
    made, inputs = world.made, world.inputs
    key = made / "canary-cli.key"
    generate_certifier(key)
    clean = world.path_of_output("certified.parquet")
    ss.scrub(world.checkable, world.index, ON).write_parquet(clean)
    options = [
        "--index",
        made / "example.sealindex",
        "--key-file",
        made / "example.key",
        "--on",
        "arrest_number=arrest_no",
    ]
    paper, public = made / "canary-cli.json", ["--public-key", made / "canary-cli.key.pub"]
    for words in (
        ["certify", "--data", inputs / "train.parquet", *options, "--signing-key", key, "-o", made / "none.json"],
        ["certify", "--data", inputs / "doubtful.parquet", *options, "--signing-key", key, "-o", made / "none.json"],
        ["certify", "--data", clean, *options, "--signing-key", inputs / "train.csv", "-o", made / "none.json"],
        [
            *[
                "certify",
                "--data",
                clean,
                *options,
                "--signing-key",
                key,
                "-o",
                paper,
                "--raw",
                inputs / "train.parquet",
            ],
            *["--annex", made / "canary-cli.annex", "--receipts", made / "canary-cli.receipts"],
            *["--report", made / "canary-cli.html"],
        ],
        ["verify", paper, *public, "--data", clean, *options[:4]],
        ["verify", paper, *public, "--data", inputs / "train.parquet", *options[:4], "--format", "json"],
        ["verify", paper, *public, "--annex", made / "canary-cli.annex", "--annex-key", made / "example.key.annex"],
        [
            "verify",
            paper,
            *public,
            "--data",
            clean,
            "--receipts",
            made / "canary-cli.receipts",
            "--require-fresh",
            *options[:4],
        ],
        ["verify", paper, *public, "--data", inputs / "train.parquet", "--receipts", made / "canary-cli.receipts"],
        ["verify", paper, *public, "--data", clean, "--receipts", inputs / "train.csv"],
        ["verify", inputs / "train.csv", *public],
        ["receipt", "make", made / "canary-cli.receipts", "-o", made / "canary-cli-receipt.json", "--id", SEALED],
        ["receipt", "make", made / "canary-cli.receipts", "-o", made / "no-receipt.json", "--id", UNPARSABLE],
        ["receipt", "verify", made / "canary-cli-receipt.json", "--certificate", paper, *public, "--id", SEALED],
        ["receipt", "verify", made / "canary-cli-receipt.json", "--certificate", paper, *public, "--id", WITHHELD],
        ["receipt", "verify", inputs / "train.csv", "--certificate", paper, *public, "--id", NEAR],
    ):
        yield lambda words=words: _run(*words)


DRIVES = (digests, papers, restricted, paper_commands)
