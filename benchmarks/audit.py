"""What the audit log costs: ``python -m benchmarks.audit``. Prints rates and times; part of no test run."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealscrub.custody import AuditLog, Entry, Kind, check_proof, make_checkpoint, prove_consistency, prove_entry

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
    batch = [ENTRY] * together
    commits = entries // together
    print(f"group commits of {together:,}: {rate(commits, lambda: log.append(*batch), entries):,.0f} entries/s")
    start = time.perf_counter()
    first = make_checkpoint(log, key)
    size = log.last().number + 1
    print(f"checkpoint of {size:,} entries, every line looked at: {time.perf_counter() - start:.1f} s")
    log.append(*batch)
    note, public = make_checkpoint(log, key), key.public_key()
    took: list[float] = []
    for number in range(0, size, size // 100):
        start = time.perf_counter()
        proof = prove_entry(log, number, note, public)
        took.append((time.perf_counter() - start) * 1000)
        check_proof(proof, public)
    print(f"inclusion proof, from the file: {statistics.median(took):.2f} ms, at most {max(took):.2f} ms in 100")
    start = time.perf_counter()
    prove_consistency(log, first, note, public)
    print(f"consistency proof: {(time.perf_counter() - start) * 1000:.2f} ms")


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
