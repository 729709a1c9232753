"""Ways of writing that told once which rows were reached: fields left out of lines, digits behind the point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.errors import ConfigError
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"


@pytest.fixture(scope="module")
def index() -> Index:
    return example_index([SEALED])


def _scrubbed(folder: Path, index: Index, files: dict[str, str], **tables: Any) -> dict[str, str]:
    source, out = folder / "estate", folder / "clean"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text)
    Plan.from_dict({"version": 1, "tables": tables}, root=source).scrub(index=index, output=out)
    return {name: (out / name).read_text() for name in files}


@pytest.mark.parametrize(
    ("null", "sealed", "others", "expected"),
    [
        (["no", "off"], f'{{"s":1,"no":"{SEALED}","off":"x"}}', '{"s":2}', '{"s":1}'),
        (["no"], f'{{ "no": "{SEALED}", "s": 1 }}', '{ "s": 2 }', '{ "s": 1 }'),
        (["no"], f'{{"no":"{SEALED}"}}', "{}", "{}"),
        (["no"], f'{{"s":1,"no":"{SEALED}"}}', '{"s":2,"no":null}\n{"s":3,"no":null}\n{"s":4}', '{"s":1,"no":null}'),
        (["no"], f'{{"s":1,"no":"{SEALED}"}}', '{"s":2,"no":null}\n{"s":3}\n{"s":"\\"4"}', '{"s":1}'),
        (["a.no", "a.off"], f'{{"s":1,"a":{{"no":"{SEALED}","off":"x"}}}}', '{"s":2}', '{"s":1}'),
        (["a.no"], f'{{"s":1,"a":{{"no":"{SEALED}"}}}}', '{"s":2,"a":{}}', '{"s":1,"a":{}}'),
        (["a.no"], f'{{"a":{{"no":"{SEALED}"}}, "s":1}}', '{"s":2,"a":null}', '{"a":null, "s":1}'),
        (["a.no"], f'{{"s":1,"a":{{"no":"{SEALED}"}}}}', '{"s":2,"a":{"no":null}}', '{"s":1,"a":{"no":null}}'),
        (["a.b.no"], f'{{"a":{{"x":1,"b":{{"no":"{SEALED}"}}}}}}', '{"a":{"x":2}}', '{"a":{"x":1}}'),
    ],
)
def test_a_field_is_emptied_as_lines_without_it_are_written(
    null: list[str], sealed: str, others: str, expected: str, tmp_path: Path, index: Index
) -> None:
    stops = {
        "source": "stops.jsonl",
        "keys": {"arrest_number": null[0]},
        "on_match": "null",
        "null": null,
        "accept_null": "a stop",
    }
    found = _scrubbed(tmp_path, index, {"stops.jsonl": f"{sealed}\n{others}\n"}, stops=stops)
    assert found["stops.jsonl"] == f"{expected}\n{others}\n"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (("1.25", "3.20", "0.10"), "0.50"),
        (("1.25", "3.2", "0.1"), "0.5"),
        (("1.25", "3.00", "0.1"), "0.5"),
        (("1.250", "3.000", "0.125"), "0.500"),
    ],
)
def test_a_new_number_has_as_many_digits_as_the_others(
    stored: tuple[str, ...], expected: str, tmp_path: Path, index: Index
) -> None:
    weights = [(SEALED, 1, "2"), (OPEN, 1, "0.5"), (OPEN, 2, stored[1]), (OPEN, 3, stored[2])]
    people = {
        "source": "people.csv",
        "independent": {"id": "own"},
        "derived": {"mean": "select avg(cast(a.weight as double)) from arrests a where a.id = this.id"},
    }
    files = {
        "arrests.csv": "arrest_no,id,weight\n" + "".join(f"{number},{at},{weight}\n" for number, at, weight in weights),
        "people.csv": "id,mean\n" + "".join(f"{at},{mean}\n" for at, mean in enumerate(stored, start=1)),
    }
    arrests = {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}
    found = _scrubbed(tmp_path, index, files, arrests=arrests, people=people)
    assert found["people.csv"] == f"id,mean\n1,{expected}\n2,{stored[1]}\n3,{stored[2]}\n"


def _of_arrests(value: str, stored: list[str], weights: list[str], folder: Path, index: Index) -> str:
    """Give what becomes of a column of three people, the first of whom has a sealed arrest as well."""
    numbers = [(SEALED, 1), (OPEN, 1), (OPEN, 2), (OPEN, 3)]
    files = {
        "arrests.csv": "arrest_no,id,w\n"
        + "".join(f"{number},{at},{weight}\n" for (number, at), weight in zip(numbers, weights, strict=True)),
        "people.csv": "id,v\n" + "".join(f"{at},{text}\n" for at, text in enumerate(stored, start=1)),
    }
    recipe = f"select {value} from arrests a where a.id = this.id"
    people = {"source": "people.csv", "independent": {"id": "own"}, "derived": {"v": recipe}}
    arrests = {"source": "arrests.csv", "keys": {"arrest_number": "arrest_no"}}
    return (
        _scrubbed(folder, index, files, arrests=arrests, people=people)["people.csv"].split("\n")[1].partition(",")[2]
    )


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (["09", "05", "11"], "07"),
        ([" 9", " 5", "11"], " 7"),
        (["9", "5", "11"], "7"),
        (["009", "5", "11"], "7"),
    ],
)
def test_a_new_whole_number_is_as_wide_as_the_others(
    stored: list[str], expected: str, tmp_path: Path, index: Index
) -> None:
    weights = ["2", "7", "5", "11"]
    assert _of_arrests("cast(sum(cast(a.w as int)) as int)", stored, weights, tmp_path, index) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (["3.50", "3.00", "0.25"], "2.40"),
        (["3.5", "3", "0.25"], "2.4"),
        (["3.5", "3.0", "0.25"], "2.4"),
    ],
)
def test_a_new_decimal_has_the_zeros_of_the_others(
    stored: list[str], expected: str, tmp_path: Path, index: Index
) -> None:
    weights = ["1.10", "2.40", "3.00", "0.25"]
    assert _of_arrests("sum(cast(a.w as decimal(10, 2)))", stored, weights, tmp_path, index) == expected


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("between", [" ", "T"])
@pytest.mark.parametrize("rest", ["", "Z", ".000", ".000000", "+00:00", ".000Z"])
def test_a_new_time_is_written_as_the_others(between: str, rest: str, tmp_path: Path, index: Index) -> None:
    days = ["2020-01-03 05:00:00", "2020-01-02 04:30:00", "2020-02-01 00:00:00", "2020-02-02 00:00:01"]
    stored = [day.replace(" ", between) + rest for day in (days[0], days[2], days[3])]
    found = _of_arrests("max(cast(a.w as timestamp))", stored, days, tmp_path, index)
    assert found == f"2020-01-02{between}04:30:00{rest}"


def test_a_list_is_no_text(tmp_path: Path, index: Index) -> None:
    with pytest.raises(ConfigError, match="column is text"):
        _of_arrests("list(a.w order by a.w)", ["[2]", "[1]", "[3]"], ["2", "2", "1", "3"], tmp_path, index)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_check_names_every_serial_number_that_leaves(format: str) -> None:
    numbers = range(100, 140)
    arrests = pl.DataFrame(
        {
            "arrest_no": [f"K14{at:06d}" for at in numbers],
            "id": numbers,
            "row": list(reversed(numbers)),
            "kept": numbers,
            "precinct": [at % 7 for at in numbers],
            "far": [at * 97 for at in numbers],
        }
    )
    if format == "csv":
        arrests = arrests.cast(pl.String)
    charges = {"source": "charges", "link": {"arrest": "arrests.id"}}
    table = {"source": "arrests", "keys": {"arrest_number": "arrest_no"}, "rekey": ["kept"]}
    plan = Plan.from_dict({"version": 1, "tables": {"arrests": table, "charges": charges}})
    data = {"arrests": arrests, "charges": pl.DataFrame({"arrest": [100, 101]})}
    (check, _) = plan.check(data).tables
    assert sorted(note.partition(" ")[0] for note in check.notes if "numbered without gaps" in note) == ["id", "row"]
