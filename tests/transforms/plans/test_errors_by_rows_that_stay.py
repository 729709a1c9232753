"""An error of a plan is decided by the rows that stay: with rows that are removed, or without them, all is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, SealscrubError, UnreadableInput
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan

SEALED = "K14612345"
OPEN = [f"M14{800000 + at}" for at in range(10)]
DOCKETS = [f"2015KN{at:06}" for at in range(1, 11)]
SEALED_DOCKET = "2014KN012345"
INDEX = example_index({"arrest_number": [SEALED], "docket": [SEALED_DOCKET]})
Tables = Mapping[str, pl.DataFrame]


def plan_of(tables: Mapping[str, Any], root: Path | None = None, **more: Any) -> Plan:
    return Plan.from_dict({"version": 1, "policy": {"min_coverage": 0.0}, "tables": tables, **more}, root=root or ".")


def of_frames(plan: Plan, tables: Tables) -> Any:
    """What a scrub gives: the tables that are left, or the error."""
    try:
        return {name: frame.to_dicts() for name, frame in plan.scrub(dict(tables), INDEX).items()}
    except SealscrubError as error:
        return type(error), str(error)


def checked(plan: Plan, tables: Tables | None = None, **more: Any) -> tuple[int, Any]:
    check = plan.check(tables, index=INDEX, **more)
    return check.exit_code, [check.problems, [table.problems for table in check.tables]]


def of_files(tables: Tables, spec: Mapping[str, Any], **more: Any) -> Any:
    """The same of files of CSV, and what a check of the plan with the index says."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, frame in tables.items():
            frame.write_csv(root / f"{name}.csv")
        plan = plan_of({name: said | {"source": f"{name}.csv"} for name, said in spec.items()}, root, **more)
        said = checked(plan)
        try:
            plan.scrub(None, INDEX, output=root / "clean")
        except SealscrubError as error:
            return said, type(error), str(error)
        return said, {name: (root / "clean" / f"{name}.csv").read_text() for name in tables}


UNREADABLE = ["[broken", "null", "12", '{"a": 1}', "[" * 100_000]
ARRESTS = {"keys": {"arrest_number": "n"}}
#: How a row goes: what the plan says of its table, and what such a row holds.
WAYS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "by its own key": ({"keys": {"arrest_number": "own"}}, {"own": SEALED}),
    "by a link": ({"link": {"linked": "arrests.n"}}, {"linked": SEALED}),
    "by a chain of links": ({"link": {"chained": "middle.id"}}, {"chained": "2"}),
    "as an orphan": ({"orphan_of": {"linked": "arrests.n"}}, {"linked": SEALED}),
    "by another list": (
        {"elements": [{"column": "other", "scheme": "docket", "empty": "drop"}]},
        {"other": json.dumps([SEALED_DOCKET])},
    ),
    "by a narrative": (
        {"keys": {"arrest_number": "own"}, "narrative": {"text": "drop"}},
        {"text": f"see arrest {SEALED}."},
    ),
}
LISTS = {
    "of a scheme": {"column": "list", "scheme": "docket"},
    "of a link": {"column": "list", "link": "dockets.d"},
}


def listed(way: str, form: str, rows: int, bad: list[tuple[str, bool]]) -> tuple[dict[str, pl.DataFrame], Any]:
    """An estate of which some rows have lists that cannot be read: what stands there, and whether the row goes."""
    says, holds = WAYS[way]
    blank = {"own": OPEN[0], "linked": OPEN[1], "chained": "1", "other": json.dumps([DOCKETS[0]]), "text": "fine"}
    lists = [blank | {"list": json.dumps([DOCKETS[at], DOCKETS[at + 1]])} for at in range(rows)]
    lists += [blank | (holds if goes else {}) | {"list": text} for text, goes in bad]
    tables = {
        "arrests": pl.DataFrame({"n": [*OPEN, SEALED]}),
        "middle": pl.DataFrame({"id": ["1", "2"], "n": [OPEN[0], SEALED]}),
        "dockets": pl.DataFrame({"d": DOCKETS}),
        "lists": pl.DataFrame(lists),
    }
    spec = {
        "arrests": ARRESTS,
        "middle": {"link": {"n": "arrests.n"}},
        "dockets": {"keys": {"docket": "d"}},
        "lists": says | {"elements": [*says.get("elements", []), LISTS[form]]},
    }
    spec["lists"].setdefault("accept_null", "some lists have no record")
    return tables, spec


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("form", LISTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_cannot_be_read_in_a_row_that_goes_is_no_error(way: str, form: str) -> None:
    bad, whole = listed(way, form, 4, [(text, True) for text in UNREADABLE]), listed(way, form, 4, [])

    found = of_files(*bad)

    assert found == of_files(*whole)
    assert found[0][0] == 0


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:9])
@pytest.mark.parametrize("way", WAYS)
def test_a_list_that_cannot_be_read_in_a_row_that_stays_is_an_error(way: str, text: str) -> None:
    both = listed(way, "of a scheme", 3, [(text, False), ("[x", True)])

    found = of_files(*both)

    assert found == of_files(*listed(way, "of a scheme", 3, [(text, False)]))
    assert found[1] is UnreadableInput
    assert "'list' holds a value that is not a list" in found[2]


