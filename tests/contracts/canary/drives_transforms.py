"""Drive ``matching`` and ``transforms``: frames of every library, files of every format, whole and damaged."""

from __future__ import annotations

import functools
import io
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deltalake
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

import sealscrub as ss
from sealscrub.certificates import content_digest, load_signer
from sealscrub.identifiers import generate_certifier
from sealscrub.matching import KeyColumn, LevelMatcher, Policy, Sweep, TableMatcher, parse_on
from sealscrub.transforms import ReadAs, Report
from sealscrub.validators.certification import certify

from .watch import NEAR, NUMBER, PAYLOAD, SEALED, UNPARSABLE, Unwatched
from .world import ON, World

Calls = Iterator[Callable[[], object]]
SUFFIXES = ("txt", "json", "html", "xml", "sarif")


def matching(world: World) -> Calls:
    keys = parse_on(ON, ["arrest_no"])
    matcher = TableMatcher(world.index, keys, Policy(), "a table")
    yield lambda: (matcher.columns, matcher.judge(world.arrests), matcher.tally(), matcher.has_keys())
    yield lambda: (matcher.problems(), matcher.check_columns(), matcher.check_complete())
    yield lambda: TableMatcher(world.index, keys).judge(pl.DataFrame({"arrest_no": [[SEALED]]}))
    yield lambda: _mostly_unparsable(TableMatcher(world.index, keys, Policy(), "a table"))
    yield lambda: parse_on(["arrest_number"])
    yield lambda: parse_on(["nysid=arrest_no"])
    yield lambda: parse_on({"arrest_number": "absent"}, ["arrest_no"])
    yield lambda: KeyColumn("person_arrest", ("a", "b")).label
    listed = LevelMatcher(world.index, keys)
    levels = pl.Series([SEALED, PAYLOAD, NEAR, UNPARSABLE])
    yield lambda: (listed.barred(levels), listed.unchecked("arrest_no", levels), listed.suspect("offense", levels))
    yield lambda: (listed, listed.tally([("arrest_no", levels), ("offense", levels)]))
    yield lambda: Policy(min_coverage=2)
    yield lambda: _swept(Sweep(world.index))


def _swept(sweep: Sweep) -> object:
    sweep.add(SEALED, pl.Series([SEALED, PAYLOAD, f"see {SEALED}", NEAR]))
    sweep.add("x", pl.Series([{SEALED: [SEALED.encode()], "b": PAYLOAD}]))
    sweep.add_names("(column names)", [SEALED, PAYLOAD])
    sweep.unread("y", 1)
    return sweep, sweep.tally(), sweep.reads(pl.String())


def mentions(world: World) -> Calls:
    """Rows that stay and name a sealed record elsewhere."""
    columns = {"arrest_no": ["M14000017"] * 2, "note": [f"see {SEALED}", NEAR], SEALED: [SEALED, "x"]}
    rows = pl.DataFrame({**columns, "list": [[SEALED], []], "bytes": [SEALED.encode(), b""]})
    for data in (rows, rows.lazy(), rows.to_pandas(), rows.to_pandas().set_index("note"), rows.to_arrow()):
        yield lambda data=data: ss.scan(data, world.index, ON, sweep=True).to_text()
        yield lambda data=data: ss.scan(data, world.index, ON, sweep=True).to_sarif()
        yield lambda data=data: ss.scrub(data, world.index, ON, sweep=True)
        yield lambda data=data: ss.scan(data, world.index, ON, sweep=True, leave={"note": "remarks", "absent": PAYLOAD})
    plan = ss.Plan.from_dict({"version": 1, "tables": {"a": {"source": "a.parquet", "keys": ON, "independent": "all"}}})
    yield lambda: plan.scan({"a": rows}, world.index, sweep=True).to_text()
    yield lambda: plan.scrub({"a": rows}, world.index, sweep=True)


def _mostly_unparsable(matcher: TableMatcher) -> None:
    matcher.judge(pl.DataFrame({"arrest_no": [UNPARSABLE, PAYLOAD, NEAR]}))
    matcher.check_columns()


