"""The property that decides: what a plan makes of an estate is the estate built without the sealed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealscrub.transforms.plans import Plan

from .facts import Facts, Seals, facts, seals_of
from .layouts import frames_of, index_of, plan_of, write_estate, write_photos
from .worlds import Shape, build, shapes, world_without

_SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_MANY = settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))


def same(found: Any, expected: Any) -> bool:
    """Say whether two frames are equal bit for bit: values, types and order."""
    if isinstance(found, pl.DataFrame):
        return found.schema == expected.schema and found.equals(expected)
    if isinstance(found, pa.Table):
        return found.schema.equals(expected.schema, check_metadata=True) and found.equals(expected)
    return (
        bool((found.dtypes == expected.dtypes).all()) and found.equals(expected) and found.index.equals(expected.index)
    )


def assert_same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, frame in found.items():
        assert same(frame, expected[name]), f"{name}\n{frame}\n{expected[name]}"


def scrubbed(shape: Shape, known: Facts, seals: Seals) -> dict[str, Any]:
    tables = build(known, shape)
    plan = Plan.from_dict(plan_of(shape, dict.fromkeys(tables, "") | {n: n for n in tables}, tables))
    return plan.scrub(frames_of(shape, tables), index_of(seals))  # type: ignore[no-any-return]


def expected(shape: Shape, known: Facts, seals: Seals) -> dict[str, Any]:
    stored = build(known, shape)
    return frames_of(shape, build(world_without(known, shape, seals), shape, stored))


@st.composite
def cases(draw: st.DrawFn, parts: Any = None, *, wrong: bool = False) -> tuple[Shape, Facts, Seals]:
    known = draw(facts(wrong=wrong))
    return draw(shapes(parts, exceptions=wrong)), known, draw(seals_of(known))


@_SOME
@given(cases())
def test_a_scrubbed_estate_is_the_one_built_without_the_sealed_records(case: tuple[Shape, Facts, Seals]) -> None:
    assert_same(scrubbed(*case), expected(*case))


def _run_files(shape: Shape, known: Facts, seals: Seals, folder: Path, photos: Facts) -> dict[str, bytes]:
    """Write an estate, scrub it, and give what came out by name."""
    tables = build(known, shape)
    places = write_estate(shape, tables, folder / "estate")
    if shape.has("photos"):
        write_photos(photos, folder / "estate" / "photos")
    plan = Plan.from_dict(plan_of(shape, places, tables), root=folder / "estate")
    plan.scrub(index=index_of(seals), output=folder / "clean", label="clean")
    return {
        str(path.relative_to(folder / "clean")): path.read_bytes()
        for path in sorted((folder / "clean").rglob("*"))
        if path.is_file()
    }


def _check_files(case: tuple[Shape, Facts, Seals]) -> None:
    shape, known, seals = case
    shape = replace(shape, parts=shape.parts | {"files"})
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = _run_files(shape, known, seals, folder / "one", known)
        left = world_without(known, shape, seals)
        if shape.exceptions is None:
            assert found == _run_files(shape, left, seals, folder / "other", left)
        tables = build(left, shape, build(known, shape))
        places = write_estate(shape, tables, folder / "built")
        write_photos(left, folder / "built" / "photos")
        for table, place in places.items():
            written = folder / "built" / place
            if place.endswith(".parquet"):
                assert same(pl.read_parquet(found[place]), pl.read_parquet(written)), table
            else:
                assert found[place].decode() == written.read_text(), table
        photos = {name for name in found if name.endswith(".jpg")}
        assert photos == ({f"photos/{a.id}.jpg" for a in left.arrests} if shape.has("photos") else set())


@_SOME
@given(cases())
def test_scrubbed_files_are_those_written_without_the_sealed_records(case: tuple[Shape, Facts, Seals]) -> None:
    _check_files(case)
