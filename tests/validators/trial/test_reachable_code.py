"""Which files of the project a tested function may read: its code, found without reading a whole disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sealscrub.validators.trial import readable_paths


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of code as the only one on the path."""
    for name in ("train.py", "pyproject.toml", "steps/join.py", "steps/fit/lasso.py", ".git/hook.py", "rows.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def found_in(project: Path) -> set[str]:
    """Every file that may be read, in a folder that is named too."""
    named = readable_paths.code_files()
    within = [file for path in named if path.is_dir() for file in path.rglob("*") if file.is_file()]
    return {str(path.relative_to(project)) for path in (*named, *within) if not path.is_dir()}


def folders_of(project: Path) -> set[str]:
    return {str(path.relative_to(project)) for path in readable_paths.code_files() if path.is_dir()}


def test_code_of_a_project_is_found_and_its_data_is_not(project: Path) -> None:
    assert found_in(project) == {"train.py", "pyproject.toml", "steps/join.py", "steps/fit/lasso.py"}


@pytest.mark.parametrize(
    "name", ["rows.csv", ".rows.py.swp", "out/", ".cache/a.py", "node_modules/a.py", "fit/rows.csv"]
)
def test_a_folder_that_holds_anything_else_is_not_named_as_a_whole(project: Path, name: str) -> None:
    assert folders_of(project) == {"steps"}
    code = found_in(project)
    other = project / "steps" / name
    other.parent.mkdir(exist_ok=True)
    if name.endswith("/"):
        other.mkdir()
    else:
        other.touch()
    assert "steps" not in folders_of(project)
    assert found_in(project) == code


def test_a_folder_with_a_link_is_not_named_as_a_whole(project: Path) -> None:
    (project / "steps" / "data.py").symlink_to(project / "rows.csv")
    (project / "steps" / "fit" / "up").symlink_to(project)
    assert folders_of(project) == set()


def test_a_folder_on_the_path_is_not_named_as_a_whole(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = found_in(project)
    monkeypatch.setattr(sys, "path", [str(project), str(project / "steps")])
    assert folders_of(project) == {"steps/fit"}
    assert found_in(project) == code
    assert len(set(readable_paths.code_files())) == len(readable_paths.code_files())


def test_a_huge_folder_is_not_read_to_its_end(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        folder = project / "archive" / f"{number:02}"
        folder.mkdir(parents=True)
        for name in ("a.csv", "b.csv", "c.csv"):
            (folder / name).touch()
    read: list[str] = []
    scandir = os.scandir

    def noted(path: str) -> Any:
        read.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noted)
    monkeypatch.setattr(readable_paths, "_MOST_ENTRIES", 60)
    readable_paths.code_files()
    assert len(read) < 10  # of the 44 folders
    near = {"train.py", "pyproject.toml", "steps/join.py"}
    assert near <= found_in(project) <= near | {"steps/fit/lasso.py"}  # as deep as the archive


def test_one_folder_of_very_many_files_is_not_read_to_its_end(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        (project / "steps" / "fit" / f"module_{number:03}.py").touch()
    monkeypatch.setattr(readable_paths, "_MOST_ENTRIES", 100)
    assert {"train.py", "steps/join.py"} <= found_in(project)
    assert len(found_in(project)) < 100


def test_a_folder_that_cannot_be_read_and_a_link_to_its_parent_are_passed_over(project: Path) -> None:
    (project / "steps" / "up").symlink_to(project)
    os.chmod(project / "steps" / "fit", 0)
    try:
        assert {"train.py", "steps/join.py"} <= found_in(project)
    finally:
        os.chmod(project / "steps" / "fit", 0o700)
