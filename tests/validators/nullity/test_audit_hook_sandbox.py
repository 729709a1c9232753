"""Where a system has no Landlock, audit hooks refuse what goes through Python, and the report says what they miss."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import sealscrub as ss
from sealscrub.index import Index
from sealscrub.testing import NullityReport, NullityVerdict
from sealscrub.validators.trial.outcome import Outcome
from sealscrub.validators.trial.runner import Runner

from .conftest import ON

Checked = Callable[..., NullityReport]


@pytest.fixture(autouse=True)
def no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealscrub.validators.trial.runner.landlock_abi", lambda: 0)


def outcome(function: Callable[[Any], Any], *inputs: Path) -> Outcome:
    """Run a function once, shut in without Landlock."""
    with Runner(function, None, seed=0, inputs=inputs) as runner:
        return runner.run(runner.keep(1), planted={})


def everything(folder: Path) -> dict[str, Callable[[], object]]:
    """What a function must not do, by what it is."""
    secret = folder / "secret.csv"
    return {
        "read": lambda: secret.read_text(),
        "read beneath": lambda: os.open(secret, os.O_RDONLY),
        "read by a link": lambda: (
            Path(tempfile.gettempdir(), "link").symlink_to(secret) or Path(tempfile.gettempdir(), "link").read_text()
        ),
        "list": lambda: os.listdir(folder),
        "scan": lambda: list(os.scandir(folder)),
        "write": lambda: (folder / "new").write_text("x"),
        "remove": lambda: secret.unlink(),
        "rename": lambda: os.rename(secret, Path(tempfile.gettempdir(), "taken")),
        "database": lambda: sqlite3.connect(folder / "store.db"),
        "database by its address": lambda: sqlite3.connect(f"file:{folder / 'store.db'}?mode=ro", uri=True),
        "program": lambda: subprocess.run(["cat", secret], check=True, capture_output=True).stdout,
        "shell": lambda: os.system(f"cat {secret}"),  # noqa: S605 - refused
        "network": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        "name": lambda: socket.getaddrinfo("store.invalid", 80),
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    }


def test_what_goes_through_python_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("person,priors\n1,4\n")
    sqlite3.connect(tmp_path / "store.db").close()

    def tried(_: Any) -> list[str]:
        done = []
        for name, act in everything(tmp_path).items():
            try:
                act()
            except (PermissionError, ConnectionRefusedError, socket.gaierror):
                continue
            except Exception as error:
                done.append(f"{name}: {type(error).__name__}")
            else:
                done.append(name)
        return done

    found = outcome(lambda data: [*tried(data), "end"])

    assert found.status == "ok", found.said
    cells = found.pieces[0].columns[0].bits.tolist()
    assert len(cells) == 1, cells
    assert "end" in str(cells)
    assert (tmp_path / "secret.csv").exists()
    assert not (tmp_path / "new").exists()


def test_what_a_function_needs_goes_on(tmp_path: Path) -> None:
    declared = tmp_path / "codes.csv"
    declared.write_text("7")

    def works(_: Any) -> list[object]:
        import decimal
        import zoneinfo

        place = Path(tempfile.mkdtemp()) / "own"
        place.write_text("x")
        database = sqlite3.connect(":memory:")
        pair = socket.socketpair()
        worker = subprocess.run([sys.executable, "-c", "print(3)"], capture_output=True, check=True).stdout
        made = [place.read_text(), declared.read_text(), str(zoneinfo.ZoneInfo("America/New_York")), worker.strip()]
        place.unlink()
        for each in (database, *pair):
            each.close()
        return [*made, str(decimal.Decimal(1)), pl.DataFrame({"a": [1]}).height]

    found = outcome(works, declared)

    assert found.status == "ok", found.said
    assert len(found.pieces[0].columns[0].bits) == 6
    assert any("audit hooks replace it" in weakening for weakening in found.open_doors)


def test_a_check_names_the_path_and_says_what_it_does_not_see(checked: Checked, index: Index, tmp_path: Path) -> None:
    store = tmp_path / "store.csv"
    store.write_text("4")

    def joined(arrests: pl.DataFrame) -> int:
        return ss.scrub(arrests, index, on=ON).height + int(store.read_text())

    report = checked(joined)

    assert report.verdict is NullityVerdict.AMBIENT_INPUT
    assert report.denied == (str(store),)
    assert "polars, Arrow, DuckDB" in report.to_text().replace("\n    ", " ")


@pytest.mark.long
def test_a_clean_function_passes_with_the_weakening(checked: Checked, index: Index) -> None:
    report = checked(lambda arrests: ss.scrub(arrests, index, on=ON).group_by("person").len().sort("person"))

    assert report.verdict is NullityVerdict.PASS
    assert any("audit hooks" in weakening for weakening in report.weakenings)


@pytest.mark.long
def test_a_refusal_that_is_swallowed_shows_all_the_same(checked: Checked, index: Index, tmp_path: Path) -> None:
    store = tmp_path / "bonus"
    store.write_text("7")

    def quiet(arrests: pl.DataFrame) -> int:
        try:
            bonus = int(store.read_text())
        except OSError:
            bonus = 0
        return ss.scrub(arrests, index, on=ON).height + bonus

    assert checked(quiet).verdict is NullityVerdict.AMBIENT_INPUT


@pytest.mark.long
def test_workers_of_joblib_run(checked: Checked) -> None:
    joblib = pytest.importorskip("joblib")

    def parallel(_: Any) -> list[int]:
        return list(joblib.Parallel(2)(joblib.delayed(abs)(number) for number in range(4)))

    assert outcome(parallel).status == "ok"
