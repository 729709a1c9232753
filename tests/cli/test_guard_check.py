"""``sealscrub guard-check``: a module or an address, ids from files or from data, and the exit codes."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.datasets import example_index

MODULE = """
import json

KNOWN = {f"K14{at:06d}": at for at in range(40)}
SEALED = {"K14000003", "K14000020"}

def _answer(status, value):
    async def answer(send):
        body = json.dumps(value).encode()
        kind = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": kind})
        await send({"type": "http.response.body", "body": body})
    return answer

def _app(refusal):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        key = scope["path"].rpartition("/")[2]
        if key in SEALED:
            await _answer(refusal, {"error": "not found"})(send)
        elif key in KNOWN:
            await _answer(200, {"id": key, "at": KNOWN[key]})(send)
        else:
            await _answer(404, {"error": "not found"})(send)
    return app

null, tells = _app(404), _app(403)

def named(probe):
    return [key for key in KNOWN if key.startswith(probe.text[:4])][: probe.k]

def broken(probe):
    raise ValueError(f"Quillfeather {probe.id}")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "made_service.py").write_text(MODULE)
    (tmp_path / "sealed.txt").write_text("# by order\nK14000003\n\nK14000020  # and this\n")
    (tmp_path / "open.txt").write_text("K14000007\nK14000008\n")
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "headers.txt").write_text("Authorization: Bearer x\n")
    (tmp_path / "torn.txt").write_bytes(b"\xff\xfe\x00")
    pl.DataFrame({"ARREST_NO": [f"K14{at:06d}" for at in range(40)]}).write_csv("arrests.csv")
    example_index(["K14000003", "K14000020"], folder=tmp_path)
    yield tmp_path
    sys.modules.pop("made_service", None)


IDS = ["--sealed", "sealed.txt", "--open", "open.txt"]
ROUTE = ["--route", "GET /records/{id}"]
DATA = ["--data", "arrests.csv", "--index", "example.sealindex", "--key-file", "example.key"]
DATA += ["--on", "arrest_number=ARREST_NO"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--module", "made_service:null", *ROUTE, *IDS], 0, "made_service:null: PASS"),
        (["--module", "made_service:tells", *ROUTE, *IDS], 1, "ORACLE"),
        (["--module", "made_service:tells", *ROUTE, *IDS, "--oracle-ok"], 0, "oracle_ok"),
        (["--module", "made_service:tells", *ROUTE, *DATA], 1, "ORACLE"),
        (["--module", "made_service:named", *IDS], 1, "a sealed record is in the answer itself"),
        (["--module", "made_service:broken", *IDS], 3, "INCONCLUSIVE"),
        (["--module", "made_service:null", *ROUTE, "--sealed", "empty.txt"], 3, "NO_SEALED_ROWS"),
        (["--module", "made_service:null", *ROUTE, "--sealed", "sealed.txt"], 3, "No open id was asked about"),
        (["--url", "http://127.0.0.1:9", *ROUTE, *IDS, "--timeout", "2"], 3, "INCONCLUSIVE"),
    ],
)
def test_exit_codes(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str) -> None:
    assert run(["guard-check", *words]) == code

    shown = capsys.readouterr()
    assert said in shown.out, shown.err
    assert "Quillfeather" not in shown.out + shown.err
    assert not any(key in shown.out + shown.err for key in ("K14000003", "K14000007"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*ROUTE, *IDS], "--url or --module"),
        (["--module", "made_service:null", *ROUTE], "--sealed FILE"),
        (["--module", "made_service:null", *ROUTE, *IDS, *DATA], "--sealed does not apply with --data"),
        (["--module", "made_service:null", *ROUTE, "--data", "arrests.csv"], "--index is missing"),
        (["--module", "made_service:none", *IDS], "has no 'none'"),
        (["--module", "made_service:null", "--route", "records", *IDS], "a method and a path"),
        (["--url", "http://127.0.0.1:9", *IDS], "no route given"),
        (["--url", "http://records.example", *ROUTE, *IDS], "unencrypted to another host"),
        (["--url", "ftp://127.0.0.1", *ROUTE, *IDS], "begin with http"),
        (["--module", "made_service:null", *ROUTE, "--sealed", "absent.txt"], "does not exist"),
        (["--module", "made_service:null", *ROUTE, *IDS, "--headers", "open.txt"], "is not an HTTP header"),
        (["--module", "made_service:null", *ROUTE, *IDS, "--format", "pdf"], "is not one of"),
    ],
)
def test_wrong_use(project: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert run(["guard-check", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_file_of_ids_that_is_no_text_cannot_be_read(project: Path) -> None:
    assert run(["guard-check", "--module", "made_service:null", *ROUTE, "--sealed", "torn.txt"]) == 3


def test_reports_are_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = ["--report", "r.json", "--report", "r.xml", "--report", "r.html", "--headers", "headers.txt"]

    assert run(["guard-check", "--module", "made_service:tells", *ROUTE, *IDS, *reports, "--format", "junit"]) == 1
    assert capsys.readouterr().out == (project / "r.xml").read_text()
    assert json.loads((project / "r.json").read_text())["verdict"] == "ORACLE"
    assert stat.S_IMODE((project / "r.json").stat().st_mode) == 0o600


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["guard-check", "--help"]) == 0
    assert "--sealed sealed.txt" in " ".join(capsys.readouterr().out.split())
