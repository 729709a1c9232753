"""Differential privacy: noise as theory has it, figures that add up, and a budget that is not exceeded."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from sealscrub.cli import run
from sealscrub.custodian.aggregates import Figures, Ledger, Noise, aggregate
from sealscrub.errors import ConfigError, MissingExtra, Refused, UsageError

pytest.importorskip("opendp")


def new_ledger() -> Ledger:
    return Ledger(Path(tempfile.mkdtemp()) / "ledger", new_source=True)


def arrests(*counts: int) -> pl.DataFrame:
    """Each of another person."""
    return pl.DataFrame({"a": np.repeat(np.arange(len(counts)), counts)}).with_row_index("who")


def release(rows: pl.DataFrame, noise: Noise, tables: object = "a", **options: object) -> Figures:
    levels = options.pop("levels", {"a": range(int(rows["a"].max() or 0) + 1)})
    return aggregate(rows, tables, person="who", noise=noise, ledger=new_ledger(), source="s", levels=levels, **options)


def test_the_noise_is_as_wide_as_theory_says() -> None:
    cells, true = 3000, 120
    counts = release(arrests(*[true] * cells), Noise(0.5, budget=9)).table("a")["count"].to_numpy()
    off = counts - true
    # two groups of totals are published, so that the scale is 2 / 0.5; its variance is 2 q / (1 - q)^2, q = e^(-1/4)
    q = math.exp(-0.25)
    variance = 2 * q / (1 - q) ** 2
    # 8 standard errors: of the mean, and of the variance, whose own variance is (kurtosis - 1) / n, kurtosis at most 7
    assert abs(off.mean()) < 8 * math.sqrt(variance / cells)
    assert abs((off**2).mean() / variance - 1) < 8 * math.sqrt(6 / cells)
    for reach in (0, 4, 8):  # P(|noise| > t) = 2 q^(t + 1) / (1 + q)
        share = 2 * q ** (reach + 1) / (1 + q)
        assert abs((abs(off) > reach).mean() - share) < 8 * math.sqrt(share * (1 - share) / cells)


def test_two_worlds_that_differ_by_one_person_look_alike() -> None:
    """Of as many cells with the person's arrests as without: each outcome is at most e^epsilon times as likely."""
    cells, epsilon, few = 4000, 1.0, 3
    counts = []
    for extra in (0, few):
        rows = arrests(*[60 + extra] * cells)  # a world each cell, which is alike to the last
        counts.append(release(rows, Noise(epsilon, per_person=few, budget=9)).table("a")["count"].to_numpy())
    without, having = counts
    for threshold in range(45, 80, 3):
        one, other = (having >= threshold).mean(), (without >= threshold).mean()
        slack = 8 * math.sqrt(0.25 / cells) * (1 + math.exp(epsilon))
        assert one <= math.exp(epsilon) * other + slack
        assert 1 - other <= math.exp(epsilon) * (1 - one) + slack
    assert having.mean() > without.mean()  # and they are not the same


def test_one_persons_many_arrests_are_bounded() -> None:
    rows = pl.DataFrame({"who": ["P"] * 5000 + [f"Q{n}" for n in range(300)], "a": [0] * 5000 + [1] * 300})
    figures = release(rows, Noise(5.0, per_person=2, budget=5))

    assert figures.table("a")["count"].to_list()[0] < 60  # 2, and noise of scale 4 / 5
    assert 240 < figures.table("a")["count"].to_list()[1] < 360


def test_figures_are_whole_not_negative_and_add_up() -> None:
    rng = np.random.default_rng(3)
    rows = pl.DataFrame({"a": rng.integers(0, 6, 300), "b": rng.integers(0, 4, 300), "c": rng.integers(0, 2, 300)})
    levels = {"a": range(8), "b": range(4), "c": [0, 1]}
    figures = release(rows.with_row_index("who"), Noise(0.2, 3, 1.0), [["a", "b"], ["b", "c"]], levels=levels)
    total = figures.table()["count"].item()

    assert figures.frame["count"].null_count() == 0
    assert figures.frame["count"].min() >= 0
    for table in (("a",), ("b",), ("c",), ("a", "b"), ("b", "c")):
        assert figures.table(*table)["count"].sum() == total
    margin = figures.table("b").sort("b")["count"].to_list()
    for table in (("a", "b"), ("b", "c")):
        assert figures.table(*table).group_by("b").agg(pl.col("count").sum()).sort("b")["count"].to_list() == margin
    assert figures.table("a", "b").height == 32  # levels without events too
    assert set(figures.frame.select("dp_epsilon", "dp_delta", "dp_per_person").iter_rows()) == {(0.2, 0.0, 3)}
    assert figures.method == "noise"


def test_shares_come_from_the_figures_with_noise() -> None:
    rows = arrests(3000, 3000).with_columns(sealed=pl.col("who") % 3 == 0)
    by = release(rows, Noise(1.0, budget=1.0), share="sealed").table("a")

    assert (by["share_sealed"] == by["count_sealed"] / by["count"]).all()
    assert by["share_sealed"].is_between(0.2, 0.45).all()


