"""How an estate is kept and told to sealscrub: the plan, the types of columns, frames and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from sealscrub.datasets import example_index
from sealscrub.index import Index

from .facts import DECOYS, Facts, Seals
from .worlds import Shape, Table

__all__ = ["frames_of", "index_of", "plan_of", "write_estate", "write_photos"]

#: What each kind is stored as, in frames and in Parquet; one is chosen for each column.
_STORED: dict[str, list[pl.DataType]] = {
    "int": [pl.Int64(), pl.Int32(), pl.UInt16(), pl.Float64()],
    "float": [pl.Float64()],
    "bool": [pl.Boolean()],
    "date": [pl.Date(), pl.Datetime("us")],
    "text": [pl.String()],
}
_DECLARED = {"int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE"}

_RECIPES: dict[str, dict[str, str]] = {
    "features": {
        "priors_count": "select count(*) from arrests a where a.person_id = this.person_id and a.day < this.day",
        "days_since": "select date_diff('day', max(a.day), this.day) from arrests a "
        "where a.person_id = this.person_id and a.day < this.day",
        "rearrested": "select coalesce(bool_or(a.day <= this.day + interval 30 day), false) from arrests a "
        "where a.person_id = this.person_id and a.day > this.day",
        "last_weight": "select a.weight from arrests a where a.person_id = this.person_id and a.day < this.day "
        "order by a.day desc, a.arrest_id desc limit 1",
        "place_in_row": "select max(w.place) from (select arrest_id, rank() over "
        "(partition by person_id order by day, arrest_id) as place from arrests) w where w.arrest_id = this.arrest_id",
        "risk": "this.priors_count / 2 + coalesce(this.days_since, -1)",
        "level": "case when this.risk > 1 then 'high' else 'low' end",
        "area_count": "select max(t.arrests) from precinct_total t where t.precinct = this.precinct",
    },
    "people": {
        "arrests_count": "select count(*) from arrests a where a.person_id = this.person_id",
        "first_arrest": "select min(a.day) from arrests a where a.person_id = this.person_id",
        "mean_weight": "select avg(a.weight) from arrests a where a.person_id = this.person_id",
        "max_risk": "select max(f.risk) from features f where f.person_id = this.person_id",
    },
    "scores": {"score": "2 * (select max(p.arrests_count) from people p where p.person_id = this.person_id)"},
    "precinct_month": {
        "": "select precinct, cast(date_trunc('month', day) as date) as month, count(*) as arrests from arrests "
        "group by all order by all"
    },
    "precinct_total": {
        "": "select precinct, cast(sum(arrests) as bigint) as arrests, max(arrests) as busiest from precinct_month "
        "group by all order by all"
    },
}


def plan_of(shape: Shape, sources: Mapping[str, str], tables: Mapping[str, Table], **more: Any) -> dict[str, Any]:
    """Write the plan of an estate whose tables are at `sources`; `more` are keys of the whole plan."""
    described = {name: _described(name, shape, table) | {"source": sources[name]} for name, table in tables.items()}
    for name, table in tables.items():
        types = {
            column: _DECLARED[kind]
            for column, kind in ((c, "int" if k == "id" and shape.numbers else k) for c, k in table.kinds.items())
            if kind in _DECLARED
            and (is_text(shape, name) or (kind == "int" and dtype_of(shape, name, column, table) == pl.String))
        }
        if types:
            described[name]["types"] = types
    return {"version": 1, "policy": {"min_coverage": 0.0, "max_unparsable": 1.0}, "tables": described, **more}


def _described(name: str, shape: Shape, table: Table) -> dict[str, Any]:
    """What a plan says about one table."""
    to_arrests = {"arrest_id": "arrests.arrest_id"}
    said: dict[str, Any] = {}
    if name == "arrests":
        said["keys"] = {"arrest_number": "arrest_no"}
        if shape.has("dockets"):
            said["orphan_of"] = {"arrest_id": "dockets.arrest_id"}
    elif name == "dockets":
        said = {"keys": {"docket": "docket_no"}, "link": to_arrests}
    elif name == "charges":
        links: list[dict[str, Any]] = [{"table": "arrests", "columns": {"arrest_id": "arrest_id"}, "when": "all"}]
        if shape.has("dockets"):
            both = {"arrest_id": "arrest_id", "docket_no": "docket_no"}
            links.append({"table": "dockets", "columns": both})
        said["link"] = links
    elif name == "people":
        parents = [("arrests", "person_id")] + ([("summonses", "person_id")] if shape.has("summonses") else [])
        said["orphan_of"] = [{"table": parent, "columns": {"person_id": column}} for parent, column in parents]
    elif name == "summonses":
        said["keys"] = [{"scheme": "docket", "column": "docket_no"}]
    elif name == "stops":
        said = {"keys": {"arrest_number": "arrest_no"}, "on_match": "null", "null": ["arrest_no", "offense"]}
        said["set"] = {"led": False}
    elif name == "complaints":
        said["elements"] = {"column": "listed", **_listing(shape), "empty": shape.empty}
        said["derived"] = {"listed_size": _list_size(shape, name)}
        said["independent"] = {"complaint_id": "given by hand"}
    elif name == "edges":
        said["edges"] = {"support": "support", "count": "n_support", **_listing(shape)}
    elif name == "ties":
        said["edges"] = {"support": "supports.tie_id", "id": "tie_id", "count": "n_rows"}
    elif name == "notes":
        said["link"] = [{"table": "arrests", "columns": {"about": "complaint_id"}, "when": shape.when}]
    elif name == "pairs":
        said["link"] = {"one": "arrests.arrest_id", "other": "arrests.arrest_id"}
    elif name == "scores":
        said["link"] = {"person_id": "people.person_id"}
    elif name in ("supports", "photos", "features"):
        said["link"] = to_arrests
    if not said.keys().isdisjoint({"keys", "link", "orphan_of", "edges"}):
        said["accept_null"] = "facts are drawn with and without an arrest"
    if name == "photos" and shape.has("files"):
        said["files"] = {"column": "file", "folder": "photos"}
    if shape.rekeyed and "person_id" in table.kinds:  # not every table of people is linked
        said["rekey"] = ["arrest_id", "person_id"] if name == "arrests" else ["person_id"]
    return said | _derivation(name, shape, table)


def _derivation(name: str, shape: Shape, table: Table) -> dict[str, Any]:
    recipes = {column: sql for column, sql in _RECIPES.get(name, {}).items() if not column or column in table.kinds}
    if not recipes:
        return {}
    if "" in recipes:
        return {"derived_from": recipes[""]}
    derived: dict[str, Any] = dict(recipes)
    if name == "features" and shape.exceptions is not None:
        derived["priors_count"] = {"sql": recipes["priors_count"], "reproduces": 0.0, "exceptions": shape.exceptions}
        if shape.exceptions != "null":
            derived["priors_count"]["reason"] = "typed in by hand"
    other = {column: "the row's own" for column in table.kinds if column not in recipes}
    return {"derived": derived, "independent": other}


def _listing(shape: Shape) -> dict[str, Any]:
    said: dict[str, Any] = {"scheme": "arrest_number"} if shape.by_key else {"link": "arrests.arrest_id"}
    if shape.lists == "structs":
        said["field"] = "id"
    return said | ({"separator": ";"} if shape.lists == "joined" else {})


def _list_size(shape: Shape, name: str) -> str:
    if shape.lists == "joined":
        return "case when coalesce(this.listed, '') = '' then 0 else len(string_split(this.listed, ';')) end"
    if is_text(shape, name):
        return "coalesce(json_array_length(this.listed), 0)"
    return "coalesce(len(this.listed), 0)"


def is_text(shape: Shape, name: str) -> bool:
    """Say whether a table is kept in a format of text; of frames, `container_of` says what they are."""
    return container_of(shape, name) in ("csv", "jsonl")


def container_of(shape: Shape, name: str) -> str:
    """Choose what a table is kept in."""
    if shape.has("files"):
        among = ["parquet", "csv", "jsonl"]
    else:
        among = ["polars", "pandas", "arrow"] + ([] if shape.rekeyed else ["numpy"])
    return str(shape.choose("container", name, among=among))


def dtype_of(shape: Shape, name: str, column: str, table: Table) -> pl.DataType:
    """Choose the type of a column."""
    kind = table.kinds[column]
    if kind == "list":
        one = pl.String() if shape.by_key or not shape.numbers else pl.Int64()
        if shape.lists == "joined":
            return pl.String()
        return pl.List(pl.Struct({"id": one, "role": pl.String()}) if shape.lists == "structs" else one)
    if container_of(shape, name) == "numpy" and kind in ("int", "id", "date") and (kind != "id" or shape.numbers):
        return pl.Datetime("us") if kind == "date" else pl.Float64()  # there, gaps make floats of numbers
    if kind == "id":
        among = [pl.Int64(), pl.Int32(), pl.String()] if shape.numbers else [pl.String()]
        if shape.numbers and not shape.rekeyed:
            among.append(pl.Float64())
    else:
        among = _STORED[kind]
    found: pl.DataType = shape.choose("type", name, column, among=among)
    return found


def value_of(shape: Shape, name: str, column: str, table: Table, value: Any) -> Any:
    """Write a value as its column stores it."""
    kind = table.kinds[column]
    if value is None:
        return None
    if kind == "list":
        ids = [one if isinstance(one, str) else _id(shape, one) for one in value]
        if shape.lists == "joined":
            between: str = shape.choose("between", name, among=[";", "; ", " ; "])
            return between.join(str(one) for one in ids)
        return [{"id": one, "role": "r"} for one in ids] if shape.lists == "structs" else ids
    if kind == "id":
        value = _id(shape, value)
    if is_text(shape, name):
        return value
    dtype = dtype_of(shape, name, column, table)
    if dtype == pl.String:
        return str(value)
    if dtype == pl.Float64:
        return float(value)
    if dtype == pl.Datetime:
        return dt.datetime.combine(value, dt.time())
    return value


def _id(shape: Shape, value: int) -> int | str:
    return value if shape.numbers else f"A{value:04d}"


def polars_frame(shape: Shape, name: str, table: Table) -> pl.DataFrame:
    """Make the table as a frame of polars."""
    schema = {column: dtype_of(shape, name, column, table) for column in table.kinds}
    rows = [[value_of(shape, name, column, table, row[column]) for column in table.kinds] for row in table.rows]
    return pl.DataFrame(rows, schema=schema, orient="row")


def frames_of(shape: Shape, tables: Mapping[str, Table]) -> dict[str, Any]:
    """Make every table as a frame of its container."""
    found: dict[str, Any] = {}
    for name, table in tables.items():
        frame = polars_frame(shape, name, table)
        container = container_of(shape, name)
        if container == "arrow":
            found[name] = frame.to_arrow()
        elif container == "numpy" and "list" not in table.kinds.values():
            found[name] = frame.to_arrow().to_pandas()
        elif container == "pandas" and "list" not in table.kinds.values():
            found[name] = frame.to_pandas(use_pyarrow_extension_array=True)
        else:
            found[name] = frame
    return found


def write_estate(shape: Shape, tables: Mapping[str, Table], folder: Path) -> dict[str, str]:
    """Write every table to a file of its format; give the names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    places = {}
    for name, table in tables.items():
        container = container_of(shape, name)
        place = folder / f"{name}.{container}"
        places[name] = place.name
        if container == "parquet":
            polars_frame(shape, name, table).write_parquet(place)
        elif container == "csv":
            place.write_bytes(_csv(shape, name, table))
        else:
            place.write_bytes(_jsonl(shape, name, table))
    return places


def write_photos(known: Facts, folder: Path) -> None:
    """Write the photo of each arrest."""
    folder.mkdir(parents=True, exist_ok=True)
    for arrest in known.arrests:
        (folder / f"{arrest.id}.jpg").write_bytes(b"photo %d" % arrest.id)


def _csv(shape: Shape, name: str, table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.kinds)
    for row in table.rows:
        writer.writerow([_text(value_of(shape, name, column, table, row[column])) for column in table.kinds])
    return out.getvalue().encode()


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, list) else value


def _jsonl(shape: Shape, name: str, table: Table) -> bytes:
    spacing = shape.choose("spacing", name, among=[None, (",", ":")])
    lines = [
        json.dumps(
            {column: value_of(shape, name, column, table, row[column]) for column in table.kinds},
            default=str,
            separators=spacing,
        )
        for row in table.rows
    ]
    return "".join(f"{line}\n" for line in lines).encode()


@cache
def index_of(seals: Seals) -> Index:
    """Publish the index of some seals."""
    return example_index(
        {
            "arrest_number": [DECOYS["arrest_number"], *sorted(seals.arrests)],
            "docket": [DECOYS["docket"], *sorted(seals.dockets)],
        }
    )
