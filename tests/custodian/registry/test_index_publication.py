"""What an index holds: what bars a use to an audience on a day, by keys that name nothing else."""

from __future__ import annotations

import datetime as dt
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.law import bars, jurisdiction
from sealscrub.custodian.registry import republish
from sealscrub.errors import ConfigError, EmptyIndex, FutureIndex, KeyFileError, SchemeError, WriteFailed
from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.index import open_index, open_text_index, read_header

from .custodian import DAY, Custodian, notice


def test_a_person_with_five_arrests_one_sealed(custodian: Custodian) -> None:
    custodian.add(
        notice(
            "S3",
            arrest_number="K14000003",
            nysid="12345678A",
            arrest_date="2014-03-03",
            last_name="DOE",
            first_name="JANE",
        )
    )
    index = custodian.index()

    assert custodian.published() == {
        ("arrest_number", "K14000003"): "sealed",
        ("person_arrest", "12345678A@2014-03-03"): "sealed",
    }
    assert index.schemes == ("arrest_number", "person_arrest")
    assert len(index) == 2


def test_a_complaint_with_ten_arrests_one_sealed(custodian: Custodian) -> None:
    custodian.add(notice("S4", complaint="2014-079-001234", arrest_number="K14000004"))

    assert custodian.published() == {("arrest_number", "K14000004"): "sealed"}
    assert custodian.registry.history("complaint", "2014-79-1234")[0].seal_id == "S4"


def test_two_defendants_on_one_indictment(custodian: Custodian) -> None:
    custodian.add(
        notice("S1", indictment="IND-70123-21/001", arrest_number="K21000001"),
        notice("D2", "open", indictment="IND-70123-21/002", arrest_number="K21000002"),
    )
    assert custodian.published() == {
        ("indictment", "IND-070123-2021-001"): "sealed",
        ("arrest_number", "K21000001"): "sealed",
    }


def test_one_arrest_with_three_dockets_one_dismissed(custodian: Custodian) -> None:
    custodian.add(
        notice("D1", docket="2014KN000001", arrest_number="K14000001", cjtn="12345678K"),
        notice("D2", "open", docket="2014KN000002", arrest_number="K14000001"),
        notice("D3", "open", docket="2014KN000003", arrest_number="K14000001"),
    )
    assert custodian.published() == {("docket", "2014KN000001"): "sealed"}

    custodian.add(notice("D2", docket="2014KN000002", effective_from="2021-01-01"))
    assert custodian.published() == {("docket", "2014KN000001"): "sealed", ("docket", "2014KN000002"): "sealed"}

    custodian.add(notice("N3", docket="2014KN000003", effective_from="2021-01-01"))
    assert custodian.published() == {
        ("docket", "2014KN000001"): "sealed",
        ("docket", "2014KN000002"): "sealed",
        ("docket", "2014KN000003"): "sealed",
        ("arrest_number", "K14000001"): "sealed",
        ("cjtn", "12345678K"): "sealed",
    }

    custodian.add(notice("D2", "vacated", effective_from="2022-01-01"))
    assert custodian.published() == {("docket", "2014KN000001"): "sealed", ("docket", "2014KN000003"): "sealed"}


@pytest.mark.parametrize("event", ["vacated", "released"])
def test_an_action_whose_seal_ended_holds_its_arrest_back(custodian: Custodian, event: str) -> None:
    custodian.add(
        notice("D1", docket="2014KN000001", arrest_number="K14000001"),
        notice("D2", docket="2014KN000002", arrest_number="K14000001"),
        notice("D2", event, effective_from="2021-01-01"),
    )
    assert custodian.published() == {("docket", "2014KN000001"): "sealed"}
    assert custodian.published(as_of=dt.date(2020, 6, 1)).keys() == {
        ("docket", "2014KN000001"),
        ("docket", "2014KN000002"),
        ("arrest_number", "K14000001"),
    }


def test_an_arrest_with_a_withheld_action_is_withheld(custodian: Custodian) -> None:
    custodian.add(
        notice("D1", docket="2014KN000001", arrest_number="K14000001", cjtn="12345678K"),
        notice("D2", "withheld", docket="2014KN000002", arrest_number="K14000001"),
    )
    assert custodian.published() == {
        ("docket", "2014KN000001"): "sealed",
        ("docket", "2014KN000002"): "withheld",
        ("arrest_number", "K14000001"): "withheld",
        ("cjtn", "12345678K"): "withheld",
    }


def test_of_two_seals_on_one_record_sealed_wins(custodian: Custodian) -> None:
    custodian.add(
        notice("A", "withheld", docket="2014KN000001", arrest_number="K14000001"),
        notice("B", docket="2014KN000001", arrest_number="K14000001"),
    )
    assert set(custodian.published().values()) == {"sealed"}

    custodian.add(notice("B", "vacated", effective_from="2021-01-01"))
    assert set(custodian.published().values()) == {"withheld"}


