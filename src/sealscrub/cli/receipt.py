"""``sealscrub receipt``: proofs that one identifier is not in a certified dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.errors import InvalidCertificate
from sealscrub.file_system import readable
from sealscrub.reports import Listing

from . import options as opt
from .declarations import Commands, option
from .remarks import remark

__all__ = ["app"]

app = Commands(no_args_is_help=True, help="Personal exclusion receipts.")

Identifier = Annotated[
    str,
    option(
        "The identifier; asked for if it is not given, so it is in no command history.",
        "--id",
        prompt="identifier",
        hide_input=True,
        metavar="ID",
    ),
]


@app.command("make")
def make(
    receipts: Annotated[
        Path, typer.Argument(help="The file of receipts, from certify --receipts.", metavar="RECEIPTS")
    ],
    output: Annotated[Path, option("The receipt.", "-o", "--output")],
    id: Identifier,
    scheme: opt.Scheme = "arrest_number",
    *,
    own: opt.Schemes,
    purpose: opt.Purpose = None,
    grant: opt.Grant = None,
) -> None:
    """Make the receipt of one person's identifier.

    If RECEIPTS are under custody (certify --custody), it takes a purpose, such as accused, and leaves an entry.

    Example: sealscrub receipt make clean.receipts --scheme arrest_number -o receipt.json
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.certificates import make_receipt
    from sealscrub.custodian.custody import open_receipts
    from sealscrub.identifiers import RecordKey, canonicalise_one

    record = RecordKey(scheme, canonicalise_one(id, scheme))
    with open_receipts(receipts, purpose=purpose, record=record, grant=grant) as opened:
        receipt = make_receipt(opened, scheme, id)
    with placed_file(output, mode=0o600) as file:
        file.write(receipt)
    remark(f"wrote {output}")


@app.command("verify")
def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt.", metavar="RECEIPT")],
    certificate: opt.Certificate,
    public_key: opt.PublicKey,
    id: Identifier,
    *,
    own: opt.Schemes,
    reporting: opt.Reporting,
) -> None:
    """Check that a receipt proves that an identifier is not in the certified dataset. Needs no index and no registry.

    Example: sealscrub receipt verify receipt.json --certificate clean.certificate.json --public-key team.key.pub
    """
    from sealscrub.certificates import State, open_certificate, verify_receipt
    from sealscrub.certificates.receipts import said_by

    reporting.check(Listing)
    with readable(receipt):
        content = receipt.read_bytes()
    opened = open_certificate(certificate, public_key)
    if opened.signature().state is State.FAILED:
        raise InvalidCertificate("the certificate has expired", where=str(certificate), hint="ask for a new one.")
    verify_receipt(content, id, opened.statement)
    proves = said_by(content)
    values = {"verified": True, "proves": proves}
    reporting.say(Listing(tool="receipt verify", headline="The receipt verifies", lede=proves, values=values))