@pytest.mark.parametrize("elements", [{}, {"separator": ";"}], ids=["lists", "one text holds several ids"])
def test_a_column_that_holds_no_list_in_a_row_that_stays(elements: dict[str, str]) -> None:
    spec = {"a": {"source": "a", **ARRESTS, "elements": {"column": "list", "scheme": "docket", **elements}}}
    rows = {"n": [*OPEN, SEALED], "list": [*[None] * len(OPEN), DOCKETS[0]]}
    for make in (lambda frame: frame, pl.DataFrame.to_pandas):
        whole = make(pl.DataFrame(rows))
        found = plan_of(spec).scrub({"a": whole}, INDEX)["a"]
        assert len(found) == len(OPEN)
        assert len(plan_of(spec).scrub({"a": whole.head(len(OPEN))}, INDEX)["a"]) == len(OPEN)
    if not elements:
        with pytest.raises(ConfigError, match="holds no lists"):
            plan_of(spec).scrub({"a": pl.DataFrame(rows | {"n": [*OPEN, "M14000017"]})}, INDEX)


Edge = tuple[bool, tuple[int, ...], int]  # whether its own key is sealed, its support, how far its count is off


@st.composite
def edges(draw: st.DrawFn) -> list[Edge]:
    """Edges with a support of numbers, of which 0 and 1 are sealed."""
    one = st.tuples(
        st.booleans(), st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple), st.sampled_from([0, 0, 0, 1, -1])
    )
    return draw(st.lists(one, min_size=1, max_size=6))


def goes(edge: Edge) -> bool:
    return edge[0] or all(number < 2 for number in edge[1])


@pytest.mark.parametrize("place", ["list", "table"])
@settings(deadline=None, max_examples=25)
@given(known=edges())
def test_a_count_is_compared_in_edges_that_stay(place: str, known: list[Edge]) -> None:
    known = [*known, (False, (3,), 0)]
    supports = [(at, number) for at, (_, numbers, _) in enumerate(known) for number in numbers]
    pairs = pl.DataFrame(
        {
            "id": range(len(known)),
            "own": [SEALED if own else OPEN[0] for own, _, _ in known],
            "ids": [[f"{number}" for number in numbers] for _, numbers, _ in known],
            "n": [len(numbers) + off for _, numbers, off in known],
        }
    )
    arrests = pl.DataFrame({"n": [SEALED, SEALED, *OPEN[:3]], "id": ["0", "1", "2", "3", "4"]})
    support = pl.DataFrame(
        {"edge": [at for at, _ in supports], "arrest": [f"{number}" for _, number in supports]},
        schema={"edge": pl.Int64, "arrest": pl.String},
    )
    said = {"support": "ids", "link": "arrests.id"} if place == "list" else {"support": "support.edge", "id": "id"}
    plan = plan_of(
        {
            "arrests": {"source": "a", **ARRESTS},
            "support": {"source": "s", "link": {"arrest": "arrests.id"}},
            "pairs": {"source": "p", "keys": {"arrest_number": "own"}, "edges": said | {"count": "n"}},
        }
    )
    stay = pl.Series([not goes(edge) for edge in known])
    whole = {"arrests": arrests, "support": support, "pairs": pairs}
    left = whole | {"pairs": pairs.filter(stay)}

    assert of_frames(plan, whole) == of_frames(plan, left)
    wrong = sum(off != 0 for *_, off in (edge for edge in known if not goes(edge)))
    if wrong:
        with pytest.raises(ConfigError, match=f"{wrong} of {stay.sum()} rows hold another number"):
            plan.scrub(whole, INDEX)


Links = tuple[list[tuple[bool, int]], list[tuple[bool, int]]]  # arrests, and charges: whether sealed, and of whom


def links() -> st.SearchStrategy[Links]:
    rows = st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=9)
    return st.tuples(rows, rows)


