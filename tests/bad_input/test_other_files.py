"""A file of another kind: each of the custodian's commands says which columns it reads, and nothing of key columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscrub.cli import run

FOREIGN = "Number,Sealed On,Statute\n1,06/15/2022,CPL 160.50\n"
COMMANDS = {
    "registry add": (["seals.db", "foreign.csv"], ["event", "effective_from", "seal_id"]),
    "registry correct": (["seals.db", "foreign.csv"], ["seal_id", "reason"]),
    "registry derive": (["seals.db", "foreign.csv", "--as-of", "2026-01-01"], ["defendant_id", "event_date"]),
    "law explain": (["foreign.csv", "--docket", "2024KN000101"], ["defendant_id", "disposition", "event_date"]),
    "law forecast": (["foreign.csv", "--until", "2027-06-01"], ["defendant_id", "disposition", "event_date"]),
    "law review export": (["foreign.csv", "-o", "queue.csv"], ["defendant_id", "disposition", "event_date"]),
    "law review import": (["foreign.csv", "--aliases", "ours.toml"], ["kind"]),
    "law review fill": (["foreign.csv", "foreign.csv", "-o", "filled.csv"], ["answer"]),
    "link decide": (["seals.db", "foreign.csv"], ["answer"]),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_another_kind(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["registry", "init", "seals.db"]) == 0
    Path("foreign.csv").write_text(FOREIGN)
    given, needed = COMMANDS[command]
    capsys.readouterr()

    code = run([*command.split(), *given])
    said = capsys.readouterr().err

    assert code == 2, said
    assert "key column" not in said
    assert all(name in said for name in needed), said
    assert "CPL 160.50" not in said
