"""Suites of Great Expectations as files: read and counted, made ready to copy, and made from a plan.

Nothing here loads Great Expectations. A suite that we write says in its ``meta`` how many expectations it holds, since
Great Expectations drops those that it does not know without a word, and saves what is left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sealscrub.errors import ConfigError, IncompleteError, Spelled, UnreadableInput
from sealscrub.file_system import readable
from sealscrub.identifiers import get_scheme
from sealscrub.matching import Policy
from sealscrub.transforms.plans import Plan
from sealscrub.transforms.plans.plan_outcome import schemes_reaching
from sealscrub.transforms.plans.plan_rules import TableRules

__all__ = ["SuiteFile", "plan_suites", "read_suite", "ready_suites", "suite_json"]

_MOST_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """A suite as its file has it.

    Attributes
    ----------
    name : str
    expectations : tuple of dict
        Type, kwargs and meta of each.
    meta : mapping
    """

    name: str
    expectations: tuple[dict[str, Any], ...]
    meta: Mapping[str, Any]

    @property
    def declared(self) -> int:
        """How many expectations the suite says that it has: those in it, or more if some were lost."""
        ours = self.meta.get("sealscrub")
        said = ours.get("expectations") if isinstance(ours, dict) else None
        return max(len(self.expectations), said if isinstance(said, int) else 0)

    def require_whole(self) -> None:
        """Refuse a suite that lost expectations.

        Raises
        ------
        IncompleteError
        """
        if len(self.expectations) < self.declared or not self.declared:
            raise IncompleteError(
                f"the suite has {len(self.expectations)} of its {self.declared} expectations",
                where=self.name,
                hint="a process without sealscrub.gx saved it: load the suite from its original file.",
            )


def read_suite(source: str | os.PathLike[str] | Mapping[str, Any]) -> SuiteFile:
    """Read a suite as Great Expectations writes it, and refuse one that lost expectations.

    Parameters
    ----------
    source : str, path-like or mapping
        The JSON file, or what it says.

    Raises
    ------
    UnreadableInput
        When it is no such file.
    IncompleteError
        When it holds fewer expectations than it was made with, or none.

    Examples
    --------
    >>> read_suite(ready_suites()["inference_input"]).declared
    3
    """
    where = "suite" if isinstance(source, Mapping) else str(source)
    said = source if isinstance(source, Mapping) else _parsed(Path(source))
    parts = said.get("expectations") if isinstance(said, Mapping) else None
    name = said.get("name") if isinstance(said, Mapping) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and _type(part) for part in parts):
        raise UnreadableInput("this is not a suite of expectations", where=where, hint="see expectations/ for some.")
    meta = said.get("meta")
    suite = SuiteFile(str(name or where), tuple(parts), meta if isinstance(meta, dict) else {})
    suite.require_whole()
    return suite


def _type(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("type", part.get("expectation_type")), str)


def _parsed(path: Path) -> Any:
    with readable(path):
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableInput("the file is too large to be a suite", where=str(path))
        content = path.read_bytes()
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UnreadableInput("this is not JSON", where=str(path), hint="see expectations/ for suites.") from None


def suite_json(name: str, expectations: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Give a suite as its file says it, its count included.

    Examples
    --------
    >>> suite_json("s", [("expect_index_fresh", {"use": "training"})])["meta"]
    {'sealscrub': {'expectations': 1}}
    """
    parts = [
        {"type": kind, "kwargs": dict(kwargs), "meta": {}, "severity": "critical"} for kind, kwargs in expectations
    ]
    return {"name": name, "expectations": parts, "meta": {"sealscrub": {"expectations": len(parts)}}}


Part = tuple[str, dict[str, Any]]


def _freshness_part(use: str) -> Part:
    return "expect_index_fresh", {"use": use, "max_age_days": 7}


def _of_keys(on: Mapping[str, str | Sequence[str]], use: str, **policy: Any) -> list[Part]:
    keys = dict(on)
    return [
        ("expect_keys_parsable", {"on": keys, "min_share": 0.95}),
        ("expect_no_sealed_records", {"on": keys, "use": use, **policy}),
    ]


def ready_suites() -> dict[str, dict[str, Any]]:
    """Give the suites of the repository's folder ``expectations``, by name, ready to copy.

    Columns are called as the generated city calls them; ``use`` is what the index has to be published for.

    Examples
    --------
    >>> sorted(ready_suites())
    ['charges', 'events', 'inference_input', 'people', 'predictions', 'ranking', 'training_table']
    """
    arrest, docket = {"arrest_number": "arrest_no"}, {"docket": "docket"}
    suites: dict[str, list[Part]] = {
        "training_table": [_freshness_part("training"), *_of_keys(arrest, "training")],
        "inference_input": [_freshness_part("inference_input"), *_of_keys(arrest, "inference_input")],
        "predictions": [
            _freshness_part("output"),
            *_of_keys(arrest, "output"),
            ("expect_no_sealed_elements", {"column": "explanation", "text": True, "use": "output"}),
        ],
        "ranking": [
            _freshness_part("output"),
            ("expect_no_sealed_elements", {"column": "candidates", "scheme": "arrest_number", "use": "output"}),
        ],
        "events": [_freshness_part("training"), *_of_keys({"arrest_number": "arrest_number"}, "training")],
        "people": [
            _freshness_part("training"),
            (
                "expect_derived_column_reproducible",
                {"plan": "sealscrub.toml", "table": "people", "column": "arrests"},
            ),
        ],
        "charges": [_freshness_part("training"), *_of_keys(docket, "training", min_coverage=0.0)],
    }
    return {name: suite_json(f"sealscrub_{name}", parts) for name, parts in suites.items()}


