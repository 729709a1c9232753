"""A run in a forked process gives, bit for bit, what it gives in a fresh interpreter; one knows nothing of another."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sealscrub.validators.landlock import landlock_abi
from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.outcome import Outcome
from sealscrub.validators.trial.runner import Runner

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(not landlock_abi(), reason="only sandboxed runs are forked")


def circumstances(data: Any) -> dict[str, Any]:
    """What a function can see of its process, other than numbers that no two processes share."""
    import locale
    import random
    import resource
    import signal
    import sys
    import tempfile
    import threading
    import uuid

    import numpy as np
    import polars as pl

    status = Path("/proc/self/status").read_text().splitlines()
    kept = ("Umask", "Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "SigBlk", "SigIgn", "SigCgt")
    place = os.environ["TMPDIR"]
    own = {name: value.replace(place, "") for name, value in os.environ.items()}
    factors = np.random.default_rng().normal(size=(300, 300))
    return {
        "environment": sorted(own.items()),
        "arguments": [os.path.basename(each) for each in sys.argv],
        "main": sys.modules["__main__"].__spec__.name,
        "modules": sorted(sys.modules),
        "path": list(sys.path),
        "flags": str(sys.flags),
        "folder": os.getcwd(),
        "temporary": [tempfile.gettempdir() == place, next(tempfile._get_candidate_names())],
        "hash": hash("arrest"),
        "chance": [random.random(), np.random.rand(), pl.Series(range(9)).shuffle().to_list()],
        "own chance": uuid.uuid4().version,
        "product": (factors @ factors).tobytes(),
        "threads": [threading.active_count(), pl.thread_pool_size()],
        "limits": [resource.getrlimit(each) for each in range(16)],
        "signals": [str(signal.getsignal(each)) for each in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE)],
        "status": [line for line in status if line.startswith(kept)],
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "input": sys.stdin.read(),
        "locale": locale.getlocale(),
        "session": os.getsid(0) == os.getpid(),
    }


def outcomes(function: Callable[[Any], Any], *fresh: bool, data: Any = None) -> Iterator[Outcome]:
    """Run a function over the same data in fresh and in forked processes."""
    with Runner(function, None, seed=7) as runner:
        place = runner.keep(data)
        for each in fresh:
            yield runner.run(place, planted={}, fresh=each)


def differences(one: Outcome, other: Outcome) -> list[str]:
    """Name what differs between two results."""
    assert (one.status, other.status) == ("ok", "ok"), (one.said, other.said)
    return [str(each) for each in compare(one.pieces, other.pieces)]


def test_runs_are_forked_where_they_can_be() -> None:
    if Path("/proc/sys/kernel/randomize_va_space").read_text().strip() == "0":
        pytest.skip("all processes have the same addresses")
    first, second, fresh = outcomes(lambda data: id(len), False, False, True)

    assert differences(first, second) == []
    assert differences(first, fresh) != []


def test_it_is_a_fresh_interpreter_as_far_as_can_be_seen() -> None:
    fresh, forked = outcomes(circumstances, True, False)

    assert differences(fresh, forked) == []
    assert forked.open_doors == fresh.open_doors


def marked(data: Any) -> None:
    """Leave a mark in every place that a later run might see, unless there is one."""
    import sys
    import tempfile

    import polars as pl

    places = [Path(tempfile.gettempdir()), *map(Path, (os.getcwd(), "/dev/shm", sys.prefix))]  # noqa: S108
    found = {"module": hasattr(pl, "mark"), "environment": "MARK" in os.environ, "path": "/mark" in sys.path}
    found |= {f"file {at}": (place / "sealscrub-mark").exists() for at, place in enumerate(places)}
    assert not any(found.values())
    pl.mark = os.environ["MARK"] = "a row"  # type: ignore[attr-defined]
    sys.path.append("/mark")
    for place in places:
        with contextlib.suppress(OSError):
            (place / "sealscrub-mark").write_text("a row")
    if not os.fork():  # a process that would outlive the run
        os.setsid()
        Path("/proc/self/comm").write_text("left-by-a-run")
        time.sleep(600)


def test_a_run_finds_nothing_of_another_and_leaves_no_process() -> None:
    assert [each.status for each in outcomes(marked, False, False)] == ["ok", "ok"]
    names = [each.read_text() for each in Path("/proc").glob("[0-9]*/comm") if each.exists()]
    assert "left-by-a-run\n" not in names


def threads(data: Any) -> int:
    import polars as pl

    return pl.thread_pool_size()


def test_a_variable_that_a_library_reads_when_it_is_imported_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARS_MAX_THREADS", "1")
    (before,) = outcomes(threads, False)
    monkeypatch.setenv("POLARS_MAX_THREADS", "3")
    fresh, forked = outcomes(threads, True, False)

    assert differences(fresh, forked) == []
    assert differences(before, forked) != []


def test_a_projects_own_module_of_a_librarys_name_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cryptography.py").write_text("raise ImportError")  # without which no scheme can be read
    monkeypatch.syspath_prepend(tmp_path)
    assert [each.status for each in outcomes(threads, True, False)] == ["error", "error"]


@pytest.mark.long
def test_results_of_the_leak_corpus_are_those_of_fresh_interpreters() -> None:
    command = [sys.executable, "-m", "tests.leak_corpus.forks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=7200)
    assert done.returncode == 0, done.stdout[-2000:]
