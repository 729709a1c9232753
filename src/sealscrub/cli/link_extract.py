"""``sealscrub link extract``: what the data's host hands to the custodian for linkage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.reports import counted

from . import options as opt
from .declarations import formerly, option
from .link_inputs import check_place
from .remarks import remark

__all__ = ["link_extract"]

_FIELD_TITLES = {"birth_date": "Birth date", "arrest_date": "Arrest date", "nysid": "NYSID"}


def link_extract(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders, or the address of a table.")],
    *,
    row_id: Annotated[str, option("The column with the system's own id of each row.", metavar="COLUMN")],
    output: Annotated[Path, option("The extract file, such as vendor.linkin (0600).", "--output", "-o")],
    recipient: Annotated[Path, option("The custodian's public key, seal.key.pub."), formerly("--key-file")],
    last: Annotated[str | None, option("The column of last names.", metavar="COLUMN")] = None,
    first: Annotated[str | None, option("The column of first names.", metavar="COLUMN")] = None,
    middle: Annotated[str | None, option("The column of middle names.", metavar="COLUMN")] = None,
    birth: Annotated[str | None, option("The column of birth dates.", metavar="COLUMN")] = None,
    arrest_date: Annotated[str | None, option("The column of arrest dates.", metavar="COLUMN")] = None,
    charge: Annotated[str | None, option("The column of charges.", metavar="COLUMN")] = None,
    sex: Annotated[str | None, option("The column of sex, if there is one.", metavar="COLUMN")] = None,
    race: Annotated[str | None, option("The column of race, if there is one.", metavar="COLUMN")] = None,
    nysid: Annotated[str | None, option("The column of NYSIDs.", metavar="COLUMN")] = None,
    reading: opt.ReadingOptions,
) -> None:
    """Take the columns named out of a table, and encrypt them to the custodian; nothing else leaves.

    The custodian links the rows to seals by it, and publishes the links as keys of your system's own ids.

    Example: sealscrub link extract vendor.parquet --row-id ID --last L --first F --birth DOB --arrest-date D \
-o vendor.linkin --recipient seal.key.pub
    """
    from sealscrub.extracts import extract
    from sealscrub.identifiers import load_recipient
    from sealscrub.reports import percent
    from sealscrub.tables.file import Opening
    from sealscrub.tables.opener import DataSource

    columns = {
        "last_name": last,
        "first_name": first,
        "middle_name": middle,
        "birth_date": birth,
        "arrest_date": arrest_date,
        "charge": charge,
        "sex": sex,
        "race": race,
        "nysid": nysid,
    }
    read_as = reading.read_as()
    with DataSource(list(inputs), Opening(read_as=read_as)) as source:
        check_place(output, recipient, *source.paths, *source.roots)
    opened_by = load_recipient(recipient)
    made = extract(
        list(inputs),
        row_id=row_id,
        fields={name: column for name, column in columns.items() if column is not None},
        read_as=read_as,
    )
    made.write(output, opened_by)
    left_out = f"; {made.left_out:,} hold nothing to link by and are left out" if made.left_out else ""
    remark(f"wrote {output}: {counted(len(made.frame), 'row')}{left_out}.")
    for name, (filled, good) in made.read.items():
        share = f"; {percent(good / filled)} of them can be read" if filled else ""
        remark(f"{_FIELD_TITLES[name]}: {counted(filled, 'row', 'has', 'have')} one{share}.")
    remark("It holds names: hand it to the custodian, and delete it here.")
