"""``sealscrub scan``: find what is sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from sealscrub.errors import ConfigError

from . import options as opt
from .declarations import option
from .progress import shown_progress

__all__ = ["scan"]


def scan(
    inputs: Annotated[opt.Inputs, opt.BY_PLAN] = None,
    *,
    index: opt.UsedIndex,
    on: Annotated[opt.On, opt.BY_PLAN] = None,
    use: Annotated[opt.Use, opt.BY_PLAN] = "training",
    plan: opt.PlanOption = None,
    root: Annotated[opt.PlanRoot, opt.OF_PLAN],
    databases: Annotated[opt.Databases, opt.OF_PLAN],
    history: Annotated[
        bool,
        option("Scan all that earlier versions of a Delta or Iceberg table left as well.", "--history"),
        opt.BY_PLAN,
    ] = False,
    strict: opt.Strictness,
    sweep: Annotated[opt.SweepOptions, opt.LEFT_IN_PLAN],
    texts: Annotated[opt.NarrativeOptions, opt.NARRATIVE_IN_PLAN],
    reporting: opt.Reporting,
    reading: Annotated[opt.ReadingOptions, opt.BY_PLAN],
) -> None:
    """Find sealed and withheld records in files, and change nothing.

    Exits with 0 when clean, 1 when some were found, 2 on wrong use, 3 when not everything could be checked.

    With --plan, index and key are those of the plan unless named here or in the environment.

    Example: sealscrub scan train.parquet --index training.sealindex --key-file seal.key --on arrest_number=ARREST_NO
    """
    from sealscrub.transforms import Report
    from sealscrub.transforms import scan as scan_data

    reporting.check(Report, *(inputs or ()))
    if plan is not None:
        from sealscrub.transforms.plans import Plan

        planned = Plan.from_toml(plan, root=root.root)
        reporting.check(Report, *opt.files_of(planned))
        used = index.or_of(planned)
        opened = used.open(planned.spec.use)
        with shown_progress() as progress:
            result = planned.scan(
                index=opened,
                policy=strict.policy(planned.policy),
                allow_database=databases.hosts,
                sweep=sweep.sweep,
                names=texts.opened(used.key, planned.spec.use),
                progress=progress,
            )
    else:
        columns = texts.columns
        given, keys, opened = named(inputs), [] if columns and not on else opt.given_keys(on), index.open(use)
        with shown_progress() as progress:
            result = scan_data(
                given,
                opened,
                keys,
                use=use,
                policy=strict.policy(),
                read_as=reading.read_as(),
                sweep=sweep.sweep,
                leave=sweep.left,
                narrative=columns,
                names=texts.opened(index.key, use),
                history=history,
                progress=progress,
            )
    reporting.end(result, result.exit_code)


def named(inputs: list[str] | None) -> list[str | Path]:
    """Refuse a command without a plan that names no input."""
    if not inputs:
        raise ConfigError("no input given", hint="give files, or a plan with --plan sealscrub.toml.")
    return list(inputs)
