"""``sealscrub scan``: find what is sealed."""

from __future__ import annotations

import typer

from . import shared_options as opt
from .progress import shown_progress

__all__ = ["scan"]


def scan(
    inputs: opt.Inputs = None,
    index: opt.IndexFile = None,
    key_file: opt.OptionalKeyFile = None,
    on: opt.On = None,
    plan: opt.PlanOption = None,
    root: opt.Root = None,
    allow_database: opt.AllowDatabase = None,
    use: opt.UseOption = None,
    min_epoch: opt.MinEpoch = None,
    allow: opt.Allow = None,
    accept: opt.Accept = None,
    min_coverage: opt.MinCoverage = None,
    max_unparsable: opt.MaxUnparsable = None,
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

    With --plan, index and key are those of the plan unless named here.

    Example: sealscrub scan train.parquet --index training.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    """
    from sealscrub.index import open_index
    from sealscrub.transforms import scan as scan_data

    from .plan_runs import refuse_with_plan, scan_plan

    opt.check_reports(format, report, *(inputs or ()), index, key_file, plan)
    opt.load_own_schemes(schemes)
    if plan is not None:
        refuse_with_plan({"--on": on, "an input": inputs, "--use": use, "--input-format": input_format})
        scan_plan(
            plan,
            root,
            {
                "index": index,
                "key_file": key_file,
                "min_epoch": min_epoch,
                "allow_database": allow_database,
                "allow": allow,
                "accept": accept,
                "min_coverage": min_coverage,
                "max_unparsable": max_unparsable,
                "require_keys": require_keys,
                "report": report,
                "format": format,
            },
        )
    given, place, key, keys = opt.required(inputs, index, key_file, on)
    use = use or "training"
    policy = opt.policy(allow, accept, min_coverage, max_unparsable, require_keys=require_keys)
    opened = open_index(place, key, use=use, min_epoch=min_epoch)
    with shown_progress() as progress:
        result = scan_data(
            given,
            opened,
            keys,
            use=use,
            policy=policy,
            read_as=opt.read_as(input_format, delimiter, encoding, quoting),
            progress=progress,
        )
    opt.say_report(result, format, report)
    raise typer.Exit(result.exit_code)