def frames_of(rows: pl.DataFrame) -> list[Any]:
    """The same rows in every container."""
    table = rows.to_arrow()
    flat = rows.drop("words").to_arrow()  # noqa: F841 - DuckDB finds it by its name
    return [
        rows,
        rows.lazy(),
        rows.to_pandas(),
        rows.to_pandas().set_index("offense"),
        rows.to_pandas().astype({"arrest_no": "category"}),
        table,
        table.combine_chunks().to_batches()[0],
        pa.RecordBatchReader.from_batches(table.schema, table.to_batches()),
        ds.dataset(table),
        duckdb.sql("SELECT * FROM flat"),
    ]


def listed_frames(rows: pl.DataFrame) -> list[Any]:
    """Keys of types that list them, used or not."""
    ids = rows["arrest_no"].drop_nulls().unique().to_list()
    flat = rows.select(pl.col("arrest_no").cast(pl.Enum(ids)), "n")
    unused = flat.filter(pl.col("arrest_no").cast(pl.String) != SEALED)
    return [flat, flat.lazy(), flat.to_arrow(), flat.to_pandas(), unused, unused.to_arrow(), unused.to_pandas()]


def lists(world: World) -> Calls:
    for data in listed_frames(world.checkable):
        yield lambda data=data: ss.scan(data, world.index, ON).to_text()
        yield lambda data=data: _scrubbed(data, world)
        yield lambda data=data: ss.scrub(data, world.index, ON, keep_levels=["arrest_no"])


def frames(world: World) -> Calls:
    for data in frames_of(world.arrests):
        yield lambda data=data: ss.scan(data, world.index, ON, positions=True)
    for data in frames_of(world.arrests):
        yield lambda data=data: ss.scrub(data, world.index, ON)
    for data in frames_of(world.arrests):
        yield lambda data=data: _scrubbed(data, world)
    for data in frames_of(world.checkable):
        yield lambda data=data: ss.scrub(data, world.index, ON, null_columns=["offense"])
    for data in frames_of(world.checkable):
        yield lambda data=data: ss.scrub(data, world.index, ON, set_values={"n": PAYLOAD})
    for data in frames_of(world.checkable):
        marks = {"set_values": {"arrest_no": UNPARSABLE}, "accept_marks": ["arrest_no"]}
        yield lambda data=data, marks=marks: ss.scrub(data, world.index, ON, dry_run=True, **marks)
    for data in frames_of(world.checkable):
        yield lambda data=data: ss.scan(data, world.index, {"arrest_number": "offense"})
    for column in ("words", "n", "absent", "level"):
        yield lambda column=column: ss.scan(world.arrests, world.index, {"arrest_number": column})
    yield lambda: ss.scan(world.arrests, world.index, {"docket": "arrest_no"})
    yield lambda: ss.scan(world.arrests, world.numbers, {"opaque:sys": "n"}).to_text()
    yield lambda: ss.scan({SEALED: PAYLOAD}, world.index, ON)


def _scrubbed(data: Any, world: World) -> object:
    done = ss.scrub(data, world.index, ON, policy=Policy(quarantine=True), detail=True)
    kept = {
        "out": done.data,
        "indices": done.kept_indices_,
        "report": done.report,
        "aside": done.quarantined is not None,
        "edit": ss.transforms.RowEdit(("offense",)).columns,
    }
    shown = pl.DataFrame(pl.from_pandas(kept["out"])) if isinstance(kept["out"], pd.DataFrame) else kept["out"]
    return repr(done), kept["indices"], kept["report"], _survivors(shown)


def _survivors(data: Any) -> str:
    """All cells of what stays, and the buffers beneath them, where rows that went could linger."""
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, pl.DataFrame):
        data = data.to_arrow()
    if isinstance(data, duckdb.DuckDBPyRelation):
        data = data.to_arrow_table()
    if isinstance(data, pa.RecordBatchReader):
        data = data.read_all()
    if isinstance(data, ds.Dataset):
        data = data.to_table()
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, data.schema) as stream:
        stream.write(data)
    return sink.getvalue().decode("latin-1")


