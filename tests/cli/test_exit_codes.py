"""Exit codes are part of the interface: 0 clean or written, 1 found, 2 misused, 3 broken or unchecked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SEALED, Ended

Run = Callable[..., Ended]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        # 0: clean and complete; for scrub, the target is written
        (["scan", "clean.csv"], 0),
        (["scan", "header_only.csv"], 0),
        (["scan", "withheld.csv", "--allow", "withheld"], 0),
        (["scan", "doubtful.csv", "--accept", "near"], 0),
        (["scan", "clean.csv", "--use", "output"], 0),
        (["scrub", "clean.csv", "-o", "out.csv"], 0),
        (["scrub", "found.csv", "-o", "out.csv"], 0),
        (["scrub", "found.csv", "--dry-run"], 0),
        (["scrub", "doubtful.csv", "-o", "out.csv", "--quarantine", "aside.csv"], 0),
        (["scrub", "doubtful.csv", "-o", "out.csv", "--accept", "near"], 0),
        # 1: found, whether or not everything could be checked
        (["scan", "found.csv"], 1),
        (["scan", "withheld.csv"], 1),
        (["scan", "found_and_doubtful.csv"], 1),
        (["scan", "found.csv", "--min-coverage", "1"], 1),
        # 2: misused
        (["scan", "missing.csv"], 2),
        (["scan", "clean.csv", "--use", "aggregate_report"], 2),
        (["scan", "clean.csv", "--min-epoch", "99"], 2),
        (["scan", "clean.csv", "--on", "arrest_number=absent"], 2),
        (["scan", "clean.csv", "--on", "nysid=arrest_no"], 2),
        (["scan", "clean.csv", "--on", "docket=n"], 2),
        (["scan", "clean.csv", "--on", "no_scheme=n"], 2),
        (["scan", "clean.csv", "--accept", "everything"], 2),
        (["scan", "clean.csv", "--format", "yaml"], 2),
        (["scan", "clean.csv", "--report", "report.docx"], 2),
        (["scan", "clean.csv", "--min-coverage", "2"], 2),
        (["scan", "clean.csv", "--min-coverage", "many"], 2),
        (["scan", "clean.csv", "--no-such-option"], 2),
        (["scan"], 2),
        (["scrub", "found.csv"], 2),
        (["scrub", "found.csv", "-o", "found.csv"], 2),
        (["scrub", "found.csv", "-o", "out.csv", "--set", "n"], 2),
        (["scrub", "found.csv", "-o", "out.csv", "--set", "n=no number of the others"], 2),
        # 3: broken or unchecked
        (["scan", "doubtful.csv"], 3),
        (["scan", "without_keys.csv"], 3),
        (["scrub", "without_keys.csv", "-o", "out.csv"], 3),
        (["scrub", "doubtful.csv", "-o", "out.csv"], 3),
        (["scrub", "doubtful.csv", "--dry-run"], 3),
        (["scrub", "found.csv", "-o", "no/folder/out.csv"], 3),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_scan_and_scrub(world: Path, sealscrub: Run, options: list[str], words: list[str], code: int) -> None:
    ended = sealscrub(*words, *options)

    assert ended.code == code, ended.err
    assert (world / "out.csv").exists() is (code == 0 and "-o" in words)
    assert ended.err.startswith(("error: ", "Usage: ")) or ended.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["--help"], 0),
        ([], 2),
        (["nothing"], 2),
        (["keygen", "new.key"], 0),
        (["keygen", "example.key"], 2),
        (["keygen"], 2),
        (["keygen", "vendor.key", "--derive-from", "example.key", "--audience", "nobody"], 2),
        (["inspect", "example.sealindex"], 0),
        (["inspect", "clean.csv"], 2),
        (["inspect", "missing.sealindex"], 2),
        (["schemes"], 0),
        (["schemes", "--schemes", "missing.toml"], 2),
        (["registry", "init", "seals.db"], 0),
        (["registry", "add", "missing.db", "notices.csv"], 2),
        (["demo", "--folder", "."], 2),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_other_commands(world: Path, sealscrub: Run, words: list[str], code: int) -> None:
    ended = sealscrub(*words)

    assert ended.code == code, ended.err


def test_the_custodians_commands(world: Path, sealscrub: Run) -> None:
    publish = ["publish", "seals.db", "-o", "new.sealindex", "--use", "training", "--audience", "police"]
    publish += ["--key-file", "example.key"]
    bad = world / "bad.csv"
    bad.write_text((world / "notices.csv").read_text().replace("2015-03-02", "no day"))

    assert sealscrub("registry", "init", "seals.db").code == 0
    assert sealscrub("registry", "init", "seals.db").code == 2
    assert sealscrub(*publish).code == 2  # there is nothing to publish
    assert sealscrub(*publish, "--allow-empty").code == 0
    assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0
    assert sealscrub("registry", "add", "seals.db", "notices.csv").code == 0
    assert sealscrub("registry", "add", "seals.db", bad).code == 2
    assert sealscrub("registry", "add", "seals.db", bad, "--reject-file", "rejects.csv").code == 0
    assert sealscrub("registry", "history", "seals.db", "arrest_number", SEALED).code == 0
    assert sealscrub("registry", "history", "seals.db", "arrest_number", "no number").code == 2
    assert sealscrub("registry", "migrate", "seals.db", "copy.db").code == 0
    assert sealscrub(*publish).code == 0
    assert sealscrub(*publish, "--signing-key", "example.key").code == 2


def test_an_expired_index_is_refused(world: Path, sealscrub: Run, options: list[str]) -> None:
    publish = ["--use", "training", "--audience", "police", "--key-file", "example.key"]
    sealscrub("registry", "init", "seals.db")
    sealscrub("registry", "add", "seals.db", "notices.csv")
    days = ["--as-of", "2020-01-01", "--not-after", "2020-02-01"]
    assert sealscrub("publish", "seals.db", "-o", "old.sealindex", *publish, *days).code == 0

    ended = sealscrub("scan", "clean.csv", "--index", "old.sealindex", *options[2:])

    assert ended.code == 2
    assert "2020-02-01" in ended.err
