"""Every check says the same of every file of a common set: what one finds, none calls clean."""

from __future__ import annotations

import contextlib
import functools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sealscrub as ss
from sealscrub.certificates import load_signer
from sealscrub.datasets import example_index
from sealscrub.errors import IncompleteError, SealedElsewhere
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index, open_index
from sealscrub.validators.artefacts import audit_model
from sealscrub.validators.certification import certify
from sealscrub.validators.certification.certificate_issue import StillSealed

from ..lineage.tracking import empty_store

SEALED = [f"K14{600000 + at}" for at in range(12)]
CLEAR = [f"M14{800000 + at}" for at in range(8)]
ON = {"arrest_number": "arrest_no"}

FOUND, CLEAN, UNCHECKED = "found", "clean", "incomplete"


def table(**columns: Any) -> pa.Table:
    return pa.table({"arrest_no": CLEAR, **columns})


def with_metadata(value: str) -> pa.Table:
    return table().replace_schema_metadata({"source": value})


def texts(first: Any) -> list[Any]:
    return [first, *["theft"] * (len(CLEAR) - 1)]


FILES: dict[str, tuple[Callable[[], pa.Table], str]] = {
    "nothing sealed": (lambda: table(note=texts("theft"), n=range(8)), CLEAN),
    "other ids": (lambda: table(note=texts(CLEAR[3]), other=CLEAR[::-1]), CLEAN),
    "a sealed key": (lambda: pa.table({"arrest_no": [SEALED[0], *CLEAR[1:]]}), FOUND),
    "another column": (lambda: table(related=texts(SEALED[0])), FOUND),
    "another spelling": (lambda: table(related=texts("k14-600 000")), FOUND),
    "a sentence": (lambda: table(note=texts(f"Released, see arrest {SEALED[0]}.")), FOUND),
    "a list in a text": (lambda: table(note=texts(f"{CLEAR[0]}; {SEALED[0]}")), FOUND),
    "a list": (lambda: table(related=[[SEALED[0]], *[[]] * 7]), FOUND),
    "a struct": (lambda: table(case=[{"id": SEALED[0], "n": 1}, *[{"id": CLEAR[0], "n": 2}] * 7]), FOUND),
    "a map": (lambda: table(m=pa.array([[(SEALED[0], 1)], *[[]] * 7], pa.map_(pa.string(), pa.int8()))), FOUND),
    "JSON": (lambda: table(payload=texts(json.dumps({"hits": [{"id": SEALED[0]}]}))), FOUND),
    "levels": (lambda: table(kind=pa.array(texts(SEALED[0])).dictionary_encode()), FOUND),
    "bytes": (lambda: table(raw=[each.encode() for each in texts(SEALED[0])]), FOUND),
    "the name of a column": (lambda: table(**{SEALED[0]: range(8)}), FOUND),
    "metadata": (lambda: with_metadata(f"all but {SEALED[0]}"), FOUND),
    "metadata that names no one": (lambda: with_metadata("the records office"), CLEAN),
    "a near value": (lambda: table(related=texts("K146O0000")), UNCHECKED),
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    example_index(SEALED, folder=folder)
    generate_certifier(folder / "team.key")
    return folder


@pytest.fixture(scope="module")
def index(keys: Path) -> Index:
    return open_index(keys / "example.sealindex", keys / "example.key")


@pytest.fixture
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = tmp_path / f"{list(FILES).index(request.param)}.parquet"
    pq.write_table(FILES[request.param][0](), made)
    return made


def by_error(check: Callable[[], object]) -> str:
    try:
        check()
    except (StillSealed, SealedElsewhere):
        return FOUND
    except IncompleteError:
        return UNCHECKED
    return CLEAN


def by_scan(path: Path, index: Index, keys: Path) -> str:
    return str(ss.scan(path, index, ON).verdict.value)


def by_scan_of_a_frame(path: Path, index: Index, keys: Path) -> str:
    return str(ss.scan(pq.read_table(path), index, ON).verdict.value)


def by_plan(path: Path, index: Index, keys: Path) -> str:
    tables = {"arrests": {"source": path.name, "keys": ON, "independent": "as booked"}}
    plan = ss.Plan.from_dict({"version": 1, "tables": tables}, root=path.parent)
    return str(plan.scan(index=index).verdict.value)


def by_plan_check(path: Path, index: Index, keys: Path) -> str:
    tables = {"arrests": {"source": path.name, "keys": ON, "independent": "as booked"}}
    check = ss.Plan.from_dict({"version": 1, "tables": tables}, root=path.parent).check(index=index)
    assert check.swept
    if any("not a key column, name" in problem for problem in check.tables[0].problems):
        return FOUND
    return CLEAN if check.ok else UNCHECKED


def by_certify(path: Path, index: Index, keys: Path) -> str:
    return by_error(lambda: certify(path, index, ON, signer=load_signer(keys / "team.key")))


def by_pandera(path: Path, index: Index, keys: Path) -> str:
    pandera = pytest.importorskip("pandera.polars")
    from sealscrub.pandera import no_sealed_records

    schema = pandera.DataFrameSchema(checks=no_sealed_records(index, ON))
    try:
        schema.validate(pl.read_parquet(path))
    except pandera.errors.SchemaError as error:
        return FOUND if "holds sealed" in str(error) else UNCHECKED
    return CLEAN


def by_great_expectations(path: Path, index: Index, keys: Path) -> str:
    pytest.importorskip("great_expectations")
    from sealscrub.gx import ExpectNoSealedRecords, run_suite

    return str(run_suite([ExpectNoSealedRecords(on=ON)], pq.read_table(path).to_pandas(), index=index).verdict.value)


def by_mlflow(path: Path, index: Index, keys: Path) -> str:
    mlflow = pytest.importorskip("mlflow")
    from sealscrub.lineage import log_dataset

    if not (keys / "mlflow.db").exists():
        shutil.copy(empty_store(), keys / "mlflow.db")
    mlflow.set_tracking_uri(f"sqlite:///{keys}/mlflow.db")
    with mlflow.start_run():
        return by_error(lambda: log_dataset(path, index, ON))


def by_audit_of_all(path: Path, index: Index, keys: Path) -> str:
    """What an audit of a folder of all the files and what scrubs write of them, made once, says about this one."""
    found, not_checked = _audit_of_all(keys)
    return FOUND if path.name in found else UNCHECKED if path.name in not_checked else CLEAN


@functools.cache
def _audit_of_all(keys: Path) -> tuple[set[str], set[str]]:
    """Files in which an audit finds something, and those that it does not check; and it reads all that scrubs wrote."""
    index = open_index(keys / "example.sealindex", keys / "example.key")
    (keys / "all").mkdir()
    for at, (make, _) in enumerate(FILES.values()):
        made = keys / "all" / f"{at}.parquet"
        pq.write_table(make(), made)
        with contextlib.suppress(IncompleteError):
            ss.scrub(made, index, ON, output=made.with_name(f"{at}, clean.parquet"))
    done = audit_model(keys / "all", index)
    return {each.file for each in done.findings}, {each.file for each in done.not_checked}


CHECKS = (
    by_scan, by_scan_of_a_frame, by_plan, by_plan_check, by_certify, by_pandera, by_great_expectations, by_mlflow,
    by_audit_of_all,
)  # fmt: skip


EXCEPT = {
    ("by_pandera", "metadata"): CLEAN,  # a frame of polars holds no entries of metadata
    ("by_great_expectations", "metadata"): CLEAN,  # nor does what is made of the file for pandas
    ("by_plan_check", "a sealed key"): CLEAN,  # a plan says that such rows go
    ("by_plan_check", "metadata"): CLEAN,  # and a scrub by it removes entries that it does not keep
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, indirect=True)
@pytest.mark.parametrize("check", CHECKS, ids=[check.__name__ for check in CHECKS])
def test_every_check_says_the_same(
    check: Callable[..., str], path: Path, index: Index, keys: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["path"]
    expected = EXCEPT.get((check.__name__, name), FILES[name][1])
    assert check(path, index, keys) == expected


@pytest.mark.parametrize("path", FILES, indirect=True)
def test_what_a_scrub_writes_every_scan_calls_clean(path: Path, index: Index, keys: Path) -> None:
    output = path.with_name(f"{path.stem}, clean.parquet")
    try:
        ss.scrub(path, index, ON, output=output)
    except IncompleteError:
        assert not output.exists()
        return
    for check in (by_scan, by_scan_of_a_frame, by_plan, by_plan_check, by_certify, by_audit_of_all):
        assert check(output, index, keys) == CLEAN


def test_json_with_an_escape_that_cannot_be_resolved_is_not_checked(tmp_path: Path) -> None:
    any_word = example_index({"opaque:case": ["aB-77x9"]})
    for name, note in (("broken", r'{"id": "aB\u00-77x9"}'), ("whole", '{"id": "aB"}')):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"case": CLEAR, "note": texts(note)}), path)
        expected = UNCHECKED if name == "broken" else CLEAN
        assert ss.scan(path, any_word, {"opaque:case": "case"}).verdict.value == expected

    done = audit_model(tmp_path, any_word)
    assert (done.findings, {each.file for each in done.not_checked}) == ((), {"broken.parquet"})
