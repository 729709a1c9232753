"""``sealscrub expectations``: suites of Great Expectations, made from a plan and run so that none is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sealscrub.reports import counted

from . import options as opt
from .declarations import OR_ADDRESS, Commands, option
from .remarks import remark

__all__ = ["app"]

app = Commands(
    help="Great Expectations: suites for the tables of a plan, and a run that cannot lose an expectation.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("new")
def new(
    plan: opt.RequiredPlan,
    output: Annotated[
        Path, option("The folder for the suites, one for each table.", "--output", "-o", metavar="DIR")
    ] = Path("expectations"),
    *,
    root: opt.PlanRoot,
    own: opt.Schemes,
) -> None:
    """Write a suite of expectations for each table of a plan. It needs no index, and names none.

    Example: sealscrub expectations new --plan sealscrub.toml -o expectations
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.errors import UsageError
    from sealscrub.transforms.plans import Plan
    from sealscrub.validators.expectation_suites import plan_suites

    planned = Plan.from_toml(plan, root=root.root)
    suites = plan_suites(planned, written=str(plan), root=None if root.root is None else str(root.root))
    for name in suites:
        if (output / f"{name}.json").exists():
            raise UsageError(
                "already exists", where=str(output / f"{name}.json"), hint="choose another folder with -o."
            )
    output.mkdir(parents=True, exist_ok=True)
    for name, suite in suites.items():
        with placed_file(output / f"{name}.json") as file:
            file.write((json.dumps(suite, indent=2) + "\n").encode())
        remark(f"{output / f'{name}.json'}: {counted(len(suite['expectations']), 'expectation')}")


@app.command("run")
def run(
    suite: Annotated[Path, typer.Argument(help="The suite, a JSON file.", metavar="SUITE")],
    data: Annotated[Path, typer.Argument(help="A data file, or the address of a table.", metavar="FILE"), OR_ADDRESS],
    *,
    index: opt.UsedIndex,
    code: opt.Code,
    reporting: opt.Reporting,
) -> None:
    """Run a suite over a file, every expectation of it or none.

    Exits with 0 when all hold, 1 when one does not, 2 on wrong use, 3 when one was lost or could not be checked.

    Example: sealscrub expectations run expectations/training_table.json train.parquet --index training.sealindex
    """
    from sealscrub.validators.great_expectations import SuiteOutcome, run_suite

    reporting.check(SuiteOutcome)
    outcome = run_suite(
        suite,
        data,
        index=index.open(),
        allow_python=code.modules,
        allow_database=code.hosts,
        name=data.name,
    )
    reporting.end(outcome, outcome.exit_code)
