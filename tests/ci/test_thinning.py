"""A thinned matrix tries in the gate whatever its cases bring together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..thinning import thin

ROOT = Path(__file__).parents[2]


def brought(cases: dict[str, tuple[int, ...]], together: int) -> set[tuple[tuple[int, int], ...]]:
    return {some for case in cases.values() for some in combinations(enumerate(case), together)}


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    holes=st.sets(st.integers(0, 99)),
    together=st.integers(1, 3),
    turn=st.randoms(use_true_random=False),
)
def test_all_that_comes_together_is_tried_whatever_the_order(
    sizes: list[int], holes: set[int], together: int, turn: object
) -> None:
    matrix = {
        f"test[{values}]": values for number, values in enumerate(product(*map(range, sizes))) if number not in holes
    }
    chosen = thin(matrix, together)
    turned = list(matrix)
    turn.shuffle(turned)  # type: ignore[attr-defined]

    assert brought({name: matrix[name] for name in chosen}, together) == brought(matrix, together)
    assert thin({name: matrix[name] for name in turned}, together) == chosen


def test_a_matrix_of_three_parameters_needs_few_cases_pairwise() -> None:
    matrix = {str(values): values for values in product(range(6), repeat=3)}

    assert len(thin(matrix, 3)) == 216
    assert len(thin(matrix, 2)) < 80
    assert len(thin(matrix, 1)) < 16


TWO_PARAMETERS = """
import pytest
@pytest.mark.thinned(together=1)
@pytest.mark.parametrize('a', [[], []])
@pytest.mark.parametrize('b', [1, 2, 3])
def test_it(a, b):
    pass
"""
ONE_PARAMETER = """
import pytest
@pytest.mark.thinned(together=1, between="-")
@pytest.mark.parametrize('a', ["x-1", "x-2", "x-3", "y-1", "y-2", "y-3"])
def test_it(a):
    pass
"""


@pytest.mark.parametrize(("marked", "left"), [("not long", range(3, 5)), ("", [6])])
def test_what_is_thinned_away_is_long(tmp_path: Path, marked: str, left: Collection[int]) -> None:
    for name in ("conftest.py", "examples.py", "spark_sessions.py", "thinning.py"):
        (tmp_path / "tests" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "tests" / name).write_bytes((ROOT / "tests" / name).read_bytes())
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "tests" / "test_two.py").write_text(TWO_PARAMETERS)
    (tmp_path / "tests" / "test_one.py").write_text(ONE_PARAMETER)
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--collect-only", "-m", marked, "tests"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.stdout.count("test_two.py::test_it[") in left
    assert listed.stdout.count("test_one.py::test_it[") in left
