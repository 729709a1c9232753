"""What the audit log costs: ``python -m benchmarks.audit``. Prints rates and times; part of no test run."""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealscrub.custodian.custody import (
    AuditLog,
    Entry,
    Kind,
    Result,
    check_proof,
    make_checkpoint,
    prove_consistency,
    prove_entry,
    verify_log,
)

ENTRY = Entry(
    kind=Kind.ACCESS,
    who="r.alvarez",
    what="registry history",
    purpose="gun_licence",
    scope="record",
    references=("ab" * 16,),
    grant="cd" * 32,
    registry="ef" * 8,
    epoch=12,
)
OUTCOME = Entry(kind=Kind.OUTCOME, who="r.alvarez", of=0, result=Result.DONE, count=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--together", type=int, default=1000, help="entries of one group commit")
    parser.add_argument("--folder", type=Path, help="on the disk that is measured; by default a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(Path(folder), options.entries, options.together)


def measure(folder: Path, entries: int, together: int) -> None:
    log, key = AuditLog.create(folder / "audit.log", who="r.alvarez"), Ed25519PrivateKey.generate()
    print(f"one durable append at a time: {rate(500, lambda: log.append(ENTRY), 500):,.0f} entries/s")
    print(f"64 threads, one append each at a time: {threads(log, 64, 100):,.0f} entries/s")
    commits = entries // together
    print(f"group commits of {together:,}: {rate(commits, lambda: commit(log, together), entries):,.0f} entries/s")
    size = log.last().number + 1
    with timed(f"verification of {size:,} entries, every line looked at"):
        verify_log(log)
    with timed("checkpoint of them"):
        first = make_checkpoint(log, key)
    commit(log, together)
    note, public = make_checkpoint(log, key), key.public_key()
    walls, processors = [], []
    for number in range(0, size, size // 100):
        start, used = time.perf_counter(), time.process_time()
        proof = prove_entry(log, number, note, public)
        processors.append((time.process_time() - used) * 1000)
        walls.append((time.perf_counter() - start) * 1000)
        check_proof(proof, public)
    for what, took in (("wall", walls), ("processor", processors)):
        print(f"inclusion proof, {what}: {statistics.median(took):.2f} ms, at most {max(took):.2f} ms in {len(took)}")
    start = time.perf_counter()
    prove_consistency(log, first, note, public)
    print(f"consistency proof: {(time.perf_counter() - start) * 1000:.2f} ms")


def commit(log: AuditLog, together: int) -> None:
    """Write acts and their outcomes in one group."""
    at = log.last().number + 1
    pairs = ((ENTRY, replace(OUTCOME, of=number)) for number in range(at, at + together, 2))
    log.append(*[entry for pair in pairs for entry in pair])


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    start, used = time.perf_counter(), time.process_time()
    yield
    processor = time.process_time() - used
    print(f"{what}: {time.perf_counter() - start:.1f} s, {processor:.1f} s of the processor")


def rate(times: int, call: Callable[[], object], entries: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return entries / (time.perf_counter() - start)


def threads(log: AuditLog, count: int, each: int) -> float:
    def write() -> None:
        for _ in range(each):
            log.append(ENTRY)

    writers = [threading.Thread(target=write) for _ in range(count)]
    start = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    return count * each / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
