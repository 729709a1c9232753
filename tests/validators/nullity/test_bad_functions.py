"""Functions that misbehave: each gets a verdict that is not a pass, or the one that it deserves, and leaves nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.errors import UsageError
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict

from .conftest import ON

Checked = Callable[..., NullityReport]
SHARED = "/dev/shm"  # noqa: S108 - where joblib and others put theirs
PAYLOAD = "Quillfeather"


def test_one_that_raises_with_the_sealed_records_only(checked: Checked) -> None:
    def picky(arrests: pl.DataFrame) -> int:
        if "K14000003" in arrests["arrest_no"]:
            raise ValueError(f"{PAYLOAD} K14000003")
        return arrests.height

    report = checked(picky)

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert "only then: ValueError at test_bad_functions.py" in report.reason
    assert PAYLOAD not in report.to_text() + report.to_json() + report.to_html()


def test_an_error_of_ours_is_placed_where_the_function_called_us(checked: Checked) -> None:
    def unopened(arrests: pl.DataFrame) -> int:
        if "K14000003" in arrests["arrest_no"]:
            ss.open_index("absent.sealindex", "absent.key")
        return arrests.height

    assert "only then: KeyFileError at test_bad_functions.py" in checked(unopened).reason


def test_an_error_inside_of_a_library_is_placed_where_the_function_called_it(checked: Checked) -> None:
    def misspelt(arrests: pl.DataFrame) -> pl.Series:
        return arrests["arest_no"]

    report = checked(misspelt)

    line = misspelt.__code__.co_firstlineno + 1
    assert f"ColumnNotFoundError at test_bad_functions.py:{line}" in report.reason


@pytest.mark.long
def test_one_that_raises_without_them_only(checked: Checked) -> None:
    def used_to_them(arrests: pl.DataFrame) -> int:
        return arrests["arrest_no"].to_list().index("K14000003")

    report = checked(used_to_them)

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert "without the sealed records" in report.reason


@pytest.mark.long
def test_one_that_always_raises(checked: Checked) -> None:
    def broken(arrests: pl.DataFrame) -> None:
        raise KeyError(PAYLOAD)

    report = checked(broken)

    assert report.verdict is NullityVerdict.INCONCLUSIVE
    assert "KeyError at test_bad_functions.py" in report.reason
    assert PAYLOAD not in report.to_text()


@pytest.mark.long
def test_one_that_raises_over_other_values_of_sealed_rows(checked: Checked, index: Index) -> None:
    def picky(arrests: pl.DataFrame) -> pl.DataFrame:
        ages = dict(arrests.select("arrest_no", "age").iter_rows())
        if ages.get("K14000003", 32) != 32:
            raise ValueError
        return ss.scrub(arrests, index, on=ON)

    report = checked(picky, variants=("extreme",))

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert "'extreme'" in report.reason


@pytest.mark.long
def test_one_that_prints(checked: Checked, index: Index, capfd: pytest.CaptureFixture[str]) -> None:
    def loud(arrests: pl.DataFrame) -> int:
        print(arrests)
        os.write(2, PAYLOAD.encode())
        return ss.scrub(arrests, index, on=ON).height

    assert checked(loud).verdict is NullityVerdict.PASS
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.long
def test_one_that_asks_at_the_terminal(checked: Checked) -> None:
    assert "EOFError" in checked(lambda arrests: input()).reason


@pytest.mark.long
def test_one_that_changes_its_input(checked: Checked, index: Index, arrests: pl.DataFrame) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(arrests.to_dict(as_series=False))
    before = frame.copy()

    def changing(arrests: Any) -> Any:
        arrests["age"] = 0
        return ss.scrub(arrests, index, on=ON)

    assert checked(changing, data=frame).verdict is NullityVerdict.PASS
    pandas.testing.assert_frame_equal(frame, before)


def test_one_that_forks(checked: Checked, index: Index) -> None:
    def forked(arrests: pl.DataFrame) -> int:
        copy = os.fork()
        if copy:
            os.waitpid(copy, 0)
        return ss.scrub(arrests, index, on=ON).height if copy else -1

    assert checked(forked).verdict is NullityVerdict.PASS


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_one_that_leaves_a_process(checked: Checked, index: Index) -> None:
    mark = f"{time.monotonic_ns()}"

    def leaving(arrests: pl.DataFrame) -> int:
        for own in (False, True):
            program = [sys.executable, "-c", "import time; time.sleep(600)", mark]
            subprocess.Popen(program, start_new_session=own)
        return ss.scrub(arrests, index, on=ON).height

    assert checked(leaving).verdict is NullityVerdict.PASS
    assert list(_running(mark)) == []


def _running(mark: str) -> Iterator[str]:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue
        if mark.encode() in words:
            yield place.parent.name


@pytest.mark.long
def test_one_that_ends_its_process(checked: Checked) -> None:
    report = checked(lambda arrests: os._exit(0))

    assert report.verdict is NullityVerdict.INCONCLUSIVE
    assert "ended without a result" in report.reason


@pytest.mark.skipif(not os.access(SHARED, os.W_OK), reason="has no shared memory that is a folder")
def test_temporary_files_in_shared_memory_are_named(checked: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir=SHARED) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        report = checked(len)

    if report.verdict is not NullityVerdict.INTERFERENCE:  # as where the system hides no shared memory
        assert report.verdict is NullityVerdict.INCONCLUSIVE
        assert "set TMPDIR elsewhere" in report.reason


FILLING = """
import resource
resource.setrlimit(resource.RLIMIT_DATA, (3 << 30, resource.RLIM_INFINITY))
import polars as pl
from sealscrub.datasets import example_index
from sealscrub.testing import check_nullity
arrests = pl.DataFrame({"arrest_no": ["K14000001", "K14000003"]})
def filling(arrests):
    held = []
    while True:
        held.append(bytearray(1 << 28))
