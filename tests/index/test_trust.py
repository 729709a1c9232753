"""Which index may be trusted here and now: dates, uses, audiences, epochs, definitions."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

import sealscrub
from sealscrub.errors import (
    EmptyIndex,
    ExpiredIndex,
    FutureIndex,
    KeyFileError,
    ReplayedIndex,
    UnsuitableIndex,
    WrongKey,
)
from sealscrub.identifiers import Scheme, Spelling, register_scheme
from sealscrub.index import Reason, open_index

from ..today import today
from .custodian import FACTS, VALUES, Custodian, with_header

SOURCE = str(Path(sealscrub.__file__).parents[1])
AS_OF, NOT_AFTER = FACTS["as_of"], FACTS["not_after"]
DAY = timedelta(days=1)


@pytest.fixture
def path(custodian: Custodian, tmp_path: Path) -> Path:
    return custodian.publish(tmp_path / "a.sealindex")


def test_trusted_from_its_day_to_its_last(custodian: Custodian, path: Path) -> None:
    for day in (AS_OF, AS_OF + DAY, NOT_AFTER):
        assert open_index(path, custodian.key, today=day).epoch == 5
    with pytest.raises(FutureIndex, match=str(AS_OF)):
        open_index(path, custodian.key, today=AS_OF - DAY)
    with pytest.raises(ExpiredIndex, match=str(NOT_AFTER)):
        open_index(path, custodian.key, today=NOT_AFTER + DAY)


def test_judged_by_the_day_it_is(custodian: Custodian, tmp_path: Path) -> None:
    past = custodian.publish(tmp_path / "past.sealindex", as_of=AS_OF - 9 * DAY, not_after=AS_OF)
    coming = custodian.publish(tmp_path / "coming.sealindex", as_of=NOT_AFTER)
    with pytest.raises(ExpiredIndex):
        open_index(past, custodian.key)
    with pytest.raises(FutureIndex):
        open_index(coming, custodian.key)


def test_for_the_uses_it_was_published_for(custodian: Custodian, path: Path) -> None:
    for use in ("training", "output", None):
        open_index(path, custodian.key, use=use)
    for use in ("inference_input", "aggregate_report", "", "TRAINING"):
        with pytest.raises(UnsuitableIndex):
            open_index(path, custodian.key, use=use)


def test_for_the_audience_whose_key_it_is(custodian: Custodian, path: Path, tmp_path: Path) -> None:
    for audience in ("police", "vendor"):
        custodian.key.save_audience(audience, tmp_path / f"{audience}.key")
    assert custodian.reasons(open_index(path, tmp_path / "police.key"), "docket", ["2014KN012345"]) == [1]
    with pytest.raises(WrongKey, match="vendor"):
        open_index(path, tmp_path / "vendor.key")
    for_vendor = custodian.publish(tmp_path / "v.sealindex", audience="vendor")
    assert custodian.reasons(open_index(for_vendor, tmp_path / "vendor.key"), "docket", ["2014KN012345"]) == [1]
    assert open_index(for_vendor, custodian.key).audience == "vendor"


def test_no_entries_without_the_word_for_it(custodian: Custodian, tmp_path: Path) -> None:
    path = custodian.publish(tmp_path / "a.sealindex", {}, allow_empty=True)
    open_index(path, custodian.key)
    unsaid = with_header(
        path.read_bytes(), {"allow_empty": False}, lambda head: custodian.publisher.sign("index", head)
    )
    path.write_bytes(unsaid)
    with pytest.raises(EmptyIndex):
        open_index(path, custodian.key)


def test_a_scheme_that_it_does_not_hold_is_refused(custodian: Custodian, path: Path) -> None:
    index = open_index(path, custodian.key)
    with pytest.raises(UnsuitableIndex) as refused:
        custodian.reasons(index, "cjtn", ["64512345K"])
    assert "arrest_number, docket" in refused.value.hint


def test_below_the_least_epoch(custodian: Custodian, path: Path) -> None:
    open_index(path, custodian.key, min_epoch=5)
    with pytest.raises(ReplayedIndex, match=r"5.*6"):
        open_index(path, custodian.key, min_epoch=6)


def test_an_older_one_than_seen_is_refused(custodian: Custodian, path: Path, tmp_path: Path) -> None:
    newer = custodian.publish(tmp_path / "b.sealindex", epoch=7)
    open_index(path, custodian.key_file)
    open_index(newer, custodian.key_file, remember=False)
    open_index(path, custodian.key_file)
    open_index(newer, custodian.key_file)
    for remember in (True, False):
        with pytest.raises(ReplayedIndex, match="7"):
            open_index(path, custodian.key_file, remember=remember)
    open_index(newer, custodian.key_file)
    state = tmp_path / "seal.key.state"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    state.unlink()
    open_index(path, custodian.key_file)


def test_other_lines_have_epochs_of_their_own(custodian: Custodian, path: Path, tmp_path: Path) -> None:
    open_index(custodian.publish(tmp_path / "b.sealindex", epoch=7), custodian.key_file)
    others = [{"registry": "other"}, {"audience": "vendor"}, {"uses": ("inference_input",)}]
    for number, change in enumerate(others):
        open_index(custodian.publish(tmp_path / f"{number}.sealindex", epoch=3, **change), custodian.key_file)
    with pytest.raises(ReplayedIndex):
        open_index(path, custodian.key_file)


def test_an_older_index_for_some_of_the_uses_is_refused(custodian: Custodian, tmp_path: Path) -> None:
    open_index(custodian.publish(tmp_path / "b.sealindex", epoch=7, uses=("training", "output")), custodian.key_file)
    older = custodian.publish(tmp_path / "c.sealindex", epoch=6, uses=("training",))
    with pytest.raises(ReplayedIndex):
        open_index(older, custodian.key_file)


@pytest.mark.parametrize("seen", [("training",), ("output",), ("inference_input", "training")])
def test_an_older_index_for_more_uses_than_the_newest_is_refused(
    custodian: Custodian, tmp_path: Path, seen: tuple[str, ...]
) -> None:
    """One use in common is enough: for the others nothing was seen yet, or something older."""
    open_index(custodian.publish(tmp_path / "a.sealindex", epoch=5, uses=("output", "training")), custodian.key_file)
    open_index(custodian.publish(tmp_path / "b.sealindex", epoch=7, uses=seen), custodian.key_file)
    older = custodian.publish(tmp_path / "c.sealindex", epoch=6, uses=("aggregate_report", "output", "training"))
    with pytest.raises(ReplayedIndex, match="epoch 7"):
        open_index(older, custodian.key_file)


def test_an_older_day_of_the_same_epoch_is_refused(custodian: Custodian, tmp_path: Path) -> None:
    """A seal can begin by date alone, so that yesterday's index of an unchanged registry lacks it."""
    newer = custodian.publish(tmp_path / "b.sealindex", epoch=7, as_of=today())
    older = custodian.publish(tmp_path / "c.sealindex", epoch=7, as_of=today() - DAY)
    open_index(older, custodian.key_file)
    open_index(newer, custodian.key_file)
    with pytest.raises(ReplayedIndex):
        open_index(older, custodian.key_file)


