"""What earlier figures and clean data sets tell together with a new one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealscrub.custodian.aggregates import Ledger, Rules, aggregate
from sealscrub.errors import ConfigError, Refused, UnreadableInput, UsageError


def events(**counts: int) -> pl.DataFrame:
    return pl.DataFrame({"a": [level for level, n in counts.items() for _ in range(n)]})


def counted(figures: object) -> dict[str, int | None]:
    return dict(figures.table("a").select("a", "count").iter_rows())


def test_a_figure_that_changed_by_one_person_is_not_published_again(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    first = counted(aggregate(events(x=40, y=50, z=60), "a", ledger=ledger, source="s"))
    second = aggregate(events(x=39, y=50, z=90), "a", ledger=ledger, source="s")

    assert first == {"x": 40, "y": 50, "z": 60}
    assert counted(second) == {"x": None, "y": 50, "z": None} or counted(second) == {"x": None, "y": None, "z": 90}
    assert counted(aggregate(events(x=39, y=50, z=60), "a", ledger=ledger, source="other")) == {
        "x": 39,
        "y": 50,
        "z": 60,
    }
    third = counted(aggregate(events(x=39, y=50, z=90), "a", ledger=ledger, source="s"))
    assert third == counted(second)  # what was suppressed stays so


def test_a_figure_minus_the_clean_count_tells_no_small_number_of_seals(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    assert ledger.record_clean(events(x=38, y=30, z=60), "a", source="s") == 0
    figures = aggregate(events(x=40, y=50, z=60), "a", ledger=ledger, source="s")

    assert counted(figures) == {"x": None, "y": 50, "z": 60} or counted(figures)["x"] is None
    held = figures.ranges.filter(pl.col("a") == "x")
    assert held["greatest"].item() - 38 >= 10  # from none to ten sealed, or more
    assert (tmp_path / "ledger").stat().st_mode & 0o777 == 0o600


def test_a_clean_count_bounds_what_stands_beside_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    ledger.record_clean(events(w=100, x=49, z=55), "a", source="s")
    everything, levels = events(w=200, x=50, y=3, z=60), {"a": ["w", "x", "y", "z"]}
    figures = aggregate(everything, "a", ledger=ledger, source="s", levels=levels)
    found = counted(figures)

    assert (found["x"], found["y"], found["z"]) == (None, None, None)  # few sealed, few at all, few sealed
    # of these three, 113 together, x is at least 49 and z at least 55: y would be below the minimum for all to see
    assert found["w"] is None or figures.table()["count"].item() is None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 14)), min_size=2, max_size=5))
def test_no_number_of_seals_between_one_and_the_minimum_can_be_told(cells: list[tuple[int, int]]) -> None:
    import tempfile

    ledger = Ledger(Path(tempfile.mkdtemp()) / "ledger", new_source=True)
    clean = {f"l{at}": n for at, (n, _) in enumerate(cells)}
    everything = {f"l{at}": n + sealed for at, (n, sealed) in enumerate(cells)}
    if not sum(clean.values()):
        return
    ledger.record_clean(events(**clean), "a", source="s")
    try:
        figures = aggregate(events(**everything), "a", ledger=ledger, source="s", rules=Rules(minimum=5))
    except Refused:
        return
    ranges = {row["a"]: (row["least"], row["greatest"]) for row in figures.ranges.iter_rows(named=True)}
    for level, published in [*counted(figures).items(), (None, figures.table()["count"].item())]:
        known = sum(clean.values()) if level is None else clean[level]
        true = sum(everything.values()) if level is None else everything[level]
        if published is not None:
            assert published == true
            assert not 0 < published - known < 5
        else:
            least, greatest = ranges[level]
            assert least <= true <= greatest
            assert least < greatest
            assert not 0 < true - known < 5 or greatest - known >= 5


def test_a_source_that_is_new_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no release was recorded"):
        aggregate(events(x=40), "a", ledger=Ledger(tmp_path / "ledger"), source="arrests")
    aggregate(events(x=40), "a", ledger=Ledger(tmp_path / "ledger", new_source=True), source="arrests")
    with pytest.raises(ConfigError, match="its sources: arrests"):  # one arrest less under another name
        aggregate(events(x=39), "a", ledger=Ledger(tmp_path / "ledger"), source="Arrests")
    with pytest.raises(ConfigError):
        Ledger(tmp_path / "ledger").record_clean(events(x=39), "a", source="Arrests")
    with pytest.raises(Refused):
        aggregate(events(x=39), "a", ledger=Ledger(tmp_path / "ledger"), source="arrests")


def test_a_clean_count_by_finer_levels_is_compared_with_coarser_figures(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    everything = pl.DataFrame({"p": [at % 9 for at in range(900)]}).with_columns(b=pl.col("p") // 3).sort("b")
    clean = pl.concat([everything[20:300], everything[303:600], everything[620:]])
    ledger.record_clean(clean, "p", source="s")  # in borough 1 three sealed arrests, twenty in each of the others
    by_borough = aggregate(everything, "b", ledger=ledger, source="s")

    assert by_borough.table("b")["count"].to_list()[1] is None
    assert by_borough.table()["count"].to_list() == [900]


def test_many_arrests_of_one_person_in_several_precincts_are_one_person_in_the_borough(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    clean = pl.DataFrame({"p": [at % 9 for at in range(900)], "who": range(900)}).with_columns(b=pl.col("p") // 3)
    ledger.record_clean(clean, "p", source="s", person="who")
    sealed = pl.DataFrame({"p": [3, 4] * 10 + [0] * 30 + [6] * 30, "who": [1000] * 20 + [*range(2000, 2060)]})
    everything = pl.concat([clean, sealed.with_columns(b=pl.col("p") // 3)])
    by_borough = aggregate(everything, "b", person="who", ledger=ledger, source="s")

    assert by_borough.table("b")["count"].to_list()[1] is None


def test_a_clean_data_set_that_comes_later_is_told_of(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", new_source=True)
    aggregate(events(x=40, y=50), "a", ledger=ledger, source="s")

    assert ledger.record_clean(events(x=38, y=50), "a", source="s") == 2  # of x, and of the total
    assert [each.kind for each in ledger.entries("s")] == ["release", "clean"]
    assert ledger.entries("other") == []
    with pytest.raises(UsageError, match="another source"):
        aggregate(events(x=37, y=90), "a", ledger=ledger, source="s")


def test_a_ledger_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path, new_source=True)
    for _ in range(3):
        aggregate(events(x=40, y=50), "a", ledger=ledger, source="s")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    first = json.loads(lines[0])
    for content in (
        json.dumps(first | {"source": "t"}).encode() + b"\n" + b"".join(lines[1:]),
        json.dumps(first | {"epsilon": math.nan}).encode() + b"\n",
        lines[0] + lines[2],
        lines[1],
        whole[:-1],
        whole[:-20],
        b"no ledger\n",
    ):
        path.write_bytes(content)
        with pytest.raises(UnreadableInput):
            aggregate(events(x=40, y=50), "a", ledger=ledger, source="s")
        assert path.read_bytes() == content
    path.write_bytes(whole)
    count, digest = ledger.head()
    assert count == 3
    assert len(Ledger(path, holds=digest).entries()) == 3
    path.write_bytes(lines[0])  # a whole ledger, but an older one: its budget would count again
    assert len(ledger.entries()) == 1
    with pytest.raises(UnreadableInput, match="cut"):
        Ledger(path, holds=digest).entries()
    path.write_bytes(whole)
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="others can read"):
        ledger.entries()
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="source"):
        aggregate(events(x=40, y=50), "a", ledger=ledger)
