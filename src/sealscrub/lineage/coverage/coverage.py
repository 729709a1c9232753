"""What a survey found, as a value and its renderings. It holds no identifiers and no counts of records: it travels."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from sealscrub import __version__
from sealscrub.errors import ConfigError
from sealscrub.placing import placed_file

from .standing import Item, ItemKind, Standing

__all__ = ["Coverage"]

_COLUMNS = ("standing", "kind", "name", "place", "last", "epoch", "as_of", "not_after", "proof", "source", "served",
            "taint", "why")  # fmt: skip
_CLEAN = ("", "untainted")


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How what there is stands in the light of an index.

    Attributes
    ----------
    epoch, as_of, index
        The newest state: what is older is stale; and the index's id.
    use : str
    today : datetime.date
    items : tuple of Item
        The worst first.
    """

    epoch: int
    as_of: dt.date
    index: str
    use: str
    today: dt.date
    items: tuple[Item, ...] = field(repr=False)

    def of(self, standing: Standing) -> tuple[Item, ...]:
        """Give the items that stand in one way."""
        return tuple(item for item in self.items if item.standing is standing)

    @property
    def past_their_date(self) -> tuple[Item, ...]:
        """The indexes in use whose last day is past."""
        return tuple(
            item
            for item in self.items
            if item.kind is ItemKind.INDEX
            and item.evidence is not None
            and item.evidence.not_after is not None
            and item.evidence.not_after < self.today
        )

    @property
    def served_tainted(self) -> tuple[Item, ...]:
        """The models that are served although their tag does not say that they are untainted."""
        return tuple(
            item for item in self.items if item.kind is ItemKind.MODEL and item.served and item.taint not in _CLEAN
        )

    @property
    def exit_code(self) -> int:
        """1 where something is stale, unproven, never covered or served tainted; 3 where it was not checked; else 0."""
        bad = {Standing.NEVER, Standing.UNPROVEN, Standing.STALE}
        if any(item.standing in bad for item in self.items) or self.served_tainted:
            return 1
        return 3 if self.of(Standing.UNCHECKED) else 0

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items stand in each way."""
        found = Counter(item.standing for item in self.items)
        return {standing.value: found[standing] for standing in Standing if found[standing]}

    def to_text(self) -> str:
        """Write it for a terminal: what is not covered first, and why."""
        width = max((len(item.name) for item in self.items), default=0)
        lines = []
        for item in self.items:
            last = item.evidence
            said = "" if last is None else f"{last.proof}, epoch {last.epoch}, as of {last.as_of}"
            reason = f"; {item.why}" if item.why and said else item.why
            taint = f"; {item.taint}, and served" if item in self.served_tainted else ""
            lines.append(f"{item.standing:<13}  {item.kind:<7}  {item.name:<{width}}  {said}{reason}{taint}".rstrip())
        sums = ", ".join(f"{count} {name}" for name, count in self.counts.items()) or "nothing is listed"
        lines.append(f"{sums}; the newest state is epoch {self.epoch}, as of {self.as_of}")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """Write it as JSON."""
        document = {
            "sealscrub": "coverage",
            "version": 1,
            "tool": __version__,
            "index": self.index,
            "epoch": self.epoch,
            "as_of": self.as_of.isoformat(),
            "use": self.use,
            "today": self.today.isoformat(),
            "counts": dict(self.counts),
            "items": [_row(item) | {"served": list(item.served)} for item in self.items],
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """Write its items as CSV."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for item in self.items:
            row = _row(item)
            writer.writerow({name: _safe(row[name]) for name in _COLUMNS})
        return text.getvalue()

    def to_html(self) -> str:
        """Write it as one page with a chart."""
        from .coverage_page import coverage_page

        return coverage_page(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it in the format of the suffix: .html, .json, .csv or .txt.

        Raises
        ------
        ConfigError
            When the suffix names no format.
        WriteFailed
            When it cannot be written.
        """
        place = Path(path)
        ways = {".html": self.to_html, ".json": self.to_json, ".csv": self.to_csv, ".txt": self.to_text}
        if place.suffix.lower() not in ways:
            raise ConfigError("the suffix names no format", where=str(place), hint=".html, .json, .csv or .txt.")
        with placed_file(place) as file:
            file.write(ways[place.suffix.lower()]().encode())


def _row(item: Item) -> dict[str, Any]:
    last = item.evidence
    return {
        "standing": item.standing.value,
        "kind": item.kind.value,
        "name": item.name,
        "place": item.place,
        "last": _day(last.made) if last else None,
        "epoch": last.epoch if last else None,
        "as_of": _day(last.as_of) if last else None,
        "not_after": _day(last.not_after) if last else None,
        "proof": last.proof.value if last else None,
        "source": last.source if last else None,
        "served": " ".join(item.served),
        "taint": item.taint,
        "why": item.why,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _safe(value: object) -> object:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
