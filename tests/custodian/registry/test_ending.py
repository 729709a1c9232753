"""What ends a seal names it by its id, or by keys that fit it alone."""

from __future__ import annotations

import pytest

from sealscrub.errors import NoticeError

from .custodian import Custodian, notice


def states(custodian: Custodian) -> dict[str, str]:
    return {seal.seal_id: seal.state for seal in custodian.every_seal()}


@pytest.fixture
def filled(custodian: Custodian) -> Custodian:
    custodian.add(
        notice("S1", arrest_number="K14612345", docket="2014KN000001"),
        notice("S2", arrest_number="K14612345", docket="2014KN000002"),
        notice("S3", arrest_number="K14612346", docket="2014KN000003"),
        notice("S4", docket="2014KN000003", indictment="IND-70123-21/001"),
    )
    return custodian


def test_by_its_id(filled: Custodian) -> None:
    filled.add(notice("S1", "vacated", effective_from="2021-01-01"))
    assert states(filled) == {"S1": "vacated", "S2": "sealed", "S3": "sealed", "S4": "sealed"}


def test_by_the_key_of_its_action(filled: Custodian) -> None:
    filled.add(notice("", "vacated", docket="CR-000001-14KN", effective_from="2021-01-01"))
    assert states(filled) == {"S1": "vacated", "S2": "sealed", "S3": "sealed", "S4": "sealed"}


def test_every_notice_of_an_action_ends_with_it(filled: Custodian) -> None:
    result = filled.add(notice("", "released", docket="2014KN000003", effective_from="2021-01-01"))
    assert result.registered == 1
    assert states(filled) == {"S1": "sealed", "S2": "sealed", "S3": "released", "S4": "released"}


def test_all_keys_of_the_narrowest_level_must_fit(filled: Custodian) -> None:
    filled.add(
        notice(
            "", "released", docket="2014KN000003", indictment="IND-70123-21/001", arrest_number="K14612346",
            effective_from="2021-01-01",
        )
    )  # fmt: skip
    assert states(filled) == {"S1": "sealed", "S2": "sealed", "S3": "sealed", "S4": "released"}


def test_by_the_key_of_an_arrest_with_one_seal(filled: Custodian) -> None:
    filled.add(notice("", "vacated", arrest_number="K14612346", effective_from="2021-01-01"))
    assert states(filled) == {"S1": "sealed", "S2": "sealed", "S3": "vacated", "S4": "sealed"}


def test_the_key_of_an_arrest_with_several_seals_says_too_little(filled: Custodian) -> None:
    with pytest.raises(NoticeError, match="several seals"):
        filled.add(notice("", "vacated", arrest_number="K14612345"))


def test_an_id_of_another_register_gives_way_to_the_keys(filled: Custodian) -> None:
    filled.add(notice("COURT-7", "vacated", docket="2014KN000001", effective_from="2021-01-01"))
    assert states(filled)["S1"] == "vacated"


def test_keys_of_another_seal_are_a_mistake(filled: Custodian) -> None:
    with pytest.raises(NoticeError, match="none of the keys"):
        filled.add(notice("S1", "vacated", docket="2014KN000002"))
    assert filled.add(notice("S1", "vacated", arrest_number="K14612345")).registered == 1


def test_a_seal_may_begin_and_end_in_one_file(custodian: Custodian) -> None:
    custodian.add(
        notice("", "vacated", docket="2014KN000001", effective_from="2021-01-01"),
        notice("S2", "released", effective_from="2021-01-01"),
        notice("S1", docket="2014KN000001"),
        notice("S2", docket="2014KN000002"),
    )
    assert states(custodian) == {"S1": "vacated", "S2": "released"}


def test_an_ending_that_comes_again_does_not_end_a_later_seal(filled: Custodian) -> None:
    ending = notice("", "vacated", docket="2014KN000001", effective_from="2021-01-01")
    filled.add(ending)
    filled.add(notice("S9", docket="2014KN000001", effective_from="2020-06-01"))

    again = filled.add(ending)

    assert (again.registered, again.known) == (0, 1)
    assert states(filled)["S9"] == "sealed"
