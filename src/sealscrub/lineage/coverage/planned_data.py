"""The data sets of a plan: every table that it names, where its output is, and what shows that it was scrubbed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.tables.delta.delta_address import DeltaAddress
from sealscrub.tables.iceberg.iceberg_address import IcebergAddress

from .evidence_files import Beside, take_report
from .inventory import Inventory, ListedPlan
from .last_checks import Evidence, Proof

if TYPE_CHECKING:
    from sealscrub.transforms.plans import Plan

__all__ = ["tables_of"]

_GLOB = set("*?[")


def tables_of(
    inventory: Inventory, listed: ListedPlan, index: Index, look: Callable[[Path], Beside]
) -> Iterator[tuple[str, Path, Beside]]:
    """Give each table of a plan: its name, where its output is, and what there is of it.

    Parameters
    ----------
    inventory : Inventory
    listed : ListedPlan
    index : Index
        The newest.
    look : callable
        Gathers what is next to a file.

    Raises
    ------
    ConfigError, UnreadableInput, MissingExtra
        When the plan cannot be read.
    """
    from sealscrub.transforms.plans import Plan

    root = None if listed.root is None else inventory.place(listed.root)
    plan = Plan.from_toml(inventory.place(listed.plan), root=root)
    output = inventory.place(listed.output).resolve()
    recorded = _evidence_of_record(plan, output)
    for name, table in plan.spec.tables.items():
        place = output / _written(table.output or table.source)
        gathered = look(place)
        in_catalog = IcebergAddress.names_one(table.output)
        if in_catalog or "://" in table.source or table.source.startswith("${"):  # no file shows
            gathered, place = Beside(), Path(output.name)
            known = isinstance(recorded, Evidence)
            kind = "table of a catalog" if in_catalog else "schema"
            said = f"it was written to a {kind}, which is not checked here" if known else recorded
            gathered.doubts.append(str(said))
        elif place.exists():
            _add(gathered, recorded)
        if listed.report is not None:
            take_report(gathered, inventory.place(listed.report), [output] if output.exists() else [], index)
        yield f"{plan.name}: {name}", place, gathered


def _evidence_of_record(plan: Plan, output: Path) -> Evidence | str:
    """Give what the record next to an output says, or why it says nothing."""
    from sealscrub.transforms.plans.increment import Record

    record = Record(output)
    try:
        state = record.against(plan.spec)
        return Evidence(
            proof=Proof.RECORD,
            source=record.path.name,
            made=dt.datetime.fromtimestamp(record.path.stat().st_mtime, dt.UTC).date(),
            epoch=int(state["epoch"]),
            as_of=dt.date.fromisoformat(state["as_of"]),
            not_after=dt.date.fromisoformat(state["not_after"]),
            registry=str(state["registry"]),
            audience=str(state["audience"]),
            uses=tuple(map(str, state["uses"])),
        )
    except UsageError as error:
        return error.message
    except (OSError, KeyError, ValueError, TypeError):
        return "the record of the run that made it cannot be read"


def _add(gathered: Beside, recorded: Evidence | str) -> None:
    if isinstance(recorded, Evidence):
        gathered.found.append(recorded)
    else:
        gathered.doubts.append(recorded)


def _written(source: str) -> Path:
    """Where a source's table goes below the output: its own path, the folder of a glob, or a lake's."""
    if DeltaAddress.names_one(source):
        return DeltaAddress.parse(source).path
    if IcebergAddress.names_one(source):
        *folders, last = IcebergAddress.parse(source).identifier
        return Path(*folders, f"{last}.parquet")
    parts: list[str] = []
    for part in Path(source.partition("#")[0]).parts:
        if _GLOB & set(part):
            break
        parts.append(part)
    return Path(*parts)
