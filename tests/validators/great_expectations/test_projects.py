"""Projects of Great Expectations: nothing is lost, and nothing that it writes shows a canary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import great_expectations as gx
import pandas as pd
import pytest

from sealscrub.errors import IncompleteError
from sealscrub.index import Index

from . import project
from .conftest import CLEAN, SEALED, WITHHELD

FORMATS = ("BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE")
CANARIES = (SEALED[1:], WITHHELD[1:])


@pytest.fixture
def environment(folder: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALSCRUB_INDEX", str(folder / "example.sealindex"))
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(folder / "example.key"))


def made(folder: Path, numbers: list[str], **options: Any) -> Path:
    folder.mkdir()
    project.make(folder, numbers=numbers, **{"with_action": True, **options})
    return folder


def written(folder: Path) -> dict[str, str]:
    """All that Great Expectations and we wrote into a project, its data left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    return {
        str(path.relative_to(folder)): path.read_text("utf-8", "replace")
        for path in files
        if "static" not in path.parts
    }


@pytest.mark.usefixtures("environment")
def test_a_process_that_did_not_import_ours_passes_without_the_action_and_fails_with_it(tmp_path: Path) -> None:
    plain = made(tmp_path / "plain", [*CLEAN, SEALED], with_action=False)
    guarded = made(tmp_path / "guarded", [*CLEAN, SEALED])

    fresh = subprocess.run(
        [sys.executable, "-W", "ignore", project.__file__, plain, guarded],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
    )

    assert fresh.stdout.strip().endswith("['passed 0', 'ValidationActionRegistryRetrievalError']")
    assert project.run(guarded) == "failed 4"
    assert project.run(plain) == "IncompleteError"  # the fresh process saved its suite, and what was lost stays lost
    (suite,) = gx.get_context(mode="file", project_root_dir=plain).suites.all()
    assert not suite.expectations
    with pytest.raises(IncompleteError, match="0 of its 3 expectations"):
        gx.get_context().data_sources.pandas_default.read_parquet(plain / "arrests.parquet").validate(suite)


@pytest.mark.usefixtures("environment")
def test_a_run_without_any_expectation_of_ours_stores_no_digest_of_its_batch(tmp_path: Path) -> None:
    pd.DataFrame({"n": [1]}).to_parquet(tmp_path / "n.parquet")
    batch = gx.get_context(mode="ephemeral").data_sources.pandas_default.read_parquet(tmp_path / "n.parquet")
    result = batch.validate(gx.ExpectationSuite(name="other", expectations=[]))

    assert "pandas_data_fingerprint" not in str(result.to_json_dict())


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("result_format", FORMATS)
def test_nothing_that_is_written_shows_a_canary(result_format: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "p", [*CLEAN, SEALED, WITHHELD], result_format=result_format)

    assert project.run(folder) == "failed 4"
    files = written(folder)
    assert any(name.endswith("files-arrests.html") for name in files)
    assert any(name.startswith("reports") for name in files)
    assert [name for name, text in files.items() if any(canary in text for canary in CANARIES)] == []
    assert [name for name, text in files.items() if "pandas_data_fingerprint" in text] == []


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("result_format", FORMATS)
def test_a_result_holds_verdict_epoch_and_digest_and_does_not_tell_how_many(
    result_format: str, index: Index, tmp_path: Path
) -> None:
    results = []
    for name, numbers in (("one", [*CLEAN, SEALED]), ("many", [SEALED, WITHHELD, *CLEAN, SEALED, SEALED])):
        folder = made(tmp_path / name, numbers, result_format=result_format)
        project.run(folder)
        (stored,) = [text for path, text in written(folder).items() if path.endswith("files-arrests.json")]
        results.append([_told(each) for each in json.loads(stored)["results"]])

    assert results[0] == results[1]
    said = results[0][2]["meta"]["sealscrub"]
    assert (said["verdict"], said["epoch"], said["index"]) == ("found", 1, index.id)


def _told(result: dict[str, Any]) -> dict[str, Any]:
    result["expectation_config"].pop("id")
    return result


@pytest.mark.usefixtures("environment")
def test_a_suite_that_was_saved_without_its_expectations_fails_the_checkpoint(tmp_path: Path) -> None:
    folder = made(tmp_path / "p", CLEAN)
    assert project.run(folder) == "passed 4"
    path = folder / "gx" / "expectations" / "sealscrub_training_table.json"
    suite = json.loads(path.read_text())
    path.write_text(json.dumps({**suite, "expectations": suite["expectations"][:1]}))

    assert project.run(folder) == "IncompleteError"
    path.write_text(json.dumps({**suite, "expectations": [], "meta": {}}))
    assert project.run(folder) == "IncompleteError"


@pytest.mark.usefixtures("environment")
def test_the_count_can_be_given(tmp_path: Path) -> None:
    from sealscrub.gx import RequireEveryExpectation

    folder = made(tmp_path / "p", CLEAN)
    context = gx.get_context(mode="file", project_root_dir=folder)
    result = context.checkpoints.get("check").run()

    assert RequireEveryExpectation().run(result) == {"verdicts": {"sealscrub_training_table": "clean"}}
    with pytest.raises(IncompleteError, match="4 of its 5"):
        RequireEveryExpectation(expectations={"sealscrub_training_table": 5}).run(result)


def test_the_index_comes_from_variables_of_the_context(
    folder: Path, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEALSCRUB_INDEX", "SEALSCRUB_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    place = made(tmp_path / "p", [*CLEAN, SEALED])
    assert project.run(place) == "failed 4"
    variables = place / "gx" / "uncommitted" / "config_variables.yml"
    variables.write_text(
        f"SEALSCRUB_INDEX: {folder / 'example.sealindex'}\nSEALSCRUB_KEY_FILE: {folder / 'example.key'}\n"
    )

    project.run(place)

    reports = [json.loads(text) for name, text in written(place).items() if name.endswith("training_table.json")]
    assert index.id in {report.get("index") for report in reports}
