"""Drive ``cli``: every command, as it succeeds and as it fails."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from sealscrub.cli import main, run
from sealscrub.cli.application import build

from .watch import PAYLOAD, SEALED, UNPARSABLE, Unwatched
from .world import World

Calls = Iterator[Callable[[], object]]


def commands(world: World) -> Calls:
    made, inputs, custody = world.made, world.inputs, world.custody
    key, index, place = made / "cli.key", made / "cli.sealindex", custody / "cli.db"
    yield lambda: build() and None
    yield lambda: main(["--version"])
    for words in (
        ["keygen", key],
        ["keygen", key],
        ["keygen"],
        ["keygen", made / "cli-vendor.key", "--derive-from", key, "--audience", "vendor"],
        ["registry", "init", place],
        ["registry", "init", place],
        ["registry", "add", place, inputs / "bad.csv"],
        ["registry", "add", place, inputs / "bad.csv", "--reject-file", custody / "cli-rejects.csv"],
        ["registry", "add", place, inputs / "quote.csv"],
        ["registry", "add", place, inputs / "notices.csv"],
        ["registry", "add", place, inputs / "notices.csv"],
        ["registry", "history", place, "arrest_number", UNPARSABLE],
        ["registry", "history", place, "arrest_number", SEALED, SEALED],
        ["registry", "seals", place, "--as-of", PAYLOAD],
        ["registry", "seals", place, "--epoch", PAYLOAD],
        ["registry", "changes", place, SEALED],
        ["registry", "migrate", place, custody / "cli-copy.db"],
        ["publish", place, "-o", index, "--use", "training", "--audience", "police", "--key-file", key],
        ["publish", place, "-o", index, "--use", "training", "--audience", "police", "--key-file", made / "no.key"],
        ["inspect", index],
        ["inspect", index, "--format", "json"],
        ["inspect", inputs / "train.csv"],
        ["schemes"],
        ["schemes", "--format", "json"],
        ["doctor"],
        ["init", made, "--who", "data-scientist", "--data", inputs],
        ["init", made, "--who", "auditor", "--data", inputs],
        ["demo", "--folder", made / "demo", "--arrests", 200, "--make-index"],
        ["demo", "--folder", made / "demo"],
    ):
        yield lambda words=words: _run(*words)
    for words in (
        ["history", place, "arrest_number", SEALED],
        ["seals", place],
        ["changes", place, 0, "--format", "json"],
        ["seals", place, "--format", "json"],
    ):
        yield lambda words=words: _run_for_the_custodian("registry", *words)
    yield lambda: _run_with_input(SEALED + UNPARSABLE, "registry", "history", place, "arrest_number")


def data_commands(world: World) -> Calls:
    made, inputs = world.made, world.inputs
    options = ["--index", made / "cli.sealindex", "--key-file", made / "cli.key", "--on", "arrest_number=arrest_no"]
    names = ["train.csv", "train.parquet", "train.jsonl", "train.csv.gz", "doubtful.csv", "several", *world.damaged]
    for name in names:
        yield lambda name=name: _run("scan", inputs / name, *options, "--report", made / f"cli-{name}.sarif")
        out = world.path_of_output(name)
        yield lambda name=name, out=out: _run(
            "scrub", inputs / name, *options, "-o", out, "--quarantine", world.aside / f"cli-{name}"
        )
    for format in ("text", "json", "junit", "sarif", "html", "none"):
        yield lambda format=format: _run("scan", inputs / "doubtful.csv", *options, "--format", format)
    for more in (
        ["--dry-run"],
        [],
        ["-o", inputs / "train.csv"],
        ["-o", made / "no" / "folder.csv"],
        ["--dry-run", "--set", f"n={PAYLOAD}"],
        ["--dry-run", "--set", PAYLOAD],
        ["--dry-run", "--null-columns", "offense"],
        ["--dry-run", "--accept", "near", "--allow", "withheld"],
        ["--dry-run", "--min-coverage", 2],
        ["--dry-run", "--use", "output"],
    ):
        yield lambda more=more: _run("scrub", inputs / "doubtful.csv", *options, *more)


def audits(world: World) -> Calls:
    """Model files that hold canaries at every place that a report may name."""
    made, folder = world.made, world.inputs / "models"
    folder.mkdir()
    rows = {"arrest_no": [SEALED, "B17000001"], "a": [1.5, 2.5], "b": [2.25, 1.0], "c": [3.125, 9.0]}
    (folder / f"{SEALED}.pkl").write_bytes(pickle.dumps({SEALED: {PAYLOAD: [UNPARSABLE, {"a": (SEALED,)}]}}))
    (folder / "broken.pkl").write_bytes(pickle.dumps([SEALED, PAYLOAD])[:-9])
    (folder / "a.json").write_text(json.dumps({PAYLOAD: {SEALED: [PAYLOAD, 1.5]}, "rows": [[1.5, 2.25, 3.125]] * 2}))
    (folder / "a.html").write_text(f"<html>{SEALED} {PAYLOAD}</html>")
    (folder / "near.txt").write_text(f"see {SEALED.replace('0', 'O')}, {PAYLOAD}")
    (folder / "a.bin").write_bytes(b"\0\xff" + SEALED.encode() + b"\0\xfe")
    pl.DataFrame(rows | {PAYLOAD: [1, 2]}).write_parquet(folder / "a.parquet")
    pl.DataFrame(rows).write_csv(world.inputs / "rows.csv")
    options = ["--index", made / "cli.sealindex", "--key-file", made / "cli.key"]
    table = ["--rows", world.inputs / "rows.csv", "--on", "arrest_number=arrest_no"]
    for name, more in (
        ("", ["--report", made / "audit.html", "--report", made / "audit.json", "--report", made / "audit.xml"]),
        ("", [*table, "--report", made / "audit.txt"]),
        ("", ["--only", "docket"]),
        ("", ["--accept", "near", "--report", made / "audit.json"]),
        ("", ["--accept", "all"]),
        ("", ["--rows", folder / "broken.pkl"]),
        ("", ["--rows", world.inputs / "quote.csv"]),
        ("broken.pkl", ["--format", "json"]),
        ("absent.pkl", []),
    ):
        yield lambda name=name, more=more: _run("audit-model", folder / name, *options, *more)


def _run(*words: object) -> int:
    return run([str(word) for word in words])


def _run_for_the_custodian(*words: object) -> object:
    """Run a command whose standard output is what the custodian asked to see; the rest stays watched."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = _run(*words)
    assert SEALED in out.getvalue()
    return Unwatched(code)


