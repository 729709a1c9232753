"""An audit asks of links what a scan asks: their bound, where one is asked for, and not their coverage."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from sealscrub.errors import ConfigError
from sealscrub.validators.artefacts import audit_model

from ...transforms.test_recall import linked_index


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps({"vocabulary": ["theft"]}))
    return file


@pytest.mark.parametrize("lower", [None, 0.5, 0.971])
def test_links_alone_are_asked_for_a_bound_where_one_is_asked_for(
    tmp_path: Path, model: Path, lower: float | None
) -> None:
    index = linked_index(tmp_path, lower)

    usual = audit_model(model, index, schemes=["opaque:vendor"])
    strict = audit_model(model, index, schemes=["opaque:vendor"], min_recall=0.95)

    assert (usual.verdict, usual.coverage) == ("clean", lower or 0.0)
    assert usual.recall.startswith("not known" if lower is None else f"at least {100 * lower:.1f}% of the seals (")
    assert usual.recall in " ".join(usual.to_text().split())
    assert strict.verdict == ("clean" if lower == 0.971 else "incomplete")
    assert bool(strict.too_few) == (lower != 0.971)
    assert strict.too_few in " ".join(strict.to_text().split())
    for said in (strict.to_junit(), strict.to_html(), strict._repr_html_(), repr(strict)):
        assert said
    assert json.loads(strict.to_json())["recall"] == usual.recall


@pytest.mark.parametrize("lower", [None, 0.971])
def test_beside_other_keys_a_bound_that_reaches_as_far_stands_in_for_coverage(
    tmp_path: Path, model: Path, lower: float | None
) -> None:
    index = linked_index(tmp_path, lower, others="arrest_number")
    few = audit_model(model, index, schemes=["docket", "opaque:vendor"])
    assert few.verdict == ("incomplete" if lower is None else "clean")
    alone = audit_model(model, index, schemes=["docket"])
    assert (alone.verdict, alone.recall, alone.coverage) == ("incomplete", "", 0.1)


def test_a_share_that_is_none_is_refused(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ConfigError):
        audit_model(model, linked_index(tmp_path, 0.5), min_recall=2.0)
