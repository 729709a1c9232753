"""Where the terms name a second approver, one signature ends no seal and opens no record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sealscrub.certificates import load_signer
from sealscrub.custodian.custody import Kind, Terms, account, approve_file, file_paper
from sealscrub.custodian.registry import Registry, migrate
from sealscrub.custodian.reviews import write_review
from sealscrub.errors import AccessDenied, ConfigError, UsageError
from sealscrub.identifiers import generate_certifier

from ...cli.conftest import Ended, sealscrub
from ...today import today
from .conftest import SEALED, Custodian, custodian, listed

__all__ = ["custodian", "sealscrub"]


@pytest.fixture
def two(custodian: Custodian) -> Custodian:
    """A registry whose terms name a second approver."""
    generate_certifier(custodian.folder / "deputy.key")
    terms = custodian.folder / "custody.toml"
    terms.write_text(terms.read_text() + 'second = "deputy.key.pub"\n')
    custodian.place.unlink()
    custodian.roster(listed("keeping_registry", "registry"))
    with Registry.create(custodian.place, custody=Terms.from_file(terms)) as registry:
        registry.add(custodian.folder / "notices.csv")
    return custodian


def vacated(two: Custodian) -> Path:
    path = two.folder / "vacated.csv"
    path.write_text(f"seal_id,event,effective_from,arrest_number\nS1,vacated,2021-01-01,{SEALED}\n")
    return path


def corrected(two: Custodian) -> Path:
    path = two.folder / "corrections.csv"
    path.write_text("seal_id,reason\nS1,wrong_notice\n")
    return path


ENDS: dict[str, tuple[Callable[[Custodian], Path], Callable[[Registry, Path], object]]] = {
    "add": (vacated, lambda registry, path: registry.add(path)),
    "correct": (corrected, lambda registry, path: registry.correct(path)),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_seal_ends_by_two_signatures_alone(two: Custodian, name: str) -> None:
    write, end = ENDS[name]
    path = write(two)
    deputy, court = (load_signer(two.folder / f"{each}.key") for each in ("deputy", "court"))
    with Registry.open(two.place) as registry:
        for prepare in (lambda: None, lambda: approve_file(path, court), lambda: approve_file(two.place, deputy)):
            prepare()
            with pytest.raises(AccessDenied, match="second signature"):
                end(registry, path)
            assert registry.epoch == 1
            assert two.log.last().result == "failed"
        approve_file(path, deputy)
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        with pytest.raises(AccessDenied):  # it was changed after it was approved of
            end(registry, path)
        path.write_bytes(content)
        end(registry, path)
        assert registry.epoch == 2
    assert [entry.why for entry in two.log if entry.kind is Kind.DENIAL][-4:] == ["second-signature"] * 4


def test_what_was_derived_ends_by_two_signatures_alone(two: Custodian) -> None:
    head = "docket,defendant_id,charge_no,disposition,event_date\n2014KN012345,7,1,"
    first, second = two.folder / "1.csv", two.folder / "2.csv"
    first.write_text(f"{head}DISMISSED,2014-05-01\n")
    second.write_text(first.read_text() + "2014KN012345,7,1,DISMISSAL VACATED,2015-05-01\n")
    with Registry.open(two.place) as registry:
        assert registry.derive(first, as_of=today()).sealed == 1
        with pytest.raises(AccessDenied, match="second signature"):
            registry.derive(second, as_of=today())
        assert registry.epoch == 2
        approve_file(second, load_signer(two.folder / "deputy.key"))
        assert registry.derive(second, as_of=today()).appended == 1


def test_notices_that_begin_seals_need_one(two: Custodian) -> None:
    path = two.folder / "more.csv"
    path.write_text(
        "seal_id,event,regime,effective_from,arrest_number\nS3,sealed,us-ny/cpl-160.50,2020-03-01,K14000003\n"
    )
    with Registry.open(two.place) as registry:
        assert registry.add(path).registered == 1


def test_an_order_opens_by_two_signatures_alone(two: Custodian) -> None:
    two.order(SEALED, account=account())
    order = two.folder / "orders" / "1.json"
    with Registry.open(two.place, purpose="court_order") as registry:
        with pytest.raises(AccessDenied):
            registry.history("arrest_number", SEALED)
        approve_file(order, load_signer(two.folder / "court.key"))
        with pytest.raises(AccessDenied):
            registry.history("arrest_number", SEALED)
        approve_file(order, load_signer(two.folder / "deputy.key"))
        assert len(registry.history("arrest_number", SEALED)) == 1
        two.order(SEALED, account=account(), until=11)
        with pytest.raises(AccessDenied):
            registry.history("arrest_number", SEALED)


def test_a_second_signature_is_filed_with_its_order(two: Custodian) -> None:
    two.order(SEALED, account=account())
    order = (two.folder / "orders" / "1.json").rename(two.folder / "order.json")
    terms = Terms.from_file(two.folder / "custody.toml")
    file_paper(terms, order)
    with Registry.open(two.place, purpose="court_order") as registry:
        with pytest.raises(AccessDenied):
            registry.history("arrest_number", SEALED)
        approve_file(order, load_signer(two.folder / "deputy.key"))
        file_paper(terms, order)
        assert len(registry.history("arrest_number", SEALED)) == 1


@pytest.mark.parametrize("second", ["", 'second = "other.key.pub"\n'])
def test_no_copy_ends_a_seal_by_one_signature(second: str, two: Custodian) -> None:
    path, new = two.folder / "custody.toml", two.folder / "copy.db"
    generate_certifier(two.folder / "other.key")
    path.write_text(path.read_text().replace('second = "deputy.key.pub"\n', second))
    with pytest.raises(UsageError, match="second approver"):
        migrate(two.place, new, custody=Terms.from_file(path))
    assert not new.exists()


def test_a_copy_under_other_terms_stands_out(two: Custodian) -> None:
    path = two.folder / "custody.toml"
    path.write_text(path.read_text().replace('"orders"', '"elsewhere"'))
    migrate(two.place, two.folder / "copy.db", custody=Terms.from_file(path))
    assert [entry.what for entry in two.log if entry.kind is Kind.OVERRIDE] == ["registry migrate other terms"]


def test_what_a_disposition_means_takes_the_second_signature_too(two: Custodian) -> None:
    """The same file of dispositions, by aliases that nobody else saw, would end the seal."""
    path, own, deputy = two.folder / "1.csv", two.folder / "own.toml", load_signer(two.folder / "deputy.key")
    path.write_text("docket,defendant_id,charge_no,disposition,event_date\n2014KN012345,7,1,DISMISSED,2014-05-01\n")
    own.write_text('version = "mine"\n[texts]\n"DISMISSED" = "PENDING"\n')
    approve_file(path, deputy)
    with Registry.open(two.place) as registry:
        assert registry.derive(path, as_of=today()).sealed == 1
        with pytest.raises(AccessDenied, match="second signature"):
            registry.derive(path, as_of=today(), aliases=own)
        approve_file(own, deputy)
        assert registry.derive(path, as_of=today(), aliases=own).appended == 1


def test_two_signatures_of_one_key_are_one(custodian: Custodian) -> None:
    terms = custodian.folder / "custody.toml"
    terms.write_text(terms.read_text() + 'second = "court.key.pub"\n')
    with pytest.raises(ConfigError, match="one key"):
        Terms.from_file(terms)


def test_the_command_line(two: Custodian, sealscrub: Callable[..., Ended]) -> None:
    path = corrected(two)
    refused = sealscrub("registry", "correct", two.place, path)
    assert (refused.code, "sealscrub roster approve" in refused.err) == (3, True)
    assert sealscrub("roster", "approve", path, "--signing-key", two.folder / "deputy.key").code == 0
    done = sealscrub("registry", "correct", two.place, path)
    assert (done.code, done.err) == (0, "1 seal corrected; the registry is at epoch 2.\n")


def test_a_review_is_recorded_with_its_second_signature_or_not_at_all(
    two: Custodian, sealscrub: Callable[..., Ended]
) -> None:
    two.roster(listed("keeping_registry", "registry").replace('"]', '", "linking"]'))
    review = two.folder / "review.csv"
    pairs = pl.DataFrame({"seal": ["S1", "S1"], "row": ["a", "b"], "weight": [1.0, 2.0]})
    with Registry.open(two.place) as registry:
        found = pairs.with_columns(band=pl.lit("withheld"))
        registry.add_links(found, namespace="vendor", model="m", file=two.folder / "notices.csv")
        write_review(review, pairs, registry.persons(), registry.persons().clear(), namespace="vendor", model="m")
    said = pl.read_csv(review, infer_schema=False).with_columns(answer=pl.Series(["same", "not"]))
    said.write_csv(review)

    assert sealscrub("link", "decide", str(two.place), str(review)).code != 0
    with Registry.open(two.place) as registry:
        assert registry.epoch == 2
        assert registry.links("vendor")["band"].to_list() == ["withheld"] * 2
    approve_file(review, load_signer(two.folder / "deputy.key"))
    decided = sealscrub("link", "decide", str(two.place), str(review))
    assert decided.code == 0, decided
    with Registry.open(two.place) as registry:
        assert registry.links("vendor").select("row", "band").rows() == [("b", "sealed")]