def failing_frames(world: World) -> Calls:
    """Containers that fail only when they are read, with errors of their libraries that quote the values."""
    rows = world.checkable.drop("words")
    table = rows.to_arrow()
    lazy = rows.lazy()
    bad: list[Callable[[], Any]] = [
        lambda: lazy.with_columns(pl.col("arrest_no").cast(pl.Int64)),
        lambda: lazy.with_columns(pl.col("offense").str.to_date("%Y")),
        lambda: lazy.with_columns(pl.col("offense").map_elements(_fail, return_dtype=pl.String)),
        lambda: pl.scan_csv(world.inputs / "train.csv", schema_overrides={"offense": pl.Int64}),
        lambda: pl.scan_csv(world.inputs / "ragged.csv"),
        lambda: pl.scan_ndjson(world.inputs / "broken.jsonl"),
        lambda: duckdb.from_arrow(table).project("CAST(arrest_no AS INTEGER) AS arrest_no"),
        lambda: duckdb.from_arrow(table).project("arrest_no, error(offense) AS offense"),
        lambda: duckdb.read_csv(str(world.inputs / "ragged.csv"), strict_mode=True),
        lambda: pa.RecordBatchReader.from_batches(table.schema, _failing_batches(table)),
        lambda: ds.dataset(world.inputs / "ragged.csv", format="csv"),
        lambda: ds.dataset(world.inputs / "train.csv", format="csv", schema=pa.schema({"arrest_no": pa.int64()})),
        lambda: pd.DataFrame({"arrest_no": [SEALED, _Unprintable(), 1]}),
        lambda: pd.DataFrame({"arrest_no": [SEALED, [SEALED], {SEALED: 1}]}),
        lambda: pd.DataFrame({"arrest_no": [SEALED, "M14000001"], SEALED: [1, 2], 5: [PAYLOAD, PAYLOAD]}),
        lambda: pd.DataFrame({"arrest_no": [SEALED, SEALED]}, index=[PAYLOAD, PAYLOAD]),
        lambda: pl.DataFrame({"arrest_no": [object(), object()]}, schema={"arrest_no": pl.Object}),
        lambda: pa.table({"arrest_no": pa.array([b"\xff" + SEALED.encode(), SEALED.encode()])}),
        lambda: pa.table([pa.array([SEALED]), pa.array([PAYLOAD])], names=["arrest_no", "arrest_no"]),
    ]
    for make in bad:
        for do in (ss.scan, ss.scrub, functools.partial(ss.scrub, set_values={"offense": PAYLOAD})):
            try:
                data = make()
            except (pl.exceptions.PolarsError, pa.ArrowException):  # the user's own call fails, before ours
                continue
            yield lambda do=do, data=data: Unwatched(do(data, world.index, ON))
    for value in (PAYLOAD, [PAYLOAD], {"a": PAYLOAD}, NUMBER + 0.5, b"\xff", object()):
        for data in (rows, rows.to_pandas(), table, duckdb.from_arrow(table)):
            for column in ("n", "level"):
                yield lambda data=data, value=value, column=column: Unwatched(
                    ss.scrub(data, world.index, ON, set_values={column: value}, accept_marks=[column])
                )


def _fail(value: str) -> str:
    raise ValueError(value + PAYLOAD)


def _failing_batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    yield from table.to_batches(max_chunksize=10)[:2]
    raise ValueError(PAYLOAD + SEALED)


class _Unprintable:
    def __str__(self) -> str:
        raise ValueError(PAYLOAD)

    def __repr__(self) -> str:
        return SEALED


def files(world: World) -> Calls:
    folder = world.inputs
    for name in ("train.csv", "train.parquet", "train.jsonl", "train.csv.gz", "several"):
        out = world.path_of_output(name)
        yield lambda name=name: ss.scan(folder / name, world.index, ON, positions=True)
        yield lambda name=name, out=out: ss.scrub(folder / name, world.index, ON, output=out)
        yield lambda name=name, out=out: ss.scrub(folder / name, world.index, ON, output=folder / name)
        edited = world.path_of_output(name)
        columns = world.checkable.columns
        marked = columns if name in ("train.parquet", "train.jsonl") else columns[:-1]
        emptied = [column for column in marked if column != "n"]
        yield lambda name=name, out=edited, marked=marked: ss.scrub(
            folder / name, world.index, ON, output=out, null_columns=marked, accept_marks=marked
        )
        for value in (7, PAYLOAD):
            out = world.path_of_output(name) if value == 7 else world.aside / name
            edit = {"null_columns": emptied, "set_values": {"n": value}, "accept_marks": marked, "output": out}
            yield lambda name=name, edit=edit: ss.scrub(folder / name, world.index, ON, **edit)
    for name in ("doubtful.csv", "doubtful.parquet"):
        out = world.path_of_output(name)
        yield lambda name=name, out=out: ss.scrub(folder / name, world.index, ON, output=out)
        yield lambda name=name, out=out: ss.scrub(
            folder / name, world.index, ON, output=out, quarantine=world.aside / name
        )
    for on in ({"arrest_number": "offense"}, {"arrest_number": "absent"}, {"docket": "arrest_no"}):
        yield lambda on=on: ss.scan(folder / "train.csv", world.index, on)
    yield lambda: ss.scan(folder / "absent.csv", world.index, ON)


