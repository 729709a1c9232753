"""A review covers the whole room of the place: what a rule asks for stands in other files than the rule."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealscrub.custodian import law
from sealscrub.custodian.law.desk import rule_form
from sealscrub.custodian.law.jurisdiction_packages import add_rooms
from sealscrub.custodian.law.jurisdictions import _LOADED
from sealscrub.identifiers import known_schemes

ROOM = Path(law.__file__).with_name("us_or")
FILES = sorted(each.name for each in ROOM.iterdir() if each.suffix in (".py", ".toml") and each.stem != "schemes")


@pytest.fixture
def signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, str]]]:
    """Gives the forms of the rules of a copy of Oregon's room, changed before it is read."""
    for name in ("_known", "_aliases", "_files"):
        monkeypatch.setattr(known_schemes, name, dict(getattr(known_schemes, name)))
    before = list(law.__path__)

    def forms(change: Callable[[Path], object] | None = None) -> dict[str, str]:
        folder = tmp_path / str(len([*tmp_path.iterdir()]))
        room = folder / "us_yy"
        shutil.copytree(ROOM, room, ignore=shutil.ignore_patterns("__pycache__", "schemes.toml"))
        if change is not None:
            change(room)
        for file in room.rglob("*.py"):
            file.write_bytes(file.read_bytes().replace(b"us-or", b"us-yy"))
        forget()
        law.__path__[:] = before
        add_rooms(folder)
        return {f"{rule.id}@{rule.version}": rule_form(rule) for rule in law.jurisdiction("us-yy").rules()}

    yield forms
    law.__path__[:] = before
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if ".us_yy" in name]:
        del sys.modules[name]
    _LOADED.pop("us-yy", None)


@pytest.mark.parametrize("name", FILES)
def test_a_change_of_any_file_of_the_room_voids_every_review(signed: Callable[..., dict[str, str]], name: str) -> None:
    before = signed()
    after = signed(lambda room: (room / name).write_text((room / name).read_text(encoding="utf-8") + "# another\n"))

    assert before.keys() == after.keys()
    assert [rule for rule in before if before[rule] == after[rule]] == []


def test_one_offence_more_that_is_never_set_aside_voids_the_reviews(signed: Callable[..., dict[str, str]]) -> None:
    def theft(room: Path) -> None:
        with (room / "facts.py").open("a") as file:
            file.write("\nfrom ..conditions import Either as _Or, Is\n")
            file.write('NEVER_SET_ASIDE = _Or(NEVER_SET_ASIDE, Is("law", "ORS 164.043"))\n')

    assert not set(signed().items()) & set(signed(theft).items())


def test_a_new_file_voids_reviews_and_a_name_is_part_of_what_is_signed(signed: Callable[..., dict[str, str]]) -> None:
    one = signed(lambda room: (room / "a_table.csv").write_text("1"))
    other = signed(lambda room: (room / "b_table.csv").write_text("1"))

    assert len({*signed().values(), *one.values(), *other.values()}) == len(one) * 3


def test_line_ends_and_what_python_leaves_there_change_no_form(signed: Callable[..., dict[str, str]]) -> None:
    def elsewhere(room: Path) -> None:
        for file in [*room.glob("*.py"), *room.glob("*.toml")]:
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        (room / "__pycache__").mkdir()
        (room / "__pycache__" / "facts.cpython-399.pyc").write_bytes(b"1")
        (room / ".hidden").write_text("1")

    assert signed() == signed(elsewhere)