def test_what_is_refused_is_not_remembered(custodian: Custodian, path: Path, tmp_path: Path) -> None:
    newer = custodian.publish(tmp_path / "b.sealindex", epoch=7)
    for refused in ({"use": "aggregate_report"}, {"today": NOT_AFTER + DAY}, {"min_epoch": 8}):
        with pytest.raises((UnsuitableIndex, ExpiredIndex, ReplayedIndex)):
            open_index(newer, custodian.key_file, **refused)
    open_index(path, custodian.key_file)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b"{}", b'{"seen": []}', b'{"seen": {"a": "x"}}', b'{"seen": {"a": null}}',
     b'{"seen": {"a": [1e999, "2026-01-01"]}}', b'{"seen": {"a": [1, "x"]}}', b"[" * 50_000, b"\xff"],
    ids=lambda content: repr(content[:16]),
)  # fmt: skip
def test_a_damaged_memory_is_no_clean_slate(custodian: Custodian, path: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "seal.key.state").write_bytes(content)
    for remember in (True, False):
        with pytest.raises(KeyFileError, match=r"seal\.key\.state"):
            open_index(path, custodian.key_file, remember=remember)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Do something as a user who owns nothing, where the tests run as root."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_to_remembers_nothing() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        custodian = Custodian(folder)
        path = custodian.publish(folder / "a.sealindex")
        for file in (path, custodian.key_file):
            if not os.geteuid():
                os.chown(file, 65534, -1)
        folder.chmod(0o555)
        try:
            with as_nobody():
                assert open_index(path, custodian.key_file).epoch == 5
            assert not (folder / "seal.key.state").exists()
        finally:
            folder.chmod(0o700)


