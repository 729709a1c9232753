"""The audit log: an entry before the act and its outcome after it, anyone who writes and whatever happens."""

from __future__ import annotations

import datetime as dt
import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sealscrub.custodian.custody import AuditLog, Entry, Kind, Result, verify_log
from sealscrub.errors import InvalidCertificate, UnreadableInput, UsageError, WriteFailed

from .conftest import Kept, access


def test_an_act_has_an_entry_before_it_and_an_outcome_after_it(kept: Kept) -> None:
    with kept.log.act(access("registry history")) as act:
        assert kept.log.last().number == act.number
        assert kept.log.last().kind is Kind.ACCESS
        act.count = 7
    last = kept.log.last()

    assert (last.kind, last.of, last.result, last.count) == (Kind.OUTCOME, act.number, Result.DONE, 7)


def test_an_acts_own_error_goes_before_the_logs(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError), kept.log.act(access()):
        1 // kept.log.path.write_bytes(b"")


def test_an_act_that_fails_says_so_and_its_error_goes_on(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError), kept.log.act(access()):
        _ = 1 / 0

    assert kept.log.last().result is Result.FAILED


def test_two_logs_are_not_the_same(kept: Kept, tmp_path: Path) -> None:
    other = AuditLog.create(tmp_path / "other.log", who="m.chen")

    assert other.origin != kept.log.origin
    assert AuditLog.open(other.path).origin == other.origin
    assert other.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="already"):
        AuditLog.create(other.path, who="m.chen")


@pytest.mark.parametrize("content", [b"", b"\n", b"hello\n", b'{"n":0}\n', b"\0" * 20000])
def test_another_file_is_no_log(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(content)
    with pytest.raises(UnreadableInput):
        AuditLog.open(tmp_path / "x.log")


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": "K14612345\n"},
        {"what": "x" * 81},
        {"references": ("K14612345",)},
        {"references": ("ab" * 16,) * 51},
        {"grant": "the mayor"},
        {"purpose": "\x1b[2J"},
    ],
)
def test_a_field_holds_nothing_else_than_it_is_for(wrong: dict[str, object], kept: Kept) -> None:
    before = kept.log.path.read_bytes()
    with pytest.raises(UsageError) as raised:
        kept.log.append(Entry(**{"kind": Kind.ACCESS, "who": "x", **wrong}))

    assert "14612345" not in str(raised.value)
    assert kept.log.path.read_bytes() == before


def test_many_threads_write_at_once(kept: Kept) -> None:
    before, numbers = kept.log.last().number, []

    def write() -> None:
        for _ in range(20):
            numbers.append(kept.log.append(access(), access()))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(before + 1, before + 1 + 8 * 20 * 2, 2))
    assert verify_log(kept.log).intact


_WRITER = """
import sys
from sealscrub.custodian.custody import AuditLog, Entry, Kind
log = AuditLog.open(sys.argv[1])
for _ in range(50):
    with log.act(Entry(kind=Kind.ACCESS, who="m.chen", what="registry seals")):
        pass
"""


def test_two_custodians_write_at_once(kept: Kept) -> None:
    before = kept.log.last().number
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(kept.log.path)]) for _ in range(2)]
    kept.acts(50)
    assert [writer.wait() for writer in writers] == [0, 0]

    verdict = kept.verify()
    assert verdict.intact
    assert verdict.open == ()
    assert kept.log.last().number == before + 3 * 50 * 2


_KILLED = """
import os, signal, sys
from sealscrub.custodian.custody import AuditLog, Entry, Kind
with AuditLog.open(sys.argv[1]).act(Entry(kind=Kind.ACCESS, who="m.chen", what="registry history")):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_between_entry_and_act_leaves_an_open_entry(kept: Kept) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(kept.log.path)])
    assert killed.returncode == -signal.SIGKILL
    verdict = kept.verify()

    assert verdict.intact
    assert [entry.what for entry in verdict.open] == ["registry history"]
    assert "1 entry without an outcome" in verdict.to_text()


def test_what_a_killed_writer_left_of_a_line_is_no_entry(kept: Kept) -> None:
    whole = kept.log.path.read_bytes()
    with kept.log.path.open("ab") as file:
        file.write(b'{"at":"2026-')
    assert kept.verify().intact

    kept.acts(1)
    assert kept.log.path.read_bytes().startswith(whole)
    assert kept.verify().intact


def test_no_act_without_an_entry(kept: Kept) -> None:
    """The disk takes half a line: nothing stays of it, and the act is not done."""
    before, done = kept.log.path.read_bytes(), []
    kept_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 30, kept_limit[1]))
    try:
        with pytest.raises(WriteFailed, match="nothing was done"), kept.log.act(access()):
            done.append("act")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept_limit)
        signal.signal(signal.SIGXFSZ, handler)

    assert done == []
    assert kept.log.path.read_bytes() == before
    kept.acts(1)
    assert kept.verify().intact


def test_no_act_before_the_disk_has_the_entry(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes the entry and cannot say that it kept it: the act waits for that word, and is not done."""
    done, synced = [], []

    def failing(handle: int) -> None:
        synced.append(os.fstat(handle).st_size)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(WriteFailed, match="nothing was done"), kept.log.act(access()):
        done.append("act")

    assert done == []
    assert synced[0] == kept.log.path.stat().st_size, "all of the entry was written when the disk was asked"


def test_a_log_that_went_away_allows_no_act(kept: Kept) -> None:
    kept.log.path.unlink()
    with pytest.raises(WriteFailed, match="nothing was done"):
        kept.log.append(access())


def test_a_log_put_back_under_a_writer_is_found_at_once(kept: Kept) -> None:
    earlier = kept.log.path.read_bytes()
    kept.acts(1)
    kept.log.path.write_bytes(earlier)
    with pytest.raises(InvalidCertificate, match="became shorter"):
        kept.log.append(access())


def test_an_act_under_which_the_log_is_put_back_was_done(kept: Kept) -> None:
    earlier = kept.log.path.read_bytes()
    with pytest.raises(WriteFailed, match="act was done"), kept.log.act(access()):
        kept.log.path.write_bytes(earlier)


def test_only_an_act_has_an_outcome(kept: Kept) -> None:
    with pytest.raises(UsageError, match="does not begin an act"), kept.log.act(Entry(kind=Kind.DENIAL, who="x")):
        pass


def test_no_entry_is_dated_before_the_one_above_it(kept: Kept) -> None:
    """Where the clock was set back, an entry has the moment of the one before."""
    *before, last = kept.log.path.read_bytes().splitlines(keepends=True)
    moment = kept.log.last().at
    later = moment + dt.timedelta(days=2)
    kept.log.path.write_bytes(
        b"".join([*before, last.replace(*(f"{each.date()}T".encode() for each in (moment, later)))])
    )

    kept.log.append(access())
    kept.log.append(access())

    assert kept.log.last().at == later
