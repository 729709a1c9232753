"""What a plan of an estate adds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from ..declarations import needs, option, unless

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = [
    "BY_PLAN",
    "LEFT_IN_PLAN",
    "NARRATIVE_IN_PLAN",
    "OF_PLAN",
    "PLANS",
    "Code",
    "Databases",
    "PlanFile",
    "PlanOption",
    "PlanOutputs",
    "PlanRoot",
    "RequiredPlan",
    "files_of",
    "placed",
]

PLANS = "Plans"

BY_PLAN = unless("--plan", hint="the plan says it, table by table.")
LEFT_IN_PLAN = unless("--plan", hint="a plan says it in a table: leave = { phone = '…' }.", of=("leave",))
NARRATIVE_IN_PLAN = unless(
    "--plan",
    hint="a plan says it in a table: narrative = { text = 'sentence' }.",
    of=("narrative", "null_elsewhere"),
)
OF_PLAN = needs("--plan", hint="--plan sealscrub.toml")
PlanFile = Annotated[Path, typer.Argument(help="The plan, such as sealscrub.toml.", metavar="PLAN")]
_PLAN = option("The plan of a whole estate, such as sealscrub.toml.", "--plan")
PlanOption = Annotated[Path | None, _PLAN]
RequiredPlan = Annotated[Path, _PLAN]
PlanOutputs = Annotated[
    list[str] | None, option("A plan and the folder that it writes. Repeatable.", "--plan-output", metavar="PLAN=DIR")
]


@dataclass(frozen=True, kw_only=True)
class PlanRoot:
    """Where a plan's files are."""

    panel: ClassVar[str] = PLANS
    root: Annotated[
        Path | None, option("The folder of a plan's sources; by default the plan's own.", metavar="DIR")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Databases:
    """Database servers that may be asked."""

    panel: ClassVar[str] = PLANS
    allow_database: Annotated[
        list[str] | None, option("A database server that may be connected to. Repeatable.", metavar="HOST")
    ] = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.allow_database or ())


@dataclass(frozen=True, kw_only=True)
class Code(Databases):
    """What a plan may do other than reading files."""

    allow_python: Annotated[
        list[str] | None, option("A module whose functions the plan may call. Repeatable.", metavar="MODULE")
    ] = None

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules that may be imported."""
        return tuple(self.allow_python or ())


def files_of(plan: Plan) -> list[str]:
    """Give the files, folders, globs and addresses that a plan names and reads."""
    spec = plan.spec
    named = [spec.index, spec.key_file, spec.names, *(table.source for table in spec.tables.values())]
    return [placed(plan.root, each) for each in named if each is not None]


def placed(root: Path, written: str) -> str:
    """Give what is written, a path or an address, as it is from a folder."""
    if written.startswith("iceberg:"):
        return written
    prefix = "delta:" if written.startswith("delta:") else ""
    return f"{prefix}{root / written.removeprefix(prefix)}"
