"""What happened to models since: the answer of :func:`sealscrub.lineage.taint`, without ids or counts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealscrub.reports import Document

from .taint_document import taint_document
from .taint_values import TaintValues

__all__ = ["TaintReport"]


@dataclass(frozen=True, kw_only=True)
class TaintReport(TaintValues):
    """Which models contain a record that is sealed now.

    Attributes
    ----------
    index : str
        Id of the index that was asked.
    epoch, as_of
        Its state of the registry.
    since : int or None
        Epoch of the older index.
    models : tuple of ModelTaint
        All that the store has, or those that were asked for.
    tagged : bool
        Whether the models were tagged.
    blocked : tuple of str
        Addresses that were taken from tainted versions, ``models:/NAME@ALIAS``.
    lacking : tuple of str
        Datasets (``RUN/NAME``) that were scrubbed by an index that held a record which should have stayed, as the
        registry knows by now: by a notice that was wrong, or a seal that was vacated from before that day. Whether
        their source held it is not known here: scrub it again.

    Examples
    --------
    >>> from datetime import date
    >>> from sealscrub.lineage import ModelTaint, TaintState
    >>> model = ModelTaint(uri="models:/risk/3", aliases=(), state=TaintState.TAINTED, since=True, runs=("0a1b",))
    >>> report = TaintReport(index="7c1e", epoch=4, as_of=date(2026, 11, 25), since=3, models=(model,))
    >>> report.exit_code, [each.uri for each in report.tainted]
    (1, ['models:/risk/3'])
    """

    def _facts(self) -> Mapping[str, Any]:
        return {
            "index": self.index,
            "epoch": self.epoch,
            "as_of": self.as_of.isoformat(),
            "since": self.since,
            "tagged": self.tagged,
            "blocked": list(self.blocked),
            "lacking": list(self.lacking),
            "models": [
                {
                    "uri": each.uri,
                    "aliases": list(each.aliases),
                    "endpoints": list(each.endpoints),
                    "state": str(each.state),
                    "reason": each.reason and str(each.reason),
                    "since": each.since,
                    "runs": list(each.runs),
                }
                for each in self.models
            ],
        }

    def _document(self) -> Document:
        return taint_document(self)
