"""A log that was rewound, edited, cut short or forked is found; so are lines that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sealscrub.custodian.custody import AuditLog, make_checkpoint, open_checkpoint, read_checkpoints, verify_log
from sealscrub.errors import InvalidCertificate

from .conftest import Kept


def refused(kept: Kept) -> str:
    """What is wrong; a checkpoint of it is signed by nobody."""
    before = kept.witness.read_bytes()
    with pytest.raises(InvalidCertificate, match="cannot sign a checkpoint"):
        kept.checkpoint()
    assert kept.witness.read_bytes() == before
    verdict = kept.verify()
    assert not verdict.intact
    assert "THE LOG WAS CHANGED" in verdict.to_text()
    return verdict.problems[0]


def lines_of(kept: Kept) -> list[bytes]:
    return kept.log.path.read_bytes().splitlines(keepends=True)


def test_an_untouched_log_is_intact_and_says_how_far_it_is_covered(kept: Kept) -> None:
    verdict = kept.verify()

    assert verdict.intact
    assert (verdict.size, verdict.covered) == (17, 11)
    assert "6 entries are younger" in verdict.to_text()
    kept.checkpoint()
    assert kept.verify().covered == 17


def test_a_rewound_log_is_found(kept: Kept) -> None:
    earlier = kept.log.path.read_bytes()
    kept.acts(2)
    kept.checkpoint()
    kept.log.path.write_bytes(earlier)

    assert "truncated or restored" in refused(kept)


@pytest.mark.parametrize("at", [1, 5, 10])
def test_an_edited_entry_is_found(kept: Kept, at: int) -> None:
    lines = lines_of(kept)
    lines[at] = lines[at].replace(b"r.alvarez", b"p.nobody1")
    kept.log.path.write_bytes(b"".join(lines))

    assert "the first 11 entries are not those" in refused(kept)


def test_a_log_that_was_cut_short_is_found(kept: Kept) -> None:
    kept.log.path.write_bytes(b"".join(lines_of(kept)[:9]))

    assert "over 11 entries, and the log has 9" in refused(kept)


def test_an_entry_taken_out_and_the_rest_renumbered_is_found(kept: Kept, tmp_path: Path) -> None:
    """The whole log written again by its own code, less one act: only the witness tells."""
    entries = list(kept.log)
    kept.log.path.unlink()
    again = AuditLog.create(kept.log.path, who="r.alvarez")
    again.append(*[entry for entry in entries[1:] if entry.kind.value == "access"])
    content = again.path.read_bytes().replace(again.origin.encode(), kept.log.origin.encode())
    kept.log.path.write_bytes(content)

    assert verify_log(AuditLog.open(kept.log.path)).intact
    assert refused(kept)


def test_a_forked_log_is_found(kept: Kept) -> None:
    """Two branches of one log, each with its checkpoint: anyone who sees both sees it."""
    start = kept.log.path.read_bytes()
    kept.acts(1)
    kept.checkpoint()
    kept.log.path.write_bytes(start)
    branch = AuditLog.open(kept.log.path)
    branch.append(*[list(branch)[1]] * 2)
    note = make_checkpoint(branch, kept.key)
    with kept.witness.open("a") as file:
        file.write("\n" + note)

    assert "the log was forked" in kept.verify().problems[0]


def test_a_checkpoint_of_another_log_is_found(kept: Kept, tmp_path: Path) -> None:
    other = AuditLog.create(tmp_path / "other.log", who="m.chen")
    with kept.witness.open("a") as file:
        file.write("\n" + make_checkpoint(other, kept.key))

    assert "to another log" in refused(kept)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"n":12', b'"n":13'), (b'{"at', b'{ "at'), (b"}\n", b',"seal":"x"}\n'), (b'"2', b'"1'), (b'"of":', b'"of":9')],
)
def test_a_line_after_the_last_checkpoint_that_is_no_entry_is_found(kept: Kept, old: bytes, new: bytes) -> None:
    lines = lines_of(kept)
    lines[12] = lines[12].replace(old, new, 1)
    kept.log.path.write_bytes(b"".join(lines))

    assert not kept.verify().intact


def test_a_checkpoint_by_another_key_says_nothing(kept: Kept) -> None:
    with pytest.raises(InvalidCertificate, match="not signed by the given key"):
        read_checkpoints(kept.witness, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize("at", range(0, 220, 7))
def test_a_changed_checkpoint_does_not_open(kept: Kept, at: int) -> None:
    note = kept.checkpoint()
    changed = note[:at] + ("A" if note[at : at + 1] != "A" else "B") + note[at + 1 :]
    if at < len(note):
        with pytest.raises(InvalidCertificate):
            open_checkpoint(changed, kept.key.public_key())
