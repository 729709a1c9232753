"""A plan's graph: its tables, what reaches them, and how a seal flows through them to what is recomputed."""

from __future__ import annotations

from dataclasses import dataclass

from .graph_page import graph_page
from .graph_values import GraphValues
from .mermaid import mermaid

__all__ = ["PlanGraph"]


@dataclass(frozen=True, slots=True)
class PlanGraph(GraphValues):
    """The graph of a plan.

    Parameters
    ----------
    tables : tuple of GraphTable
        Each name once.
    links, orphans : tuple of Link
        Rows that are removed with a row of another table, or when all of theirs are.
    derivations : tuple of Derivation
        What is recomputed.
    seals : tuple of Seal
        Where seals come in.
    rekeys : tuple of Rekey
        Ids that get a surrogate.

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

    def to_mermaid(self) -> str:
        """Write the graph as a Mermaid flowchart, names as text only."""
        return mermaid(self)

    def to_html(self, title: str = "Plan") -> str:
        """Draw the graph on one page: inline SVG, no script, nothing fetched; light or dark as the reader has it.

        Parameters
        ----------
        title : str
            What is above it, such as the plan's file name.
        """
        return graph_page(self, title)