report = check_nullity(filling, arrests, example_index(["K14000003"]), on={"arrest_number": "arrest_no"})
print(report.verdict, report.reason)
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounds memory as Linux does")
def test_one_that_fills_the_memory() -> None:
    done = subprocess.run([sys.executable, "-c", FILLING], capture_output=True, text=True, check=True)

    assert done.stdout == "INCONCLUSIVE It filled the memory that there is.\n"


def test_one_that_writes_files(checked: Checked, index: Index, tmp_path: Path) -> None:
    def writing(arrests: pl.DataFrame) -> int:
        (tmp_path / "cache").write_text("1")
        return ss.scrub(arrests, index, on=ON).height

    report = checked(writing)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.denied == (str(tmp_path / "cache"),)
    assert not (tmp_path / "cache").exists()


@pytest.mark.long
def test_one_that_writes_to_the_temporary_folder(checked: Checked, index: Index) -> None:
    def writing(arrests: pl.DataFrame) -> Path:
        import tempfile

        place = Path(tempfile.mkdtemp()) / "clean.csv"
        ss.scrub(arrests, index, on=ON).write_csv(place)
        return place

    assert checked(writing).verdict is NullityVerdict.PASS


@pytest.mark.long
def test_one_that_needs_the_network(checked: Checked, index: Index) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def asking(arrests: pl.DataFrame) -> int:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return ss.scrub(arrests, index, on=ON).height

        assert checked(asking).verdict is NullityVerdict.AMBIENT_INPUT


@pytest.mark.parametrize(
    "result",
    [lambda arrests: (row for row in arrests["age"]), lambda arrests: threading.Lock()],
    ids=["generator", "lock"],
)
def test_one_whose_result_cannot_be_compared(result: Callable[[Any], Any], checked: Checked) -> None:
    report = checked(result)

    assert report.verdict is NullityVerdict.INCONCLUSIVE
    assert report.reason


