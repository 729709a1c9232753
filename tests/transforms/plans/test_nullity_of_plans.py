"""The property that decides: what a plan makes of an estate is the estate built without the sealed records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.transforms.plans import Plan

from ...examples import examples
from .facts import Facts, Seals, facts, seals_of
from .layouts import frames_of, index_of, plan_of, write_estate, write_photos
from .worlds import OPTIONAL, Shape, Table, build, shapes, world_without

Case = tuple[Shape, Facts, Seals]


def _some(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def cases(draw: st.DrawFn, parts: Collection[str] | None = None, *, wrong: bool = False) -> Case:
    """Draw an estate's layout, what happened, and what is sealed."""
    known = draw(facts(wrong=wrong))
    shape = draw(shapes(parts, exceptions=wrong))
    return shape, known, _of_keys(draw(seals_of(known)), shape, known)


def _of_keys(seals: Seals, shape: Shape, known: Facts) -> Seals:
    """Seals of what is a key: a docket of a charge is one where there is a table of dockets."""
    if shape.has("dockets"):
        return seals
    return replace(seals, dockets=seals.dockets - {number for each in known.arrests for number in each.dockets})


def same(found: Any, expected: Any) -> bool:
    """Say whether two frames are equal bit for bit: values, types and order."""
    if isinstance(found, pl.DataFrame):
        return bool(found.schema == expected.schema and found.equals(expected))
    if isinstance(found, pa.Table):
        return bool(found.schema.equals(expected.schema, check_metadata=True) and found.equals(expected))
    types = list(found.dtypes) == list(expected.dtypes) and type(found.index) is type(expected.index)
    return bool(types and found.equals(expected) and found.index.equals(expected.index))


def assert_same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, frame in found.items():
        assert same(frame, expected[name]), f"{name}\n{frame}\n{expected[name]}"


def plan_for(shape: Shape, tables: Mapping[str, Table], **more: Any) -> Plan:
    return Plan.from_dict(plan_of(shape, {name: name for name in tables}, tables, **more))


def scrubbed(shape: Shape, known: Facts, seals: Seals) -> dict[str, Any]:
    tables = build(known, shape)
    found: dict[str, Any] = plan_for(shape, tables).scrub(frames_of(shape, tables), index_of(seals))
    return found


def expected(shape: Shape, known: Facts, seals: Seals) -> dict[str, Any]:
    """The estate as it was built from a world without: what no recipe gives is as the plan says, of what is stored."""
    return frames_of(shape, build(world_without(known, shape, seals), shape, build(known, shape)))


@pytest.mark.parametrize(("count", "share"), [(80, 0.8), pytest.param(200, 0.9, marks=pytest.mark.long)])
def test_nine_in_ten_of_the_estates_that_are_drawn_change(count: int, share: float) -> None:
    """The properties below say nothing of an estate in which no seal reaches a row."""
    changed = []

    @settings(_some(count), derandomize=True, database=None)
    @given(cases())
    def compare(case: Case) -> None:
        shape, known, seals = case
        changed.append(build(known, shape) != build(world_without(known, shape, seals), shape))

    compare()
    assert sum(changed) >= share * len(changed)
    assert not all(changed)


@_some(50)
@given(cases())
def test_a_scrubbed_estate_is_the_one_built_without_the_sealed_records(case: Case) -> None:
    assert_same(scrubbed(*case), expected(*case))


@pytest.mark.parametrize("part", OPTIONAL)
def test_each_kind_alone(part: str) -> None:
    @examples(6, least=2)
    @given(cases({part}))
    def check(case: Case) -> None:
        assert_same(scrubbed(*case), expected(*case))

    check()


@_some(15)
@given(cases({"features", "people", "scores", "precinct_total"}, wrong=True))
def test_what_no_recipe_gives_is_emptied_kept_or_recomputed_and_what_is_computed_from_it_follows(case: Case) -> None:
    assert_same(scrubbed(*case), expected(*case))


@_some(10)
@given(cases())
def test_without_seals_an_estate_is_itself(case: Case) -> None:
    shape, known, _ = case
    assert_same(scrubbed(shape, known, Seals()), frames_of(shape, build(known, shape)))


@_some(12)
@given(cases(), st.data())
def test_seals_may_come_in_any_order_and_in_several_runs(case: Case, data: st.DataObject) -> None:
    """Scrubbing one set of seals and then another is scrubbing both at once; so twice the same is once."""
    shape, known, first = case
    second = data.draw(st.just(first) | seals_of(known).map(lambda seals: _of_keys(seals, shape, known)))
    tables = build(known, shape)
    plan = plan_for(shape, tables)
    once = plan.scrub(frames_of(shape, tables), index_of(first))
    twice = plan.scrub(once, index_of(second))
    assert_same(twice, plan.scrub(frames_of(shape, tables), index_of(first | second)))


@_some(12)
@given(cases())
def test_scrubbed_files_are_those_written_without_the_sealed_records(case: Case) -> None:
    check_files(case)