def test_many_readers_remember_every_line(custodian: Custodian, tmp_path: Path) -> None:
    paths = [custodian.publish(tmp_path / f"{n}.sealindex", registry=f"r{n}", epoch=10 + n) for n in range(12)]
    threads = [threading.Thread(target=open_index, args=(path, custodian.key_file)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = json.loads((tmp_path / "seal.key.state").read_text())["seen"]
    assert sorted({epoch for epoch, _ in seen.values()}) == [10 + n for n in range(12)]


DEFINITIONS = {
    "another spelling": 'Spelling(r"(?P<serial>[0-9]{5,8})", "{serial:0>8}")',
    "another width": 'Spelling(r"(?P<serial>[0-9]{6,8})", "{serial:0>9}")',
}


@pytest.mark.parametrize("spelling", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_scheme_defined_otherwise_on_the_other_side_is_refused(
    custodian: Custodian, tmp_path: Path, spelling: str
) -> None:
    register_scheme(
        Scheme(name="tests_city", level="arrest", spellings=[Spelling(r"(?P<serial>[0-9]{6,8})", "{serial:0>8}")])
    )
    register_scheme(Scheme(name="tests_city_day", level="arrest", parts=["tests_city", "date"]))
    values = {"tests_city": {"00123456": Reason.SEALED}, "tests_city_day": {"00123456@2014-01-05": Reason.SEALED}}
    path = custodian.publish(tmp_path / "a.sealindex", values)
    code = f"""
        from sealscrub.errors import UnsuitableIndex
        from sealscrub.identifiers import Scheme, Spelling, register_scheme
        from sealscrub.index import open_index
        register_scheme(Scheme(name="tests_city", level="arrest", spellings=[{spelling}]))
        register_scheme(Scheme(name="tests_city_day", level="arrest", parts=["tests_city", "date"]))
        index = open_index({str(path)!r}, {str(custodian.key_file)!r})
        for scheme in index.schemes:
            try:
                print(index.require(scheme))
            except UnsuitableIndex as refused:
                print("otherwise" if "differs from the one" in str(refused) else refused)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["otherwise", "otherwise"]
    index = open_index(path, custodian.key)
    assert [index.require(scheme) for scheme in index.schemes] == list(values)


def test_every_refusal_says_where_and_shows_no_value(custodian: Custodian, path: Path) -> None:
    refusals = []
    for options in ({"use": "x"}, {"today": NOT_AFTER + DAY}, {"today": AS_OF - DAY}, {"min_epoch": 99}):
        with pytest.raises((UnsuitableIndex, ExpiredIndex, FutureIndex, ReplayedIndex)) as refused:
            open_index(path, custodian.key, **options)
        refusals.append(str(refused.value))
    assert all(str(path) in text for text in refusals)
    assert len(set(refusals)) == len(refusals)
    assert not [value for values in VALUES.values() for value in values for text in refusals if value in text]


@pytest.mark.parametrize("copied", [False, True])
def test_a_file_that_is_replaced_as_it_is_opened_is_one_or_the_other(
    custodian: Custodian, path: Path, tmp_path: Path, copied: bool
) -> None:
    files = [path.read_bytes(), custodian.publish(tmp_path / "b.sealindex", uses=("output",), epoch=6).read_bytes()]
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            for content in files:
                (tmp_path / "next").write_bytes(content)
                os.replace(tmp_path / "next", path)

    other = threading.Thread(target=replace)
    other.start()
    try:
        epochs = {open_index(path, custodian.key, remember=False, copied=copied).epoch for _ in range(300)}
    finally:
        stop.set()
        other.join()
    assert epochs <= {5, 6}
