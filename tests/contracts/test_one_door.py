"""There is one way to what the custodian holds in the clear: every public function that shows it goes through the door.

A function shows it when what it gives back holds, in whatever field, a record key, a person or a seal; or when it
takes the annex's key, which opens annexes and memberships. The annex's key itself comes from one function, and from
another only where no roster governs it.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealscrub.custody import Kind, Terms
from sealscrub.errors import AccessDenied, KeyFileError
from sealscrub.identifiers import AnnexKey, RecordKey, generate_keys, load_annex
from sealscrub.registry import Person, Registry

from ..custody.conftest import Custodian, custodian
from .test_exports import ROOMS

__all__ = ["custodian"]

PLAIN = (RecordKey, Person)

SHOWS_NOTHING = {"add", "close", "create", "custody", "derive", "epoch", "id", "open", "publish", "publish_text"}
"""Of a registry: what gives back no record. Adding, deriving and publishing go through the door too (test_door)."""

SHOWS: dict[str, Callable[[Registry], object]] = {
    "sealscrub.registry.Registry.seals": lambda registry: registry.seals(),
    "sealscrub.registry.Registry.history": lambda registry: registry.history("arrest_number", "K14612345"),
    "sealscrub.registry.Registry.changes": lambda registry: registry.changes(0),
    "sealscrub.registry.Registry.reconcile": lambda registry: registry.reconcile(),
    "sealscrub.registry.Registry.epochs": lambda registry: registry.epochs(),
    "sealscrub.registry.Registry.status": lambda registry: registry.status(),
}
GIVES_ANNEX_KEY = {"sealscrub.identifiers.load_annex", "sealscrub.custody.annex_key"}
OWN = {"sealscrub.custody.Asking"}
"""What whoever asks makes of their own record."""


def holds(kind: object, wanted: tuple[type, ...], seen: frozenset[object] = frozenset()) -> bool:
    """Whether a value of a type holds one of the wanted types, in any field or element."""
    if kind in seen:
        return False
    if isinstance(kind, type) and issubclass(kind, wanted):
        return True
    seen = seen | {kind} if isinstance(kind, typing.Hashable) else seen
    if any(holds(each, wanted, seen) for each in typing.get_args(kind) if not isinstance(each, list)):
        return True
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return any(holds(hint, wanted, seen) for hint in _hints(kind).values())
    return False


def _hints(thing: object) -> dict[str, object]:
    try:
        return typing.get_type_hints(thing)
    except (NameError, TypeError, AttributeError):  # a name for type checkers alone
        return dict(getattr(thing, "__annotations__", {}))


def public_functions() -> Iterator[tuple[str, object]]:
    for room in ROOMS:
        module = importlib.import_module(room)
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield f"{room}.{name}", inspect.unwrap(value)
            elif inspect.isclass(value):
                ours = [kind for kind in value.__mro__ if kind.__module__.startswith("sealscrub.")]
                for each, member in (item for kind in ours for item in vars(kind).items()):
                    inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
                    if inspect.isfunction(inner) and not each.startswith("_"):
                        yield f"{room}.{name}.{each}", inspect.unwrap(inner)


def giving(*wanted: type) -> set[str]:
    """Public functions whose answer holds one of some types."""
    names = {kind.__name__ for kind in wanted}
    found = set()
    for name, function in public_functions():
        answer = _hints(function).get("return")
        spelled = isinstance(answer, str) and any(each in answer for each in names)
        if spelled or holds(answer, wanted):
            found.add(name)
    return found


def test_every_function_that_shows_a_record_is_known_here() -> None:
    found = giving(*PLAIN)

    assert len(found) >= 3
    assert found - {name for name in found if name.rpartition(".")[0] in OWN} <= set(SHOWS)


def test_whatever_a_registry_answers_goes_through_the_door_or_is_known_to_show_nothing() -> None:
    methods = {
        name.rpartition(".")[2] for name, _ in public_functions() if name.startswith("sealscrub.registry.Registry.")
    }

    assert methods - SHOWS_NOTHING == {name.rpartition(".")[2] for name in SHOWS}


def test_the_annexs_key_has_no_other_source() -> None:
    assert giving(AnnexKey) == GIVES_ANNEX_KEY


@pytest.mark.parametrize("name", SHOWS)
def test_each_is_refused_without_a_grant_and_leaves_a_denial(name: str, custodian: Custodian) -> None:
    custodian.roster()
    with Registry.open(custodian.place, purpose="audit") as registry, pytest.raises(AccessDenied):
        SHOWS[name](registry)

    assert custodian.log.last().kind is Kind.DENIAL


@pytest.mark.parametrize("name", SHOWS)
def test_each_leaves_an_entry_where_it_shows(name: str, custodian: Custodian) -> None:
    with Registry.open(custodian.place, purpose="audit") as registry:
        SHOWS[name](registry)
    *_, entry, outcome = custodian.log

    assert (entry.kind, outcome.of) == (Kind.ACCESS, entry.number)


def test_a_key_under_custody_is_not_given_out_beside_the_door(custodian: Custodian, tmp_path: Path) -> None:
    terms = Terms.from_file(custodian.folder / "custody.toml")
    files = generate_keys(tmp_path / "seal.key", custody=terms.to_text())
    with pytest.raises(KeyFileError):
        load_annex(files[2])


def test_a_function_that_shows_a_record_is_found() -> None:
    @dataclasses.dataclass
    class Answer:
        found: tuple[list[RecordKey], ...]

    assert holds(dict[str, Answer | None], PLAIN)
    assert not holds(dict[str, int], PLAIN)