@_some(5)
@given(cases(), st.data())
def test_what_is_unsealed_is_there_again_in_the_next_output(case: Case, data: st.DataObject) -> None:
    shape, known, fewer = case
    more = fewer | _of_keys(data.draw(seals_of(known)), shape, known)
    shape = replace(shape, parts=shape.parts | {"files"})
    with TemporaryDirectory() as name:
        folder = Path(name)
        fresh = _run_files(shape, known, fewer, folder / "fresh")
        _run_files(shape, known, more, folder / "nightly")
        again = _run_files(shape, known, fewer, folder / "nightly", replace=True)
        assert again == fresh


@_some(12)
@given(cases({"features", "people"}))
def test_only_rows_whose_inputs_changed_are_recomputed_and_counted(case: Case) -> None:
    shape, known, seals = case
    before, after = build(known, shape), build(world_without(known, shape, seals), shape)
    found = plan_for(shape, before).scrub(frames_of(shape, before), index_of(seals), detail=True)
    for table in found.report.tables:
        key = next(iter(before[table.name].kinds))
        old = {row[key]: row for row in before[table.name].rows}
        for column in (each for each in table.columns if each.kind == "derived"):
            changed = sum(row[column.column] != old[row[key]][column.column] for row in after[table.name].rows)
            assert column.changed == changed, (table.name, column.column)


@_some(10)
@given(cases())
def test_surrogates_are_those_of_the_world_without_and_join_as_the_ids_did(case: Case) -> None:
    """Rekeyed, an estate is that of the world without rekeyed; and one surrogate for each id takes it back."""
    shape, known, seals = case
    shape = replace(shape, rekeyed=True, lists="list" if shape.lists == "structs" else shape.lists)
    left = world_without(known, shape, seals)
    found = scrubbed(shape, known, seals)
    assert_same(found, scrubbed(shape, left, seals))
    plain = frames_of(shape, build(left, shape))
    for family, columns in _families(shape, build(left, shape)).items():
        pairs = {
            (str(old), str(new))
            for name, column in columns
            for old, new in zip(_values(plain[name], column), _values(found[name], column), strict=True)
        }
        assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs), family
        assert all((old == "None") == (new == "None") for old, new in pairs), family


def _families(shape: Shape, tables: Mapping[str, Table]) -> dict[str, list[tuple[str, str]]]:
    """Columns that hold the ids of arrests, and of people."""
    arrests = {"arrest_id", "one", "other"}
    found: dict[str, list[tuple[str, str]]] = {"arrests": [], "people": []}
    for name, table in tables.items():
        found["arrests"] += [(name, column) for column in table.kinds if column in arrests]
        found["people"] += [(name, "person_id")] if "person_id" in table.kinds else []
    return found


def _values(frame: Any, column: str) -> list[Any]:
    values = frame[column].to_pylist() if isinstance(frame, pa.Table) else list(frame[column])
    return [None if value is None or str(value) == "<NA>" else value for value in values]


def check_files(case: Case) -> None:
    """Scrub an estate of files; compare with that of the world without: scrubbed, byte by byte, and as built."""
    shape, known, seals = case
    shape = replace(shape, parts=shape.parts | {"files"})
    left = world_without(known, shape, seals)
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = _run_files(shape, known, seals, folder / "one")
        if shape.exceptions is None:
            other = _run_files(shape, left, seals, folder / "other")
            assert found.keys() == other.keys()
            for place, content in found.items():
                assert content == other[place], place
        places = write_estate(shape, build(left, shape, build(known, shape)), folder / "built")
        for table, place in places.items():
            written = folder / "built" / place
            if place.endswith(".parquet"):
                assert same(pl.read_parquet(found[place]), pl.read_parquet(written)), table
            else:
                assert found[place].decode() == written.read_text(), table
        photos = {name for name in found if name.endswith(".jpg")}
        assert photos == ({f"photos/{a.id}.jpg" for a in left.arrests} if shape.has("photos") else set())


def _run_files(shape: Shape, known: Facts, seals: Seals, folder: Path, *, replace: bool = False) -> dict[str, bytes]:
    """Write an estate, scrub it, and give what came out by name."""
    tables = build(known, shape)
    places = write_estate(shape, tables, folder / "estate")
    if shape.has("photos"):
        write_photos(known, folder / "estate" / "photos")
    plan = Plan.from_dict(plan_of(shape, places, tables), root=folder / "estate")
    plan.scrub(index=index_of(seals), output=folder / "clean", label="clean", replace=replace)
    return {
        str(path.relative_to(folder / "clean")): path.read_bytes()
        for path in sorted((folder / "clean").rglob("*"))
        if path.is_file()
    }


@pytest.mark.long
@_some(150)
@given(cases())
def test_a_longer_search_over_frames(case: Case) -> None:
    assert_same(scrubbed(*case), expected(*case))


@pytest.mark.long
@_some(80)
@given(cases(wrong=True))
def test_a_longer_search_over_what_no_recipe_gives(case: Case) -> None:
    assert_same(scrubbed(*case), expected(*case))


@pytest.mark.long
@_some(100)
@given(cases())
def test_a_longer_search_over_files(case: Case) -> None:
    check_files(case)
