"""Links: what an index holds of them, what ends them, and what was known when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from sealscrub.custodian.registry import EncryptionKey, Registry, migrate
from sealscrub.errors import ColumnError, ConfigError, SchemeError, UsageError

from .custodian import DAY, Custodian, notice, reason

PLANTED = "Zebedee"
OTHERWISE = {"aliases": "Roe, Anna; Bea Coe", "birth_date": "1980-01-02"}
SCHEMA = {"seal": pl.String, "row": pl.String, "weight": pl.Float64, "band": pl.String}
BEFORE = dt.date(2020, 1, 1)


@pytest.fixture
def linked(custodian: Custodian) -> Custodian:
    custodian.add(
        notice(
            "S1",
            docket="2014KN000001",
            last_name="Doe",
            first_name="Ann",
            aliases="Roe, Anna; Bea Coe",
            birth_date="1980-01-02",
        ),
        notice("S2", "withheld", arrest_number="K14612345", nysid="01234567L", arrest_date="2014-03-07"),
        notice("S3", docket="2014KN012345", last_name="Poe"),
    )
    (custodian.folder / "vendor.linkin").write_bytes(b"an extract")
    return custodian


def frame(*links: tuple[str, str, str]) -> pl.DataFrame:
    rows = [(seal, row, 7.5, band) for seal, row, band in links]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def add(custodian: Custodian, *links: tuple[str, str, str], **options: Any) -> Any:
    usual = {"namespace": "vendor", "file": custodian.folder / "vendor.linkin", "effective_from": BEFORE}
    return custodian.registry.add_links(frame(*links), **usual | {"model": "m1"} | options)


def revoke(custodian: Custodian, *pairs: tuple[str, str], **options: Any) -> Any:
    usual = {"namespace": "vendor", "file": custodian.folder / "vendor.linkin", "effective_from": BEFORE}
    rows = pl.DataFrame(list(pairs), schema={"seal": pl.String, "row": pl.String}, orient="row")
    return custodian.registry.revoke_links(rows, **usual | options)


def held(custodian: Custodian, *rows: str, **options: Any) -> list[str]:
    index = custodian.index(**options)
    return [reason(index, "opaque:vendor", row) for row in rows]


def test_a_link_covers_as_its_seal_does_and_one_in_review_withholds(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"), ("S1", "b", "withheld"), ("S2", "c", "sealed"), ("S3", " d ", "sealed"))
    assert held(linked, "a", "b", "c", "d", "e") == ["sealed", "withheld", "withheld", "sealed", ""]
    index = linked.index()
    assert dict(index.linked) == {"opaque:vendor": None}


def test_a_row_that_two_seals_share_is_covered_by_the_stronger(linked: Custodian) -> None:
    add(linked, ("S1", "a", "withheld"), ("S3", "a", "sealed"))
    assert held(linked, "a") == ["sealed"]


def test_the_same_links_again_change_nothing(linked: Custodian) -> None:
    first = add(linked, ("S1", "a", "sealed"), ("S1", "b", "withheld"))
    again = add(linked, ("S1", "b", "withheld"), ("S1", "a", "sealed"))
    assert (first.recorded, first.epoch, again.recorded, again.known, again.epoch) == (2, 2, 0, 2, 2)
    assert add(linked, ("S1", "b", "sealed"), model="m2").recorded == 1
    assert held(linked, "b") == ["sealed"]


def test_a_link_ends_by_an_event_and_stands_as_it_did_at_an_earlier_epoch(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"))
    assert revoke(linked, ("S1", "a")).epoch == 3
    assert held(linked, "a") == [""]
    assert linked.registry.links("vendor").is_empty()
    assert linked.registry.links("vendor", epoch=2)["row"].to_list() == ["a"]
    assert linked.registry.links("other", epoch=2).is_empty()


def test_a_link_has_a_day_from_which_it_holds(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"), effective_from=DAY)
    assert held(linked, "a", as_of=DAY - dt.timedelta(days=1)) == [""]
    assert held(linked, "a", as_of=DAY) == ["sealed"]


def test_a_link_holds_from_the_beginning_of_its_seal_unless_told_otherwise(linked: Custodian) -> None:
    linked.add(
        notice("S1", "withheld", docket="2014KN000001", effective_from="2019-05-06"),
        notice("S4", "open", docket="2014KN000009"),
    )
    add(linked, ("S1", "a", "sealed"), ("S3", "b", "sealed"), ("S4", "c", "sealed"), effective_from=None)
    assert held(linked, "a", "b", as_of=dt.date(2019, 6, 1)) == ["withheld", ""]
    assert held(linked, "a", "b", as_of=dt.date(2020, 2, 1)) == ["sealed", "sealed"]
    assert linked.registry.links(epoch=2).is_empty()


@pytest.mark.parametrize("revoked_from", [None, DAY, dt.date(2031, 1, 1)])
def test_what_is_said_last_wins_where_no_day_is_given(linked: Custodian, revoked_from: dt.date | None) -> None:
    late = dt.date(2032, 1, 1)
    add(linked, ("S1", "a", "sealed"))
    assert revoke(linked, ("S1", "a"), effective_from=revoked_from).recorded == 1
    assert held(linked, "a", as_of=late) == [""]
    again = [add(linked, ("S1", "a", "sealed"), basis="clerk", effective_from=None).recorded for _ in range(2)]
    assert (again, held(linked, "a", as_of=late)) == ([1, 0], ["sealed"])
    assert revoke(linked, ("S1", "a"), effective_from=None).recorded == 1
    assert held(linked, "a", as_of=late) == [""]


def test_a_day_before_the_last_word_of_a_pair_is_refused(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"), effective_from=DAY)
    with pytest.raises(UsageError, match="later day"):
        revoke(linked, ("S1", "a"), effective_from=BEFORE)
    revoke(linked, ("S1", "a"), effective_from=DAY)
    with pytest.raises(UsageError, match="later day"):
        add(linked, ("S1", "a", "sealed"), ("S3", "b", "sealed"), basis="clerk")
    assert linked.registry.epoch == 3
    assert add(linked, ("S1", "a", "sealed"), model="m2").decided == 1


def weighed(custodian: Custodian, weight: float, band: str, **options: Any) -> Any:
    pair = frame(("S1", "a", band)).with_columns(weight=pl.lit(weight))
    usual = {"namespace": "vendor", "file": custodian.folder / "vendor.linkin", "model": "m1"}
    return custodian.registry.add_links(pair, **usual | options)


def stands(custodian: Custodian) -> list[str]:
    return custodian.registry.links("vendor")["band"].to_list()


@pytest.mark.parametrize(
    ("weight", "band", "model", "asked"),
    [
        (2.5, "withheld", "m1", False),
        (1.5, "withheld", "m1", False),
        (2.6, "withheld", "m1", True),
        (9.5, "sealed", "m1", True),
        (9.5, "withheld", "m2", False),
        (2.5, "sealed", "m2", True),
    ],
)
def test_a_denied_pair_is_asked_again_once_a_model_finds_more_in_it(
    linked: Custodian, weight: float, band: str, model: str, asked: bool
) -> None:
    weighed(linked, 0.5, "withheld")
    weighed(linked, 2.5, "withheld")
    revoke(linked, ("S1", "a"), effective_from=None)

    first, again = (weighed(linked, weight, band, model=model) for _ in range(2))

    assert (first.recorded, first.again, first.decided) == ((1, 1, 0) if asked else (0, 0, 1))
    assert (again.recorded, again.again) == (0, 0)
    assert stands(linked) == (["withheld"] if asked else [])
    revoke(linked, ("S1", "a"), effective_from=None)
    assert weighed(linked, weight, band, model=model).recorded == 0
    assert stands(linked) == []
    assert weighed(linked, 2.5, "sealed", basis="clerk", model=None).recorded == 1
    assert weighed(linked, 99.5, "withheld").decided == 1
    assert stands(linked) == ["sealed"]


def test_a_pair_that_was_denied_while_nothing_was_found_is_asked_again_once_it_is_found(linked: Custodian) -> None:
    weighed(linked, 9.5, "sealed")
    linked.registry.add_links(
        frame(("S1", "a", "withheld")).with_columns(weight=pl.lit(None, pl.Float64)),
        namespace="vendor",
        file=linked.folder / "vendor.linkin",
        model="m1",
    )
    revoke(linked, ("S1", "a"), effective_from=None)
    assert (weighed(linked, 0.5, "withheld").again, stands(linked)) == (1, ["withheld"])


def test_a_link_that_an_order_ended_stays_so_whatever_a_model_finds(linked: Custodian) -> None:
    weighed(linked, 0.5, "withheld")
    revoke(linked, ("S1", "a"), basis="order", effective_from=None)
    assert (weighed(linked, 9.5, "sealed").decided, stands(linked)) == (1, [])


def test_a_link_ends_with_its_seal(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"), ("S3", "b", "sealed"))
    linked.add(notice("S1", "vacated", effective_from="2021-01-01"))
    (linked.folder / "mistakes.csv").write_text("seal_id,reason\nS3,wrong_notice\n")
    linked.registry.correct(linked.folder / "mistakes.csv")
    assert held(linked, "a", "b") == ["", ""]
    assert linked.registry.links().is_empty()


def test_what_a_clerk_says_a_model_does_not_change(linked: Custodian) -> None:
    add(linked, ("S1", "a", "withheld"), ("S1", "b", "withheld"))
    assert revoke(linked, ("S1", "a"), ("S1", "c")).recorded == 2
    assert add(linked, ("S1", "b", "sealed"), basis="clerk", model=None).recorded == 1
    later = add(linked, ("S1", "a", "withheld"), ("S1", "b", "withheld"), ("S1", "c", "sealed"), model="m2")
    assert (later.recorded, later.decided) == (0, 3)
    assert held(linked, "a", "b", "c") == ["", "sealed", ""]
    assert revoke(linked, ("S1", "b"), basis="order").recorded == 1


@pytest.mark.parametrize(
    ("links", "options", "error"),
    [
        ([(PLANTED, "a", "sealed")], {}, UsageError),
        ([("S1", PLANTED, "sealed"), ("S1", PLANTED, "withheld")], {}, UsageError),
        ([("S1", PLANTED, "certain")], {}, UsageError),
        ([("S1", " ", "sealed")], {}, UsageError),
        ([("S1", PLANTED, "sealed")], {"basis": PLANTED}, ConfigError),
        ([("S1", PLANTED, "sealed")], {"namespace": ""}, SchemeError),
        ([("S1", PLANTED, "sealed")], {"namespace": "docket"}, SchemeError),
    ],
)
def test_links_that_make_no_sense_are_refused_unshown(
    linked: Custodian, links: list[tuple[str, str, str]], options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        add(linked, *links, **options)
    assert PLANTED not in str(refused.value)
    assert linked.registry.epoch == 1


def test_a_mark_that_is_not_one_is_refused_unshown(linked: Custodian) -> None:
    pair = frame(("S1", "a", "sealed")).with_columns(seen=pl.lit(PLANTED))
    with pytest.raises(UsageError) as refused:
        linked.registry.add_links(pair, namespace="vendor", basis="clerk", file=linked.folder / "vendor.linkin")
    assert PLANTED not in str(refused.value)
    assert linked.registry.epoch == 1


def test_columns_that_are_missing_are_named(linked: Custodian) -> None:
    with pytest.raises(ColumnError, match="weight"):
        linked.registry.add_links(
            frame(("S1", "a", "sealed")).drop("weight"), namespace="vendor", file=linked.folder / "vendor.linkin"
        )


def test_notices_go_on_after_links(linked: Custodian) -> None:
    add(linked, ("S1", "a", "sealed"))
    assert linked.add(notice("S4", docket="2014KN000009")).epoch == 3
    assert add(linked, ("S4", "d", "sealed")).epoch == 4
    assert held(linked, "a", "d") == ["sealed", "sealed"]
    assert len(linked.registry.changes(1, 4).events) == 1


def test_a_copy_holds_links_and_bounds_encrypted_or_not(linked: Custodian, tmp_path: Path) -> None:
    add(linked, ("S1", "row-Heliotrope", "sealed"))
    record(linked)
    EncryptionKey.create(tmp_path / "registry.key")
    migrate(linked.place, tmp_path / "kept.db", new_encryption_key=tmp_path / "registry.key")
    assert b"Heliotrope" not in (tmp_path / "kept.db").read_bytes()
    with Registry.open(tmp_path / "kept.db", encryption_key=tmp_path / "registry.key") as kept:
        assert kept.links().equals(linked.registry.links())
        more = kept.add_links(
            frame(("S3", "row-Wobbegong", "sealed")), namespace="vendor", file=linked.folder / "vendor.linkin"
        )
        assert (more.epoch, len(kept.links())) == (4, 2)
    assert b"Wobbegong" not in (tmp_path / "kept.db").read_bytes()


BOUND = SimpleNamespace(lower=0.971, method="clopper-pearson, unblocked", n=1000, alpha=0.05)


def record(custodian: Custodian, **change: Any) -> int:
    bound = SimpleNamespace(**vars(BOUND) | change)
    return custodian.registry.record_bound("vendor", bound, file=custodian.folder / "vendor.linkin")


def test_the_last_bound_stands_in_the_index(linked: Custodian) -> None:
    assert dict(linked.index().linked) == {}
    add(linked, ("S1", "a", "sealed"))
    record(linked, lower=0.5)
    assert record(linked) == 4
    (bound,) = linked.index().linked.values()
    assert bound is not None
    assert (bound.lower, bound.method, bound.sampled, bound.alpha) == (0.971, BOUND.method, 1000, 0.05)


LATER = {
    "the same links again": (lambda c: add(c, ("S1", "a", "sealed"), ("S1", "b", "withheld")), True),
    "more links": (lambda c: add(c, ("S3", "c", "sealed"), ("S1", "b", "sealed")), True),
    "a seal is told again": (
        lambda c: c.add(notice("S2", arrest_number="K14612345", effective_from="2020-02-02")),
        True,
    ),
    "a seal ends": (lambda c: c.add(notice("S3", "vacated", effective_from="2021-01-01")), True),
    "an open action": (lambda c: c.add(notice("S4", "open", docket="2014KN000009")), True),
    "a link that never was is denied": (lambda c: revoke(c, ("S3", "c")), True),
    "another system's link ends": (lambda c: revoke(c, ("S1", "a"), namespace="other"), True),
    "a link ends": (lambda c: revoke(c, ("S1", "a")), False),
    "a link in review ends": (lambda c: revoke(c, ("S1", "b")), False),
    "a link goes to review": (lambda c: add(c, ("S1", "a", "withheld")), False),
    "a new seal": (lambda c: c.add(notice("S4", docket="2014KN000009")), False),
    "a new seal that withholds": (lambda c: c.add(notice("S4", "withheld", docket="2014KN000009")), False),
    "an open action is sealed": (
        lambda c: c.add(notice("S0", docket="2014KN000008", effective_from="2020-02-02")),
        False,
    ),
}


@pytest.mark.parametrize("later", LATER)
def test_a_bound_holds_while_the_seals_and_links_that_it_was_made_of_do(linked: Custodian, later: str) -> None:
    change, holds = LATER[later]
    linked.add(notice("S0", "open", docket="2014KN000008"))
    links = ("S1", "a", "sealed"), ("S1", "b", "withheld")
    add(linked, *links)
    add(linked, *links, namespace="other")
    record(linked)
    before = linked.registry.epoch
    change(linked)
    found = linked.index().linked
    assert (found["opaque:vendor"] is not None, found["opaque:other"]) == (holds, None)
    assert linked.registry.epoch == before + (later != "the same links again")
    record(linked)
    assert linked.index().linked["opaque:vendor"] is not None


LATER_DAY = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)
IN_TIME = {
    "a seal": (lambda c: c.add(notice("S4", docket="2014KN000009", effective_from=str(LATER_DAY))), False),
    "a seal that is open until then": (
        lambda c: c.add(
            notice("S4", "open", docket="2014KN000009"),
            notice("S4", docket="2014KN000009", effective_from=str(LATER_DAY)),
        ),
        False,
    ),
    "the end of a link": (lambda c: revoke(c, ("S1", "a"), effective_from=LATER_DAY), False),
    "the end of a seal": (lambda c: c.add(notice("S3", "vacated", effective_from=str(LATER_DAY))), True),
    "a link": (lambda c: add(c, ("S3", "c", "sealed"), effective_from=LATER_DAY), True),
}


@pytest.mark.parametrize("registered", IN_TIME)
def test_a_bound_is_of_what_was_in_force_when_it_was_made(linked: Custodian, registered: str) -> None:
    change, holds = IN_TIME[registered]
    add(linked, ("S1", "a", "sealed"))
    change(linked)
    record(linked)
    before = linked.index(as_of=LATER_DAY - dt.timedelta(days=1)).linked["opaque:vendor"]
    after = linked.index(as_of=LATER_DAY).linked["opaque:vendor"]
    assert (before is not None, after is not None) == (True, holds)


def test_a_new_seal_that_never_was_leaves_a_bound_as_it_is(linked: Custodian) -> None:
    record(linked)
    linked.add(notice("S4", docket="2014KN000009"))
    (linked.folder / "mistakes.csv").write_text("seal_id,reason\nS4,wrong_notice\n")
    linked.registry.correct(linked.folder / "mistakes.csv")
    assert linked.index().linked["opaque:vendor"] is not None


def test_a_system_with_a_bound_and_no_links_was_looked_at(linked: Custodian) -> None:
    record(linked)
    index = linked.index()
    assert reason(index, "opaque:vendor", "a") == ""
    assert "opaque:vendor" in index.schemes


@pytest.mark.parametrize("change", [{"lower": 1.1}, {"alpha": 0}, {"n": 0}, {"lower": "high"}])
def test_what_is_not_a_bound_is_refused(linked: Custodian, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        record(linked, **change)


def test_persons_of_the_seals_in_force(linked: Custodian) -> None:
    linked.add(notice("S3", "vacated", effective_from="2021-01-01"))
    rows = linked.registry.persons().drop("middle_name", "charge", "sex", "race").rows()
    assert rows == [
        ("S1", "Coe", "Bea", "1980-01-02", None, None),
        ("S1", "Doe", "Ann", "1980-01-02", None, None),
        ("S1", "Roe", "Anna", "1980-01-02", None, None),
        ("S2", None, None, None, "2014-03-07", "01234567L"),
    ]


@pytest.mark.parametrize(
    ("alias", "last", "first"),
    [
        ("JOHN SMITH JR", "SMITH JR", "JOHN"),
        ("John Smith, Jr.", "Smith Jr", "John"),
        ("SMITH, JOHN III", "SMITH III", "JOHN"),
        ("SMITH SR, JOHN", "SMITH SR", "JOHN"),
        ("SMITH, JR, JOHN", "SMITH JR", "JOHN"),
        ("SMITH IV", "SMITH IV", "Ann"),
        ("IVY SMITH", "SMITH", "IVY"),
        ("JR", "JR", "Ann"),
    ],
)
def test_the_suffix_of_an_alias_stays_with_the_last_name(
    custodian: Custodian, alias: str, last: str, first: str
) -> None:
    custodian.add(notice("S1", docket="2014KN000001", last_name="Doe", first_name="Ann", aliases=alias))
    rows = custodian.registry.persons().filter(pl.col("last_name") != "Doe")
    assert rows.select("last_name", "first_name").rows() == [(last, first)]


def test_seals_in_force_are_listed_named_or_not(linked: Custodian) -> None:
    linked.add(
        notice("S0", docket="2014KN000008"),
        notice("S4", "open", docket="2014KN000009"),
        notice("S3", "vacated", effective_from="2021-01-01"),
    )
    assert linked.registry.seals_in_force() == ["S0", "S1", "S2"]
    assert linked.registry.seals_in_force(dt.date(2020, 6, 1)) == ["S0", "S1", "S2", "S3"]
    assert "S0" not in linked.registry.persons()["id"]
