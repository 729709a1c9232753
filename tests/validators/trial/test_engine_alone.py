"""The trial knows none of the kinds of subject: a new one changes nothing of it."""

from __future__ import annotations

from ...contracts.source_tree import imports_of, source_folder


def test_the_trial_imports_no_subject() -> None:
    room = "sealscrub.validators"
    found = []
    for path in sorted((source_folder() / "validators" / "trial").glob("*.py")):
        module = f"{room}.trial.{path.stem}"
        for arrow in imports_of(module, path.read_text("utf-8"), is_package=path.stem == "__init__"):
            if arrow.target.startswith((f"{room}.nullity", f"{room}.output_nullity")):
                found.append(f"{path.name} imports {arrow.target}")

    assert found == []
