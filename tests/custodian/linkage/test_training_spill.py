"""What DuckDB spills holds names: it is private, it is gone when training ends, and a killed one's is listed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sealscrub.custodian.reviews import left_spills

SPILLING = """
import os, resource, signal, sys, tempfile, threading, time
from pathlib import Path
from sealscrub.custodian.linkage import splink_training, train
from sealscrub.datasets import make_named_arrests
from sealscrub.errors import IncompleteError

def kill_when_spilled():
    while not any(file.stat().st_size for file in Path(tempfile.gettempdir()).glob("sealscrub-*/duckdb_temp_*")):
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGKILL)

city = make_named_arrests(600, seed=77, noise=5, sealed_share=0.5)
splink_training._MEMORY = "12MB"  # so little of it does not fit
if sys.argv[1] == "kill":
    threading.Thread(target=kill_when_spilled, daemon=True).start()
else:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    train(city.seals, city.rows, trained_on="x")
except IncompleteError as error:
    print(error)
"""


def trained(how: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, "-c", SPILLING, how]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=500)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="limits and kills are those of Unix")
def test_a_full_disk_ends_a_training_without_a_trace(tmp_path: Path) -> None:
    done = trained("full", tmp_path)

    assert "space on the disk" in done.stdout
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, "", [])


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="limits and kills are those of Unix")
def test_what_a_killed_training_leaves_is_private_and_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained("kill", tmp_path).returncode == -signal.SIGKILL

    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert {each.path.parent for each in left_spills()} == {folder}