def _run_with_input(text: str, *words: object) -> int:
    kept, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        return _run(*words)
    finally:
        sys.stdin = kept


def unforeseen(world: World) -> Calls:
    """Something raises within a command that nobody foresaw."""
    yield lambda: _run_while_failing("scan", world.inputs / "train.csv")


def _run_while_failing(*words: object) -> int:
    from sealscrub import transforms

    def fail(*given: object, **named: object) -> None:
        raise RuntimeError(PAYLOAD + SEALED)

    kept, transforms.scan = transforms.scan, fail
    folder = Path(str(words[1])).parents[1] / "made"
    try:
        options = ["--index", folder / "cli.sealindex", "--key-file", folder / "cli.key", "--on", "arrest_number=x"]
        return _run(*words, *options)
    finally:
        transforms.scan = kept


def plan_commands(world: World) -> Calls:
    estate, made = world.inputs / "estate", world.made
    plan, places = (
        estate / "sealscrub.toml",
        ["--index", made / "example.sealindex", "--key-file", made / "example.key"],
    )
    for words in (
        ["plan", "init", estate, "-o", made / "proposed.toml"],
        ["plan", "init", estate],
        ["plan", "init", estate, *places, "-o", made / "proposed-by-index.toml"],
        ["plan", "check", plan, "--report", made / "plan-check.xml"],
        ["plan", "check", plan, "--no-recipes"],
        ["plan", "check", plan, *places, "--report", made / "plan-compared.xml"],
        ["plan", "check", made / "proposed.toml", "--root", estate],
        ["plan", "graph", plan, "--report", made / "plan.html"],
        ["plan", "graph", plan],
        ["plan", "schema"],
        ["scan", "--plan", plan, *places],
        ["scrub", "--plan", plan, *places, "-o", world.path_of_output("estate"), "--report", made / "plan.json"],
        ["scrub", "--plan", plan, *places, "--dry-run"],
        ["scrub", "--plan", plan],
    ):
        yield lambda words=words: _run(*words)


DRIVES = (plan_commands, commands, data_commands, audits, unforeseen)
