"""There is one way to what the custodian holds in the clear: every public function that shows it goes through the door.

A function shows it when what it returns holds, in whatever field, a record key, a person or a seal; or when it
takes the annex's key, which opens annexes and memberships. The annex's key itself comes from one function, and from
another only where no roster governs it.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sealscrub.certificates import Receipts
from sealscrub.custodian.custody import Kind, Terms
from sealscrub.custodian.registry import Person, Registry
from sealscrub.errors import AccessDenied, KeyFileError
from sealscrub.identifiers import AnnexKey, RecordKey, generate_keys, load_annex

from ..custodian.custody.conftest import Custodian, custodian, listed
from .source_tree import source_folder, tree_of
from .test_exports import ROOMS

__all__ = ["custodian"]

PLAIN = (RecordKey, Person)

SHOWS_NOTHING = {
    *("add", "close", "correct", "create", "custody", "derive", "encrypted", "epoch", "id", "open"),
    *("drawn", "publish", "publish_text", "require_linked"),
    *("add_links", "record_bound", "record_draw", "record_known_pairs", "require_second", "revoke_links"),
}
"""Of a registry: what returns no record. What changes it, and publishing, go through the door too (test_door)."""

SHOWS: dict[str, Callable[[Registry], object]] = {
    "sealscrub.custodian.registry.Registry.seals": lambda registry: registry.seals(),
    "sealscrub.custodian.registry.Registry.history": lambda registry: registry.history("arrest_number", "K14612345"),
    "sealscrub.custodian.registry.Registry.changes": lambda registry: registry.changes(0),
    "sealscrub.custodian.registry.Registry.reconcile": lambda registry: registry.reconcile(),
    "sealscrub.custodian.registry.Registry.epochs": lambda registry: registry.epochs(),
    "sealscrub.custodian.registry.Registry.status": lambda registry: registry.status(),
    "sealscrub.custodian.registry.Registry.known_pairs": lambda registry: registry.known_pairs("vendor"),
    "sealscrub.custodian.registry.Registry.link_work": lambda registry: registry.link_work(
        "vendor", extract="x", model="m"
    ),
    "sealscrub.custodian.registry.Registry.links": lambda registry: registry.links("vendor"),
    "sealscrub.custodian.registry.Registry.persons": lambda registry: registry.persons(),
    "sealscrub.custodian.registry.Registry.proposed_pairs": lambda registry: registry.proposed_pairs("vendor"),
    "sealscrub.custodian.registry.Registry.seals_in_force": lambda registry: registry.seals_in_force(),
}
FOR_LINKING = {f"sealscrub.custodian.registry.Registry.{name}" for name in ("link_work", "persons", "seals_in_force")}
"""What is shown for no other purpose than linking."""
GIVES_ANNEX_KEY = {"sealscrub.identifiers.load_annex", "sealscrub.custodian.custody.annex_key"}
GIVES_RECEIPTS = {
    "sealscrub.certificates.Receipts.from_file",
    "sealscrub.certificates.Receipts.over",
    "sealscrub.custodian.custody.open_receipts",
}
"""What receipts are made from: again from data that anyone who calls has; from a file where no roster governs it."""
BEHIND_THE_DOOR = {
    "custodian/registry": {
        "_keeper",
        "registry_store",
        "registry_questions",
        "seal_state",
        "at_rest",
        "cipher_for",
        "seals_as_of",
        "history_of",
    },
    "custodian/custody": {"annex_and_terms", "read_receipts"},
}
"""Names by which the room of each gets at what it keeps, and that no other module may hold, modules' names included."""
DEFINED = {"identifiers/keys.py": {"annex_and_terms"}, "certificates/receipts.py": {"read_receipts"}}
OWN = {"sealscrub.custodian.custody.Asking"}
"""What anyone who asks makes of their own record."""


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
        name.rpartition(".")[2]
        for name, _ in public_functions()
        if name.startswith("sealscrub.custodian.registry.Registry.")
    }

    assert methods - SHOWS_NOTHING == {name.rpartition(".")[2] for name in SHOWS}


def test_the_annexs_key_has_no_other_source() -> None:
    assert giving(AnnexKey) == GIVES_ANNEX_KEY


def test_what_receipts_are_made_from_has_no_other_source() -> None:
    found = {name for name in giving(Receipts) if "Issued" not in name}

    assert found >= GIVES_RECEIPTS
    assert {name for name in found - GIVES_RECEIPTS if "certif" not in name.rpartition(".")[2]} == set()


def named(source: str) -> set[str]:
    """What a source imports or asks of something; of what it imports, only what comes from behind the door."""
    found = set()
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr if node.attr.startswith("_") else "")
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("sealscrub."):
            found |= {*(node.module or "").split(".")[2:], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each for alias in node.names for each in alias.name.split(".")[2:]}
        elif isinstance(node, ast.Name) and "annex_and_terms" in node.id:
            found.add(node.id)
    return found


def beside_the_door(tree: dict[str, str]) -> list[str]:
    """Say which modules of a tree of ``{"room/file.py": source}`` get at what another room keeps."""
    found = []
    for path, source in sorted(tree.items()):
        held = set()
        if any(name in source for names in BEHIND_THE_DOOR.values() for name in names):
            held = named(source) - DEFINED.get(path, set())
        if "sealscrub.custodian.registry" in source and re.search(r"(?<!\bself)\._store\b", source):
            held.add("_keeper")
        for room, names in BEHIND_THE_DOOR.items():
            if not path.startswith(f"{room}/") and (wrong := names & held):
                found.append(f"{path}: {', '.join(sorted(wrong))}")
    return found


def test_nobody_goes_past_the_door() -> None:
    root = source_folder()
    tree = {str(path.relative_to(root)): path.read_text("utf-8") for path in root.rglob("*.py")}

    assert beside_the_door(tree) == []


@pytest.mark.parametrize(
    "source",
    [
        "from sealscrub.custodian.registry import Registry\nRegistry.open('seals.db')._store.reading()",
        "registry._keeper.terms = None",
        "from sealscrub.custodian.registry.registry_store import open_store",
        "from sealscrub.identifiers.keys import annex_and_terms",
        "import sealscrub.custodian.registry.registry_questions as other",
        "from sealscrub.certificates.receipts import read_receipts as anything",
    ],
)
def test_a_way_past_the_door_is_found(source: str) -> None:
    assert len(beside_the_door({"cli/anything.py": source})) == 1
    assert beside_the_door({"custodian/registry/registry_questions.py": "self._store.reading()"}) == []


@pytest.mark.parametrize("name", SHOWS)
def test_each_is_refused_without_a_grant_and_leaves_a_denial(name: str, custodian: Custodian) -> None:
    custodian.roster()
    with Registry.open(custodian.place, purpose="audit") as registry, pytest.raises(AccessDenied):
        SHOWS[name](registry)

    assert custodian.log.last().kind is Kind.DENIAL


@pytest.mark.parametrize("name", SHOWS)
def test_each_leaves_an_entry_where_it_shows(name: str, custodian: Custodian) -> None:
    purpose = "linking" if name in FOR_LINKING else "audit"
    custodian.roster(listed(purpose, "registry"), version=2)
    with Registry.open(custodian.place, purpose=purpose) as registry:
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
