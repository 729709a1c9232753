"""Links meet whatever the spelling: a row goes with the row that it depends on, or the plan is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, UncheckedKeys
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan

from ...examples import examples
from ...identifiers.ids import STRATEGIES, dressed

KEYS = sorted(scheme for scheme in STRATEGIES if get_scheme(scheme).published)
SHARES = [0.01, 0.1, 0.5, 1.0]
CHILDREN = 100
CALLED = "case_id"
DANGLES = "a charge of no case"


@dataclass(frozen=True)
class Drawn:
    """Parents and children by the canonical value of the id, and how each writes it."""

    scheme: str
    parents: list[tuple[str, str]]
    children: list[tuple[str, str]]
    sealed: frozenset[str]


@st.composite
def drawn(draw: st.DrawFn, scheme: str) -> Drawn:
    """Draw records, and rows that depend on them, a share of which writes the id in its own way."""
    share = draw(st.sampled_from(SHARES))
    ids = draw(st.lists(STRATEGIES[scheme], min_size=2, max_size=5, unique_by=lambda pair: pair[0]))
    forms = {canonical: (canonical, raw) for canonical, raw in ids}
    parents = [(one, draw(_written(forms[one], scheme))) for one in forms]
    ways = {one: [draw(_written(forms[one], scheme)) for _ in range(2)] for one in forms}
    children = []
    for at in range(CHILDREN):
        one, there = parents[at % len(parents)]
        children.append((one, ways[one][at // len(parents) % 2] if at < share * CHILDREN else there))
    return Drawn(scheme, parents, children, draw(st.frozensets(st.sampled_from(list(forms)), min_size=1)))


def _written(forms: tuple[str, str], scheme: str) -> st.SearchStrategy[str]:
    return st.sampled_from(forms).flatmap(lambda raw: dressed(raw, scheme))


def _frames(case: Drawn) -> dict[str, pl.DataFrame]:
    parents, children = case.parents, case.children
    return {
        "cases": pl.DataFrame({"at": range(len(parents)), CALLED: [there for _, there in parents]}),
        "charges": pl.DataFrame({"at": range(len(children)), "of": [own for _, own in children]}),
    }


def _plan(sources: Mapping[str, str], root: Path, *, keys: dict[str, str], link: Any = None, **more: Any) -> Plan:
    cases = {"source": sources["cases"], "keys": keys}
    charges = {"source": sources["charges"], "link": link or {"of": f"cases.{CALLED}"}} | more
    tables = {"cases": cases, "charges": charges}
    return Plan.from_dict(
        {"version": 1, "policy": {"min_coverage": 0, "accept": ["chance"]}, "tables": tables}, root=root
    )


IN_MEMORY = {"cases": "cases", "charges": "charges"}


@pytest.mark.parametrize("scheme", KEYS)
def test_a_link_to_a_key_meets_in_every_spelling(scheme: str) -> None:
    @examples(6, least=2)
    @given(drawn(scheme))
    def check(case: Drawn) -> None:
        plan = _plan(IN_MEMORY, Path(), keys={scheme: CALLED})
        found = plan.scrub(_frames(case), example_index({scheme: sorted(case.sealed)}))
        stays = [n for n, (one, _) in enumerate(case.children) if one not in case.sealed]
        assert found["charges"]["at"].to_list() == stays
        assert found["charges"]["of"].to_list() == [case.children[n][1] for n in stays]

    check()


def _parquet(frames: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, str]:
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: f"{name}.parquet" for name in frames}


def _csv(frames: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, str]:
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv", quote_style="non_numeric")
    return {name: f"{name}.csv" for name in frames}


def _jsonl(frames: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, str]:
    for name, frame in frames.items():
        frame.write_ndjson(folder / f"{name}.jsonl")
    return {name: f"{name}.jsonl" for name in frames}


def _duckdb(frames: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, str]:
    with duckdb.connect(folder / "city.duckdb") as connection:
        for name, frame in frames.items():
            connection.register("made", frame.to_arrow())
            connection.execute(f"create table {name} as select * from made")
    return {name: f"city.duckdb#{name}" for name in frames}


def _sqlite(frames: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, str]:
    connection = sqlite3.connect(folder / "city.sqlite")
    for name, frame in frames.items():
        connection.execute(f"create table {name} ({frame.columns[0]} integer, {frame.columns[1]} text)")
        connection.executemany(f"insert into {name} values (?, ?)", frame.rows())
    connection.commit()
    connection.close()
    return {name: f"city.sqlite#{name}" for name in frames}


WRITERS = {"parquet": _parquet, "csv": _csv, "jsonl": _jsonl, "duckdb": _duckdb, "sqlite": _sqlite}


def _read(folder: Path, kind: str) -> list[int]:
    """Which of the rows of charges were written."""
    if kind == "duckdb":
        with duckdb.connect(folder / "city.duckdb") as connection:
            return [n for (n,) in connection.execute('select "at" from charges order by "at"').fetchall()]
    if kind == "sqlite":
        connection = sqlite3.connect(folder / "city.sqlite")
        found = [n for (n,) in connection.execute('select "at" from charges order by "at"')]
        connection.close()
        return found
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "csv": pl.read_csv,
        "jsonl": pl.read_ndjson,
    }
    path = folder / f"charges.{kind}"
    return readers[kind](path)["at"].to_list() if path.stat().st_size else []


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("keyed", [True, False])
def test_files_and_databases_meet_or_are_refused_alike(kind: str, keyed: bool) -> None:
    @examples(6, least=2)
    @given(st.sampled_from(KEYS).flatmap(lambda scheme: drawn(scheme)))
    def check(case: Drawn) -> None:
        with TemporaryDirectory() as name:
            folder = Path(name) / "in"
            folder.mkdir()
            sources = WRITERS[kind](_frames(case), folder)
            plan = _plan(sources, folder, keys={case.scheme: CALLED} if keyed else {"opaque:n": "at"})
            index = example_index({case.scheme: sorted(case.sealed)} if keyed else {"opaque:n": ["0"]})
            if keyed:
                plan.scrub(index=index, output=Path(name) / "out")
                stays = [n for n, (one, _) in enumerate(case.children) if one not in case.sealed]
                assert _read(Path(name) / "out", kind) == stays
            elif _differ(case):
                with pytest.raises(UncheckedKeys, match="match no row, but would"):
                    plan.scrub(index=index, output=Path(name) / "out")
                assert not (Path(name) / "out").exists()

    check()


def _differ(case: Drawn) -> bool:
    """Whether a row writes an id in another way than all the records do."""
    there = {written for _, written in case.parents}
    return any(own not in there for _, own in case.children)


@pytest.mark.parametrize("scheme", sorted(STRATEGIES))
def test_a_link_to_another_column_is_refused_in_every_other_spelling(scheme: str) -> None:
    """The same whatever is sealed, in check, scan and scrub, and without a value of any row."""

    @examples(6, least=2)
    @given(drawn(scheme))
    def check(case: Drawn) -> None:
        plan = _plan(IN_MEMORY, Path(), keys={"opaque:n": "at"})
        said = {_refusal(plan, _frames(case), sealed) for sealed in (["0"], ["99"])}
        event("differ" if _differ(case) else "alike")
        assert len(said) == 1
        (text,) = said
        assert (text != "") == _differ(case)
        shown = text.partition(" values match")[2]  # after the number of the rows
        for _, written in (*case.parents, *case.children):
            assert set(written.strip()) <= set("9A") or written.strip() not in shown
        if text:
            assert "charges.of → cases.case_id" in text
            assert "9" in text.partition("another spelling: ")[2]

    check()


@cache
def _index_of(*sealed: str) -> Index:
    return example_index({"opaque:n": sealed})


def _refusal(plan: Plan, frames: dict[str, pl.DataFrame], sealed: list[str]) -> str:
    index, said = _index_of(*sealed), set()
    for run in (plan.scrub, plan.scan):
        try:
            run(frames, index)
            said.add("")
        except UncheckedKeys as error:
            said.add(str(error))
    check = plan.check(frames, recipes=False)
    assert check.exit_code == (3 if said != {""} else 0)
    (text,) = said
    return text


REPAIRS: dict[str, tuple[str, str, str]] = {
    "O for 0": ("arrest_number", "K14612045", "K146l2O45"),
    "I for 1": ("arrest_number", "K14612345", "k146I2345"),
    "S for 5": ("arrest_number", "K14612345", "K14-61234S"),
    "a letter in the key": ("arrest_number", "K1461234S", "K14612345"),
    "B beside a county": ("docket", "2014BX012348", "2014-BX-01234B"),
    "a point and a zero": ("opaque:compas", "1234567", "1234567.0"),
    "thousands": ("opaque:compas", "1234567", "1,234,567"),
    "zeros in front": ("opaque:compas", "0001234", "1234"),
    "zeros inside": ("opaque:compas", "13-000123-CF", "13-123-CF"),
    "no hyphens": ("opaque:compas", "13-000123-CF", "13000123cf"),
    "slashes": ("opaque:compas", "13-000123-CF", "13/000123/CF"),
    "a dot": ("opaque:compas", "13-000123-CF", "13\u00b7000123\u00b7CF"),
    "case": ("opaque:compas", "13-000123-CF", "13-000123-cf"),
    "spaces": ("opaque:compas", "13-000123-CF", "13 - 000123 -CF"),
    "a county padded": ("opaque:compas", "1-13-123", "01-13-000123"),
    "another scheme": ("opaque:compas", "2014KN012345", "CR-012345-14KN"),
    "quotes": ("opaque:compas", "0012", "'0012"),
    "other digits": ("opaque:compas", "1204", "١٢٠٤"),
}


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("kind", ["link", "orphan_of", "elements", "two columns"])
@pytest.mark.parametrize("why", REPAIRS)
def test_what_would_meet_under_a_repair_is_refused(why: str, kind: str) -> None:
    scheme, there, own = REPAIRS[why]
    plan, data = _estate(scheme, there, own, kind)
    for sealed in (there, "1"):
        index = (
            example_index({scheme: [sealed if get_scheme(scheme).opaque else "K14699999", "B14600001"]})
            if (scheme != "docket")
            else example_index({scheme: ["2014KN099999"]})
        )
        with pytest.raises(UncheckedKeys, match="1 value matches no row, but would") as caught:
            plan.scrub(data, index)
        assert own not in str(caught.value)
        assert there not in str(caught.value)
        assert "charges" in str(caught.value)
        assert "case_id" in str(caught.value)


def _estate(scheme: str, there: str, own: str, kind: str) -> tuple[Plan, dict[str, pl.DataFrame]]:
    cases = pl.DataFrame(
        {CALLED: [there, "Q14600009" if scheme == "arrest_number" else "2014QN000009"], "part": [1, 2]}
    )
    charges = pl.DataFrame({"of": [own, None, "nothing alike"], "part": [1, 2, 3]})
    link: dict[str, Any] = {"link": {"of": f"cases.{CALLED}"}}
    if kind == "orphan_of":
        link = {"orphan_of": {"of": f"cases.{CALLED}"}}
    elif kind == "elements":
        link = {"elements": {"column": "of", "link": f"cases.{CALLED}"}}
        charges = pl.DataFrame({"of": [[own], None, ["nothing alike"]]})
    elif kind == "two columns":
        link = {"link": [{"table": "cases", "columns": {"part": "part", "of": CALLED}}]}
    tables = {
        "cases": {"source": "cases", "keys": {scheme: CALLED}},
        "charges": {"source": "charges", **link},
    }
    policy = {"min_coverage": 0, "max_unparsable": 1.0, "accept": ["near", "unparsable"]}
    plan = Plan.from_dict({"version": 1, "policy": policy, "tables": tables})
    return plan, {"cases": cases, "charges": charges}


DIFFERENT = {
    "hyphens elsewhere": ("12-3", "1-23"),
    "another number": ("13-000123-CF", "13-000124-CF"),
    "a number below zero": ("-1", "1"),
    "another order": ("13-000123-CF", "000123-13-CF"),
    "more behind": ("A1", "A11"),
    "another script": ("京A12345", "沪A12345"),
    "nothing": ("UNKNOWN", "unknown "),
    "blank": ("-", " "),
    "names of people": ("ANNA", "ANNE"),
}


@pytest.mark.parametrize("why", DIFFERENT)
def test_what_is_another_id_dangles_and_stays(why: str) -> None:
    there, own = DIFFERENT[why]
    plan = _plan(IN_MEMORY, Path(), keys={"opaque:n": "at"}, accept_null=DANGLES)
    data = {
        "cases": pl.DataFrame({"at": [0, 1], CALLED: [there, "Z-9"]}),
        "charges": pl.DataFrame({"at": [0, 1, 2], "of": [own, "Z-9", None]}),
    }
    result = plan.scrub(data, example_index({"opaque:n": ["0"]}), detail=True)
    assert result.data["charges"]["at"].to_list() == [0, 1, 2]
    assert "1 time a link of a row names a row that does not exist" in result.report.tables[1].notes
    assert "1 time a link of a row is null" in result.report.tables[1].notes


@pytest.mark.parametrize("keyed", [True, False])
def test_ids_that_differ_by_a_hyphen_are_compared_as_they_are_written_where_the_link_says_so(keyed: bool) -> None:
    link = [{"table": "cases", "columns": {"of": CALLED}, "scheme": "opaque:compas"}]
    keys = {"opaque:compas": CALLED} if keyed else {"opaque:n": "at"}
    plan = _plan(IN_MEMORY, Path(), keys=keys, link=link, accept_null=DANGLES)
    data = {
        "cases": pl.DataFrame({"at": [0, 1], CALLED: ["a-1", "A1"]}),
        "charges": pl.DataFrame({"at": [0, 1, 2], "of": ["A-1", "A1", "a-1"]}),
    }
    index = example_index({"opaque:compas": ["a-1"]} if keyed else {"opaque:n": ["0"]})
    assert plan.scrub(data, index)["charges"]["of"].to_list() == ["A-1", "A1"]


def test_the_error_says_shapes_and_what_to_declare() -> None:
    data = {
        "cases": pl.DataFrame({"at": [0], CALLED: ["K14612345"]}),
        "charges": pl.DataFrame({"at": [0, 1], "of": ["k14\u2010612345", "k14\u2010612345"]}),
    }
    plan = _plan(IN_MEMORY, Path(), keys={"opaque:n": "at"})
    with pytest.raises(UncheckedKeys) as caught:
        plan.scrub(data, example_index({"opaque:n": ["0"]}))
    error = caught.value
    assert error.where == "plan: tables.charges.link.of"
    assert str(error.message) == (
        "charges.of → cases.case_id: 2 values match no row, but would match in another spelling: "
        "'a99\u2010999999' here, 'A99999999' there"
    )
    said = 'link = [{ table = "cases", columns = { of = "case_id" }, scheme = "arrest_number" }]'
    assert said in str(error.hint)
    assert 'keys = { arrest_number = "case_id" } in tables.cases' in str(error.hint)
    linked = [{"table": "cases", "columns": {"of": CALLED}, "scheme": "arrest_number"}]
    for settled in (
        _plan(IN_MEMORY, Path(), keys={"opaque:n": "at"}, link=linked),
        _plan(IN_MEMORY, Path(), keys={"opaque:n": "at", "arrest_number": CALLED}),
    ):
        index = example_index({"opaque:n": ["0"], "arrest_number": ["K14699999"]})
        assert settled.scrub(data, index)["charges"].height == 0


def test_a_row_that_does_not_parse_still_hangs_on_the_one_that_is_written_alike() -> None:
    """It goes with it, for another key of that row."""
    data = {
        "cases": pl.DataFrame({"at": [0, 1, 2], CALLED: ["juvenile, 17", "K14612345", "NONE"]}),
        "charges": pl.DataFrame({"at": [0, 1, 2], "of": ["juvenile, 17", "k14-612345", "NONE"]}),
    }
    index = example_index({"opaque:n": ["0", "2"], "arrest_number": ["K14699999"]})
    plan = Plan.from_dict(
        {
            "version": 1,
            "policy": {"min_coverage": 0, "max_unparsable": 1.0, "accept": ["unparsable", "chance"]},
            "tables": {
                "cases": {"source": "c", "keys": {"arrest_number": CALLED, "opaque:n": "at"}},
                "charges": {"source": "d", "link": {"of": f"cases.{CALLED}"}, "accept_null": DANGLES},
            },
        }
    )
    assert plan.scrub(data, index)["charges"]["at"].to_list() == [1, 2]


def _ids(values: list[Any], dtype: pl.DataType) -> pl.Series:
    return pl.Series(values).cast(dtype)


NUMBERS = [pl.Int64(), pl.Int32(), pl.UInt16(), pl.Float64(), pl.Decimal(18, 0), pl.Decimal(18, 2)]
NOT_IDS = [pl.Float64(), pl.Decimal(18, 2)]
TEXTS = [pl.String(), pl.Categorical(), pl.Binary()]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "keys", [{"opaque:n": "at"}, {"opaque:n": ["at", CALLED]}, {"opaque:id": CALLED, "opaque:n": "at"}]
)
@pytest.mark.parametrize("own", [*NUMBERS, *TEXTS], ids=str)
@pytest.mark.parametrize("other", [*NUMBERS, *TEXTS], ids=str)
def test_ids_of_any_two_types_meet(own: pl.DataType, other: pl.DataType, keys: dict[str, Any]) -> None:
    data = {
        "cases": pl.DataFrame({"at": [900, 901, 902], CALLED: _ids([7, 8, None], pl.Int64()).cast(pl.Int64)}),
        "charges": pl.DataFrame({"at": [0, 1, 2, 3], "of": _ids([7, 8, None, 12], pl.Int64())}),
    }
    for name, column, dtype in (("cases", CALLED, other), ("charges", "of", own)):
        via = pl.String() if dtype in TEXTS else pl.Int64()
        data[name] = data[name].with_columns(pl.col(column).cast(via).cast(dtype))
    index = example_index({scheme: ["900"] for scheme in keys})
    plan = _plan(IN_MEMORY, Path(), keys=keys, accept_null=DANGLES)
    if any(scheme for scheme, names in keys.items() if CALLED in names) and other in NOT_IDS:
        with pytest.raises(SealscrubError):  # a key column of fractions is damaged
            plan.scrub(data, index)
        return
    assert plan.scrub(data, index)["charges"]["at"].to_list() == [1, 2, 3]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize(
    "own", [pl.Int64(), pl.Float64(), pl.String(), pl.Categorical(), pl.Null(), pl.Date()], ids=str
)
@pytest.mark.parametrize("other", [pl.Null(), pl.Int64(), pl.Float64(), pl.String(), pl.Categorical()], ids=str)
@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("kind", ["link", "orphan_of"])
def test_nothing_hangs_on_a_column_that_is_null_everywhere(
    own: pl.DataType, other: pl.DataType, keyed: bool, kind: str
) -> None:
    nulls = pl.Series(CALLED, [None, None], dtype=other)
    values = pl.Series("of", [1, None] if own != pl.Null else [None, None]).cast(pl.Int32)
    values = (values.cast(pl.String) if own == pl.Categorical else values).cast(own, strict=False)
    data = {
        "cases": pl.DataFrame({"at": [0, 1]}).with_columns(nulls),
        "charges": pl.DataFrame({"at": [0, 1]}).with_columns(values),
    }
    tables = {
        "cases": {"source": "c", "keys": {"opaque:n": ["at", CALLED] if keyed else "at"}},
        "charges": {"source": "d", kind: {"of": f"cases.{CALLED}"}, "accept_null": DANGLES},
    }
    plan = Plan.from_dict({"version": 1, "policy": {"min_coverage": 0, "accept": ["chance"]}, "tables": tables})
    index = example_index({"opaque:n": ["0"]})
    if own == pl.Date and (keyed or other not in (pl.Null, pl.String, pl.Categorical)):
        with pytest.raises(SealscrubError, match="cannot be compared"):
            plan.scrub(data, index)
        return
    result = plan.scrub(data, index, detail=True)
    assert result.data["charges"].equals(data["charges"])
    said = "nothing depends on it: no row of cases that stays has a value in case_id"
    assert any(said in warning for warning in result.report.warnings)
    assert any(said in note for table in plan.check(data).tables for note in table.notes)
