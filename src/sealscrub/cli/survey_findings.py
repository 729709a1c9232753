"""What a survey and a taint report found, for a monitor's report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealscrub.custodian.custody import Finding
    from sealscrub.lineage import Coverage, TaintReport
    from sealscrub.lineage.coverage import Item

__all__ = ["findings_of"]


def findings_of(coverage: Coverage, taint: TaintReport | None = None) -> tuple[Finding, ...]:
    """Give what stands out for a monitor: outdated indexes, scrubs not rerun, what was never covered, served taint.

    Parameters
    ----------
    coverage : Coverage
    taint : TaintReport, optional
        The answer of :func:`sealscrub.lineage.taint`; without it, what the models' tags say counts.

    Returns
    -------
    tuple of Finding
        For :func:`sealscrub.custodian.custody.report_on`.

    Examples
    --------
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.lineage import Inventory, survey
    >>> findings_of(survey(Inventory(version=1), example_index(["K14612345"])))
    ()
    """
    from sealscrub.custodian.custody import Concern, Finding
    from sealscrub.lineage.coverage import ItemKind, Standing

    found = [
        Finding(
            concern=Concern.INDEX_OUTDATED,
            what=item.name,
            since=item.evidence.not_after if item.evidence else None,
            said=f"the index {item.name} is in use past its last day",
        )
        for item in coverage.past_their_date
    ]
    for item in coverage.items:
        if item.kind is ItemKind.INDEX and item in coverage.past_their_date:
            continue
        if item.standing is Standing.STALE:
            last = item.evidence
            found.append(
                Finding(
                    concern=Concern.NOT_RERUN,
                    what=item.name,
                    since=last.as_of if last else None,
                    said=f"{item.kind} {item.name}: {item.why}",
                )
            )
        elif item.standing is not Standing.COVERED:
            found.append(
                Finding(concern=Concern.NOT_COVERED, what=item.name, said=f"{item.kind} {item.name}: {item.why}")
            )
    served = _by_tag(coverage) if taint is None else _by_taint(taint)
    found += [
        Finding(concern=Concern.SERVED_TAINTED, what=name, said=f"{name} is {state}, and served: {places}")
        for name, state, places in served
    ]
    return tuple(found)


def _by_tag(coverage: Coverage) -> Iterator[tuple[str, str, str]]:
    for item in coverage.served_tainted:
        yield item.name, item.taint, _places(item)


def _by_taint(taint: TaintReport) -> Iterator[tuple[str, str, str]]:
    for model in taint.models:
        places = [*model.aliases, *(f"served as {each}" for each in model.endpoints)]
        if places and model.state.is_tainted:
            yield model.uri, str(model.state), ", ".join(places)


def _places(item: Item) -> str:
    return ", ".join(item.served)
