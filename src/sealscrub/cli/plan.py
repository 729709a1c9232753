"""``sealscrub plan``: propose, check and draw a plan of a whole estate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sealscrub.reports import counted

from . import options as opt
from .declarations import OR_ADDRESS, Commands, needs, option
from .progress import shown_progress
from .remarks import emit, remark

__all__ = ["app", "write_proposal"]

_INDEX = "--index training.sealindex"
_needs_index = needs("--index", hint=_INDEX, of=("key_file", "min_epoch"))

app = Commands(
    help="Plans: a whole estate of tables, scrubbed from one reviewed file, sealscrub.toml.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


def write_proposal(folder: Path, place: Path, index: opt.UsedIndex) -> None:
    """Write a proposed plan, and say how many places of it a person must decide."""
    from sealscrub.atomic_write import placed_file
    from sealscrub.errors import UsageError
    from sealscrub.transforms.plans.plan_proposal import propose

    if place.exists():
        raise UsageError("already exists", where=str(place), hint="delete it, or choose another with -o.")
    if index.index is None:
        text = propose(folder)
    else:
        text = propose(folder, index=index.open(), opened_from=(index.index, index.key))
    with placed_file(place) as file:
        file.write(text.encode())
    decisions = text.count("# DECIDE:")
    remark(f"{place}: written; {counted(decisions, 'place', 'is', 'are')} marked # DECIDE:")


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="The folder with the estate's files.", metavar="DIR"), OR_ADDRESS],
    output: Annotated[Path | None, option("The plan file; by default DIR/sealscrub.toml.", "--output", "-o")] = None,
    *,
    index: Annotated[opt.UsedIndex, _needs_index],
) -> None:
    """Look at files and headers, and write a commented plan in which what a person must decide is marked.

    With --index, also other columns that look as if they held ids of its schemes. Which records are sealed
    makes no difference to the plan.

    Example: sealscrub plan init estate/
    """
    place = output or folder / "sealscrub.toml"
    write_proposal(folder, place, index)
    root = "" if place.resolve().parent == folder.resolve() else f" --root {folder}"
    schemes = "".join(f" --schemes {file}" for file in index.schemes or ())
    remark(f"Next: read it, decide, then sealscrub plan check {place}{root}{schemes}")


@app.command("check")
def check(
    plan: opt.PlanFile,
    no_recipes: Annotated[bool, option("Do not run the recipes, which takes longest.", "--no-recipes")] = False,
    *,
    index: Annotated[opt.UsedIndex, _needs_index],
    root: opt.PlanRoot,
    code: opt.Code,
    strict: Annotated[opt.Strictness, needs("--index", hint=_INDEX)],
    reporting: opt.Reporting,
) -> None:
    """Check a plan against its tables, and change nothing: columns, links, recipes, lineage of every column.

    With --index, also what a scrub by the plan would refuse: sealed ids in other columns, keys that cannot be checked.
    The key is that of the plan unless named here or in the environment; an index that only the plan names is not
    opened.

    Exits with 0 when it is OK, 2 when there are problems to fix, 3 when something could not be read or checked,
    or other columns hold sealed ids.

    Example: sealscrub plan check sealscrub.toml
    """
    from sealscrub.transforms.plans import Plan, PlanCheck

    reporting.check(PlanCheck)
    planned = Plan.from_toml(plan, root=root.root)
    reporting.check(PlanCheck, *opt.files_of(planned))
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
    reporting.end(result.in_shell(), result.exit_code)


@app.command("graph")
def graph(
    plan: opt.PlanFile,
    output: Annotated[Path | None, option("Write it as a Mermaid flowchart (.mmd).", "--output", "-o")] = None,
    *,
    root: opt.PlanRoot,
    reporting: opt.Reporting,
) -> None:
    """Say and draw tables, links and recipes, and how a seal flows through them; --report plan.html is the picture.

    Example: sealscrub plan graph sealscrub.toml --report plan.html
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.errors import ConfigError
    from sealscrub.transforms.plans import Plan
    from sealscrub.transforms.plans.graph.plan_graph import PlanGraph

    reporting.check(PlanGraph)
    if output is not None and output.suffix.lower() not in (".mmd", ".md"):
        raise ConfigError(
            "unknown suffix of a flowchart", where=str(output), hint=".mmd; --report plan.html draws a page."
        )
    planned = Plan.from_toml(plan, root=root.root)
    reporting.check(PlanGraph, *opt.files_of(planned))
    drawn = planned.graph()
    if output is not None:
        with placed_file(output) as file:
            file.write(drawn.to_mermaid().encode())
        remark(f"{output}: written")
    reporting.say(drawn)


@app.command("schema")
def schema() -> None:
    """Print the JSON schema of plans, for editors that check TOML by one.

    Example: sealscrub plan schema > sealscrub.schema.json
    """
    from sealscrub.transforms.plans.plan_file import plan_schema

    emit(plan_schema())