@pytest.mark.parametrize("kind", ["link", "orphan_of", "p", "q"])
@settings(deadline=None, max_examples=25)
@given(known=links(), most=st.integers(1, 4))
@example(known=([(True, 0), (False, 1)], [*[(False, 0)] * 3, (False, 1)]), most=1)
def test_rows_that_go_are_not_counted_where_one_value_joins_many(kind: str, known: Links, most: int) -> None:
    arrests, charges = known
    of_open = {person for sealed, person in arrests if not sealed}
    of_sealed = {person for sealed, person in arrests if sealed} - of_open
    link: dict[str, Any] = {"table": "arrests", "columns": {"p": "p"}}
    link |= {"when": "all"} if kind != "orphan_of" else {}
    link |= {"on_match": "null", "null": [kind]} if kind in ("p", "q") else {}  # the link's own column, or another
    plan = plan_of(
        {
            "arrests": {"source": "a", **ARRESTS},
            "charges": {
                "source": "c",
                "keys": {"arrest_number": "n"},
                "accept_marks": ["p", "q"],
                "orphan_of" if kind == "orphan_of" else "link": [link],
            },
        },
        fan_out=most,
    )

    def frame(rows: list[tuple[bool, int]]) -> pl.DataFrame:
        written = [(SEALED if sealed else OPEN[0], f"P{person}", "x") for sealed, person in rows]
        return pl.DataFrame(written, schema=dict.fromkeys("npq", pl.String), orient="row")

    left = [each for each in charges if not each[0] and (kind in ("p", "q") or each[1] not in of_sealed)]
    of_left = frame(left)
    if kind in ("p", "q"):
        gone = pl.col("p").is_in([f"P{person}" for person in of_sealed])
        of_left = of_left.with_columns(pl.when(~gone).then(kind).alias(kind))
    whole = {"arrests": frame(arrests), "charges": frame(charges)}
    without = {"arrests": frame([each for each in arrests if not each[0]]), "charges": of_left}

    assert of_frames(plan, whole) == of_frames(plan, without)


def test_many_rows_that_go_with_one_value_are_a_warning() -> None:
    plan = plan_of(
        {"arrests": {"source": "a", **ARRESTS}, "charges": {"source": "c", "link": {"n": "arrests.n"}}}, fan_out=3
    )
    arrests = pl.DataFrame({"n": [*OPEN, SEALED]})

    for rows, warned in ((3, 0), (4, 1)):
        report = plan.scan({"arrests": arrests, "charges": pl.DataFrame({"n": [*OPEN, *[SEALED] * rows]})}, INDEX)
        said = [warning for warning in report.warnings if "charges.n → arrests.n" in warning]
        assert len(said) == warned
        assert not warned or f"{rows} rows" in said[0]


TWO_KEYS = {"t": {"source": "t", "keys": {"arrest_number": "a", "docket": "d"}}}


def two_keys(rows: int, junk: int, number: str) -> Tables:
    good = list(zip(OPEN[:rows], DOCKETS[:rows], strict=True))
    return {"t": pl.DataFrame([*good, *[(number, "junk")] * junk], schema=["a", "d"], orient="row")}


def test_a_check_with_an_index_judges_key_columns_by_the_rows_that_stay() -> None:
    plan = plan_of(TWO_KEYS, policy={"min_coverage": 0.0, "accept": ["unparsable"]})

    assert checked(plan, two_keys(10, 3, SEALED)) == checked(plan, two_keys(10, 0, SEALED))
    assert checked(plan, two_keys(10, 3, SEALED))[0] == 0


@pytest.mark.parametrize("index", [None, INDEX], ids=["without an index", "with an index"])
def test_a_key_column_of_other_values_is_to_be_settled(index: Any) -> None:
    plan, data = plan_of(TWO_KEYS), two_keys(10, 2, OPEN[0])
    strict = plan.check(data, index=index)
    loose = plan.check(data, index=index, policy=Policy(max_unparsable=0.5, accept={"unparsable"}))

    assert (strict.ok, strict.exit_code) == (False, 2)
    assert (loose.ok, loose.exit_code) == (True, 0)


def test_a_check_says_of_the_first_rows_what_a_scrub_says_of_all() -> None:
    """A share of the whole column counts with an index, as for a scrub."""
    plan = plan_of(TWO_KEYS, policy={"min_coverage": 0.0, "accept": ["unparsable"], "max_unparsable": 0.1})
    bad = pl.DataFrame({"a": [OPEN[0]] * 3_000, "d": ["junk"] * 3_000})
    good = pl.DataFrame({"a": [OPEN[1]] * 40_000, "d": [DOCKETS[0]] * 40_000})
    data = {"t": pl.concat([bad, good])}

    plan.scrub(data, INDEX)
    assert plan.check(data, index=INDEX).exit_code == 0
