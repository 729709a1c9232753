"""What an import loads, and what works where only the core dependencies are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sealscrub.datasets import example_index

from .core_alone import core_environment, run

HEAVY = (
    "cryptography",
    "duckdb",
    "great_expectations",
    "mlflow",
    "narwhals",
    "numpy",
    "pandas",
    "pandera",
    "polars",
    "psycopg",
    "pyarrow",
    "pydantic",
    "rich",
    "sklearn",
    "sqlalchemy",
    "typer",
)
EXTRAS = ("duckdb", "mlflow", "pandas", "pandera", "psycopg", "sklearn", "sqlalchemy")


@pytest.fixture(scope="module")
def core_only(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of a process that finds the core dependencies and no extra."""
    return core_environment(tmp_path_factory.mktemp("core"))


def test_the_front_door_is_light() -> None:
    code = f"import sys, sealscrub; assert not (heavy := sorted(set({HEAVY!r}) & set(sys.modules))), heavy"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_scrub_of_a_frame_loads_no_table_of_a_lake() -> None:
    code = """
import sys, sealscrub
sealscrub.scrub
loaded = [each for each in sys.modules if each.startswith(("sealscrub.tables.delta.", "sealscrub.tables.iceberg."))]
assert loaded and all(each.endswith("_address") for each in loaded), loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_scrub_of_a_file_loads_no_pandas(tmp_path: Path) -> None:
    """Of a small file it would take longer than all else together."""
    code = """
import sys
import polars as pl
import sealscrub as ss
index, on = ss.datasets.example_index(["K14612345"]), {"arrest_number": "id"}
rows = pl.DataFrame({"id": ["K14612345", "M14000017"], "note": ["a", "b"], "n": [1, 2]})
for kind, write, read in (("parquet", rows.write_parquet, pl.read_parquet), ("csv", rows.write_csv, pl.read_csv)):
    write(f"raw.{kind}")
    assert not ss.scan(f"raw.{kind}", index, on).clean
    ss.scrub(f"raw.{kind}", index, on, output=f"clean.{kind}")
    assert read(f"clean.{kind}").height == 1
    assert "pandas" not in sys.modules, kind
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_a_command_about_a_file_loads_nothing_that_only_other_data_needs(
    tmp_path: Path,
) -> None:
    code = """
import sys
import polars as pl
from sealscrub.cli import run
from sealscrub.datasets import example_index
opened = example_index(["K14612345"])  # its files are there as long as it is
index, key = opened.files
pl.DataFrame({"id": ["K14612345", "M14000017"], "n": [1, 2]}).write_parquet("raw.parquet")
asked = ["raw.parquet", "--on", "arrest_number=id", "--index", str(index), "--key-file", str(key)]
before = set(sys.modules)
assert run(["scan", *asked]) == 1 and run(["scrub", *asked, "-o", "clean.parquet"]) == 0
loaded = {each.removeprefix("sealscrub.") for each in set(sys.modules) - before if each.startswith("sealscrub.")}
heavy = {"transforms.plans", "transforms.spark_engine", "tables.spark.spark_table", "matching.narrative_batches"}
assert not heavy & loaded, heavy & loaded
formats = {each for each in loaded if each.startswith("tables.formats.")}
assert formats == {"tables.formats.parquet"}, formats
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=tmp_path)


def test_help_loads_only_what_prints_it() -> None:
    """Typer loads pydantic where it is installed."""
    code = f"""
import sys
from sealscrub.cli import run
for words in ("--help", "scan --help", "registry add --help", "--nonsense"):
    run(words.split())
    heavy = sorted((set({HEAVY!r}) - {{"pydantic", "rich", "typer"}}) & set(sys.modules))
    assert not heavy, (words, heavy)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_seals_are_derived_without_what_only_other_work_needs(tmp_path: Path) -> None:
    """No tables but polars' own, no words or pages about an action, no papers of custody, no other state's law."""
    (tmp_path / "x.csv").write_text("docket,defendant_id,disposition,event_date\n2014KN000001,7,ACQUITTED,2014-05-01\n")
    code = """
import sys
from sealscrub.cli import run
assert run(["registry", "init", "seals.db"]) == 0
assert run(["registry", "derive", "seals.db", "x.csv", "--as-of", "2026-11-25"]) == 0
law, custody = "sealscrub.custodian.law", "sealscrub.custodian.custody"
heavy = {
    *("duckdb", "pandas", "pyarrow.dataset", "pyarrow.parquet", "sealscrub.tables", "sealscrub.transforms"),
    *(f"{law}.desk", f"{law}.explanation", f"{law}.rule_text", f"{custody}.papers", f"{custody}.access_report"),
    *("sealscrub.certificates.content", "sealscrub.certificates.statement", "sealscrub.custodian.linkage"),
}
assert not (loaded := sorted(heavy & set(sys.modules))), loaded
places = {each.split(".")[3] for each in sys.modules if each.startswith(f"{law}.us_")}
assert places == {"us_ny"}, places
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=tmp_path)


def test_help_of_a_command_loads_no_other_command() -> None:
    code = """
