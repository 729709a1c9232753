"""An index travels as a reference, and never turns into no index."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from sklearn.preprocessing import FunctionTransformer

import sealscrub
from sealscrub.datasets import example_index, example_names
from sealscrub.errors import ReplayedIndex, UnsuitableIndex, UsageError, WrongKey
from sealscrub.identifiers import MatchingKey, generate_keys
from sealscrub.index import Index, open_index
from sealscrub.transforms import scrub, scrub_text

from .custodian import VALUES, Custodian

SOURCE = str(Path(sealscrub.__file__).parents[1])


@pytest.fixture(autouse=True)
def _without_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEALSCRUB_INDEX", raising=False)
    monkeypatch.delenv("SEALSCRUB_KEY_FILE", raising=False)


@pytest.fixture
def index(custodian: Custodian, tmp_path: Path) -> Index:
    return open_index(custodian.publish(tmp_path / "a.sealindex"), custodian.key_file)


def test_a_pickle_opens_the_same_index(custodian: Custodian, index: Index) -> None:
    again = pickle.loads(pickle.dumps(index))
    assert (again.id, again.epoch) == (index.id, index.epoch)
    assert custodian.reasons(again, "docket", ["2014KN012345", "2014KN012346"]) == [1, 0]


def test_a_pickle_holds_no_key_and_no_content(custodian: Custodian, index: Index) -> None:
    content = pickle.dumps(index)
    key = custodian.key.for_audience("police")
    digest = custodian.digests("docket", list(VALUES["docket"]))
    hidden = [
        custodian.key.secret,
        key.secret,
        key.scheme_key("docket"),
        digest.tobytes(),
        digest.astype(">u8").tobytes(),
    ]
    assert not [secret for secret in hidden if secret in content or secret.hex().encode() in content]
    assert len(content) < 500


def test_copies_are_itself(index: Index) -> None:
    assert copy.copy(index) is index
    assert copy.deepcopy({"a": [index]})["a"][0] is index


def test_another_process_in_another_folder_opens_it(
    custodian: Custodian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    custodian.publish(tmp_path / "a.sealindex")
    monkeypatch.chdir(tmp_path)
    index = open_index("a.sealindex", "seal.key")
    monkeypatch.chdir("/")
    done = subprocess.run(
        [sys.executable, "-c", "import pickle, sys; print(pickle.load(sys.stdin.buffer).id)"],
        env={**os.environ, "PYTHONPATH": SOURCE},
        input=pickle.dumps(index),
        capture_output=True,
        check=True,
        cwd="/",
    )
    assert done.stdout.decode().strip() == index.id


def test_a_file_that_moved_is_found_by_the_environment_or_not_at_all(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pickle.dumps(index)
    moved = (tmp_path / "a.sealindex").rename(tmp_path / "moved.sealindex")
    with pytest.raises(UsageError, match="index does not exist"):
        pickle.loads(content)
    monkeypatch.setenv("SEALSCRUB_INDEX", str(moved))
    assert pickle.loads(content).id == index.id
    key = (tmp_path / "seal.key").rename(tmp_path / "moved.key")
    with pytest.raises(UsageError, match="key file does not exist"):
        pickle.loads(content)
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(key))
    assert pickle.loads(content).id == index.id


def test_another_index_in_its_place_is_refused(custodian: Custodian, index: Index, tmp_path: Path) -> None:
    content = pickle.dumps(index)
    custodian.publish(tmp_path / "a.sealindex", epoch=6)
    with pytest.raises(UnsuitableIndex, match="epoch 5"):
        pickle.loads(content)
    custodian.publish(tmp_path / "a.sealindex", epoch=4)
    with pytest.raises(ReplayedIndex):
        pickle.loads(content)


def test_another_key_in_its_place_is_refused(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pickle.dumps(index)
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(generate_keys(tmp_path / "other.key")[0]))
    (tmp_path / "seal.key").rename(tmp_path / "moved.key")
    with pytest.raises(WrongKey):
        pickle.loads(content)


@pytest.mark.parametrize("names", ["nothing", "another"])
def test_an_index_that_is_where_it_was_needs_no_environment(
    names: str, custodian: Custodian, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pickle.dumps(index)
    (tmp_path / "another").mkdir()
    monkeypatch.setenv("SEALSCRUB_INDEX", str(custodian.publish(tmp_path / "another" / "b.sealindex", epoch=9)))
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(tmp_path / names / "other.key"))
    if names == "another":
        generate_keys(tmp_path / names / "other.key")
    assert pickle.loads(content).id == index.id


def test_an_index_that_was_replaced_is_found_by_the_environment(
    custodian: Custodian, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pickle.dumps(index)
    (tmp_path / "a.sealindex").rename(tmp_path / "kept.sealindex")
    custodian.publish(tmp_path / "a.sealindex", epoch=6)
    monkeypatch.setenv("SEALSCRUB_INDEX", str(tmp_path / "kept.sealindex"))
    assert pickle.loads(content).id == index.id


def test_without_a_key_file_there_is_nothing_to_reopen_with(
    custodian: Custodian, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = custodian.key
    key = MatchingKey(held.secret, held.publisher_public_key, held.annex_public_key)
    index = open_index(custodian.publish(tmp_path / "a.sealindex"), key)
    content = pickle.dumps(index)
    with pytest.raises(UsageError, match="where its key is"):
        pickle.loads(content)
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str(custodian.key_file))
    assert pickle.loads(content).id == index.id


@pytest.mark.parametrize("plain", [False, True], ids=["digests", "plain"])
def test_a_pickle_of_names_opens_the_same_and_holds_none(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a pipeline that reads texts; ``SEALSCRUB_INDEX`` is of another file."""
    names = example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")], plain=plain, folder=tmp_path)
    assert copy.deepcopy({"names": names})["names"] is copy.copy(names) is names
    content = pickle.dumps(FunctionTransformer(scrub_text, kw_args={"columns": "t", "names": names}))
    assert not [text for text in (b"QUILLFEATHER", b"WILBUR", b"1990-02-03") if text in content]
    monkeypatch.setenv("SEALSCRUB_INDEX", str(tmp_path / "training.sealindex"))
    again = pickle.loads(content).kw_args["names"]
    data, index = pl.DataFrame({"t": ["Wilbur Quillfeather ran. So."]}), example_index(["K14612345"])
    assert scrub_text(data, "t", index, again)["t"].to_list() == ["So."]
    example_names([("ELSWORTH", "MAY")], plain=plain, folder=tmp_path)
    with pytest.raises(UnsuitableIndex, match="replaced by another"):
        pickle.loads(content)
    (tmp_path / "example.sealtext").unlink()
    with pytest.raises(UsageError, match="does not exist"):
        pickle.loads(content)


@pytest.mark.parametrize("plain", [False, True], ids=["digests", "plain"])
def test_names_whose_key_was_replaced_are_opened_with_that_of_the_environment(
    plain: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")], plain=plain, folder=tmp_path)
    content = pickle.dumps(names)
    monkeypatch.setenv("SEALSCRUB_KEY_FILE", str((tmp_path / "example.key").rename(tmp_path / "moved.key")))
    generate_keys(tmp_path / "other.key")[0].rename(tmp_path / "example.key")
    assert pickle.loads(content).id == names.id


def test_an_example_is_made_again_in_its_folder_as_a_notebook_runs_a_cell_again(tmp_path: Path) -> None:
    data, on = pl.DataFrame({"id": ["K14612345", "K14612346"]}), {"arrest_number": "id"}
    first, again = (example_index([number], folder=tmp_path) for number in data["id"])

    assert again.key_id == first.key_id
    assert scrub(data, first, on).to_dicts() == [{"id": "K14612346"}]
    assert scrub(data, again, on).to_dicts() == [{"id": "K14612345"}]
