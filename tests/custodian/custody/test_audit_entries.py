"""Each act that the log is for stands in it before it is done, with what it overrides; on a full disk none is done."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealscrub.custodian.custody import AuditLog, Kind, Terms, account, file_paper, verify_log
from sealscrub.custodian.registry import Registry
from sealscrub.errors import ConfigError, InvalidCertificate, UnreadableInput, WriteFailed
from sealscrub.identifiers import generate_certifier, generate_keys, load_key, load_publisher

from ...cli.conftest import NEAR, Ended, made, sealscrub, world
from ...today import today
from .conftest import SEALED, Custodian, Kept, access, listed

__all__ = ["made", "sealscrub", "world"]

Call = Callable[..., Ended]


@contextlib.contextmanager
def full_disk(log: Path) -> Iterator[None]:
    """Let the disk take no more than half a line of the log."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 30, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


def told(log: Path) -> list[tuple[str, str, str | None]]:
    """Kind, words and result of each act, in order; every act has its outcome, and it comes after."""
    verdict = verify_log(AuditLog.open(log))
    assert (verdict.problems, verdict.open) == ((), ())
    entries = list(AuditLog.open(log))
    results = {entry.of: entry.result for entry in entries if entry.kind is Kind.OUTCOME}
    return [
        (entry.kind.value, entry.what, results.get(entry.number))
        for entry in entries
        if entry.kind not in (Kind.OUTCOME, Kind.LOG)
    ]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scrubbing(log: Path, *more: object, data: str = "found.csv") -> list[object]:
    options = ["--index", "example.sealindex", "--key-file", "example.key", "--on", "arrest_number=arrest_no"]
    return ["scrub", data, *options, "-o", "out.csv", "--audit-log", log, *more]


@pytest.fixture
def log(world: Path) -> Path:
    return AuditLog.create(world / "audit.log", who="team").path


def test_a_scrub_stands_in_the_log_by_epoch_and_without_ids(log: Path, sealscrub: Call) -> None:
    assert sealscrub(*scrubbing(log)).code == 0
    _, entry, outcome = AuditLog.open(log)

    assert told(log) == [("scrub", "scrub", "done")]
    assert (entry.who, entry.epoch) == (account(), 1)
    assert len(entry.digest or "") == 32
    assert outcome.digest == sha256(Path("out.csv"))
    assert outcome.count is None
    assert SEALED not in log.read_text()


def test_what_a_scrub_overrides_stands_before_it(log: Path, sealscrub: Call) -> None:
    less = ["--accept", "near", "--allow", "withheld", "--min-coverage", "0.5", "--max-unparsable", "0.2"]
    less += ["--recall-alpha", "0.1"]
    assert sealscrub(*scrubbing(log, *less, data="doubtful.csv")).code == 0

    assert told(log) == [
        ("override", "scrub accept near", "done"),
        ("override", "scrub allow withheld", "done"),
        ("override", "scrub min-coverage 0.5", "done"),
        ("override", "scrub max-unparsable 0.2", "done"),
        ("override", "scrub recall-alpha 0.1", "done"),
        ("scrub", "scrub", "done"),
    ]
    assert NEAR not in log.read_text()


def test_a_scrub_that_fails_says_so_and_stricter_is_no_override(log: Path, sealscrub: Call) -> None:
    assert sealscrub(*scrubbing(log, "--min-coverage", "0.99", data="doubtful.csv")).code == 3

    assert told(log) == [("scrub", "scrub", "failed")]


