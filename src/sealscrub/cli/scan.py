"""``sealscrub scan``: find what is sealed."""

from __future__ import annotations

import typer

from . import shared_options as opt
from .progress import shown_progress

__all__ = ["scan"]


def scan(
    inputs: opt.Inputs,
    index: opt.IndexFile,
    key_file: opt.KeyFile,
    on: opt.On,
    use: opt.UseOption = "training",
    min_epoch: opt.MinEpoch = None,
    allow: opt.Allow = None,
    accept: opt.Accept = None,
    min_coverage: opt.MinCoverage = 0.95,
    max_unparsable: opt.MaxUnparsable = 0.05,
    require_keys: opt.RequireKeys = False,
    report: opt.ReportFile = None,
    format: opt.Format = "text",
    schemes: opt.SchemeFile = None,
    input_format: opt.InputFormat = None,
    delimiter: opt.Delimiter = None,
    encoding: opt.Encoding = None,
    quoting: opt.Quoting = "minimal",
) -> None:
    """Find sealed and withheld records in files, and change nothing.

    Exits with 0 when clean, 1 when some were found, 2 on wrong use, 3 when not everything could be checked.

    Example: sealscrub scan train.parquet --index training.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    """
    from sealscrub.index import open_index
    from sealscrub.matching import Policy
    from sealscrub.transforms import scan as scan_data

    opt.check_reports(format, report, *inputs, index, key_file)
    opt.load_own_schemes(schemes)
    policy = Policy(
        allow=frozenset(allow or ()),
        accept=frozenset(accept or ()),
        min_coverage=min_coverage,
        max_unparsable=max_unparsable,
        require_keys=require_keys,
    )
    opened = open_index(index, key_file, use=use, min_epoch=min_epoch)
    with shown_progress() as progress:
        result = scan_data(
            inputs,
            opened,
            on,
            use=use,
            policy=policy,
            read_as=opt.read_as(input_format, delimiter, encoding, quoting),
            progress=progress,
        )
    opt.say_report(result, format, report)
    raise typer.Exit(result.exit_code)
