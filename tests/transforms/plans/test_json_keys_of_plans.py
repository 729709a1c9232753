"""Keys in JSON Lines are read in plans as a scan reads them: what can be no key is refused, and its line named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sealscrub as ss
from sealscrub.datasets import example_index
from sealscrub.errors import SealscrubError, UnreadableInput
from sealscrub.index import Index
from sealscrub.transforms.plans import Plan

SEALED, OPEN = "K14612345", "M14000017"
NYSID, DAY = "01234567A", "2014-05-06"
POLICIES = {
    "strict": ss.Policy(),
    "anything": ss.Policy(accept={"near", "unparsable", "null"}, max_unparsable=1),
    "aside": ss.Policy(quarantine=True, max_unparsable=1),
}
NO_KEYS: dict[str, Any] = {
    "a list": [SEALED],
    "a list of several": [OPEN, SEALED],
    "a list in a list": [[SEALED]],
    "an object": {"no": SEALED},
    "true": True,
}
KEY = {"keys": {"arrest_number": "no"}, "independent": "the arrest itself"}
INSIDE = {"keys": {"arrest_number": "person.no"}, "independent": "the arrest itself"}
PARTS = {
    "keys": [{"scheme": "person_arrest", "columns": {"nysid": "nysid", "date": "day"}}],
    "independent": "the arrest itself",
}


def index() -> Index:
    return example_index({"arrest_number": [SEALED], "person_arrest": [f"{NYSID}@{DAY}"]})


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def plan(root: Path, **tables: dict[str, Any]) -> Plan:
    named = {name: {"source": f"{name}.jsonl", **rules} for name, rules in tables.items()}
    return Plan.from_dict({"version": 1, "tables": named}, root=root)


def refused(run: Callable[[], Any], line: int) -> None:
    """A run ends in an error that names the line, and no value of it."""
    with pytest.raises(UnreadableInput) as caught:
        run()
    assert f"line {line}" in str(caught.value)
    assert SEALED not in str(caught.value)
    assert NYSID not in str(caught.value)


def plan_refuses(made: Plan, line: int, root: Path, policy: ss.Policy) -> None:
    """Whatever is done with it, with an index and without, and nothing is written."""
    aside = {"quarantine": root / "aside"} if policy.quarantine else {}
    refused(lambda: made.scan(index=index(), policy=policy), line)
    refused(lambda: made.scan(index=index(), policy=policy, sweep=False), line)
    refused(lambda: made.scrub(index=index(), policy=policy, dry_run=True), line)
    refused(lambda: made.scrub(index=index(), policy=policy, output=root / "clean", **aside), line)
    assert not (root / "clean").exists()
    checked = made.check(index=index(), policy=policy)
    assert any(f"line {line}" in each for each in problems(checked))
    assert not any(SEALED in each for each in problems(checked))


def problems(checked: Any) -> list[str]:
    return [*checked.problems, *(each for table in checked.tables for each in table.problems)]


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("place", ["no", "person.no"])
@pytest.mark.parametrize("value", NO_KEYS)
def test_what_can_be_no_key_is_refused_as_a_scan_refuses_it(
    value: str, place: str, policy: str, tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = [{"no": key, "person": {"no": key}, "n": 1} for key in (OPEN, SEALED, NO_KEYS[value])]
    path = written(tmp_path / "arrests.jsonl", rows)
    on = {"arrest_number": place}
    refused(lambda: ss.scan(path, index(), on, policy=POLICIES[policy]), 3)
    refused(lambda: ss.scan(path, index(), on, policy=POLICIES[policy], narrative="n"), 3)
    made = plan(tmp_path, arrests=KEY if place == "no" else INSIDE)
    plan_refuses(made, 3, tmp_path, POLICIES[policy])
    assert any("line 3" in each for each in problems(made.check()))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("part", ["nysid", "day"])
def test_nor_can_a_part_of_a_key_be_a_list(part: str, policy: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"nysid": "01234568B", "day": DAY}, {"nysid": NYSID, "day": DAY}]
    rows.append({"nysid": NYSID, "day": DAY} | {part: [rows[1][part]]})
    path = written(tmp_path / "arrests.jsonl", rows)
    refused(lambda: ss.scan(path, index(), {"person_arrest": "nysid+day"}, policy=POLICIES[policy]), 3)
    plan_refuses(plan(tmp_path, arrests=PARTS), 3, tmp_path, POLICIES[policy])


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    "link", [{"no": "arrests.no"}, [{"table": "arrests", "columns": {"no": "no"}, "scheme": "arrest_number"}]]
)
def test_nor_a_column_that_is_compared_with_keys(link: Any, policy: str, tmp_path: Path) -> None:
    written(tmp_path / "arrests.jsonl", [{"no": OPEN}, {"no": SEALED}])
    written(tmp_path / "charges.jsonl", [{"no": OPEN, "law": "a"}, {"no": [SEALED], "law": "b"}])
    made = plan(tmp_path, arrests=KEY, charges={"link": link, "independent": {"law": "the charge itself"}})
    plan_refuses(made, 2, tmp_path, POLICIES[policy])


ELEMENTS: dict[str, tuple[str, dict[str, str]]] = {
    "a list in a list": (f'["{OPEN}", ["{SEALED}"]]', {}),
    "an object": (f'["{OPEN}", {{"no": "{SEALED}"}}]', {}),
    "a list in a field": (f'[{{"no": ["{SEALED}"]}}]', {"field": "no"}),
    "a field that stands twice": (f'[{{"no": "{SEALED}", "no": "{OPEN}"}}]', {"field": "no"}),
}


@pytest.mark.parametrize("policy", ["strict", "anything"])
@pytest.mark.parametrize("name", ELEMENTS)
def test_elements_of_a_list_hold_one_id_each(name: str, policy: str, tmp_path: Path) -> None:
    text, more = ELEMENTS[name]
    (tmp_path / "lists.jsonl").write_text(f'{{"n": 1, "list": []}}\n{{"n": 2, "list": {text}}}\n')
    rules = {
        "elements": {"column": "list", "scheme": "arrest_number", **more},
        "independent": {"n": "made up"},
        "accept_null": "some have none",
    }
    made = plan(tmp_path, lists=rules)
    for run in (
        lambda: made.scan(index=index(), policy=POLICIES[policy]),
        lambda: made.scrub(index=index(), policy=POLICIES[policy], output=tmp_path / "clean"),
    ):
        with pytest.raises(SealscrubError) as caught:
            run()
        assert SEALED not in str(caught.value)
    assert not (tmp_path / "clean").exists()


@pytest.mark.thinned(together=1)
@pytest.mark.parametrize("line", [1, 2, 4])
@pytest.mark.parametrize(
    "twice",
    ['"no": "{0}", "no": "{1}"', '"no": "{0}", "\\u006eo": "{1}"', '"no": "{0}", "person": {{"no": "{1}", "no": 2}}'],
)
def test_a_field_that_stands_twice_is_refused_with_its_line(twice: str, line: int, tmp_path: Path) -> None:
    """Of two values for one key either may be the sealed one."""
    place = "person.no" if "person" in twice else "no"
    lines = [json.dumps({"no": key, "person": {"no": key}}) for key in (OPEN, "B16800001", "B16800002")]
    lines.insert(line - 1, "{" + twice.format(OPEN, SEALED) + "}")
    path = tmp_path / "arrests.jsonl"
    path.write_text("\n".join(lines) + "\n")
    refused(lambda: ss.scan(path, index(), {"arrest_number": place}), line)
    made = plan(tmp_path, arrests=KEY if place == "no" else INSIDE)
    plan_refuses(made, line, tmp_path, ss.Policy())


@pytest.mark.parametrize("rules", [{"keys": {"arrest_number": "no"}, "link": {"person": "people.person"}}])
def test_so_is_one_that_is_no_key_where_the_plan_reads_it(rules: dict[str, Any], tmp_path: Path) -> None:
    written(tmp_path / "people.jsonl", [{"person": "p1"}])
    (tmp_path / "arrests.jsonl").write_text(
        f'{{"no": "{OPEN}", "person": "p1"}}\n\n{{"no": "B16800001", "person": "p1", "person": "{SEALED}"}}\n'
    )
    made = plan(tmp_path, arrests=rules, people={"independent": "made up"})
    plan_refuses(made, 3, tmp_path, ss.Policy())