def test_an_open_record_without_an_action_tells_of_one(custodian: Custodian) -> None:
    custodian.add(notice("D1", docket="2014KN000001", arrest_number="K14000001"))
    custodian.add(notice("", "open", arrest_number="K14000001"))
    assert custodian.published() == {("docket", "2014KN000001"): "sealed"}


def test_a_person_arrested_twice_on_a_day(custodian: Custodian) -> None:
    """The key of person and day names both arrests; the arrest that is wholly sealed goes out all the same."""
    same = {"nysid": "12345678A", "arrest_date": "2014-03-03"}
    custodian.add(
        notice("D1", docket="2014KN000001", arrest_number="K14000001", **same),
        notice("D2", "open", docket="2014KN000002", arrest_number="K14000002", **same),
    )
    assert custodian.published() == {("docket", "2014KN000001"): "sealed", ("arrest_number", "K14000001"): "sealed"}


def test_a_seal_counts_from_its_day(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001", effective_from="2026-06-02"))
    assert custodian.published(as_of=dt.date(2026, 6, 1)) == {}
    assert custodian.published(as_of=dt.date(2026, 6, 2)) == {("docket", "2014KN000001"): "sealed"}


@pytest.mark.parametrize(
    ("regime", "audience", "use", "barred"),
    [
        ("us-ny/cpl-160.50", "police", "training", True),
        ("us-ny/cpl-160.57", "police", "training", False),
        ("us-ny/cpl-160.57", "vendor", "training", True),
        ("us-ny/cpl-160.55", "court", "output", False),
        ("us-ny/cpl-160.55", "prosecutor", "output", True),
        ("us-ny/cpl-160.50", "police", "aggregate_report", False),
        ("us-zz/not-a-law", "court", "inference_input", True),
        ("us-zz/not-a-law", "court", "aggregate_report", False),
        ("", "court", "training", True),
    ],
)
def test_the_law_decides_for_whom_and_what(
    custodian: Custodian, regime: str, audience: str, use: str, barred: bool
) -> None:
    custodian.add(notice("S1", docket="2014KN000001", regime=regime))
    expected = {("docket", "2014KN000001"): "sealed"} if barred else {}
    assert custodian.published(audience=audience, uses=[use]) == expected


def test_purposes_give_different_sets(custodian: Custodian) -> None:
    """Police training, a vendor's training, the annual report and a gun licence; and one policy of the publisher."""
    regimes = ["us-ny/cpl-160.50", "us-ny/cpl-160.57", "us-ny/cpl-720.35"]
    custodian.add(*(notice(f"S{n}", docket=f"2014KN00000{n}", regime=regime) for n, regime in enumerate(regimes, 1)))

    def barred(audience: str, use: str, duties: str = "allow") -> list[str]:
        published = custodian.published(audience=audience, uses=[use], law_enforcement_duties=duties)
        return [regimes[int(docket[-1]) - 1].removeprefix("us-ny/") for _, docket in sorted(published)]

    assert barred("police", "training") == ["cpl-160.50", "cpl-720.35"]
    assert barred("vendor", "training") == ["cpl-160.50", "cpl-160.57", "cpl-720.35"]
    assert barred("police", "aggregate_report") == []
    assert barred("police", "gun_licence") == ["cpl-720.35"]
    assert barred("vendor", "gun_licence") == barred("vendor", "training")
    assert barred("police", "training", "deny") == barred("vendor", "training")
    assert barred("police", "gun_licence", "deny") == ["cpl-720.35"]


def test_the_header_says_the_policy_on_law_enforcements_duties(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    for duties in ("allow", "deny"):
        published = custodian.publish(law_enforcement_duties=duties)
        assert read_header(published.path).facts.law_enforcement_duties == duties
    assert read_header(custodian.publish().path).facts.law_enforcement_duties == "allow"
    with pytest.raises(ConfigError, match="unknown policy on law enforcement duties"):
        custodian.publish(law_enforcement_duties="perhaps")


def test_an_arrest_with_an_action_that_this_audience_may_use_is_held_back(custodian: Custodian) -> None:
    custodian.add(
        notice("D1", docket="2014KN000001", arrest_number="K14000001"),
        notice("D2", docket="2014KN000002", arrest_number="K14000001", regime="us-ny/cpl-160.57"),
    )
    assert custodian.published() == {("docket", "2014KN000001"): "sealed"}
    assert ("arrest_number", "K14000001") in custodian.published(audience="vendor")


def test_an_index_for_several_uses_holds_their_union(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    index = custodian.index(uses=["output", "aggregate_report", "output"])

    assert index.uses == ("aggregate_report", "output")
    assert len(index) == 1


def test_rows_of_unknown_regime_are_counted(custodian: Custodian) -> None:
    result = custodian.add(
        notice("S1", docket="2014KN000001", regime="us-zz/not-a-law"),
        notice("S2", docket="2014KN000002", regime=""),
        notice("S3", docket="2014KN000003"),
    )
    assert result.unknown_regime == 2


def test_coverage_counts_every_barred_seal_by_what_goes_out_for_it(custodian: Custodian) -> None:
    custodian.add(
        notice("S1", docket="2014KN000001", arrest_number="K14000001"),
        notice("S2", arrest_number="K14000002"),
        notice("S3", nysid="12345678A"),
        notice("S4", docket="2014KN000004", arrest_number="K14000004"),
        notice("S5", "open", docket="2014KN000005", arrest_number="K14000004"),
        notice("S6", docket="2014KN000006", regime="us-ny/cpl-160.57"),
    )
    published = custodian.publish()
    header = read_header(published.path)

    assert header.facts.seals == published.seals == 4
    assert header.facts.coverage == {
        (): 1,
        ("docket",): 1,
        ("arrest_number",): 1,
        ("arrest_number", "docket"): 1,
    }
    assert (published.unpublishable, published.held_back, published.entries) == (1, 1, 4)
    assert custodian.index().coverage(["docket"]) == 2 / 4
    assert custodian.index().coverage(["docket", "arrest_number"]) == 3 / 4


def test_the_header_says_what_the_registry_knew(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    custodian.add(notice("S2", docket="2014KN000002"))
    facts = read_header(custodian.publish(valid_days=3, not_after=None).path).facts
    (event,) = custodian.registry.history("docket", "2014KN000002")

    assert (facts.epoch, facts.registry, facts.as_of) == (2, custodian.registry.id, DAY)
    assert facts.not_after == DAY + dt.timedelta(days=3)
    assert dt.datetime.fromisoformat(facts.known_at) == event.recorded_at
    assert facts.jurisdictions == {"us-ny": jurisdiction("us-ny").table}


_REGIMES = ["us-ny/cpl-160.50", "us-ny/cpl-160.57", "us-tx/gc-411.071", "us-nj/2c-52", "us-ny/fca-375.2"]


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.sampled_from(_REGIMES), st.sampled_from(["2020-01-01", "2030-01-01"]), max_size=5))
def test_the_jurisdictions_are_those_of_the_seals_in_it(began: dict[str, str]) -> None:
    """A seal that begins after the day, or whose regime allows the use, has no part in the index."""
    with tempfile.TemporaryDirectory() as folder:
        custodian = Custodian(Path(folder))
        for number, (regime, day) in enumerate(began.items()):
            custodian.add(
                notice(
                    f"S{number}", docket=f"2014KN{number + 1:06d}", regime=regime, effective_from=day, basis="notice"
                )
            )
        index = custodian.index()
        barring = [regime for regime, day in began.items() if day < "2026" and regime != "us-ny/cpl-160.57"]

        expected = {regime.partition("/")[0] for regime in barring}
        known = {"us-ny": jurisdiction("us-ny").table}
        assert index.header.facts.jurisdictions == {name: known.get(name, "") for name in expected}
        assert len(index) == len(barring)


def test_names_are_published_under_the_law_of_their_seals(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001", regime="us-tx/gc-411.071", last_name="DOE", first_name="JANE"))
    path = custodian.folder / "names.sealtext"
    custodian.registry.publish_text(
        path, keys=custodian.key, publisher=custodian.publisher, uses=["output"], audience="police", as_of=DAY
    )

    assert open_text_index(path, custodian.key, remember=False, today=DAY).facts.jurisdictions == {"us-tx": ""}


def test_the_same_question_gives_the_same_bytes(custodian: Custodian) -> None:
    rows = [
        notice(f"S{n}", docket=f"2014KN{n:06d}", arrest_number=f"K14{n // 2:06d}", cjtn=f"{n // 3 + 1:08d}K")
        for n in range(1, 400)
    ]
    custodian.add(*rows, notice("O", "open", docket="2014KN999999", arrest_number="K14000007"))
    first = custodian.publish(path=custodian.folder / "a").path.read_bytes()
    second = custodian.publish(path=custodian.folder / "b").path.read_bytes()

    assert first == second
    assert custodian.publish(path=custodian.folder / "c", audience="vendor").path.read_bytes() != first


def test_names_and_identifiers_never_go_into_an_index(custodian: Custodian) -> None:
    custodian.add(
        notice(
            "CANARY-S1", docket="2014KN012345", nysid="12345678A", last_name="CANARY", first_name="CANARY",
            aliases="CANARY", charge="CANARY", source_document="CANARY", birth_date="1990-01-02",
        )
    )  # fmt: skip
    content = custodian.publish().path.read_bytes()
    for secret in (b"CANARY", b"012345", b"12345678", b"1990"):
        assert secret not in content


def test_an_index_is_put_in_place_for_its_group(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    published = custodian.publish()
    opened = open_index(published.path, custodian.key, remember=False, today=DAY)
    custodian.add(notice("S2", docket="2014KN000002"))
    custodian.publish()

    assert stat.S_IMODE(published.path.stat().st_mode) == 0o640
    assert (opened.epoch, len(opened)) == (1, 1)
    opened.verify()


def test_nothing_to_publish_is_an_error_unless_meant(custodian: Custodian) -> None:
    with pytest.raises(EmptyIndex):
        custodian.publish()
    assert len(custodian.index(allow_empty=True)) == 0

    custodian.add(notice("S1", nysid="12345678A"))
    with pytest.raises(EmptyIndex):
        custodian.publish()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"uses": []}, ConfigError),
        ({"uses": ["trainning"]}, ConfigError),
        ({"audience": "polis"}, ConfigError),
        ({"valid_days": -1, "not_after": None}, ConfigError),
        ({"valid_days": 10**9, "not_after": None}, ConfigError),
        ({"not_after": DAY - dt.timedelta(days=1)}, ConfigError),
        ({"path": Path("/nonexistent/out.sealindex")}, WriteFailed),
    ],
)
def test_what_makes_no_sense_is_refused(custodian: Custodian, options: dict[str, Any], error: type[Exception]) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    with pytest.raises(error):
        custodian.publish(**options)


