"""Where neither Linux's sandbox nor POSIX's calls are, an index opens, and scan, scrub, verify and guard work."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from sealscrub.datasets import example_index
from sealscrub.identifiers import generate_certifier

from .other_system import MODULES, NAMES, environment, run
from .source_tree import source_folder, tree_of

KEYS = ["--index", "example.sealindex", "--key-file", "example.key"]
ON = ["--on", "arrest_number=arrest_no"]
TRIED = ["--data", "train.csv", "--as", "polars", *KEYS, *ON, "--variants", "none"]
OWN = ["--use", "training", "--audience", "police", "--key-file", "new.key"]
SANDBOX = ("validators/sandbox/", "validators/landlock.py")
"""It is Linux's alone, and what imports it asks first."""
ASKED_FOR_FIRST = {
    "file_system.py",
    "custodian/custody/requester.py",
    "boundary/worker_processes.py",
    "validators/artefacts/readers/reader_child.py",
    "validators/trial/child.py",
    "validators/trial/forked_child.py",
    "validators/trial/interpreter.py",
}
"""Files that look whether a name is there, or go on without it; the runs below reach each of them."""

COMMANDS: list[tuple[list[str], int]] = [
    (["keygen", "new.key"], 0),
    (["registry", "init", "seals.db"], 0),
    (["registry", "add", "seals.db", "notices.csv"], 0),
    (["publish", "seals.db", "-o", "own.sealindex", *OWN], 0),
    (["inspect", "own.sealindex"], 0),
    (["scan", "train.csv", *KEYS, *ON], 1),
    (["scrub", "train.csv", *KEYS, *ON, "-o", "clean.csv"], 0),
    (["scan", "clean.csv", *KEYS, *ON], 0),
    (["certify", "--data", "kept.parquet", *KEYS, *ON, "--signing-key", "team.key", "-o", "clean.json"], 0),
    (["verify", "clean.json", "--public-key", "team.key.pub", "--data", "kept.parquet"], 0),
    (["guard", "answers.jsonl", "--complete", *KEYS, "--on", "arrest_number=$.arrest_no", "-o", "guarded.jsonl"], 0),
    (["check-nullity", "made_features:build", *TRIED], 1),
    (["check-nullity", "made_features:kept", *TRIED], 0),
    (["audit-model", "model.pkl", *KEYS], 0),
    (["audit", "init", "audit.log"], 0),
    (["audit", "verify", "audit.log"], 0),
    (["doctor", *KEYS], 0),
]  # fmt: skip
"""Commands in order, and the code with which each ends."""

_RUN = """
import contextlib, io, json, sys
from sealscrub.cli import run

for words in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    sys.__stdout__.write(json.dumps([code, out.getvalue(), err.getvalue()]) + "\\n")
"""
Said = dict[tuple[str, ...], tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("other")
    example_index(["K14612345"], folder=made)
    generate_certifier(made / "team.key")
    rows = "".join(f"M140000{number},{number % 3}\n" for number in range(10, 40))
    (made / "train.csv").write_text(f"arrest_no,level\nK14612345,1\n{rows}")
    pl.read_csv(made / "train.csv").slice(1).write_parquet(made / "kept.parquet")
    (made / "answers.jsonl").write_text('{"arrest_no": "M14000017"}\n')
    (made / "made_features.py").write_text(
        "import polars as pl\n\nimport sealscrub as ss\n\nON = {'arrest_number': 'arrest_no'}\n\n\n"
        "def build(rows):\n    return rows.with_columns(n=pl.len())\n\n\n"
        "def kept(rows):\n    index = ss.open_index('example.sealindex', key='example.key')\n"
        "    return build(ss.scrub(rows, index, on=ON))\n"
    )
    (made / "model.pkl").write_bytes(b"\x80\x04]\x94.")
    (made / "notices.csv").write_text(
        "seal_id,event,regime,effective_from,notified_on,arrest_number\n"
        "s-1,sealed,us-ny/cpl-160.50,2024-05-01,2024-05-02,K14612345\n"
    )
    return made


@pytest.fixture(scope="module")
def said(folder: Path) -> Said:
    """Code, output and errors of each command there."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps([words for words, _ in COMMANDS]),
        env={**environment(folder), "COLUMNS": "200"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = map(json.loads, done.stdout.splitlines())
    return {tuple(words): tuple(line) for (words, _), line in zip(COMMANDS, lines, strict=True)}


@pytest.mark.parametrize(("words", "code"), COMMANDS, ids=[" ".join(words[:2]) for words, _ in COMMANDS])
def test_it_works(words: list[str], code: int, said: Said) -> None:
    done, out, err = said[tuple(words)]
    assert done == code, err or out


def test_the_library_is_imported_and_a_frame_scrubbed(folder: Path) -> None:
    script = (
        "import polars as pl, sealscrub as ss\n"
        "index = ss.open_index('example.sealindex', key='example.key')\n"
        "rows = pl.read_csv('train.csv')\n"
        "print(ss.scan(rows, index, on=['arrest_no']).verdict.value, ss.scrub(rows, index, on=['arrest_no']).height)\n"
    )
    done = run(folder, "-c", script.replace("on=['arrest_no']", "on={'arrest_number': 'arrest_no'}"))
    assert done.stdout.split() == ["found", "30"], done.stderr


def test_two_processes_wait_for_each_other(folder: Path) -> None:
    (folder / "count.txt").write_bytes(b"0")
    script = (
        "import os\nfrom sealscrub.file_system import BINARY, locked, read_at, write_at\n"
        "for _ in range(50):\n"
        "    handle = os.open('count.txt', os.O_RDWR | BINARY)\n"
        "    with locked(handle):\n"
        "        number = int(read_at(handle, 10, 0))\n"
        "        write_at(handle, str(number + 1).encode(), 0)\n"
        "    os.close(handle)\n"
    )
    all_of_them = [
        subprocess.Popen([sys.executable, "-c", script], cwd=folder, env=environment(folder)) for _ in range(3)
    ]
    assert [each.wait() for each in all_of_them] == [0, 0, 0]
    assert (folder / "count.txt").read_text() == "150"


def test_a_pass_names_what_was_open(said: Said) -> None:
    """One sentence: who reads the report must not take the pass for one on Linux."""
    (words,) = [words for words in said if "made_features:kept" in words]
    assert "this system has no Landlock: Python's audit hooks replace it" in " ".join(said[words][1].split())


def test_nothing_is_asked_of_the_system_that_windows_lacks() -> None:
    found = []
    for path in sorted(source_folder().rglob("*.py")):
        name = path.relative_to(source_folder()).as_posix()
        if name.startswith(SANDBOX) or name in ASKED_FOR_FIRST:
            continue
        source = path.read_text("utf-8")
        if not any(each in source for each in (*NAMES, *MODULES)):
            continue
        for node in ast.walk(tree_of(source)):
            asked = node.attr if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "os" else ""
            modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if asked in NAMES or set(modules) & set(MODULES):
                found.append(f"{name}:{node.lineno} {asked or modules}")
    assert not found, "sealscrub.file_system asks for what not every system has"