import sys
from sealscrub.cli import run
run(["scan", "--help"])
loaded = {each.removeprefix("sealscrub.cli.") for each in sys.modules if each.startswith("sealscrub.cli.")}
assert "scan" in loaded
assert not (others := {"scrub", "registry", "law", "link", "audit", "demo"} & loaded), others
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_version_loads_nothing() -> None:
    code = f"""
import sys
from sealscrub.cli import run
assert run(["--version"]) == 0
assert not (heavy := sorted(set({HEAVY!r}) & set(sys.modules))), heavy
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.startswith("sealscrub ")


def test_the_data_scientists_side_loads_no_extra() -> None:
    code = (
        "import sys, sealscrub.transforms, sealscrub.filters, sealscrub.certificates, sealscrub.lineage, "
        "sealscrub.reports, sealscrub.datasets, sealscrub.cli\n"
        f"assert not (extras := sorted(set({EXTRAS!r}) & set(sys.modules))), extras"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_extras_are_indeed_out_of_reach(core_only: dict[str, str]) -> None:
    code = f"""
for extra in {EXTRAS!r}:
    try:
        __import__(extra)
    except ModuleNotFoundError as error:
        assert error.name == extra
    else:
        raise AssertionError(extra)
"""
    assert run(core_only, "-c", code).stderr == ""


def test_help_needs_only_the_core(core_only: dict[str, str]) -> None:
    done = run(core_only, "-m", "sealscrub", "--help")

    assert done.returncode == 0, done.stderr
    assert "registry" in done.stdout


@pytest.mark.parametrize(
    ("command", "extras"),
    [
        (["registry", "init", "seals.db"], "registry"),
        (["demo", "--folder", "made", "--arrests", "100"], "registry,plans"),
        (["demo", "--folder", "made", "--arrests", "100", "--make-index"], "registry"),
    ],
)
def test_the_custodians_commands_say_what_to_install(
    core_only: dict[str, str], command: list[str], extras: str, tmp_path: Path
) -> None:
    placed = [str(tmp_path / word) if word in ("seals.db", "made") else word for word in command]

    done = run(core_only, "-m", "sealscrub", *placed)

    assert done.returncode == 2
    assert f"pip install 'sealscrub[{extras}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_library_says_what_to_install(core_only: dict[str, str]) -> None:
    code = """
import sealscrub
try:
    sealscrub.custodian.registry
except sealscrub.errors.MissingExtra as error:
    assert "sealscrub[registry]" in str(error)
    assert isinstance(error, ImportError)
else:
    raise AssertionError
"""
    assert run(core_only, "-c", code).stderr == ""


def test_the_main_job_needs_only_the_core(core_only: dict[str, str], tmp_path: Path) -> None:
    code = """
import sys, pathlib, polars, pyarrow
from pyarrow import parquet
import sealscrub as ss
from sealscrub.datasets import example_index

folder = pathlib.Path(sys.argv[1])
index = example_index(["K14612345"], folder=folder)
frame = polars.DataFrame({"no": ["K14612345", "M14000017"], "n": [1, 2]})
kept = polars.DataFrame({"no": ["M14000017"], "n": [2]})
on = {"arrest_number": "no"}

assert ss.scrub(frame, index, on).equals(kept)
assert ss.scrub(frame.lazy(), index, on).collect().equals(kept)
assert ss.scrub(frame.to_arrow(), index, on).to_pylist() == kept.to_dicts()
frame.write_parquet(folder / "a.parquet")
frame.write_csv(folder / "a.csv")
frame.write_ndjson(folder / "a.jsonl")
for suffix in ("parquet", "csv", "jsonl"):
    ss.scrub(folder / f"a.{suffix}", index, on, output=folder / f"clean.{suffix}").save(folder / "report.html")
assert polars.read_parquet(folder / "clean.parquet").equals(kept)
assert (folder / "clean.csv").read_text() == kept.write_csv()
assert (folder / "clean.jsonl").read_text() == kept.write_ndjson()
"""
    done = run(core_only, "-c", code, tmp_path)

    assert done.stderr == ""
    assert done.returncode == 0


def test_scan_and_scrub_commands_need_only_the_core(core_only: dict[str, str], tmp_path: Path) -> None:
    example_index(["K14612345"], folder=tmp_path)
    (tmp_path / "a.csv").write_text("no\nK14612345\nM14000017\n")
    options = ["--index", tmp_path / "example.sealindex", "--key-file", tmp_path / "example.key"]
    options += ["--on", "arrest_number=no"]

    scanned = run(core_only, "-m", "sealscrub", "scan", tmp_path / "a.csv", *options)
    scrubbed = run(core_only, "-m", "sealscrub", "scrub", tmp_path / "a.csv", *options, "-o", tmp_path / "clean.csv")

    assert scanned.returncode == 1, scanned.stderr
    assert scrubbed.returncode == 0, scrubbed.stderr
    assert (tmp_path / "clean.csv").read_text() == "no\nM14000017\n"
