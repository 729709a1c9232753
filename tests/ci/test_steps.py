"""The gate's steps: every step runs, a failed test is tried once more, and what did not pass is red."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STEPS = Path(__file__).parents[2] / ".ci" / "steps"
ONCE = """import pathlib, pytest
@pytest.mark.parametrize("a", [{values}])
def test_a(a):
    seen = pathlib.Path(f"{{__file__}}.{{len(a)}}")
    if seen.exists():
        {then}
    seen.touch()
    assert 0
"""
TESTS = {
    "good": "def test_a():\n    pass\n",
    "bad": "def test_a():\n    assert 0\n",
    "uncollected": "import no_such_module\n",
    "skipped": ONCE.format(values="'a'", then="pytest.skip('not here')"),
    "unstable": ONCE.format(values="'a b[/]', '$HOME\\'\"'", then="return"),
    "many": ONCE.format(values="*('a' * n for n in range(11))", then="return"),
}
PYTEST = f"'{sys.executable}' -m pytest -q -p no:xdist"


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A folder with the steps, and a small test file of each kind."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(STEPS, tmp_path / ".ci" / "steps")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name, text in TESTS.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    return tmp_path


def run_steps(gate: Path, *lines: str) -> tuple[int, str]:
    """Exit status and table of a gate of these steps."""
    script = gate / ".ci" / "run"
    script.write_text("\n".join(['cd "$(dirname "$0")/.." || exit 1', ". .ci/steps", *lines, "table 'the gate'"]))
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of plugins these tests use none, and each takes its time to start
    ran = subprocess.run(["bash", str(script)], env=env, capture_output=True, text=True, timeout=300)
    return ran.returncode, ran.stdout.partition("== the gate")[2]


def step_of(*names: str, least: int = 1) -> str:
    """Return a step that runs these files."""
    files = " ".join(f"test_{name}.py" for name in names)
    return f'tests "{names[0]}" 100 {least} . "{PYTEST} {files}" {PYTEST}'


def test_a_failure_that_passes_alone_is_unstable_and_not_red(gate: Path) -> None:
    code, table = run_steps(gate, step_of("unstable", "good"))
    assert code == 0
    assert "green" in table.splitlines()[1]
    assert "unstable, failed and then passed alone: test_unstable.py::test_a[a b[/]]" in table
    assert "unstable, failed and then passed alone: test_unstable.py::test_a[$HOME'\"]" in table


@pytest.mark.parametrize("name", ["bad", "skipped", "uncollected", "many"])
def test_what_did_not_pass_is_red_and_is_listed(gate: Path, name: str) -> None:
    code, table = run_steps(gate, step_of(name, "good"))
    assert code == 1
    assert "RED" in table.splitlines()[1]
    assert f"{name}: test_{name}.py" in table
    assert "unstable" not in table


def test_too_few_tests_are_red(gate: Path) -> None:
    assert run_steps(gate, step_of("good", least=1))[0] == 0
    code, table = run_steps(gate, step_of("good", least=2))
    assert code == 1
    assert "fewer than 2 tests passed" in table


def test_a_red_step_does_not_keep_the_next_from_running(gate: Path) -> None:
    code, table = run_steps(gate, 'step "first" 10 "exit 3"', 'step "slow" 1 "sleep 30"', 'step "last" 10 "true"')
    assert code == 1
    assert [row.split()[0] for row in table.splitlines()[1:4]] == ["RED", "RED", "green"]
    assert "exit status 3" in table
    assert "did not end within 1 s" in table


@pytest.mark.parametrize(("times", "code"), [(3, 0), (4, 1)])
def test_an_index_of_packages_is_asked_three_times(gate: Path, times: int, code: int) -> None:
    ask = f"thrice bash -c 'echo >>asked; [ \\$(wc -l <asked) = {times} ]'; echo ok >then"
    assert run_steps(gate, 'export pauses="0 0"', f'step "installs" 60 "{ask}"')[0] == code
    assert len((gate / "asked").read_text().splitlines()) == 3
    assert (gate / "then").exists() == (code == 0)


def test_no_step_begins_when_the_time_is_over(gate: Path) -> None:
    code, table = run_steps(gate, "total=-1", 'step "late" 10 "true"')
    assert code == 1
    assert table.splitlines()[1].startswith("not run")


@pytest.mark.parametrize("start", ["", "start_aside "])
def test_a_signal_ends_the_step_that_runs(gate: Path, start: str) -> None:
    script = gate / ".ci" / "run"
    step_to_end = f'{start}step "endless" 300 "echo \\$\\$ >pid; exec sleep 250"'
    script.write_text(f'cd "{gate}"\n. .ci/steps\n{step_to_end}\n{start and "join_aside"}\n')
    ran = subprocess.Popen(["bash", str(script)], stdout=subprocess.DEVNULL)
    while not (gate / "pid").is_file() or not (gate / "pid").read_text().strip():
        time.sleep(0.05)
    ran.send_signal(signal.SIGTERM)
    assert ran.wait(60) == 143
    pid = int((gate / "pid").read_text())
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.05)


def test_steps_that_run_aside_join_the_table(gate: Path) -> None:
    meet = "touch {}; until [ -f {} ]; do sleep 0.05; done"  # each waits for the other
    first, second = meet.format("a", "b"), meet.format("b", "a")
    lines = [
        'first() { step "first" 60 "' + first + '"; step "wrong" 10 "exit 3"; }',
        "start_aside first",
        f'step "second" 60 "{second}"',
        "join_aside",
    ]
    code, table = run_steps(gate, *lines)
    assert code == 1
    assert [row.split()[0] for row in table.splitlines()[1:4]] == ["green", "green", "RED"]
    assert [row.split()[3] for row in table.splitlines()[1:4]] == ["second", "first", "wrong"]


def test_what_runs_aside_and_dies_is_red(gate: Path) -> None:
    code, table = run_steps(gate, "start_aside exit 0", 'step "last" 10 "true"', "join_aside")
    assert code == 1
    assert "what ran aside" in table
