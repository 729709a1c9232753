"""What was never sealed is let back in as if no notice had told of it, and what was said before stays readable."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sealscrub as ss
from sealscrub.errors import ColumnError, NoticeError
from sealscrub.index import Index, open_index

from .custodian import DAY, Custodian, notice, reason, write_notices

S1 = notice("S1", arrest_number="K14612345", docket="2014KN012345")
S2 = notice("S2", arrest_number="K14612346", docket="2014KN012346")


def corrections(custodian: Custodian, *rows: tuple[str, str], name: str = "corrections.csv") -> Path:
    return write_notices(custodian.folder / name, [{"seal_id": seal, "reason": reason} for seal, reason in rows])


def test_a_corrected_seal_bars_nothing_on_any_day_and_stands_as_it_did_before(custodian: Custodian) -> None:
    custodian.add(S1, S2)
    custodian.add(notice("S1", "vacated", effective_from="2021-05-06"))
    custodian.add(notice("S1", docket="2014KN012345", effective_from="2022-01-01"))
    result = custodian.registry.correct(corrections(custodian, ("S1", "wrong_notice")))

    assert (result.corrected, result.epoch, result.known) == (1, 4, 0)
    for day in (dt.date(2020, 6, 1), dt.date(2021, 6, 1), DAY):
        assert {seal.seal_id: seal.state for seal in custodian.registry.seals(day)} == {
            "S1": "mistaken",
            "S2": "sealed",
        }
    assert [seal.state for seal in custodian.registry.seals(dt.date(2020, 6, 1), epoch=3)] == ["sealed", "sealed"]
    assert [seal.state for seal in custodian.registry.seals(dt.date(2021, 6, 1), epoch=3)] == ["vacated", "sealed"]
    assert custodian.published() == {("arrest_number", "K14612346"): "sealed", ("docket", "2014KN012346"): "sealed"}
    events = custodian.registry.history("docket", "2014KN012345")
    assert [(event.event, event.reason) for event in events if event.epoch == 4] == [("mistaken", "wrong_notice")] * 3
    assert {event.source for event in events if event.epoch == 4} == {"corrections.csv:2"}


def test_the_same_corrections_again_change_nothing(custodian: Custodian) -> None:
    custodian.add(S1, S2)
    file = corrections(custodian, ("S1", "wrong_notice"), ("S2", "mistaken_match"))
    assert custodian.registry.correct(file).corrected == 2
    again = custodian.registry.correct(file)
    assert (again.corrected, again.known, again.epoch) == (0, 2, 2)
    more = corrections(custodian, ("S1", "mistaken_match"), name="more.csv")
    assert custodian.registry.correct(more).known == 1


def test_a_mistaken_match_holds_back_no_arrest(custodian: Custodian) -> None:
    """The docket that was wrongly put beside the arrest says nothing of it any more."""
    custodian.add(notice("S1", arrest_number="K14612345", docket="2014KN000009"))
    custodian.registry.correct(corrections(custodian, ("S1", "mistaken_match")))
    custodian.add(notice("S1-right", arrest_number="K14612345", docket="2014KN012345"))

    assert custodian.published() == {("arrest_number", "K14612345"): "sealed", ("docket", "2014KN012345"): "sealed"}
    custodian.add(notice("", "vacated", arrest_number="K14612345", effective_from="2021-01-01"))
    assert custodian.published() == {}


NUMBERS = st.sampled_from(["K14000001", "K14000002"])
DOCKETS = st.sampled_from(["", "2014KN000001", "2014KN000002"])
SAID = st.tuples(st.sampled_from(["sealed", "withheld", "open"]), NUMBERS, DOCKETS)


@settings(max_examples=8, deadline=None)
@given(st.lists(SAID, min_size=1, max_size=3), st.lists(SAID, min_size=1, max_size=3))
def test_publishing_after_a_correction_is_publishing_where_the_notices_never_came(
    right: list[tuple[str, str, str]], wrong: list[tuple[str, str, str]]
) -> None:
    found = []
    for mistaken in ([], wrong):
        with tempfile.TemporaryDirectory() as folder:
            custodian = Custodian(Path(folder))
            named = [(f"R{at}", each) for at, each in enumerate(right)]
            named += [(f"W{at}", each) for at, each in enumerate(mistaken)]
            custodian.add(*(notice(name, kind, arrest_number=a, docket=d) for name, (kind, a, d) in named))
            if mistaken:
                custodian.registry.correct(
                    corrections(custodian, *((f"W{at}", "wrong_notice") for at in range(len(wrong))))
                )
            published = custodian.publish(allow_empty=True)
            index = open_index(published.path, custodian.key, remember=False)
            keys = [("arrest_number", f"K1400000{n}") for n in (1, 2)] + [("docket", f"2014KN00000{n}") for n in (1, 2)]
            said = [reason(index, *key) if key[0] in index.schemes else "" for key in keys]
            found.append((said, published.seals, published.held_back, published.schemes, index.header.facts.coverage))
            custodian.registry.close()

    assert found[0] == found[1]


def rows(*numbers: str) -> pl.DataFrame:
    return pl.DataFrame({"ARREST_NO": list(numbers), "n": range(len(numbers))})


def scrubbed(data: pl.DataFrame, index: Index, folder: Path) -> bytes:
    source, out = folder / "in.parquet", folder / "out.parquet"
    out.unlink(missing_ok=True)
    data.write_parquet(source)
    ss.scrub(source, index, on={"arrest_number": "ARREST_NO"}, output=out)
    return out.read_bytes()


def test_from_the_seal_to_the_scrub_that_has_the_record_again(custodian: Custodian, tmp_path: Path) -> None:
    """Bit for bit what the scrub gives where the record was never sealed."""
    data = rows("K14612345", "K14612346", "M14000001")
    custodian.add(S2)
    never = scrubbed(data, custodian.index(), tmp_path)
    custodian.add(S1)
    sealed = scrubbed(data, custodian.index(), tmp_path)
    custodian.registry.correct(corrections(custodian, ("S1", "wrong_notice")))
    again = scrubbed(data, custodian.index(), tmp_path)

    assert pl.read_parquet(sealed)["ARREST_NO"].to_list() == ["M14000001"]
    assert pl.read_parquet(again)["ARREST_NO"].to_list() == ["K14612345", "M14000001"]
    assert again == never
    assert again != sealed


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("seal_id,reason\nS1,typo\n", "line 2, column reason"),
        ("seal_id,reason\nS1,\n", "line 2, column reason"),
        ("seal_id,reason\n,wrong_notice\n", "line 2, column seal_id: is missing"),
        ("seal_id,reason\nS1,wrong_notice\nCANARY,wrong_notice\n", "line 3, column seal_id: is about no seal"),
        ("seal_id,reason\nS1,wrong_notice,x\n", "line 2"),
    ],
)
def test_a_bad_row_corrects_nothing(custodian: Custodian, content: str, problem: str) -> None:
    custodian.add(S1)
    path = custodian.folder / "bad.csv"
    path.write_text(content)
    with pytest.raises(NoticeError, match=problem) as caught:
        custodian.registry.correct(path)
    assert "CANARY" not in str(caught.value)
    assert custodian.registry.epoch == 1


@pytest.mark.parametrize("header", ["seal_id", "reason", "seal_id,reason,docket"])
def test_other_columns_are_refused(custodian: Custodian, header: str) -> None:
    path = custodian.folder / "bad.csv"
    path.write_text(f"{header}\n" + ",".join("x" * len(header.split(","))) + "\n")
    with pytest.raises(ColumnError, match=r"Hint: .*seal_id and reason"):
        custodian.registry.correct(path)


def test_a_notice_cannot_say_that_a_seal_never_was(custodian: Custodian) -> None:
    custodian.add(S1)
    with pytest.raises(NoticeError, match="is not one of sealed, vacated, withheld, released, open"):
        custodian.add(notice("S1", "mistaken"))


def test_what_was_derived_and_corrected_is_not_derived_anew(custodian: Custodian) -> None:
    path = custodian.folder / "d.csv"
    path.write_text("docket,defendant_id,disposition,event_date\n2014KN012345,7,ACQUITTED,2014-05-01\n")
    custodian.registry.derive(path, as_of=DAY)
    (seal,) = custodian.registry.seals(DAY)
    custodian.registry.correct(corrections(custodian, (seal.seal_id, "wrong_notice")))
    assert custodian.registry.derive(path, as_of=DAY).appended == 0
    assert custodian.published() == {}
