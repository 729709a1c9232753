"""Columns that share a name and are not keys: every verb finds them by their place, in every container and format."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from pyarrow import feather, orc

import sealscrub as ss
from sealscrub.certificates import content_digest
from sealscrub.errors import ColumnError, UsageError
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.plan_proposal import propose

from .arrests import CLEAR, ON, SEALED, index
from .test_odd_column_names import FRAMES, columns_of, names_of

KEYS = [SEALED[0], CLEAR[0], CLEAR[1]]
NAMES = ["n", "arrest_no", "n", "o", "o"]
ENDINGS = [".csv", ".tsv", ".csv.gz", ".parquet", "-nested.parquet", ".arrow", ".orc", ".xlsx"]


def table(keys: list[str] = KEYS) -> pa.Table:
    """Rows; of two columns of one name, each has its own type and values."""
    rows = [KEYS.index(key) for key in keys]
    numbers, texts = pa.array([at + 1 for at in rows]), pa.array(["xyz"[at] for at in rows])
    levels = pa.array(["bac"[at] for at in rows]).dictionary_encode()
    return pa.table([numbers, pa.array(keys), texts, levels, pa.array([at > 0 for at in rows])], names=NAMES)


def write(data: pa.Table, path: Path) -> Path:
    if path.name.endswith("-nested.parquet"):
        data = data.append_column("o", pa.array([[1]] * len(data), pa.list_(pa.int8())))
    if path.suffix == ".parquet":
        pq.write_table(data, path, compression="zstd")
        return path
    if path.suffix == ".xlsx":
        return write_sheet(data.column_names, zip(*(column.to_pylist() for column in data.columns), strict=True), path)
    if path.suffix in (".arrow", ".orc"):
        if path.suffix == ".arrow":
            feather.write_feather(data, path)
        else:  # dictionaries are not written
            orc.write_table(data.set_column(3, "o", data.column(3).cast(pa.string())), path)
        return path
    in_pandas(data).to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    return path


def write_sheet(names: list[str], rows: Iterable[Sequence[Any]], path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for at, row in enumerate([names, *rows]):
        sheet.write_row(at, 0, row)
    book.close()
    return path


def written(ending: str) -> str:
    """Ending of the files that are written: a workbook comes out as Parquet."""
    return ".parquet" if ending == ".xlsx" else ending


def in_pandas(data: pa.Table, **how: Any) -> pd.DataFrame:
    """Column by column: pyarrow makes columns that share a name of the type of one."""
    parts = [pa.table([column], names=["c"]).to_pandas(**how)["c"] for column in data.columns]
    frame = pd.concat(parts, axis=1)
    frame.columns = pd.Index(data.column_names)
    return frame


BUILDS: dict[str, Callable[[pa.Table], Any]] = {
    **FRAMES,
    "pandas": in_pandas,
    "pandas[pyarrow]": lambda data: in_pandas(data, types_mapper=pd.ArrowDtype),
}


def plan(source: str, root: Path | str = ".", **said: Any) -> Plan:
    tables = {"arrests": {"source": source, "keys": ON, "independent": "figures of one row", **said}}
    return Plan.from_dict({"version": 1, "tables": tables}, root=root)


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize("through", ["verbs", "plan"])
def test_frames_whose_columns_share_a_name_are_scanned_scrubbed_and_digested(
    build: Callable[[pa.Table], Any], through: str
) -> None:
    assert ss.scan(build(table()), index(), ON).found
    scrub = (
        (lambda data: ss.scrub(data, index(), ON))
        if through == "verbs"
        else lambda data: plan("a.csv").scrub({"arrests": data}, index())["arrests"]
    )

    clean, other = scrub(build(table())), scrub(build(table(KEYS[1:])))

    clean, other = (each.read_all() if isinstance(each, pa.RecordBatchReader) else each for each in (clean, other))
    assert names_of(clean) == NAMES
    assert columns_of(clean) == columns_of(other) == [[2, 3], KEYS[1:], ["y", "z"], ["a", "c"], [True, True]]
    assert content_digest(clean) == content_digest(other)
    assert ss.scan(clean, index(), ON).clean


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("through", ["verbs", "plan"])
def test_files_whose_columns_share_a_name_are_scanned_scrubbed_and_digested(
    ending: str, through: str, tmp_path: Path
) -> None:
    clean = {}
    for world, keys in {"data": KEYS, "world": KEYS[1:]}.items():
        path = write(table(keys), tmp_path / f"{world}{ending}")
        clean[world] = tmp_path / f"{world}-clean{written(ending)}"
        if through == "verbs":
            assert ss.scan(path, index(), ON).found == (world == "data")
            ss.scrub(path, index(), ON, output=clean[world])
        else:
            found = plan(path.name, tmp_path).scan(index=index())
            assert found.found == (world == "data")
            plan(path.name, tmp_path).scrub(index=index(), output=tmp_path / world)
            (clean[world],) = (tmp_path / world).rglob(f"*{written(ending)}")

    assert clean["data"].read_bytes() == clean["world"].read_bytes()
    assert ss.scan(clean["data"], index(), ON).clean
    if written(ending).endswith(".parquet"):
        read = pq.ParquetFile(clean["data"]).read()
        assert read.schema.names[:5] == NAMES
        assert [column.to_pylist() for column in read.columns][:3] == [[2, 3], KEYS[1:], ["y", "z"]]
        assert content_digest(clean["data"]) == content_digest(clean["world"])


@pytest.mark.parametrize("edit", [{"null_columns": ["n"]}, {"set_values": {"n": 1}}, {"keep_levels": ["o"]}])
def test_a_shared_name_that_an_option_says_is_refused_in_parquet(edit: dict[str, Any], tmp_path: Path) -> None:
    path = write(table(), tmp_path / "data.parquet")

    with pytest.raises(ColumnError, match=r"columns 1 and 3|columns 4 and 5"):
        ss.scrub(path, index(), ON, output=tmp_path / "clean.parquet", **edit)
    with pytest.raises(ColumnError, match=r"columns 1 and 3"):
        ss.scan(path, index(), {"arrest_number": "n"})


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize(
    "said",
    [
        {"on_match": "null", "null": ["n"]},
        {"derived": {"n": "select 1 as n"}},
        {"derived": {"o": "select max(n) as o from arrests"}},
    ],
    ids=["null", "derived", "read"],
)
def test_a_plan_that_speaks_of_a_shared_name_is_refused(said: dict[str, Any], ending: str, tmp_path: Path) -> None:
    path = write(table(), tmp_path / f"data{ending}")

    with pytest.raises(UsageError, match=r"columns 1 and 3|columns 4 and 5"):
        plan(path.name, tmp_path, **said).scrub(index=index(), output=tmp_path / "out")


def test_a_recipe_that_reads_other_columns_of_such_a_table_runs(tmp_path: Path) -> None:
    write(table(), tmp_path / "data.parquet")
    pd.DataFrame({"arrests": [3]}).to_csv(tmp_path / "figures.csv", index=False)
    tables = {
        "arrests": {"source": "data.parquet", "keys": ON, "independent": "figures of one row"},
        "figures": {"source": "figures.csv", "derived_from": "select count(arrest_no) as arrests from arrests"},
    }
    Plan.from_dict({"version": 1, "tables": tables}, root=tmp_path).scrub(index=index(), output=tmp_path / "out")

    assert (tmp_path / "out" / "figures.csv").read_text() == "arrests\n2\n"


def test_a_dataset_says_what_to_do() -> None:
    """pyarrow itself reads no dataset whose columns share a name."""
    with pytest.raises(ColumnError, match="pass a table"):
        ss.scrub(ds.dataset(table()), index(), ON)


PROPOSED: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas, to_csv": lambda frame, folder: frame.to_csv(folder / "arrests.csv"),
    "pandas, shuffled": lambda frame, folder: frame[::-1].to_csv(folder / "arrests.csv"),
    "pandas, index of texts": lambda frame, folder: (
        frame.set_index("note").rename_axis(None).to_csv(folder / "arrests.csv")
    ),
    "nameless in the middle": lambda frame, folder: frame.rename(columns={"note": ""}).to_csv(
        folder / "arrests.csv", index=False
    ),
    "two nameless": lambda frame, folder: frame.rename(columns={"note": ""}).to_csv(folder / "arrests.csv"),
    "shared": lambda frame, folder: frame.rename(columns={"note": "priors_count"}).to_csv(
        folder / "arrests.csv", index=False
    ),
    "shared, Parquet": lambda frame, folder: pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).rename_columns(["arrest_no", "priors_count", "priors_count"]),
        folder / "arrests.parquet",
    ),
    **{
        f"{said}, Excel": lambda frame, folder, names=names: write_sheet(
            names, frame.itertuples(index=False, name=None), folder / "arrests.xlsx"
        )
        for said, names in (
            ("shared", ["arrest_no", "priors_count", "priors_count"]),
            ("nameless", ["arrest_no", "", "priors_count"]),
        )
    },
    "nameless, Parquet": lambda frame, folder: pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).rename_columns(["arrest_no", "", "priors_count"]),
        folder / "arrests.parquet",
    ),
}


@pytest.mark.parametrize("write", PROPOSED.values(), ids=PROPOSED)
def test_a_plan_is_proposed_for_files_with_odd_names_and_runs(
    write: Callable[[pd.DataFrame, Path], Any], tmp_path: Path
) -> None:
    keys = [SEALED[at % 12] if at % 7 == 0 else CLEAR[at % 30] for at in range(90)]
    rows = {
        "arrest_no": keys,
        "note": [f"about {at}" for at in range(90)],
        "priors_count": [at % 5 for at in range(90)],
    }
    frame, results = pd.DataFrame(rows), []
    for world, some in {"data": frame, "world": frame[~frame["arrest_no"].isin(SEALED)]}.items():
        folder = tmp_path / world
        folder.mkdir()
        write(some, folder)
        parsed = tomllib.loads(propose(folder))
        assert parsed["tables"]["arrests"]["keys"] == {"arrest_number": "arrest_no"}
        parsed["tables"]["arrests"]["independent"] = "all are figures of one row"
        made = Plan.from_dict(parsed, root=folder)
        made.check()
        made.scrub(index=index(), output=tmp_path / f"{world}-clean")
        (clean,) = (tmp_path / f"{world}-clean").rglob("arrests.*")
        (source,) = folder.rglob("arrests.*")
        verb = tmp_path / f"{world}-verb{written(source.suffix)}"
        ss.scrub(source, index(), ON, output=verb)
        results += [clean.read_bytes(), verb.read_bytes()]

    assert len(set(results)) == 1
    if source.suffix == ".csv":
        assert results[0] == source.read_bytes()  # of the world without


def test_a_proposal_says_what_cannot_be_addressed(tmp_path: Path) -> None:
    PROPOSED["shared"](pd.DataFrame({"arrest_no": CLEAR, "note": CLEAR, "priors_count": [1] * 30}), tmp_path)

    text = propose(tmp_path)

    assert 'several columns are called "priors_count"' in " ".join(text.replace("\n#", " ").split())
