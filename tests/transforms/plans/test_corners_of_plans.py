"""Corners of the engine, one by one: what went wrong once, and what the drawn estates do not reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError, UsageError
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"
ARRESTS = {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index([SEALED])


def _plan(folder: Path = Path(), **tables: Any) -> Plan:
    return Plan.from_dict({"version": 1, "tables": {"arrests": ARRESTS, **tables}}, root=folder)


def _arrests(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"arrest_no": pl.String, "id": pl.Int64}, orient="row")


def _write(folder: Path, **files: str) -> None:
    folder.mkdir()
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(text)


def _clean(folder: Path, index: Index, **tables: Any) -> Path:
    out = folder.with_name(f"{folder.name}-clean")
    _plan(folder, **tables).scrub(index=index, output=out)
    return out


def test_a_recipe_sees_a_column_of_unknown_lineage_as_it_leaves(index: Index) -> None:
    """Its values may hold anything: what is computed from them must not."""
    plan = _plan(
        people={
            "source": "people",
            "link": {"id": "arrests.id"},
            "columns": {"old_score": "null"},
            "derived": {"risk": "this.old_score + 1"},
            "independent": {"name": "given"},
        }
    )
    people = pl.DataFrame({"id": [1, 2], "name": ["a", "b"], "old_score": [3, 4], "risk": [4, 5]})
    found = plan.scrub({"arrests": _arrests((SEALED, 1), (OPEN, 2)), "people": people}, index)
    assert found["people"].to_dicts() == [{"id": 2, "name": "b", "old_score": None, "risk": None}]


@pytest.mark.parametrize("sealed", [SEALED, OPEN])
@pytest.mark.parametrize("exceptions", ["recompute", "keep", "null"])
def test_what_a_recipe_does_not_give_becomes_the_same_whether_or_not_a_seal_reaches_the_table(
    exceptions: str, sealed: str, index: Index
) -> None:
    derived = {"sql": "select count(*) from arrests a where a.id = this.id", "exceptions": exceptions, "reason": "r"}
    plan = _plan(
        people={"source": "people", "derived": {"seen": derived | {"reproduces": 0.5}}, "independent": {"id": "own"}}
    )
    arrests = _arrests((sealed, 1), (OPEN, 2))
    found = plan.scrub({"arrests": arrests, "people": pl.DataFrame({"id": [1, 2], "seen": [1, 9]})}, index)
    assert found["people"]["seen"][1] == {"recompute": 1, "keep": 9, "null": None}[exceptions]


@pytest.mark.parametrize("sealed", [SEALED, OPEN])
def test_a_derived_table_is_recomputed_whether_or_not_a_seal_reaches_it(sealed: str, index: Index) -> None:
    recipe = {"sql": "select id, count(*) as n from arrests group by all order by all", "reproduces": 0.5}
    plan = _plan(totals={"source": "totals", "derived_from": recipe | {"exceptions": "recompute", "reason": "r"}})
    arrests = _arrests((sealed, 1), (OPEN, 1), (OPEN, 2))
    totals = pl.DataFrame({"id": [1, 2], "n": [2, 9]})
    assert plan.scrub({"arrests": arrests, "totals": totals}, index)["totals"]["n"][1] == 1


def test_a_table_derived_from_a_derived_table_of_text_reads_declared_types(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(
        folder,
        arrests__csv=f"arrest_no,id\n{SEALED},1\n{OPEN},1\n{OPEN},2\n",
        by_id__csv="id,n\n1,2\n2,1\n",
        total__csv="n\n3\n",
    )
    by_id = {
        "source": "by_id.csv",
        "types": {"n": "BIGINT"},
        "derived_from": "select id, count(*) as n from arrests group by all order by all",
    }
    total = {"source": "total.csv", "derived_from": "select cast(sum(n) as bigint) as n from by_id"}
    out = _clean(folder, index, by_id=by_id, total=total)
    assert (out / "by_id.csv").read_text() == "id,n\n1,1\n2,1\n"
    assert (out / "total.csv").read_text() == "n\n2\n"


@pytest.mark.parametrize(
    ("stored", "recomputed"),
    [(("3", "3"), "2"), (("3.0", "3.0"), "2.0"), (("3", "3.0"), "2.0")],
)
def test_a_new_number_is_written_as_the_column_writes_its_numbers(
    stored: tuple[str, str], recomputed: str, tmp_path: Path, index: Index
) -> None:
    folder = tmp_path / "estate"
    numbers = [SEALED, OPEN, OPEN]
    _write(
        folder,
        arrests__csv="arrest_no,id\n" + "".join(f"{number},1\n" for number in numbers),
        people__csv="id,seen\n" + "".join(f"1,{text}\n" for text in stored),
    )
    people = {"source": "people.csv", "independent": {"id": "own"}}
    people["derived"] = {"seen": "select cast(count(*) as double) from arrests a where a.id = this.id"}
    out = _clean(folder, index, people=people)
    assert (out / "people.csv").read_text() == "id,seen\n" + 2 * f"1,{recomputed}\n"


@pytest.mark.parametrize(
    ("stored", "sql", "recomputed"),
    [
        ("1.50", "cast(avg(a.id) as double)", "2.00"),
        ("1.50", "cast(avg(a.id) as decimal(6, 1))", "2.00"),
        ("1.5", "avg(a.id)", "2.0"),
        (
            "2020-01-02 09:00",
            "timestamp '2020-01-01' + interval 9 hour + interval 1 day * min(a.id)",
            "2020-01-03 09:00",
        ),
        ("2020-01-02T09:00:00", "timestamp '2020-01-01 09:00' + interval 1 day * min(a.id)", "2020-01-03T09:00:00"),
        ("2020-01-02 00:00:00", "date '2020-01-01' + cast(min(a.id) as integer)", "2020-01-03 00:00:00"),
    ],
)
def test_a_new_value_is_written_to_the_column_s_digits(
    stored: str, sql: str, recomputed: str, tmp_path: Path, index: Index
) -> None:
    folder = tmp_path / "estate"
    _write(
        folder,
        arrests__csv=f"arrest_no,id,person\n{SEALED},1,p\n{OPEN},2,p\n",
        people__csv=f"person,value\np,{stored}\n",
    )
    people = {"source": "people.csv", "independent": {"person": "own"}}
    people["derived"] = {"value": f"select {sql} from arrests a where a.person = this.person"}
    out = _clean(folder, index, arrests=ARRESTS | {"types": {"id": "BIGINT"}}, people=people)
    assert (out / "people.csv").read_text() == f"person,value\np,{recomputed}\n"


def test_a_list_for_a_column_of_text_is_refused(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(folder, arrests__csv=f"arrest_no,id\n{OPEN},2\n", people__jsonl='{"person": 1, "ids": [2]}\n')
    people = {"source": "people.jsonl", "independent": {"person": "own"}}
    people["derived"] = {"ids": "select list(a.id order by a.id) from arrests a"}
    with pytest.raises(ConfigError, match="the column is text"):
        _clean(folder, index, people=people)


@pytest.mark.parametrize(("yes", "no"), [("Y", "N"), ("Yes", "No"), ("1", "0"), ("TRUE", "FALSE"), ("T", "F")])
def test_a_new_truth_is_written_in_the_column_s_words(yes: str, no: str, tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(
        folder,
        arrests__csv=f"arrest_no,id\n{SEALED},1\n{OPEN},2\n{OPEN},2\n{SEALED},2\n{OPEN},1\n",
        people__csv=f"id,often\n1,{yes}\n2,{yes}\n3,{no}\n",
    )
    people = {"source": "people.csv", "independent": {"id": "own"}}
    people["derived"] = {"often": "select count(*) > 1 from arrests a where a.id = this.id"}
    assert (_clean(folder, index, people=people) / "people.csv").read_text() == f"id,often\n1,{no}\n2,{yes}\n3,{no}\n"


def test_what_is_left_of_a_json_list_keeps_its_own_spelling(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    lines = [
        f'{{"ids": ["{SEALED}", "{OPEN}"]}}',
        f'{{"ids":["{SEALED}","{OPEN}","B16800001"]}}',
        f'{{"ids": [ "{OPEN}" ,"{SEALED}", "\\u004216800001" ]}}',
        f'{{"ids": ["{SEALED}"]}}',
        '{"ids": null}',
    ]
    _write(folder, arrests__csv=f"arrest_no,id\n{OPEN},1\n", lists__jsonl="".join(f"{line}\n" for line in lines))
    lists = {"source": "lists.jsonl", "elements": {"column": "ids", "scheme": "arrest_number"}}
    assert (_clean(folder, index, lists=lists) / "lists.jsonl").read_text().splitlines() == [
        f'{{"ids": ["{OPEN}"]}}',
        f'{{"ids":["{OPEN}","B16800001"]}}',
        f'{{"ids": [ "{OPEN}" , "\\u004216800001" ]}}',
        '{"ids": []}',
        '{"ids": null}',
    ]


def test_spaces_around_ids_in_one_text_keep_no_sealed_id(index: Index) -> None:
    plan = _plan(lists={"source": "lists", "elements": {"column": "ids", "link": "arrests.id", "separator": ";"}})
    arrests = pl.DataFrame({"arrest_no": [SEALED, OPEN], "id": ["a", "b"]})
    lists = pl.DataFrame({"ids": ["a; b", "b; a; b", "b;a", "a", "b ; b", "a;; b"]})
    found = plan.scrub({"arrests": arrests, "lists": lists}, index)["lists"]["ids"].to_list()
    assert found == ["b", "b; b", "b", "", "b ; b", "; b"]


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_what_cannot_become_null_must_be_said(dtype: str, index: Index) -> None:
    seen = "count(*)" if dtype == "int64" else "count(*) > 0"
    recipe = {"sql": f"select {seen} from arrests a where a.id = this.id", "reproduces": 0.5}
    plan = _plan(people={"source": "people", "derived": {"seen": recipe}, "independent": {"id": "own"}})
    people = pd.DataFrame({"id": [1, 2], "seen": pd.Series([1, 0], dtype=dtype)})
    with pytest.raises(UsageError, match="1 value that the recipe does not return cannot be null") as caught:
        plan.scrub({"arrests": _arrests((OPEN, 1), (OPEN, 2)), "people": people}, index)
    assert "people.derived.seen" in str(caught.value)
    assert "exceptions" in caught.value.hint


def test_lists_of_one_length_are_refused(index: Index) -> None:
    plan = _plan(lists={"source": "lists", "elements": {"column": "ids", "link": "arrests.id"}})
    lists = pl.DataFrame({"ids": [[1, 2]]}, schema={"ids": pl.Array(pl.Int64, 2)})
    with pytest.raises(ConfigError, match="have a fixed length"):
        plan.scrub({"arrests": _arrests((SEALED, 1), (OPEN, 2)), "lists": lists}, index)


def test_a_rekeyed_json_list_of_numbers_holds_numbers(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(folder, arrests__csv=f"arrest_no,id\n{SEALED},1\n{OPEN},2\n", lists__jsonl='{"ids": [2, 1]}\n')
    lists = {"source": "lists.jsonl", "elements": {"column": "ids", "link": "arrests.id"}}
    arrests = ARRESTS | {"rekey": ["id"], "types": {"id": "BIGINT"}}
    out = _clean(folder, index, arrests=arrests, lists=lists)
    own = (out / "arrests.csv").read_text().splitlines()[1].split(",")[1]
    assert json.loads((out / "lists.jsonl").read_text()) == {"ids": [int(own)]}


def test_keys_and_links_inside_of_json_objects(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    lines = "".join(f'{{"who": {{"no": "{no}", "id": {at}}}}}\n' for no, at in ((SEALED, 1), (OPEN, 2)))
    _write(folder, arrests__jsonl=lines, charges__csv="id,code\n1,a\n2,b\n")
    arrests = {"source": "arrests.jsonl", "keys": {"arrest_number": "who.no"}}
    out = _clean(folder, index, arrests=arrests, charges={"source": "charges.csv", "link": {"id": "arrests.who.id"}})
    assert (out / "charges.csv").read_text() == "id,code\n2,b\n"


def test_an_estate_of_empty_json_lines_is_scrubbed_to_itself(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(folder, arrests__csv="", people__jsonl="", totals__jsonl="")
    (folder / "arrests.csv").rename(folder / "arrests.jsonl")
    people = {
        "source": "people.jsonl",
        "orphan_of": {"id": "arrests.id"},
        "derived": {"seen": "select count(*) from arrests a where a.id = this.id"},
    }
    totals = {
        "source": "totals.jsonl",
        "derived_from": "select id, count(*) as n from arrests group by all order by all",
    }
    out = _clean(folder, index, arrests=ARRESTS | {"source": "arrests.jsonl"}, people=people, totals=totals)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == dict.fromkeys(
        ("arrests.jsonl", "people.jsonl", "totals.jsonl"), b""
    )


PHOTOS = {"source": "photos.csv", "link": {"id": "arrests.id"}}


def test_the_file_of_a_row_that_stays_without_its_name_is_not_copied(tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "estate"
    _write(
        folder,
        arrests__csv=f"arrest_no,id\n{SEALED},1\n{OPEN},2\n",
        photos__csv="id,file\n1,one.jpg\n2,two.jpg\n3,\n",
        one__jpg="1",
        two__jpg="2",
    )
    photos = PHOTOS | {
        "on_match": "null",
        "null": ["file"],
        "files": {"column": "file"},
        "accept_null": "a photo of another agency",
    }
    out = _clean(folder, index, photos=photos)
    assert (out / "photos.csv").read_text() == "id,file\n1,\n2,two.jpg\n3,\n"
    assert sorted(path.name for path in out.iterdir()) == ["arrests.csv", "photos.csv", "two.jpg"]


@pytest.mark.parametrize(
    "named", ["arrests.csv", "./arrests.csv", "example.key", "example.sealindex", "../x.jpg", "\0"]
)
def test_a_row_that_names_a_table_a_key_or_what_lies_outside_stops_the_run(named: str, tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    _write(folder, arrests__csv=f"arrest_no,id\n{SEALED},1\n{OPEN},2\n")
    (tmp_path / "x.jpg").write_bytes(b"x")
    index = example_index([SEALED], folder=folder)
    pl.DataFrame({"id": [2], "file": [named]}).write_parquet(folder / "photos.parquet")
    with pytest.raises(UsageError, match="a row names"):
        _clean(folder, index, photos=PHOTOS | {"source": "photos.parquet", "files": {"column": "file"}})
    assert not (tmp_path / "estate-clean").exists()


@pytest.mark.parametrize(
    "said",
    [
        {"derived": {"id": "1"}},
        {"derived": {"x": "1"}, "independent": {"x": "own"}},
        {"columns": {"x": "null"}, "independent": {"x": "own"}},
        {"columns": {"x": "null"}, "derived": {"x": "1"}},
        {"columns": {"id": "null"}},
        {"on_match": "null", "null": ["x"], "derived": {"x": "1"}},
    ],
)
def test_a_column_in_two_roles_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="is declared as"):
        _plan(people={"source": "people", "link": {"id": "arrests.id"}, **said})


def test_a_column_called_as_a_rekeyed_id_is_rekeyed_with_it_or_warned_of(index: Index) -> None:
    arrests, features = _arrests((SEALED, 1), (OPEN, 2)), pl.DataFrame({"id": [2, 2, 3]})
    rekeyed = ARRESTS | {"rekey": ["id"]}
    features_of = {"source": "features", "independent": "made up"}
    left_out = _plan(arrests=rekeyed, features=features_of)
    found = left_out.scrub({"arrests": arrests, "features": features}, index, detail=True)
    assert [each for each in found.report.warnings if "features.id has the name of a re-keyed id" in each]
    plan = _plan(arrests=rekeyed, features=features_of | {"rekey": ["id"]})
    found = plan.scrub({"arrests": arrests, "features": features}, index, detail=True)
    assert not [each for each in found.report.warnings if "features.id" in each]
    own = found.data["arrests"]["id"].to_list()
    one, two, other = found.data["features"]["id"].to_list()
    assert [one, two] == own * 2
    assert other not in (3, *own)