def damaged_files(world: World) -> Calls:
    for name in world.damaged:
        yield lambda name=name: ss.scan(world.inputs / name, world.index, ON)
        yield lambda name=name: ss.scan(world.inputs / name, world.index, {"arrest_number": SEALED[:4]})
        yield lambda name=name: Unwatched(_scrub_damaged(world, name))
    for read_as in (ReadAs(format="csv"), ReadAs(format="jsonl"), ReadAs(format="parquet"), ReadAs(encoding="utf-16")):
        for name in ("train.csv", "train.jsonl", "train.parquet", "latin.csv", "nul.csv"):
            yield lambda name=name, read_as=read_as: ss.scan(world.inputs / name, world.index, ON, read_as=read_as)
    for delimiter in (";", "|"):
        read_as = ReadAs(delimiter=delimiter)
        yield lambda read_as=read_as: ss.scan(world.inputs / "train.csv", world.index, ON, read_as=read_as)


def _scrub_damaged(world: World, name: str) -> Report:
    target = world.path_of_output(name)
    policy = Policy(accept=frozenset({"near", "unparsable"}), max_unparsable=1)
    report: Report = ss.scrub(world.inputs / name, world.index, ON, output=target, policy=policy)
    return report


def databases(world: World) -> Calls:
    """Tables of databases by their address: whole, doubtful, unfit for an edit, absent, and in a damaged file."""
    columns = [name for name in world.arrests.columns if name not in ("words", "level")]
    generate_certifier(world.made / "databases.key")
    signer = load_signer(world.made / "databases.key")
    for suffix, connect in (("duckdb", duckdb.connect), ("sqlite", sqlite3.connect)):
        place = world.inputs / f"city.{suffix}"
        connection: Any = connect(place)
        for name, rows in (("checkable", world.checkable), ("doubtful", world.arrests), ("strict", world.checkable)):
            rule = " NOT NULL" if name == "strict" else ""
            declared = ", ".join(f"{each} {'BIGINT' if each == 'n' else 'VARCHAR'}" for each in columns)
            connection.execute(
                f"CREATE TABLE {name} ({declared.replace('arrest_no VARCHAR', 'arrest_no VARCHAR' + rule)})"
            )
            values = rows.select(columns).drop_nulls().rows()
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", values)
        connection.commit()
        connection.close()
        torn = world.inputs / f"torn.{suffix}"
        torn.write_bytes(place.read_bytes()[:3000] + SEALED.encode() * 200)
        for name in ("checkable", "doubtful", "strict", "absent"):
            address = f"{place}#{name}"
            out, aside = world.path_of_output(place.name), world.aside / f"{name}-{suffix}.parquet"
            yield lambda address=address: ss.scan(address, world.index, ON, positions=True).to_text()
            yield lambda address=address: certify(address, world.index, ON, signer=signer)
            yield lambda address=address, out=out: ss.scrub(address, world.index, ON, output=out)
            for more in ({"quarantine": aside}, {"null_columns": ["arrest_no"]}, {"set_values": {"n": PAYLOAD}}):
                out = world.path_of_output(place.name)
                yield lambda address=address, out=out, more=more: ss.scrub(address, world.index, ON, output=out, **more)
            yield lambda address=address, place=place: ss.scrub(address, world.index, ON, output=place)
        for address in (f"{torn}#checkable", str(place), f"{place}#", f"{place}#{SEALED[:2]}"):
            yield lambda address=address: ss.scan(address, world.index, ON)
    yield lambda: ss.scan(f"postgresql://{PAYLOAD}:{SEALED}@127.0.0.1:1/city#arrests", world.index, ON)