def test_another_publishers_key_is_refused(custodian: Custodian, tmp_path: Path) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    generate_keys(tmp_path / "other.key")
    custodian.publisher = load_publisher(tmp_path / "other.key.publisher")
    with pytest.raises(KeyFileError):
        custodian.publish()


def test_an_index_for_a_day_to_come_opens_on_that_day(custodian: Custodian) -> None:
    custodian.add(notice("S1", docket="2014KN000001"))
    published = custodian.publish(as_of=dt.date(2027, 1, 1))
    with pytest.raises(FutureIndex):
        open_index(published.path, custodian.key, remember=False, today=dt.date(2026, 12, 31))
    assert len(open_index(published.path, custodian.key, remember=False, today=dt.date(2027, 1, 1))) == 1


def test_more_schemes_than_an_index_holds_are_an_error(custodian: Custodian) -> None:
    custodian.add(notice("S1", **{f"opaque:system{n}": "7" for n in range(65)}))
    with pytest.raises(SchemeError, match="at most 64"):
        custodian.publish()


PRINTS_ALONE = notice("J1", regime="us-ny/fca-354.1", arrest_number="K14000001")
JUVENILE = notice("J2", regime="us-ny/fca-375.1", arrest_number="K14000002")


def test_what_reaches_prints_alone_bars_the_data_that_may_hold_them(custodian: Custodian) -> None:
    """FCA 354.1 reaches fingerprints, palmprints and photographs, and no other record."""
    custodian.add(PRINTS_ALONE, JUVENILE)
    both = {("arrest_number", "K14000001"): "sealed", ("arrest_number", "K14000002"): "sealed"}

    assert custodian.published() == both
    facts = custodian.index().header.facts
    assert (facts.holds_prints, facts.extensions, facts.critical) == (True, {}, ())
    assert custodian.published(holds_prints=False) == {("arrest_number", "K14000002"): "sealed"}