def test_one_that_cannot_travel(checked: Checked) -> None:
    lock = threading.Lock()

    with pytest.raises(UsageError, match="cannot be sent to another interpreter"):
        checked(lambda arrests: lock.locked())


@pytest.mark.long
def test_one_that_gives_nothing(checked: Checked) -> None:
    assert checked(lambda arrests: None).verdict is NullityVerdict.VACUOUS


def _child_environment(arrests: pl.DataFrame) -> float:
    done = subprocess.run(["printenv", "SEALED_RATE"], capture_output=True, text=True, check=False)
    return arrests.height + float(done.stdout or 0)


def _bytes_environment(arrests: pl.DataFrame) -> float:
    return arrests.height + float(os.environb.get(b"SEALED_RATE", b"0"))


@pytest.mark.parametrize("read", [_child_environment, pytest.param(_bytes_environment, marks=pytest.mark.long)])
def test_one_that_reads_the_environment_by_a_detour(
    checked: Checked, index: Index, monkeypatch: pytest.MonkeyPatch, read: Callable[[pl.DataFrame], float]
) -> None:
    monkeypatch.setenv("SEALED_RATE", "0.25")

    report = checked(lambda arrests: read(ss.scrub(arrests, index, on=ON)))

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert "environment variable" in report.reason


@pytest.mark.skipif(not Path(SHARED).is_dir(), reason="no such folder")
def test_one_that_reads_what_others_left_in_shared_memory(checked: Checked, index: Index) -> None:
    with tempfile.NamedTemporaryFile(dir=SHARED, suffix=".store") as store:
        store.write(b"5")
        store.flush()
        place = store.name

        def reading(arrests: pl.DataFrame) -> int:
            return ss.scrub(arrests, index, on=ON).height + int(Path(place).read_text())

        report = checked(reading)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.denied == (place,)


@pytest.mark.long
def test_one_whose_result_is_keyed_by_identifiers(checked: Checked) -> None:
    def keyed(arrests: pl.DataFrame) -> Any:
        return {"seen": {f"arrest {key.lower()}": 1 for key in arrests["arrest_no"]}, "n": arrests.height}

    report = checked(keyed)

    assert report.contaminated == ["n", "seen.(value of arrest_no)"]
    for text in (report.to_text(), report.to_html(), report.to_json(), repr(report)):
        assert "K14000" not in text.upper()


@pytest.mark.long
def test_one_that_reads_dates_before_it_scrubs(checked: Checked, index: Index) -> None:
    dated = pl.DataFrame(
        {
            "arrest_no": [f"K14{at:06d}" for at in range(1, 41)],
            "date": [f"2024-{1 + at % 12:02d}-{1 + at % 28:02d}" for at in range(40)],
        }
    )

    def latest(arrests: pl.DataFrame) -> Any:
        parsed = arrests.with_columns(pl.col("date").str.to_date("%Y-%m-%d", strict=True))
        return {"latest": parsed["date"].max(), "rows": ss.scrub(parsed, index, on=ON).height}

    report = checked(latest, data=dated, variants=("unseen",))

    assert report.verdict is NullityVerdict.INTERFERENCE
    assert report.contaminated == ["latest"]


@pytest.mark.long
def test_one_that_knows_all_texts_is_tried_with_other_numbers(checked: Checked, index: Index) -> None:
    def oldest(arrests: pl.DataFrame) -> Any:
        codes = {"a": 1, "b": 2}
        coded = arrests.with_columns(code=pl.Series([codes[each] for each in arrests["charge"]]))
        return {"oldest": coded["age"].max(), "rows": ss.scrub(coded, index, on=ON).height}

    charged = pl.DataFrame(
        {
            "arrest_no": [f"K14{at:06d}" for at in range(1, 41)],
            "age": [18 + at for at in range(40)],
            "charge": ["a", "b"] * 20,
        }
    )
    assert checked(oldest, data=charged, variants=("unseen",)).contaminated == ["oldest"]
