"""``sealscrub expectations``: suites of Great Expectations, made from a plan and run so that none is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from . import shared_options as opt

__all__ = ["app"]

app = typer.Typer(
    help="Great Expectations: suites for the tables of a plan, and a run that cannot lose an expectation.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("new")
def new(
    plan: Annotated[Path, typer.Option("--plan", help="The plan, such as sealscrub.toml.", metavar="FILE")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder in which suites go, one for each table.", metavar="DIR")
    ] = Path("expectations"),
    root: opt.Root = None,
    schemes: opt.SchemeFile = None,
) -> None:
    """Write a suite of expectations for each table of a plan. It needs no index, and names none.

    Example: sealscrub expectations new --plan sealscrub.toml -o expectations
    """
    from sealscrub.errors import UsageError
    from sealscrub.placing import placed_file
    from sealscrub.transforms.plans import Plan
    from sealscrub.validators.expectation_suites import plan_suites

    opt.load_own_schemes(schemes)
    suites = plan_suites(Plan.from_toml(plan, root=root), written=str(plan), root=None if root is None else str(root))
    for name in suites:
        if (output / f"{name}.json").exists():
            raise UsageError("is there already", where=str(output / f"{name}.json"), hint="name another folder by -o.")
    output.mkdir(parents=True, exist_ok=True)
    for name, suite in suites.items():
        with placed_file(output / f"{name}.json") as file:
            file.write((json.dumps(suite, indent=2) + "\n").encode())
        typer.echo(f"{output / f'{name}.json'}: {len(suite['expectations'])} expectations")


@app.command("run")
def run(
    suite: Annotated[Path, typer.Argument(help="The suite, a JSON file.", metavar="SUITE")],
    data: Annotated[Path, typer.Argument(help="A Parquet or CSV file.", metavar="FILE")],
    index: Annotated[
        Path | None, typer.Option("--index", help="The published index.", metavar="FILE", envvar="SEALSCRUB_INDEX")
    ] = None,
    key_file: opt.OptionalKeyFile = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report", help="Write what it came to: .json, .xml (JUnit) or .txt, without counts. Repeatable."
        ),
    ] = None,
    allow_python: opt.AllowPython = None,
    allow_database: opt.AllowDatabase = None,
    schemes: opt.SchemeFile = None,
) -> None:
    """Run a suite over a file, every expectation of it or none.

    Exits with 0 when all hold, 1 when one does not, 2 on wrong use, 3 when one was lost or could not be checked.

    Example: sealscrub expectations run expectations/training_table.json train.parquet --index training.sealindex
    """
    from sealscrub.validators.great_expectations import run_suite

    opt.load_own_schemes(schemes)
    outcome = run_suite(
        suite,
        data,
        index=index,
        key=key_file,
        allow_python=tuple(allow_python or ()),
        allow_database=tuple(allow_database or ()),
        name=data.name,
    )
    typer.echo(outcome.to_text(), nl=False)
    for path in report or ():
        outcome.save(path)
    raise typer.Exit(outcome.exit_code)
