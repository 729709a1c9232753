"""``sealscrub link train``: a model of how records of one arrest differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from sealscrub.reports import counted

from . import options as opt
from .declarations import option
from .link_inputs import ExtractFile, RequiredAnnexKey, check_place, opened_extract
from .remarks import remark

__all__ = ["link_train"]


def link_train(
    place: opt.RegistryPlace,
    extract: ExtractFile,
    *,
    output: Annotated[Path, option("The model file (0600).", "--output", "-o")],
    annex_key: RequiredAnnexKey,
    seed: opt.Seed = 1,
    access: opt.RegistryWriting,
) -> None:
    """Train a model on an extract other than those that it will decide: an older one, or a neighbouring source's.

    Fitted on the rows that it decides, a model would let sealed rows affect the links of others. If the terms of
    custody name a second approver, have that person sign the model before it is used: link run refuses it otherwise.

    Example: sealscrub link train seals.db older.linkin -o link.model --annex-key seal.key.annex
    """
    from dataclasses import replace

    from sealscrub.atomic_write import placed_file
    from sealscrub.custodian.linkage import train
    from sealscrub.extracts import row_marks

    check_place(output, place, extract, annex_key)
    with access.open(place) as registry:
        rows = opened_extract(extract, annex_key, "link train")
        model = train(registry.persons(), rows.frame, trained_on=rows.digest, seed=seed)
        model = replace(model, trained_rows=row_marks(rows.frame, rows.marking_key))
    with placed_file(output, mode=0o600) as file:
        file.write(model.to_json().encode())
    remark(f"wrote {output}: model {model.digest[:16]}, trained on {counted(len(rows.frame), 'row')}.")