def plan_suites(plan: Plan, *, written: str | None = None, root: str | None = None) -> dict[str, dict[str, Any]]:
    """Make a suite for each table of a plan.

    Parameters
    ----------
    plan : Plan
    written : str, optional
        How suites name the plan's file; by default as it was opened.
    root : str, optional
        The folder in which the tables are when the suites run, such as that of a scrubbed estate; by default the
        plan's own.

    Returns
    -------
    dict of str to dict
        By table: its keys, and columns that link to keys of other tables; its lists; its derived columns.

    Raises
    ------
    ConfigError
        When the plan has no file that a suite could name, and recipes.

    Examples
    --------
    >>> plan = Plan.from_dict({"version": 1, "tables": {
    ...     "arrests": {"source": "arrests.parquet", "keys": {"arrest_number": "arrest_no"}},
    ...     "charges": {"source": "charges.csv", "link": {"arrest": "arrests.arrest_no"}},
    ... }})
    >>> [part["kwargs"].get("on") for part in plan_suites(plan)["charges"]["expectations"]]
    [None, {'arrest_number': 'arrest'}, {'arrest_number': 'arrest'}]
    """
    return {
        name: suite_json(f"{plan.name.removesuffix('.toml')}_{name}", _of_table(plan, rule, written, root))
        for name, rule in plan.rules.items()
    }


def _of_table(plan: Plan, rule: TableRules, written: str | None, root: str | None) -> list[Part]:
    use = plan.spec.use
    parts: list[Part] = [_freshness_part(use)]
    keys = _keys(plan, rule)
    policy = _policy(plan, rule, keys)
    if keys:
        parts.append(("expect_keys_parsable", {"on": keys, "min_share": round(1 - plan.spec.policy.max_unparsable, 4)}))
        parts.append(("expect_no_sealed_records", {"on": keys, "use": use, **policy, **_null(plan, rule, policy)}))
    for element in rule.elements:
        scheme = element.scheme or _scheme_of(plan, element.parent, element.parent_column)
        if scheme is None:
            continue
        said = {"column": element.column, "scheme": scheme, "separator": element.separator, "field": element.field}
        named = {name: value for name, value in said.items() if value is not None}
        parts.append(("expect_no_sealed_elements", {**named, "use": use, **_policy(plan, rule, [scheme])}))
    parts += [_recipe(plan, rule, column, written, root) for column in _derived_columns(rule)]
    return parts


def _derived_columns(rule: TableRules) -> Iterator[str | None]:
    yield from rule.spec.derived
    if rule.derived_whole:
        yield None


def _recipe(plan: Plan, rule: TableRules, column: str | None, written: str | None, root: str | None) -> Part:
    file = written or (str(plan.path) if plan.path is not None else None)
    if file is None:
        raise ConfigError(
            "a plan without a file cannot be named in a suite",
            hint=Spelled("set written='sealscrub.toml'.", "--plan FILE"),
        )
    named = {"plan": file, "table": rule.name, "column": column, "root": root}
    return "expect_derived_column_reproducible", {name: said for name, said in named.items() if said is not None}


def _keys(plan: Plan, rule: TableRules) -> dict[str, Any]:
    """Columns of keys by scheme: the table's own, and those that depend on keys of other tables."""
    found: dict[str, list[str]] = {}
    for key in rule.keys:
        found.setdefault(key.key.scheme, []).append(key.key.label)
    for link in rule.links:
        scheme = _scheme_of(plan, link.parent, *link.parent_columns) if len(link.columns) == 1 else None
        if scheme is not None and not link.orphan:
            found.setdefault(scheme, []).append(link.columns[0])
    distinct = {scheme: list(dict.fromkeys(columns)) for scheme, columns in found.items()}
    return {scheme: columns[0] if len(columns) == 1 else columns for scheme, columns in distinct.items()}


def _scheme_of(plan: Plan, table: str | None, *columns: str | None) -> str | None:
    """Scheme of a column of another table, if it is a key there."""
    if table is None:
        return None
    return next((key.key.scheme for key in plan.rules[table].keys if key.key.columns == columns), None)


def _null(plan: Plan, rule: TableRules, policy: Mapping[str, Any]) -> dict[str, Any]:
    """Accept rows without a key if the plan does, or where rows are reached by a link, which a batch cannot be."""
    unseen = any(
        link.orphan or len(link.columns) > 1 or _scheme_of(plan, link.parent, *link.parent_columns) is None
        for link in rule.links
    )
    if not (unseen or rule.spec.accept_null):
        return {}
    return {"accept": sorted({*policy.get("accept", ()), "null"})}


def _policy(plan: Plan, rule: TableRules, schemes: Iterable[str]) -> dict[str, Any]:
    """What the plan's policy says that is not usual, for keys of some schemes of a table.

    Its tables together have to cover the seals, not each of them. The recall of links is asked of keys that may stand
    for links, and of others if none of the table, or of those that it depends on, may.
    """
    usual, policy = Policy(), plan.policy
    said = {each.name: getattr(policy, each.name) for each in fields(Policy)}
    found = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in said.items()
        if value != getattr(usual, name)
    }
    if _linked(schemes_reaching(rule.name, plan.rules)) and not _linked(schemes):
        found.pop("min_recall", None)
    return {**found, "min_coverage": 0.0}


def _linked(schemes: Iterable[str]) -> bool:
    """Whether keys of one of these schemes may stand for links."""
    return any(get_scheme(scheme).opaque for scheme in schemes)