def test_a_plan_and_a_certificate_stand_in_the_log(log: Path, world: Path, sealscrub: Call) -> None:
    import polars as pl

    pl.read_csv("found.csv").write_parquet("train.parquet")
    Path("sealscrub.toml").write_text(
        'version = 1\nindex = "example.sealindex"\nkey_file = "example.key"\n'
        '[tables.train]\nsource = "train.parquet"\nkeys = { arrest_number = "arrest_no" }\n'
        'independent = { n = "a row" }\n'
    )
    generate_certifier(world / "team.key")
    assert sealscrub("scrub", "--plan", "sealscrub.toml", "--dry-run", "--audit-log", log).code == 0
    assert sealscrub("scrub", "--plan", "sealscrub.toml", "-o", "clean", "--audit-log", log).code == 0
    certify = ["certify", "--data", "clean/train.parquet", "--index", "example.sealindex", "--key-file", "example.key",
               "--on", "arrest_number=arrest_no", "--signing-key", "team.key", "-o", "c.json",
               "--audit-log", log]  # fmt: skip
    assert sealscrub(*certify).code == 0

    assert told(log) == [
        ("scrub", "scrub plan dry-run", "done"),
        ("scrub", "scrub plan", "done"),
        ("certificate", "certify", "done"),
    ]
    assert AuditLog.open(log).last().digest == sha256(Path("c.json"))
    certify[2] = "train.parquet"
    assert sealscrub(*certify).code == 1
    assert told(log)[-1] == ("certificate", "certify", "failed")
    with full_disk(log):
        Path("c.json").unlink()
        assert sealscrub(*certify).code == 3
        assert sealscrub("scrub", "--plan", "sealscrub.toml", "-o", "again", "--audit-log", log).code == 3
    assert not Path("c.json").exists()
    assert not Path("again").exists()


def test_on_a_full_disk_nothing_is_scrubbed(log: Path, sealscrub: Call) -> None:
    before = log.read_bytes()
    with full_disk(log):
        ended = sealscrub(*scrubbing(log))

    assert (ended.code, "nothing was done" in ended.err) == (3, True)
    assert not Path("out.csv").exists()
    assert log.read_bytes() == before
    assert sealscrub(*scrubbing(Path("absent.log"))).code == 3
    assert not Path("out.csv").exists()


def test_an_outcome_that_cannot_be_written_does_not_say_that_nothing_was_done(kept: Kept) -> None:
    with (
        contextlib.ExitStack() as later,
        pytest.raises(WriteFailed, match="act was done"),
        kept.log.act(access()) as act,
    ):
        later.enter_context(full_disk(kept.log.path))
    assert [entry.number for entry in kept.verify().open] == [act.number]


def publish(custodian: Custodian, **options: object) -> Path:
    path = custodian.folder / "training.sealindex"
    with Registry.open(custodian.place) as registry:
        registry.publish(
            path,
            keys=load_key(custodian.folder / "seal.key"),
            publisher=load_publisher(custodian.folder / "seal.key.publisher"),
            uses=["training"],
            audience="police",
            **options,
        )
    return path


def test_a_publication_says_what_went_out_and_which_day_it_lies_back(custodian: Custodian) -> None:
    generate_keys(custodian.folder / "seal.key")
    custodian.roster(listed("publishing_index", "registry"))
    path = publish(custodian)
    last = custodian.log.last()
    assert (last.epoch, last.count, last.digest) == (1, 2, sha256(path))
    publish(custodian, as_of=today() - dt.timedelta(1))
    assert told(custodian.log.path)[-1] == ("publication", "publish", "done")
    day = dt.date(2020, 3, 2)
    publish(custodian, as_of=day, not_after=today(), allow_empty=True)
    assert told(custodian.log.path)[-3:] == [
        ("override", f"publish as-of {day}", "done"),
        ("override", "publish allow-empty", "done"),
        ("publication", "publish", "done"),
    ]
    path.unlink()
    with full_disk(custodian.log.path), pytest.raises(WriteFailed, match="nothing was done"):
        publish(custodian)
    assert not path.exists()


def test_a_roster_that_comes_into_force_stands_in_the_log_whoever_put_it_there(custodian: Custodian) -> None:
    custodian.roster(listed("gun_licence"), version=2)
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        registry.history("arrest_number", SEALED)
        registry.history("arrest_number", SEALED)

    kinds = [each[:2] for each in told(custodian.log.path)]
    assert kinds.count(("roster", "roster version 2")) == 1
    assert kinds.index(("roster", "roster version 2")) < kinds.index(("access", "registry history"))


