"""What a command says cannot steer a terminal: names of files come from outside."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from ..contracts.source_tree import source_folder
from .conftest import Ended

Run = Callable[..., Ended]
HOSTILE = "\x1b[2J\x9b\u202e.json"
SHOWN = r"\x1b[2J\x9b\u202e.json"


@pytest.fixture
def keys(sealscrub: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to an empty folder with a certifier's keys."""
    monkeypatch.chdir(tmp_path)
    assert sealscrub("keygen", "--certifier", "court.key").code == 0


@pytest.mark.usefixtures("keys")
def test_an_order_of_a_hostile_name_is_named_in_plain_letters(sealscrub: Run) -> None:
    assert sealscrub("audit", "init", "audit.log").code == 0
    orders = Path("orders")
    orders.mkdir()
    (orders / HOSTILE).write_text("{}")

    day = ("--from", "2026-01-01", "--until", "2026-01-31")
    done = sealscrub("audit", "report", "audit.log", *day, "--orders", orders, "--public-key", "court.key.pub")

    assert done.code == 0
    assert f"{SHOWN}: is not an order that this key signed" in done.err
    assert set(HOSTILE[:-5]) & set(done.out + done.err) <= set("[2J")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "words",
    [
        ["keygen", "--certifier", HOSTILE],
        ["audit", "init", HOSTILE],
        ["law", "sign", "us-ny/cpl-160.50/3c@1", "--reviewer", "A. Jones", "--signing-key", "court.key", "-o", HOSTILE],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_file_of_a_hostile_name_is_named_in_plain_letters(sealscrub: Run, words: list[str]) -> None:
    done = sealscrub(*words)

    assert done.code == 0
    assert f"wrote {SHOWN}" in done.err
    assert set(HOSTILE[:-5]) & set(done.out + done.err) <= set("[2J")


def test_no_command_writes_a_sentence_past_it() -> None:
    """Whole documents are written as they are; what is put together of names goes through ``remark``."""
    found = []
    for path in sorted((source_folder() / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("typer.echo", "print", "typer.secho"):
                continue
            put_together = any(isinstance(each, ast.JoinedStr) for each in node.args)
            beside = any(word.arg == "err" for word in node.keywords)
            if path.name != "remarks.py" and (put_together or beside):
                found.append(f"{path.name}:{node.lineno}")

    assert found == []
