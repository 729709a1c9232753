"""Recipes that name no column: they count rows, of a table of which nothing else is read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.transforms.plans import Plan

NUMBERS = [f"K14{at:06d}" for at in range(1, 31)]
RECIPES = {
    "all": "select count(*) as n from arrests",
    "ones": "select count(1) as n from arrests",
    "sum": "select sum(1)::bigint as n from arrests",
    "nested": "select (select count(*) from arrests) as n",
    "with": "with a as (select 1 from arrests) select count(*) as n from a",
    "product": "select count(*) as n from arrests a, (select 1) b",
}
Frames = dict[str, pl.DataFrame]


def estate(rows: int) -> Frames:
    arrests = pl.DataFrame({"arrest_no": NUMBERS[:rows], "precinct": [at % 7 for at in range(rows)]})
    return {"arrests": arrests, "figures": pl.DataFrame({"n": [rows]})}


def plan(recipe: str, ending: str, folder: Path) -> Plan:
    independent = {"independent": "figures of one row", "keys": {"arrest_number": "arrest_no"}}
    figures = {"source": f"figures{ending}", "derived_from": recipe, "types": {"n": "BIGINT"}}
    if ending == ".parquet":
        del figures["types"]
    tables = {"arrests": {"source": f"arrests{ending}", **independent}, "figures": figures}
    return Plan.from_dict({"version": 1, "tables": tables}, root=folder)


def write(frames: Frames, ending: str, folder: Path) -> None:
    for name, frame in frames.items():
        path = folder / f"{name}{ending}"
        if ending == ".parquet":
            frame.write_parquet(path)
        elif ending == ".csv":
            frame.write_csv(path)
        else:
            frame.write_ndjson(path)


def read(path: Path) -> list[int]:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)["n"].to_list()
    return (pl.read_csv(path) if path.suffix == ".csv" else pl.read_ndjson(path))["n"].to_list()


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".jsonl"])
@pytest.mark.parametrize("rows", [5, 30])
def test_a_recipe_that_names_no_column_is_reproduced(recipe: str, ending: str, rows: int, tmp_path: Path) -> None:
    write(estate(rows), ending, tmp_path)
    made = plan(recipe, ending, tmp_path)

    assert made.check().ok
    made.scrub(index=example_index(NUMBERS[:4]), output=tmp_path / "out")

    assert read(tmp_path / "out" / f"figures{ending}") == [rows - 4]


def test_frames_are_counted_too() -> None:
    made = plan(RECIPES["all"], ".parquet", Path())

    clean = made.scrub(estate(5), example_index(NUMBERS[:4]))

    assert clean["figures"]["n"].to_list() == [1]


def test_a_recorded_check_of_such_a_recipe_holds(tmp_path: Path) -> None:
    write(estate(30), ".parquet", tmp_path)
    (tmp_path / "sealscrub.toml").write_text(
        'version = 1\n[tables.arrests]\nsource = "arrests.parquet"\nkeys = { arrest_number = "arrest_no" }\n'
        'independent = "figures of one row"\n[tables.figures]\nsource = "figures.parquet"\n'
        f'derived_from = "{RECIPES["all"]}"\n'
    )
    made = Plan.from_toml(tmp_path / "sealscrub.toml")

    assert made.check().ok
    assert (tmp_path / ".sealscrub.toml.checked").exists()
    made.scrub(index=example_index(NUMBERS[:4]), output=tmp_path / "out")

    assert read(tmp_path / "out" / "figures.parquet") == [26]