def test_papers_are_filed_under_an_entry_and_in_order(custodian: Custodian, sealscrub: Call) -> None:
    folder, custody = custodian.folder, custodian.folder / "custody.toml"
    key, log = ("--signing-key", folder / "court.key"), ("--audit-log", folder / "audit.log")
    for version, before in ((2, folder / "roster.json"), (3, folder / "2.json")):
        text = (folder / "roster.toml").read_text().replace("version = 1", f"version = {version}")
        (folder / f"{version}.toml").write_text(text)
        signed = sealscrub(
            "roster",
            "sign",
            folder / f"{version}.toml",
            *key,
            "-o",
            folder / f"{version}.json",
            *log,
            "--previous",
            before,
        )
        assert signed.code == 0
    assert told(folder / "audit.log")[-1] == ("roster", "roster sign version 3", "done")
    assert custodian.log.last().digest == sha256(folder / "3.json")
    assert "filed version 2" in sealscrub("roster", "file", folder / "2.json", "--custody", custody).err
    assert sealscrub("roster", "file", folder / "2.json", "--custody", custody).code == 2
    with full_disk(folder / "audit.log"):
        assert sealscrub("roster", "file", folder / "3.json", "--custody", custody).code == 3
    assert (folder / "roster.json").read_bytes() == (folder / "2.json").read_bytes()
    assert sealscrub("roster", "file", folder / "3.json", "--custody", custody).code == 0
    assert (folder / "roster.json").read_bytes() == (folder / "3.json").read_bytes()
    assert sealscrub("roster", "file", folder / "2.json", "--custody", custody).code == 2
    assert told(folder / "audit.log")[-2:] == [
        ("roster", "roster file version 2", "done"),
        ("roster", "roster file version 3", "done"),
    ]


def test_an_order_is_filed_under_an_entry_that_refers_to_its_records(custodian: Custodian, sealscrub: Call) -> None:
    folder, terms = custodian.folder, Terms.from_file(custodian.folder / "custody.toml")
    custodian.order(SEALED, account=account())
    words = ["roster", "order", folder / "order.toml", "--signing-key", folder / "court.key"]
    words += ["--reference-key", folder / "audit.log.key", "--audit-log", folder / "audit.log", "-o", folder / "o.json"]
    assert sealscrub(*words).code == 0
    (folder / "orders" / "1.json").unlink()
    order = file_paper(terms, folder / "o.json")
    *_, entry, _ = custodian.log

    assert (entry.kind, entry.digest) == (Kind.ORDER, order.digest)
    assert entry.references == (custodian.references.refer("arrest_number", SEALED),)
    assert SEALED not in (folder / "audit.log").read_text()
    with Registry.open(custodian.place, purpose="court_order") as registry:
        assert len(registry.history("arrest_number", SEALED)) == 1


@pytest.mark.parametrize("version", [1, 2])
def test_a_roster_that_was_lost_is_replaced_by_itself_or_a_later_one(custodian: Custodian, version: int) -> None:
    terms, lost = Terms.from_file(custodian.folder / "custody.toml"), custodian.folder / "lost.json"
    custodian.roster(listed("gun_licence"), version=2)
    with Registry.open(custodian.place, purpose="gun_licence") as registry:
        registry.history("arrest_number", SEALED)
    Path(terms.roster).rename(lost)
    custodian.roster(listed("audit"), version=version)
    other = Path(terms.roster).rename(custodian.folder / "other.json")

    with pytest.raises(ConfigError, match="already in force"):
        file_paper(terms, other)
    assert not Path(terms.roster).exists()
    file_paper(terms, lost)
    assert Path(terms.roster).read_bytes() == lost.read_bytes()


def test_what_is_no_paper_of_the_authoritys_is_not_filed(custodian: Custodian) -> None:
    terms, before = Terms.from_file(custodian.folder / "custody.toml"), custodian.log.path.read_bytes()
    custodian.order(SEALED, account=account(), until=-1)
    custodian.roster(listed("audit"), days=(-30, -1), version=2)
    (custodian.folder / "deep.json").write_text("[" * 100_000)
    wrong = {
        "deep.json": InvalidCertificate,
        "orders/1.json": ConfigError,
        "roster.json": ConfigError,
        "roster.toml": InvalidCertificate,
        "absent": UnreadableInput,
    }
    for name, error in wrong.items():
        with pytest.raises(error):
            file_paper(terms, custodian.folder / name)
    assert custodian.log.path.read_bytes() == before
