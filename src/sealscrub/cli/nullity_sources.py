"""The tables of a plan as ``check-nullity`` hands them to the function: read from where the plan says that they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from sealscrub.errors import ConfigError, MissingExtra, SealscrubError, UnreadableInput

from .nullity_data import checked_kind, read_file

if TYPE_CHECKING:
    from sealscrub.tables.table import Table
    from sealscrub.transforms.plans import Plan

__all__ = ["load_sources", "texts_of"]

_TEXTS = ("VARCHAR", "TEXT", "CHAR", "STRING")


def load_sources(
    plan: Plan, kind: str, function: Callable[..., Any], allow_database: Collection[str]
) -> dict[str, Any]:
    """Read every table of a plan in the kind that the function takes.

    Raises
    ------
    ConfigError
        When the function takes a path, or a source is not one that the plan may have.
    UsageError, UnreadableInput
        When a source does not exist, or cannot be read.
    """
    from sealscrub.tables.database.stores import closing
    from sealscrub.transforms.plans.open_tables import open_sources

    kind = checked_kind(kind, function)
    if kind == "path":
        raise ConfigError(
            "a plan's tables can only be given as frames", hint="--as polars, pandas or pyarrow; or --data FILE."
        )
    texts = texts_of(plan)
    tables = open_sources(plan.rules, plan.root, allow_database, use=plan.spec.use)
    with closing(tables):
        return {name: _frame(table, plan, kind, texts[name]) for name, table in tables.items()}


def texts_of(plan: Plan) -> dict[str, list[str]]:
    """Columns that are text whatever is in them, by table: keys, which may begin with zeros, and what is linked."""
    found = {
        (name, column) for name, rules in plan.rules.items() for key in rules.keys for column in key.key.columns
    } | {
        (name, column)
        for name, rules in plan.rules.items()
        for column, declared in rules.spec.types.items()
        if declared.upper() in _TEXTS
    }
    links = [link for rules in plan.rules.values() for link in rules.links]
    pairs = [
        ((link.table, own), (link.parent, other))
        for link in links
        for own, other in zip(link.columns, link.parent_columns, strict=True)
    ]
    while more := {end for pair in pairs if found & set(pair) for end in pair} - found:
        found |= more
    return {name: sorted(column for table, column in found if table == name) for name in plan.rules}


def _frame(table: Table, plan: Plan, kind: str, texts: list[str]) -> Any:
    from sealscrub.tables.files_table import FilesTable
    from sealscrub.tables.reading_options import ReadAs

    if not isinstance(table, FilesTable):
        return _of_database(table, kind)
    spec = plan.rules[table.name].spec
    read_as = ReadAs(format=str(table.format), delimiter=spec.delimiter, encoding=spec.encoding, quoting=spec.quoting)
    parts = [read_file(file, kind, texts, read_as) for file in table.files]
    return parts[0] if len(parts) == 1 else _concatenate_parts(parts, kind, table.name)


def _concatenate_parts(parts: list[Any], kind: str, name: str) -> Any:
    try:
        if kind == "pandas":
            import pandas as pd

            return pd.concat(parts, ignore_index=True)
        if kind == "polars":
            import polars as pl

            return pl.concat(parts, how="vertical_relaxed")
        import pyarrow as pa

        return pa.concat_tables(parts, promote_options="permissive")
    except Exception as error:
        raise UnreadableInput(
            f"its files do not have the same columns and types ({type(error).__name__})",
            where=name,
            hint="give them the same columns and types, or name the table with --data.",
        ) from None


def _of_database(table: Table, kind: str) -> Any:
    import polars as pl

    try:
        parts = list(table.batches(table.columns))
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    except SealscrubError:
        raise
    except Exception as error:
        raise UnreadableInput(f"it cannot be read ({type(error).__name__})", where=table.name) from None
    if kind == "polars":
        return frame
    arrow = frame.to_arrow()
    if kind == "pyarrow":
        return arrow
    try:
        import pandas  # noqa: F401 - what to_pandas needs
    except ImportError:
        raise MissingExtra.of("pandas", "pandas") from None
    return arrow.to_pandas()