def test_a_release_that_would_exceed_the_budget_is_refused() -> None:
    ledger, rows = new_ledger(), arrests(50, 60)
    options = {"person": "who", "levels": {"a": [0, 1]}, "ledger": ledger, "source": "s"}
    with pytest.raises(ConfigError, match="no budget"):
        aggregate(rows, "a", noise=Noise(0.5), **options)
    aggregate(rows, "a", noise=Noise(0.5, budget=1.0), **options)
    aggregate(rows, "a", **options)  # exact figures take nothing of it
    aggregate(rows, "a", noise=Noise(0.3), **options)

    assert ledger.spent("s") == (0.8, 1.0)
    with pytest.raises(Refused, match=r"0\.2 left"):
        aggregate(rows, "a", noise=Noise(0.21), **options)
    with pytest.raises(ConfigError, match="cannot be changed"):
        aggregate(rows, "a", noise=Noise(0.1, budget=5.0), **options)
    aggregate(rows, "a", noise=Noise(0.2), **options)
    with pytest.raises(Refused):
        aggregate(rows, "a", noise=Noise(1e-6), **options)
    assert ledger.spent("s") == (1.0, 1.0)
    assert ledger.spent("other") == (0.0, 0.0)


def test_what_noise_needs() -> None:
    rows, noise = arrests(50, 60), Noise(1.0, budget=1.0)
    kept = {"ledger": new_ledger(), "source": "s"}
    for options, error in (
        ({"levels": {"a": [0, 1]}, **kept}, ConfigError),  # nobody to protect
        ({"person": "who", **kept}, ConfigError),  # levels would tell which there are
        ({"person": "who", "levels": {"a": [0, 1]}}, ConfigError),  # no ledger
        ({"person": "who", "levels": {"a": [0, 1]}, "round_to": 5, **kept}, ConfigError),
        ({"person": "who", "levels": {"a": [0, 1]}, "value": "a", **kept}, ConfigError),
        ({"person": "unknown", "levels": {"a": [0, 1]}, **kept}, UsageError),
    ):
        with pytest.raises(error):
            aggregate(rows.with_columns(unknown=pl.lit(None, pl.String)), "a", noise=noise, **options)
    for numbers in ((0.0,), (-1.0,), (math.nan,), (math.inf,), (1e9,), (1.0, 0), (1.0, 1, 0.0)):
        with pytest.raises(ConfigError):
            Noise(*numbers)


def test_an_epsilon_that_no_noise_is_wide_enough_for_is_refused(tmp_path: Path) -> None:
    rows, ledger = pl.DataFrame({"a": ["x"] * 9, "who": range(9)}), Ledger(tmp_path / "ledger", new_source=True)
    with pytest.raises(ConfigError, match="wide enough"):
        aggregate(rows, "a", person="who", levels={"a": ["x"]}, noise=Noise(1e-300, 1, 4.0), ledger=ledger, source="s")
    assert ledger.spent("s") == (0.0, 0.0)


def test_without_opendp_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "opendp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opendp", None)
    with pytest.raises(MissingExtra, match="opendp") as raised:
        release(arrests(50, 60), Noise(1.0, budget=1.0))

    assert "sealscrub[dp]" in str(raised.value)


def test_the_command_gives_noise_and_keeps_the_budget(tmp_path: Path) -> None:
    arrests(500, 600).write_csv(tmp_path / "arrests.csv")
    command = ["aggregate", str(tmp_path / "arrests.csv"), "--by", "a", "--person", "who", "--levels", "a=0,1,2"]
    kept = ["--ledger", str(tmp_path / "ledger"), "--source", "s", "--new-source"]
    out = tmp_path / "f.csv"

    assert run([*command, *kept, "--dp-epsilon", "1", "--dp-budget", "1.5", "--per-person", "2", "-o", str(out)]) == 0
    made = pl.read_csv(out)
    assert made.filter(by="a")["a"].to_list() == [0, 1, 2]
    assert made["dp_per_person"].unique().to_list() == [2]
    assert run([*command, *kept, "--dp-epsilon", "1", "-o", str(tmp_path / "g.csv")]) == 3
    assert not (tmp_path / "g.csv").exists()
    _, digest = Ledger(tmp_path / "ledger").head()
    few = ["--dp-epsilon", "0.1", "-o", str(tmp_path / "h.jsonl")]
    assert run([*command, *kept, *few, "--ledger-holds", digest]) == 0
    assert run([*command, *kept, *few, "--ledger-holds", digest[::-1]]) == 3
    for wrong in (["--dp-budget", "1"], ["--per-person", "2"], ["--levels", "a"], ["--levels", "a=x"]):
        assert run([*command, *kept, *wrong, "-o", str(tmp_path / "g.csv")]) == 2
