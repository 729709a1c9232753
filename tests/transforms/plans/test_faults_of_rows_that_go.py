"""Keys in rows that go for a key, a link or a narrative decide nothing: no error, nor what is set aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, SealscrubError, WrongColumnError
from sealscrub.identifiers import Level, Scheme, Spelling, register_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

from ...examples import examples

register_scheme(Scheme(name="gone_county", level=Level.EVENT, spellings=[Spelling(r"[A-Z]+")]))
register_scheme(Scheme(name="gone_case", level=Level.EVENT, spellings=[Spelling(r"\d{6}")]))
register_scheme(Scheme(name="gone_action", level=Level.ACTION, parts=("gone_county", "gone_case")))

SEALED, CLEAR = "K14612345", "M14800001"
GOOD, JUNK, NEAR = "2015KN000001", "junk", "2O14KN012345"
Row = tuple[bool, str | None]  # whether it is of a sealed arrest, and what stands in the key that is looked at
Tables = dict[str, pl.DataFrame]

POLICIES = {
    "accepting": Policy(accept={"unparsable", "null"}, min_coverage=0),
    "strict": Policy(max_unparsable=1, min_coverage=0),
    "quarantine": Policy(quarantine=True, max_unparsable=1, min_coverage=0),
    "quarantine of few": Policy(quarantine=True, min_coverage=0),
}


@cache
def index() -> Index:
    return example_index({"arrest_number": [SEALED], "docket": ["2014KN012345"], "gone_action": ["KINGS@000001"]})


def _number(at: int, sealed: bool) -> str:
    return SEALED if sealed else f"M14{800000 + at}"


def _arrests(rows: list[Row], **columns: Callable[[Row], Any]) -> pl.DataFrame:
    made = [
        {"arrest_no": _number(at, row[0])} | {name: make(row) for name, make in columns.items()}
        for at, row in enumerate(rows)
    ]
    kinds = {"dockets": pl.List(pl.String)}
    return pl.DataFrame(made, schema={name: kinds.get(name, pl.String) for name in ("arrest_no", *columns)})


def _docket(row: Row) -> str | None:
    return row[1]


def _list(row: Row) -> list[str]:
    return [row[1] or GOOD, row[1] or GOOD]


ARRESTS = {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}}
CHARGES = {"source": "charges.parquet", "link": {"arrest_no": "arrests.arrest_no"}}
LIST = {"column": "dockets", "scheme": "docket"}
TWO = [
    {"scheme": "arrest_number", "column": "arrest_no"},
    {"scheme": "docket", "column": "docket", "on_match": "null", "null": ["note"]},
]
EDGES = {"support": "dockets", "scheme": "docket"}
PARTS = {"column": "dockets", "scheme": "gone_action", "columns": {"gone_county": "county"}}

Layout = tuple[dict[str, Any], Callable[[list[Row]], Tables]]
LAYOUTS: dict[str, Layout] = {
    "a key of a row that goes by a link": (
        {"arrests": ARRESTS, "charges": {**CHARGES, "keys": {"docket": "docket"}}},
        lambda rows: {"arrests": _arrests(rows), "charges": _arrests(rows, docket=_docket)},
    ),
    "a list of a row that goes by its key": (
        {"arrests": {**ARRESTS, "elements": LIST}},
        lambda rows: {"arrests": _arrests(rows, dockets=_list)},
    ),
    "a list of a row that goes by a link": (
        {"arrests": ARRESTS, "charges": {**CHARGES, "elements": LIST}},
        lambda rows: {"arrests": _arrests(rows), "charges": _arrests(rows, dockets=_list)},
    ),
    "a key of another effect": (
        {"arrests": {"source": "arrests.parquet", "keys": TWO}},
        lambda rows: {"arrests": _arrests(rows, docket=_docket, note=lambda row: None if row[1] is None else "x")},
    ),
    "a key of a row that goes for its narrative": (
        {"charges": {"source": "charges.parquet", "keys": {"docket": "docket"}, "narrative": {"text": "drop"}}},
        lambda rows: {"charges": _arrests(rows, docket=_docket, text=_text).drop("arrest_no")},
    ),
    "a part beside a list": (
        {"arrests": {**ARRESTS, "elements": PARTS}},
        lambda rows: {"arrests": _arrests(rows, county=_county, dockets=lambda row: ["000007"])},
    ),
}


def _text(row: Row) -> str:
    return f"see {SEALED}" if row[0] else "nothing"


def _county(row: Row) -> str | None:
    return {GOOD: "KINGS", None: None}.get(row[1], "??")


def _outcome(tables: dict[str, Any], data: Tables, policy: Policy) -> Any:
    plan = Plan.from_dict({"version": 1, "tables": tables})
    try:
        made = plan.scrub(data, index(), policy=policy, detail=True)
    except SealscrubError as error:
        return type(error).__name__, str(error)
    counts = [(table.unchecked, table.without_key, table.quarantined) for table in made.report.tables]
    return {name: frame.rows() for name, frame in made.data.items()}, made.report.exit_code, counts


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_what_stands_in_rows_that_go_decides_nothing(layout: str, policy: str) -> None:
    tables, make = LAYOUTS[layout]
    stay = st.tuples(st.just(False), st.sampled_from([GOOD] * 8 + [JUNK, NEAR, None]))
    go = st.tuples(st.just(True), st.sampled_from([GOOD, JUNK, JUNK, NEAR, None]))

    @examples(15)
    @given(st.lists(stay, min_size=1, max_size=12), st.lists(go, min_size=1, max_size=6), st.randoms())
    def check(stay: list[Row], go: list[Row], order: Any) -> None:
        rows = [*stay, *go]
        order.shuffle(rows)
        left = [row if not row[0] else None for row in rows]
        without = _without(make(rows), [row is not None for row in left])
        found = _outcome(tables, make(rows), POLICIES[policy])
        event(str(found[0]) if isinstance(found[0], str) else "scrubbed")
        assert found == _outcome(tables, without, POLICIES[policy])

    check()


def _without(data: Tables, stays: list[bool]) -> Tables:
    return {name: frame.filter(pl.Series(stays)) for name, frame in data.items()}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_column_that_is_wrong_in_rows_that_stay_is_refused_whatever_goes_or_is_set_aside(layout: str) -> None:
    tables, make = LAYOUTS[layout]
    rows: list[Row] = [*[(False, GOOD)] * 5, (False, JUNK), *[(True, GOOD)] * 40]
    plan = Plan.from_dict({"version": 1, "tables": tables})

    for policy in ("accepting", "quarantine of few"):
        with pytest.raises(WrongColumnError, match=r"of 6 values|of 12 values"):
            plan.scrub(make(rows), index(), policy=POLICIES[policy])


@pytest.mark.parametrize("more", [{"elements": [LIST, LIST | {"scheme": "arrest_number"}]}, {"edges": EDGES}])
def test_the_lists_of_a_column_have_one_rule(more: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="rule already"):
        Plan.from_dict({"version": 1, "tables": {"arrests": {**ARRESTS, "elements": LIST, **more}}})