def lakes(world: World) -> Calls:
    """Delta tables: whole, doubtful, with ids in the log, in names of partitions and of files, and damaged."""
    columns = [name for name in world.arrests.columns if name not in ("words", "level")]
    generate_certifier(world.made / "lakes.key")
    signer = load_signer(world.made / "lakes.key")
    for name, rows in (("checkable", world.checkable), ("doubtful", world.arrests)):
        held = rows.select(columns)
        deltalake.write_deltalake(world.inputs / f"lake_{name}", held, description=f"{PAYLOAD} {SEALED}")
        by_key = world.inputs / f"lake_{name}_by_key"
        few = held.drop_nulls("arrest_no").tail(8)  # a folder each, the special ones among them
        deltalake.write_deltalake(by_key, few, partition_by=["arrest_no"])
    for torn, lost in (("lake_cut", b"sealed"), ("lake_gap", b"")):
        shutil.copytree(world.inputs / "lake_checkable", world.inputs / torn)
        deltalake.write_deltalake(world.inputs / torn, world.checkable.select(columns), mode="append")
        log = world.inputs / torn / "_delta_log" / f"{0:020}.json"
        log.write_bytes(log.read_bytes()[:-40] + SEALED.encode() + lost)
    for part in (world.inputs / "lake_gap").glob("*.parquet"):
        part.unlink()
    for name in ("checkable", "doubtful", "checkable_by_key", "doubtful_by_key", "cut", "gap", "absent"):
        address = f"delta:{world.inputs / f'lake_{name}'}"
        yield lambda address=address: ss.scan(address, world.index, ON, positions=True).to_text()
        yield lambda address=address: certify(address, world.index, ON, signer=signer)
        yield lambda address=address: content_digest(address)
        more: dict[str, Any]
        for more in (
            {},
            {"quarantine": world.aside / f"lake-{name}.parquet"},
            {"null_columns": ["arrest_no"]},
            {"set_values": {"n": PAYLOAD}},
            {"keep_metadata": ["description"]},
        ):
            out = f"delta:{world.path_of_output(f'lake_{name}')}"
            yield lambda address=address, out=out, more=more: ss.scrub(address, world.index, ON, output=out, **more)
        yield lambda address=address: ss.scrub(address, world.index, ON, output=world.made / "lake.parquet")
        yield lambda address=address: ss.scrub(address, world.index, ON, output=address)
        yield lambda address=address: ss.scrub(f"{address}@v0", world.index, ON, in_place=True)
        yield lambda address=address: ss.scan(f"{address}@v9", world.index, ON)
        yield lambda address=address: ss.scan(address, world.index, ON, history=True, positions=True).to_text()
    for name, rows in (("plain", world.checkable), ("strewn", world.checkable), ("unsure", world.arrests)):
        place = world.inputs / f"lake_{name}"
        deltalake.write_deltalake(place, rows.select(columns))
        if name == "strewn":
            (place / f"{SEALED}.txt").write_text(PAYLOAD)
        for dry in (True, False):
            yield lambda place=place, dry=dry: ss.scrub(
                f"delta:{place}", world.index, ON, in_place=True, purge_history=True, dry_run=dry
            ).to_text()
    yield lambda: ss.scan(f"delta:s3://{PAYLOAD}:{SEALED}@bucket/table", world.index, ON)


def reports(world: World) -> Calls:
    for name, rows in (("doubtful", world.arrests), ("checkable", world.checkable)):
        made = ss.scan(rows, world.index, ON, positions=True)
        done = ss.scrub(rows, world.index, ON, policy=Policy(quarantine=True), detail=True).report
        for kind, report in (("scan", made), ("scrub", done)):
            yield lambda report=report: [report.to_text(), report.to_html(), report.to_junit(), report.to_sarif()]
            yield lambda report=report: [str(report), report._repr_html_(), report.show(), report.show(counts=True)]
            yield lambda report=report: Report.from_json(report.to_json())
            yield lambda report=report: (report.found, report.verdict, report.clean, report.exit_code, report.tables)
            yield lambda report=report: [(t.sealed, t.withheld, t.keys) for t in report.tables]
            for suffix in SUFFIXES:
                file = world.made / f"{name}-{kind}.{suffix}"
                yield lambda report=report, file=file: report.save(file)
    yield lambda: Report.from_json(f'{{"{PAYLOAD}": "{SEALED}"}}')
    yield lambda: Report.from_json(f'{{"epoch": "{PAYLOAD}", "tables": [{{"name": "{SEALED}"}}]}}')
    yield lambda: Report.from_json(SEALED)
    yield lambda: ss.scan(Path(world.inputs / "train.csv"), world.index, ON).save(world.made / "report.unknown")


DRIVES = (matching, lists, frames, mentions, failing_frames, files, damaged_files, databases, lakes, reports)
