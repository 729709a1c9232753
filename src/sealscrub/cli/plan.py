"""``sealscrub plan``: propose, check and draw a plan of a whole estate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from . import shared_options as opt
from .progress import shown_progress

__all__ = ["app"]

app = typer.Typer(
    help="Plans: a whole estate of tables, scrubbed from one reviewed file, sealscrub.toml.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

PlanFile = Annotated[Path, typer.Argument(help="The plan, such as sealscrub.toml.", metavar="PLAN")]


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="The folder with the estate's files.", metavar="DIR")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the plan goes; by default DIR/sealscrub.toml.")
    ] = None,
    schemes: opt.SchemeFile = None,
) -> None:
    """Look at files and headers, and write a commented plan in which what a person must decide is marked.

    Example: sealscrub plan init estate/
    """
    from sealscrub.errors import UsageError
    from sealscrub.placing import placed_file
    from sealscrub.transforms.plans.proposing import propose

    opt.load_own_schemes(schemes)
    place = output or folder / "sealscrub.toml"
    if place.exists():
        raise UsageError("is there already", where=str(place), hint="delete it, or name another with -o.")
    text = propose(folder)
    with placed_file(place) as file:
        file.write(text.encode())
    decisions = text.count("# DECIDE:")
    typer.echo(f"{place}: written; {decisions} {'place is' if decisions == 1 else 'places are'} marked # DECIDE:")
    typer.echo(f"Next: read it, decide, then sealscrub plan check {place}")


@app.command("check")
def check(
    plan: PlanFile,
    no_recipes: Annotated[
        bool, typer.Option("--no-recipes", help="Do not run the recipes, which takes longest.")
    ] = False,
    root: opt.Root = None,
    allow_python: opt.AllowPython = None,
    allow_database: opt.AllowDatabase = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write verdicts, without counts, as JUnit: .xml.", metavar="FILE")
    ] = None,
    schemes: opt.SchemeFile = None,
) -> None:
    """Check a plan against its tables, and change nothing: columns, links, recipes, lineage of every column.

    Exits with 0 when it is in order, 2 when something is to be settled, 3 when something could not be read.

    Example: sealscrub plan check sealscrub.toml
    """
    from sealscrub.errors import ConfigError
    from sealscrub.placing import placed_file
    from sealscrub.transforms.plans import Plan

    opt.load_own_schemes(schemes)
    if report is not None and report.suffix.lower() != ".xml":
        raise ConfigError("the suffix names no report format", where=str(report), hint=".xml.")
    with shown_progress() as progress:
        result = Plan.from_toml(plan, root=root).check(
            recipes=not no_recipes,
            allow_python=tuple(allow_python or ()),
            allow_database=tuple(allow_database or ()),
            progress=progress,
        )
    if report is not None:
        with placed_file(report) as file:
            file.write(result.to_junit().encode())
    typer.echo(result.to_text(), nl=False)
    raise typer.Exit(result.exit_code)


@app.command("graph")
def graph(
    plan: PlanFile,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="An .html page, or .mmd for Mermaid; else printed as Mermaid.")
    ] = None,
    root: opt.Root = None,
) -> None:
    """Draw tables, links and recipes, and how a seal flows through them.

    Example: sealscrub plan graph sealscrub.toml -o plan.html
    """
    from sealscrub.errors import ConfigError
    from sealscrub.placing import placed_file
    from sealscrub.transforms.plans import Plan

    drawn = Plan.from_toml(plan, root=root).graph()
    if output is None:
        typer.echo(drawn.to_mermaid(), nl=False)
        return
    texts: dict[str, Callable[[], str]] = {
        ".html": partial(drawn.to_html, plan.name),
        ".mmd": drawn.to_mermaid,
        ".md": drawn.to_mermaid,
    }
    if output.suffix.lower() not in texts:
        raise ConfigError("the suffix names no drawing", where=str(output), hint=".html or .mmd.")
    with placed_file(output) as file:
        file.write(texts[output.suffix.lower()]().encode())
    typer.echo(f"{output}: written")


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of plans, for editors that check TOML by one.

    Example: sealscrub plan schema > sealscrub.schema.json
    """
    from sealscrub.transforms.plans.reading import plan_schema

    typer.echo(plan_schema(), nl=False)
