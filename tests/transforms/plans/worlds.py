"""Small estates: the tables that a city's facts make, in plain Python, and the plan that describes them.

``build(facts, shape)`` makes the tables of an estate from facts. What a plan makes of ``build(facts, shape)`` must be
``build(without(facts), shape)``, bit for bit.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .facts import Arrest, Facts, Seals, without

__all__ = ["OPTIONAL", "Shape", "Table", "Value", "build", "shapes", "world_without"]

Value = Any
Row = dict[str, Value]

#: Tables that an estate may lack; arrests are always there.
OPTIONAL = (
    "dockets", "charges", "people", "summonses", "stops", "complaints", "edges", "ties", "notes", "pairs", "features",
    "scores", "precinct_month", "precinct_total", "photos",
)  # fmt: skip
_NEEDS = {"scores": {"people"}, "precinct_total": {"precinct_month"}}
_START = dt.date(2020, 1, 1)


@dataclass(frozen=True)
class Shape:
    """How an estate is laid out, whatever happened in it.

    Parameters
    ----------
    parts : frozenset of str
        Its tables.
    numbers : bool
        Whether ids are numbers; else text.
    lists : {"list", "structs", "joined"}
        How a column lists ids.
    by_key : bool
        Whether lists name arrests by number.
    empty : {"empty", "null", "drop"}
        What becomes of a list that loses its last element.
    when : {"all", "any"}
        When a note about a complaint goes.
    exceptions : {"null", "recompute", "keep"} or None
        What becomes of stored values that the recipe does not give; None where there are none.
    rekeyed : bool
        Whether ids of arrests and people get surrogates.
    seed : int
        Of what is chosen column by column: containers, types, the order of rows.
    """

    parts: frozenset[str]
    numbers: bool = True
    lists: str = "list"
    by_key: bool = False
    empty: str = "empty"
    when: str = "all"
    exceptions: str | None = None
    rekeyed: bool = False
    seed: int = 0

    def choose(self, *about: object, among: Iterable[Any]) -> Any:
        """Choose for a table or a column, always the same."""
        return random.Random(f"{self.seed} {about}").choice(list(among))

    def has(self, *parts: str) -> bool:
        """Say whether the estate has all of these tables."""
        return self.parts.issuperset(parts)


@dataclass(frozen=True)
class Table:
    """A table: the kind of each column, and its rows.

    Kinds are ``id`` (a number or text, as the shape says), ``int``, ``float``, ``bool``, ``date``, ``text``, and
    ``list`` (of ids, or of text if lists go by key).
    """

    kinds: dict[str, str]
    rows: list[Row]


@st.composite
def shapes(draw: st.DrawFn, parts: Iterable[str] | None = None, exceptions: bool = False) -> Shape:
    """Draw a layout; with given `parts` of just these tables and those that they need."""
    chosen = set(parts) if parts is not None else draw(st.sets(st.sampled_from(OPTIONAL), min_size=2))
    for part in tuple(chosen):
        chosen |= _NEEDS.get(part, set())
    return Shape(
        parts=frozenset(chosen),
        numbers=draw(st.booleans()),
        lists=draw(st.sampled_from(["list", "structs", "joined"])),
        by_key=draw(st.booleans()),
        empty=draw(st.sampled_from(["empty", "null", "drop"])),
        when=draw(st.sampled_from(["all", "any"])),
        exceptions=draw(st.sampled_from(["null", "recompute", "keep"])) if exceptions else None,
        seed=draw(st.integers(0, 1 << 16)),
    )


def world_without(known: Facts, shape: Shape, seals: Seals) -> Facts:
    """Give the facts of the world in which what is sealed never happened."""
    return without(known, seals, dockets=shape.has("dockets"), when=shape.when, by_key=shape.by_key, parts=shape.parts)


def build(known: Facts, shape: Shape, stored: dict[str, Table] | None = None) -> dict[str, Table]:
    """Make an estate's tables from facts.

    Parameters
    ----------
    known : Facts
    shape : Shape
    stored : dict of str to Table, optional
        The estate as it was stored, for values in it that no recipe gives: these become what the plan says.
    """
    tables = _events(known, shape)
    for name, make in _DERIVED.items():
        if shape.has(name):
            tables[name] = make(known, shape, tables, stored)
    if shape.has("scores"):  # people's columns are there by now
        tables["scores"] = _scores(tables)
    return {name: _in_order(name, table, shape) for name, table in tables.items()}


def _in_order(name: str, table: Table, shape: Shape) -> Table:
    """Shuffle rows so that those of two worlds stand in one order; what a query orders keeps its order."""
    if name in ("precinct_month", "precinct_total") or not table.rows:
        return table
    first = next(iter(table.kinds))
    return Table(table.kinds, sorted(table.rows, key=lambda row: random.Random(f"{shape.seed} {row[first]}").random()))


def day_of(at: int) -> dt.date:
    """Give the date of a day."""
    return _START + dt.timedelta(days=at)


def _events(known: Facts, shape: Shape) -> dict[str, Table]:
    """Make the tables that hold what happened, and nothing computed from other rows."""
    arrests = [
        {
            "arrest_id": a.id,
            "arrest_no": a.number,
            "person_id": a.person,
            "complaint_id": a.complaint,
            "day": day_of(a.day),
            "precinct": a.precinct,
            "weight": a.weight,
        }
        for a in known.arrests
        for _ in range(a.rows)
    ]
    kinds = {"arrest_id": "id", "arrest_no": "text", "person_id": "id", "complaint_id": "id", "day": "date"}
    tables = {"arrests": Table({**kinds, "precinct": "int", "weight": "int"}, arrests)}
    makers: dict[str, Callable[[Facts, Shape], Table]] = {
        "dockets": _dockets,
        "charges": _charges,
        "summonses": _summonses,
        "stops": _stops,
        "complaints": _complaints,
        "edges": _edges,
        "ties": _ties,
        "notes": _notes,
        "pairs": _pairs,
        "photos": _photos,
    }
    for name, make in makers.items():
        if shape.has(name):
            tables[name] = make(known, shape)
    if shape.has("ties"):
        rows = [{"tie_id": at, "arrest_id": one} for at, ids in known.ties for one in ids]
        tables["supports"] = Table({"tie_id": "int", "arrest_id": "id"}, rows)
    return tables


def _dockets(known: Facts, shape: Shape) -> Table:
    rows = [{"docket_no": number, "arrest_id": a.id} for a in known.arrests for number in a.dockets]
    return Table({"docket_no": "text", "arrest_id": "id"}, rows)


def _charges(known: Facts, shape: Shape) -> Table:
    rows = [
        {"charge_id": 10 * a.id + at, "arrest_id": a.id, "docket_no": number}
        for a in known.arrests
        for at, number in a.charges
    ]
    rows += [{"charge_id": 1000 + at, "arrest_id": ghost, "docket_no": None} for at, ghost in known.stray_charges]
    return Table({"charge_id": "int", "arrest_id": "id", "docket_no": "text"}, rows)


def _summonses(known: Facts, shape: Shape) -> Table:
    rows = [{"summons_id": at, "docket_no": number, "person_id": person} for at, (number, person) in known.summonses]
    return Table({"summons_id": "int", "docket_no": "text", "person_id": "id"}, rows)


def _stops(known: Facts, shape: Shape) -> Table:
    """Stops: without an arrest, and there always is one such, they have neither number nor offense."""
    rows = [
        {"stop_id": at, "place": "road", "arrest_no": number, "offense": number and "theft", "led": number is not None}
        for at, number in ((0, None), *known.stops)
    ]
    return Table({"stop_id": "int", "place": "text", "arrest_no": "text", "offense": "text", "led": "bool"}, rows)


def _complaints(known: Facts, shape: Shape) -> Table:
    rows = []
    for at, ids in known.lists:
        listed = _listed(ids, known, shape)
        if listed == [] and shape.empty != "empty":
            if shape.empty == "drop":
                continue
            listed = None
        rows.append({"complaint_id": at, "listed": listed, "listed_size": len(listed or [])})
    return Table({"complaint_id": "int", "listed": "list", "listed_size": "int"}, rows)


def _listed(ids: tuple[int, ...] | None, known: Facts, shape: Shape) -> list[Value] | None:
    """A list as its column holds it; an arrest without a number, or that never was, has a filler for one."""
    if ids is None or not shape.by_key:
        return None if ids is None else list(ids)
    return [known.numbers.get(one) or "B16800002" for one in ids]


def _edges(known: Facts, shape: Shape) -> Table:
    rows = [{"edge_id": at, "support": _listed(ids, known, shape), "n_support": len(ids)} for at, ids in known.edges]
    return Table({"edge_id": "int", "support": "list", "n_support": "int"}, rows)


def _ties(known: Facts, shape: Shape) -> Table:
    return Table({"tie_id": "int", "n_rows": "int"}, [{"tie_id": at, "n_rows": len(ids)} for at, ids in known.ties])


def _notes(known: Facts, shape: Shape) -> Table:
    return Table({"note_id": "int", "about": "id"}, [{"note_id": at, "about": about} for at, about in known.notes])


def _pairs(known: Facts, shape: Shape) -> Table:
    rows = [{"pair_id": at, "one": one, "other": other} for at, (one, other) in known.pairs]
    return Table({"pair_id": "int", "one": "id", "other": "id"}, rows)


def _photos(known: Facts, shape: Shape) -> Table:
    rows = [{"photo_id": a.id, "arrest_id": a.id, "file": f"{a.id}.jpg"} for a in known.arrests]
    return Table({"photo_id": "int", "arrest_id": "id", "file": "text"}, rows)


def _features(known: Facts, shape: Shape, tables: dict[str, Table], stored: dict[str, Table] | None) -> Table:
    arrests = tables["arrests"].rows
    totals = {row["precinct"]: row["arrests"] for row in _totals(_months(arrests))}
    rows = []
    for a in known.arrests:
        own = [row for row in arrests if a.person is not None and row["person_id"] == a.person]
        day = day_of(a.day)
        before = [row for row in own if row["day"] < day]
        last = max(before, key=lambda row: (row["day"], row["arrest_id"]), default=None)
        row = {"arrest_id": a.id, "person_id": a.person, "precinct": a.precinct, "day": day}
        row["priors_count"] = len(before)
        row["days_since"] = (day - max(row["day"] for row in before)).days if before else None
        row["rearrested"] = any(day < row["day"] <= day + dt.timedelta(days=30) for row in own)
        row["last_weight"] = last["weight"] if last else None
        row["place_in_row"] = _rank(a, arrests)
        row["priors_count"] = _exception(row, known, shape, stored)
        row["risk"] = None
        if row["priors_count"] is not None:
            row["risk"] = row["priors_count"] / 2 + (-1 if row["days_since"] is None else row["days_since"])
        row["level"] = "high" if row["risk"] is not None and row["risk"] > 1 else "low"
        if shape.has("precinct_total"):
            row["area_count"] = totals.get(a.precinct)
        rows.append(row)
    kinds = {"arrest_id": "id", "person_id": "id", "precinct": "int", "day": "date", "priors_count": "int"}
    kinds |= {"days_since": "int", "rearrested": "bool", "last_weight": "int", "place_in_row": "int"}
    kinds |= {"risk": "float", "level": "text"}
    return Table(kinds | ({"area_count": "int"} if shape.has("precinct_total") else {}), rows)


def _exception(row: Row, known: Facts, shape: Shape, stored: dict[str, Table] | None) -> int | None:
    """What a wrong count becomes: stored as 7 more than it is, and out of a scrub as the plan says."""
    right: int = row["priors_count"]
    if row["arrest_id"] not in known.wrong:
        return right
    if stored is None:
        return right + 7
    if shape.exceptions == "keep":
        return next(r["priors_count"] for r in stored["features"].rows if r["arrest_id"] == row["arrest_id"])
    return right if shape.exceptions == "recompute" else None


def _rank(a: Arrest, arrests: list[Row]) -> int:
    """Its place among the rows of its person by day and id; people who are not known count as one."""
    own = [(row["day"], row["arrest_id"]) for row in arrests if row["person_id"] == a.person]
    return 1 + sum(each < (day_of(a.day), a.id) for each in own)


def _person_rows(known: Facts, shape: Shape, tables: dict[str, Table], stored: dict[str, Table] | None) -> Table:
    rows = []
    for person in known.people:
        own = [row for row in tables["arrests"].rows if row["person_id"] == person]
        weights = [row["weight"] for row in own if row["weight"] is not None]
        row = {"person_id": person, "name": f"N{person}", "arrests_count": len(own)}
        row["first_arrest"] = min((row["day"] for row in own), default=None)
        row["mean_weight"] = sum(weights) / len(weights) if weights else None
        if shape.has("features"):
            risks = [r["risk"] for r in tables["features"].rows if r["person_id"] == person and r["risk"] is not None]
            row["max_risk"] = max(risks, default=None)
        rows.append(row)
    kinds = {"person_id": "id", "name": "text", "arrests_count": "int", "first_arrest": "date", "mean_weight": "float"}
    return Table(kinds | ({"max_risk": "float"} if shape.has("features") else {}), rows)


def _scores(tables: dict[str, Table]) -> Table:
    rows = [
        {"score_id": row["person_id"], "person_id": row["person_id"], "score": 2 * row["arrests_count"]}
        for row in tables["people"].rows
    ]
    return Table({"score_id": "int", "person_id": "id", "score": "int"}, rows)


def _months(arrests: list[Row]) -> list[Row]:
    counts: dict[tuple[int, dt.date], int] = {}
    for row in arrests:
        cell = (row["precinct"], row["day"].replace(day=1))
        counts[cell] = counts.get(cell, 0) + 1
    return [{"precinct": p, "month": month, "arrests": counts[p, month]} for p, month in sorted(counts)]


def _totals(months: list[Row]) -> list[Row]:
    found = []
    for precinct in sorted({row["precinct"] for row in months}):
        counts = [row["arrests"] for row in months if row["precinct"] == precinct]
        found.append({"precinct": precinct, "arrests": sum(counts), "busiest": max(counts)})
    return found


def _precinct_month(known: Facts, shape: Shape, tables: dict[str, Table], stored: dict[str, Table] | None) -> Table:
    return Table({"precinct": "int", "month": "date", "arrests": "int"}, _months(tables["arrests"].rows))


def _precinct_total(known: Facts, shape: Shape, tables: dict[str, Table], stored: dict[str, Table] | None) -> Table:
    rows = _totals(_months(tables["arrests"].rows))
    return Table({"precinct": "int", "arrests": "int", "busiest": "int"}, rows)


_DERIVED: dict[str, Callable[[Facts, Shape, dict[str, Table], dict[str, Table] | None], Table]] = {
    "features": _features,
    "people": _person_rows,
    "precinct_month": _precinct_month,
    "precinct_total": _precinct_total,
}
