"""Coverage as a document, with a chart. It travels: it counts things, and no records."""

from __future__ import annotations

from sealscrub.reports import Bars, Column, Document, Event, Kind, Name, Number, Part, State, Table, timeline

from .coverage_values import CoverageValues
from .last_checks import Item, ItemKind, Standing

__all__ = ["coverage_document"]

_SERIES: dict[Standing, tuple[Kind, str]] = {
    Standing.NEVER: ("bad", "--bad"),
    Standing.UNPROVEN: ("bad", "--bar"),
    Standing.STALE: ("warn", "--warn"),
    Standing.UNCHECKED: ("warn", "--soft"),
    Standing.COVERED: ("good", "--good"),
}
_HEADINGS: dict[int, tuple[Kind, str]] = {
    0: ("good", "Everything is covered"),
    1: ("bad", "Not everything is covered"),
    3: ("warn", "Not everything could be checked"),
}
_STEPS = {
    Standing.NEVER: "Scrub and certify items that were never covered, or say why they need not be.",
    Standing.UNPROVEN: "Certify unproven items again: their evidence does not hold.",
    Standing.STALE: "Scrub and certify stale items again, with the newest index.",
    Standing.UNCHECKED: "Make unchecked items readable, and run it again.",
}


def coverage_document(found: CoverageValues) -> Document:
    """Say in which state everything is."""
    kind, headline = _HEADINGS[found.exit_code]
    steps = [step for standing, step in _STEPS.items() if found.of(standing)]
    return Document(
        tool="audit coverage",
        kind=kind,
        headline=headline,
        lede="All items, when each was last checked against the seals, and the evidence. No record is named or "
        "counted.",
        facts={
            **{standing: Number(count) for standing, count in found.counts.items()},
            "Use": Name(found.use),
            "Index": Name(found.index[:16]),
            "Day": found.today,
            "Newest state": f"epoch {found.epoch}, as of {found.as_of}",
        },
        parts=(*_at_once(found), _chart(found), *_timeline(found), _inventory(found)),
        steps=tuple(steps),
    )


def _at_once(found: CoverageValues) -> tuple[Table, ...]:
    rows = [
        (Name(item.name), f"is served ({', '.join(item.served)}), and is {item.taint}") for item in found.served_tainted
    ]
    rows += [(Name(item.name), "an index in use past its last day") for item in found.past_their_date]
    return (Table(title="At once", columns=(Column("what"), Column("why")), rows=tuple(rows)),) if rows else ()


def _chart(found: CoverageValues) -> Bars:
    kinds = [kind for kind in ItemKind if any(item.kind is kind for item in found.items)]
    return Bars(
        title="Status",
        series={standing.value: colour for standing, (_, colour) in _SERIES.items()},
        bars={
            kind.value: tuple(
                Number(sum(item.kind is kind and item.standing is standing for item in found.items))
                for standing in _SERIES
            )
            for kind in kinds
        },
    )


def _timeline(found: CoverageValues) -> tuple[Part, ...]:
    """Draw by which state of the seals everything was checked, and the newest one."""
    shown = [(item, item.evidence.as_of) for item in found.items if item.evidence is not None]
    if not shown:
        return ()
    lanes = {"seals": [Event(day=found.as_of, name=f"epoch {found.epoch}", note="newest state")]}
    for kind in ItemKind:
        lanes[f"{kind.value}s" if kind is not ItemKind.INDEX else "indexes"] = [
            Event(day=day, name=item.name, note=item.standing.value, kind=_SERIES[item.standing][0])
            for item, day in shown
            if item.kind is kind
        ]
    return timeline("The state of the seals that each was checked against", lanes)


def _inventory(found: CoverageValues) -> Table:
    return Table(
        title="Inventory",
        columns=(Column("stands"), Column("kind"), Column("thing"), Column("place"), Column("shown by")),
        rows=tuple(
            (
                State(_SERIES[item.standing][0], item.standing.value),
                item.kind.value,
                Name(item.name),
                Name(item.place),
                _evidence_sentence(item),
            )
            for item in found.items
        ),
    )


def _evidence_sentence(item: Item) -> str:
    last = item.evidence
    said = "" if last is None else f"{last.proof}, epoch {last.epoch}, as of {last.as_of}"
    return f"{said}; {item.why}" if item.why and said else item.why or said
