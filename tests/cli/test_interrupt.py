"""Ctrl-C: the target is as it was, and the exit code says that it was Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import sealscrub

IN_THE_MIDDLE = """
import pathlib, sys, time
from sealscrub.cli import main
from sealscrub.matching import TableMatcher

judge = TableMatcher.judge

def judge_and_wait(self, batch):
    found = judge(self, batch)
    pathlib.Path("started").touch()
    for _ in range(40):
        time.sleep(0.1)
    return found

TableMatcher.judge = judge_and_wait
main(sys.argv[1:])
"""


def test_the_target_is_as_it_was(world: Path, options: list[str]) -> None:
    (world / "out.csv").write_text("what was there\n")
    before = {path.name for path in world.iterdir()}
    words = ["scrub", "found.csv", "-o", "out.csv", "--quarantine", "aside.csv", "--report", "report.json", *options]

    process = subprocess.Popen(
        [sys.executable, "-c", IN_THE_MIDDLE, *words],
        env={**os.environ, "PYTHONPATH": str(Path(sealscrub.__file__).parents[1])},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (world / "started").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert err == "interrupted; nothing was written\n"
    assert out == ""
    assert (world / "out.csv").read_text() == "what was there\n"
    assert {path.name for path in world.iterdir()} - before == {"started", "example.key.state"}
