"""What a plan's graph holds: tables, and the ways from one to another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sealscrub.errors import UsageError

__all__ = ["Derivation", "GraphTable", "GraphValues", "Link", "Rekey", "Seal"]


@dataclass(frozen=True, slots=True)
class GraphTable:
    """A table.

    Parameters
    ----------
    name : str
        What the plan calls it.
    action : str
        What happens to a row that is reached: ``drop``, ``null``, ``elements``, ``edges``, ``files``; ``columns`` for
        a table whose rows nothing reaches and some of whose columns are recomputed, ``derived`` for one that is
        recomputed as a whole, ``independent`` for one that no seal has a part in.
    """

    name: str
    action: str = "drop"


@dataclass(frozen=True, slots=True)
class Seal:
    """Keys of a scheme, by which seals reach a table.

    Parameters
    ----------
    scheme : str
        The scheme.
    table : str
        The table that has the keys.
    label : str
        The column, or the columns of a composite key.
    """

    scheme: str
    table: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Rows of a table that depend on rows of another.

    Parameters
    ----------
    table : str
        Whose rows are removed.
    parent : str
        The table that they depend on.
    label : str
        The columns that join them.
    """

    table: str
    parent: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """What is recomputed in a table from another, or from itself.

    Parameters
    ----------
    table : str
        The table that is recomputed.
    source : str
        A table that the recipe reads.
    columns : tuple of str
        The columns that are recomputed; without any, the whole table is.
    """

    table: str
    source: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rekey:
    """An id that gets a surrogate.

    Parameters
    ----------
    table : str
        The table whose column it is.
    column : str
        The column.
    origin : str
        The table whose id it is, if that is another.
    """

    table: str
    column: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class GraphValues:
    """What :class:`.drawing.PlanGraph` holds."""

    tables: tuple[GraphTable, ...]
    links: tuple[Link, ...] = ()
    orphans: tuple[Link, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    seals: tuple[Seal, ...] = ()
    rekeys: tuple[Rekey, ...] = ()

    def __post_init__(self) -> None:
        names = [table.name for table in self.tables]
        if len(set(names)) < len(names):
            raise UsageError("a table is twice in the graph", hint="give each table once.")
        missing = sorted(set(self._table_names()) - set(names))
        if missing:
            raise UsageError(f"an edge names {missing[0]!r}, which is not a table of the graph")

    def _table_names(self) -> Iterable[str]:
        for link in (*self.links, *self.orphans):
            yield from (link.table, link.parent)
        for derivation in self.derivations:
            yield from (derivation.table, derivation.source)
        for rekey in self.rekeys:
            yield from (rekey.table, rekey.origin or rekey.table)
        yield from (seal.table for seal in self.seals)
