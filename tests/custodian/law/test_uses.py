"""The table of regime × audience × use says what the statutes say, and is strict where nothing is said."""

from __future__ import annotations

import datetime as dt
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscrub.custodian import law
from sealscrub.errors import ConfigError
from sealscrub.index import Audience, Use

NEW_YORKS = [regime.name for regime in law.known_regimes() if regime.name.startswith("us-ny/")]
TODAY = dt.date(2026, 11, 25)
MODEL_USES = ["training", "inference_input", "output"]


@pytest.mark.parametrize("use", MODEL_USES)
@pytest.mark.parametrize(
    ("regime", "barred_from_police"),
    [
        ("us-ny/cpl-160.50", True),
        ("us-ny/cpl-160.50-5", True),
        ("us-ny/cpl-160.55", True),
        ("us-ny/cpl-160.57", False),
        ("us-ny/cpl-160.58", False),
        ("us-ny/cpl-160.59", False),
        ("us-ny/cpl-720.35", True),
        ("us-ny/fca-375.1", True),
    ],
)
def test_the_police_column_is_that_of_the_regime_table(regime: str, barred_from_police: bool, use: str) -> None:
    assert law.bars(regime, use=use, audience="police", on=TODAY) is barred_from_police


@pytest.mark.parametrize("regime", NEW_YORKS)
@pytest.mark.parametrize("use", MODEL_USES)
def test_every_regime_bars_models_of_vendors_and_researchers(regime: str, use: str) -> None:
    assert law.bars(regime, use=use, audience="vendor", on=TODAY)
    assert law.bars(regime, use=use, audience="researcher", on=TODAY)


def test_the_court_keeps_its_own_copy_under_160_55_alone() -> None:
    open_to_the_court = [
        regime for regime in NEW_YORKS if not law.bars(regime, use="training", audience="court", on=TODAY)
    ]
    assert open_to_the_court == ["us-ny/cpl-160.55"]


@given(
    regime=st.text(max_size=30),
    use=st.sampled_from(law.known_uses()),
    audience=st.sampled_from([*law.known_audiences()]),
    on=st.dates(),
)
def test_an_unknown_regime_bars_every_use_but_aggregate_reports(
    regime: str, use: str, audience: str, on: dt.date
) -> None:
    assert law.bars(regime, use=use, audience=audience, on=on) is (use != "aggregate_report")


def test_clean_slate_is_strict_before_it_came_into_force() -> None:
    day = dt.date(2024, 11, 16)
    assert law.bars("us-ny/cpl-160.57", use="training", audience="police", on=day - dt.timedelta(days=1))
    assert not law.bars("us-ny/cpl-160.57", use="training", audience="police", on=day)


def test_every_line_is_cited_marked_and_not_yet_reviewed() -> None:
    for line in law.rulings():
        assert line.citation
        assert line.mark is not law.Mark.DEFAULT
        assert line.reviewed_by == ""
        assert re.fullmatch(r"us-ny/(cpl|fca)-[0-9.]+(-5)?|us-(?!ny)[a-z]{2}/[a-z]+-[0-9a-z.\-]+", line.regime)


def test_no_two_lines_answer_for_the_same_day() -> None:
    for line in law.rulings():
        rivals = [
            other
            for other in law.rulings()
            if (other.regime, other.audience, other.use) == (line.regime, line.audience, line.use)
            and other.in_force(line.in_force_from or dt.date.min)
        ]
        assert rivals == [line]


def test_every_regime_has_a_line_for_every_use_and_audience() -> None:
    cells = {(line.regime, line.audience, line.use) for line in law.rulings()}
    wanted = {
        (regime.name, audience, use)
        for regime in law.known_regimes()
        for use, audience in product(*law.uses_of(regime.name))
    }
    assert cells == wanted


def test_a_licence_for_a_gun_is_a_use_of_new_yorks() -> None:
    mine = {name for name in law.JURISDICTIONS if "gun_licence" in law.uses_of(f"{name}/any")[0]}
    assert "us-ny" in mine
    assert not mine & {"us-or", "us-pa", "us-va"}
    assert law.uses_of("us-xx/unknown") == (law.known_uses()[:4], tuple(law.known_audiences())[:5])


@pytest.mark.parametrize(("use", "audience"), [("trainning", "police"), ("training", "polis"), ("", "")])
def test_an_unknown_use_or_audience_is_an_error(use: str, audience: str) -> None:
    with pytest.raises(ConfigError):
        law.bars("us-ny/cpl-160.50", use=use, audience=audience, on=TODAY)


def test_the_common_uses_and_audiences_are_those_of_the_index() -> None:
    assert (tuple(Use), tuple(Audience)) == law.uses_of("us-xx/unknown")
    assert {who for who, declared in law.known_audiences().items() if not declared} == set(Audience)
