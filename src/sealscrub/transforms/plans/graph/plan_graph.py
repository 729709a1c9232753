"""A plan's graph: its tables, what reaches them, and how a seal flows through them to what is recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sealscrub.reports import Document, Reported

from .graph_document import graph_document
from .graph_values import GraphValues
from .mermaid import mermaid

__all__ = ["PlanGraph"]


@dataclass(frozen=True, slots=True)
class PlanGraph(Reported, GraphValues):
    """The graph of a plan: a picture, and the same in words. Nothing of the data is looked at.

    Parameters
    ----------
    tables : tuple of GraphTable
        Each name once.
    links, orphans : tuple of Link
        Rows that are removed with a row of another table, or when all of theirs are.
    derivations : tuple of Derivation
        What is recomputed.
    seals : tuple of Seal
        Where seals enter.
    rekeys : tuple of Rekey
        Ids that get a surrogate.
    name : str
        What stands above it, such as the plan's file name.

    Raises
    ------
    UsageError
        When a table is given twice, or an edge names one that does not exist.

    Examples
    --------
    >>> from sealscrub.transforms.plans.graph.graph_values import Derivation, GraphTable, Link, Seal
    >>> graph = PlanGraph(
    ...     tables=(GraphTable("arrests"), GraphTable("charges"), GraphTable("features")),
    ...     links=(Link("charges", "arrests", "arrest_id"),),
    ...     derivations=(Derivation("features", "arrests", ("priors_count",)),),
    ...     seals=(Seal("arrest_number", "arrests", "arrest_no"),),
    ... )
    >>> print(graph.to_mermaid().splitlines()[1].strip())
    s0(["seals by arrest_number"])
    """

    name: str = "plan"

    def to_mermaid(self) -> str:
        """Write the graph as a Mermaid flowchart, names as text only."""
        return mermaid(self)

    def _document(self) -> Document:
        return graph_document(self, self.name)

    def _facts(self) -> Mapping[str, Any]:
        return asdict(self)
