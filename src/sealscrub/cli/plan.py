"""``sealscrub plan``: propose, check and draw a plan of a whole estate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from . import options as opt
from .declarations import Commands, needs, option
from .progress import shown_progress
from .remarks import remark

__all__ = ["app"]

_INDEX = "--index training.sealindex"
_ONLY = needs("--index", hint=_INDEX, of=("key_file", "min_epoch"))

app = Commands(
    help="Plans: a whole estate of tables, scrubbed from one reviewed file, sealscrub.toml.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="The folder with the estate's files.", metavar="DIR")],
    output: Annotated[Path | None, option("The plan file; by default DIR/sealscrub.toml.", "--output", "-o")] = None,
    *,
    index: Annotated[opt.UsedIndex, _ONLY],
) -> None:
    """Look at files and headers, and write a commented plan in which what a person must decide is marked.

    With --index, also other columns that look as if they held ids of its schemes. Which records are sealed
    makes no difference to the plan.

    Example: sealscrub plan init estate/
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.errors import UsageError
    from sealscrub.transforms.plans.plan_proposal import propose

    place = output or folder / "sealscrub.toml"
    if place.exists():
        raise UsageError("already exists", where=str(place), hint="delete it, or choose another with -o.")
    if index.index is None:
        text = propose(folder)
    else:
        text = propose(folder, index=index.open(), opened_from=(index.index, index.key))
    with placed_file(place) as file:
        file.write(text.encode())
    decisions = text.count("# DECIDE:")
    remark(
        f"{place}: written; {decisions} {'place is' if decisions == 1 else 'places are'} marked # DECIDE:", err=False
    )
    remark(f"Next: read it, decide, then sealscrub plan check {place}", err=False)


@app.command("check")
def check(
    plan: opt.PlanFile,
    no_recipes: Annotated[bool, option("Do not run the recipes, which takes longest.", "--no-recipes")] = False,
    *,
    index: Annotated[opt.UsedIndex, _ONLY],
    root: opt.PlanRoot,
    code: opt.Code,
    strict: Annotated[opt.Strictness, needs("--index", hint=_INDEX)],
    reporting: opt.Reporting,
) -> None:
    """Check a plan against its tables, and change nothing: columns, links, recipes, lineage of every column.

    With --index, also what a scrub by the plan would refuse: sealed ids in other columns, keys that cannot be checked.
    The key is that of the plan unless named here; an index that only the plan names is not opened.

    Exits with 0 when it is OK, 2 when there are problems to fix, 3 when something could not be read or checked,
    or other columns hold sealed ids.

    Example: sealscrub plan check sealscrub.toml
    """
    from sealscrub.transforms.plans import Plan, PlanCheck

    reporting.check(PlanCheck, index.index, index.key_file, plan)
    planned = Plan.from_toml(plan, root=root.root)
    opened = None if index.index is None else index.or_of(planned).open(planned.spec.use)
    with shown_progress() as progress:
        result = planned.check(
            recipes=not no_recipes,
            index=opened,
            policy=strict.policy(planned.policy),
            allow_python=code.modules,
            allow_database=code.hosts,
            progress=progress,
        )
    reporting.say(result.in_shell())
    raise typer.Exit(result.exit_code)


@app.command("graph")
def graph(
    plan: opt.PlanFile,
    output: Annotated[
        Path | None, option("An .html page, or .mmd for Mermaid; else printed as Mermaid.", "--output", "-o")
    ] = None,
    *,
    root: opt.PlanRoot,
) -> None:
    """Draw tables, links and recipes, and how a seal flows through them.

    Example: sealscrub plan graph sealscrub.toml -o plan.html
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.errors import ConfigError
    from sealscrub.transforms.plans import Plan

    drawn = Plan.from_toml(plan, root=root.root).graph()
    if output is None:
        typer.echo(drawn.to_mermaid(), nl=False)
        return
    texts: dict[str, Callable[[], str]] = {
        ".html": partial(drawn.to_html, plan.name),
        ".mmd": drawn.to_mermaid,
        ".md": drawn.to_mermaid,
    }
    if output.suffix.lower() not in texts:
        raise ConfigError("unknown suffix of a drawing", where=str(output), hint=".html or .mmd.")
    with placed_file(output) as file:
        file.write(texts[output.suffix.lower()]().encode())
    remark(f"{output}: written", err=False)


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of plans, for editors that check TOML by one.

    Example: sealscrub plan schema > sealscrub.schema.json
    """
    from sealscrub.transforms.plans.plan_file import plan_schema

    typer.echo(plan_schema(), nl=False)