def test_an_index_for_data_without_prints_says_so_and_is_published_again_as_such(custodian: Custodian) -> None:
    custodian.add(PRINTS_ALONE, JUVENILE)
    published = custodian.publish(holds_prints=False)
    header = read_header(published.path)

    assert not header.facts.holds_prints
    assert header.facts.critical == ("prints",)  # a reader that does not know it refuses the index
    assert published.seals == 1
    generate_keys(custodian.folder / "new.key")
    new = load_key(custodian.folder / "new.key")
    (custodian.folder / "again").mkdir()
    ((_, after),) = republish(
        custodian.registry,
        [published.path],
        custodian.folder / "again",
        old=custodian.key,
        new=new,
        publisher=load_publisher(custodian.folder / "new.key.publisher"),
    )
    assert not after.header.facts.holds_prints
    assert len(after) == 1


@pytest.mark.parametrize("use", ["training", "inference_input", "output"])
def test_a_regime_that_reaches_more_than_prints_bars_data_without_them_too(use: str) -> None:
    for regime in jurisdiction("us-ny").known:
        with_prints, without = (
            bars(regime.name, use=use, audience="vendor", on=DAY, holds_prints=holds) for holds in (True, False)
        )
        assert with_prints
        assert without is (regime.name != "us-ny/fca-354.1")
    assert bars("us-xx/unknown", use=use, audience="vendor", on=DAY, holds_prints=False)
