"""``scan --plan`` and ``scrub --plan``: a whole estate at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from sealscrub.errors import ConfigError, IncompleteError
from sealscrub.index import Index, open_index
from sealscrub.matching import Policy
from sealscrub.transforms import Report
from sealscrub.transforms.plans import Plan

from . import shared_options as opt
from .progress import shown_progress
from .recorded import used

__all__ = ["refuse_with_plan", "scan_plan", "scrub_plan"]


def refuse_with_plan(given: Mapping[str, object]) -> None:
    """Refuse options that a plan says for itself."""
    for name, value in given.items():
        if value:
            raise ConfigError(f"{name} is not for plans", hint="the plan says it, table by table.")


def scan_plan(plan: Path, root: Path | None, options: Mapping[str, Any]) -> None:
    """Scan an estate."""
    opened = Plan.from_toml(plan, root=root)
    index = _index(opened, options)
    with shown_progress() as progress:
        report = opened.scan(
            index=index, policy=_policy(opened, options), allow_database=_hosts(options), progress=progress
        )
    _end(report, options)


def scrub_plan(plan: Path, root: Path | None, output: Path | None, options: Mapping[str, Any]) -> None:
    """Scrub an estate."""
    if output is None and not options["dry_run"]:
        raise ConfigError("no output is named", hint="-o clean/, or --dry-run to see what would happen.")
    opened = Plan.from_toml(plan, root=root)
    index = _index(opened, options)
    since, policy = options["since"], _policy(opened, options)
    said = "scrub plan dry-run" if options["dry_run"] else "scrub plan"
    try:
        with used(options["audit_log"], "scrub", said, index, policy), shown_progress() as progress:
            report = opened.scrub(
                index=index,
                output=output,
                replace=options["replace"],
                since=open_index(since, index.files[-1], outdated=True) if since else None,
                quarantine=options["quarantine"],
                dry_run=options["dry_run"],
                policy=policy,
                allow_python=tuple(options["allow_python"] or ()),
                allow_database=_hosts(options),
                jobs=options["jobs"],
                progress=progress,
            )
    except IncompleteError as error:
        if error.report is not None:
            opt.say_report(error.report, options["format"], options["report"])
        raise
    _end(report, options)


def _end(report: Report, options: Mapping[str, Any]) -> None:
    opt.say_report(report, options["format"], options["report"])
    raise typer.Exit(report.exit_code)


def _hosts(options: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(options["allow_database"] or ())


def _index(plan: Plan, options: Mapping[str, Any]) -> Index:
    index = options["index"] or plan.place_of_index
    key_file = options["key_file"] or plan.place_of_key
    if index is None or key_file is None:
        name = "--key-file" if index is not None else "--index"
        raise ConfigError(f"{name} is missing, and the plan does not name one", where=plan.name)
    return open_index(index, key_file, use=plan.spec.use, min_epoch=options["min_epoch"])


def _policy(plan: Plan, options: Mapping[str, Any]) -> Policy:
    """What the command line says counts more than the plan."""
    return opt.policy(
        options["allow"],
        options["accept"],
        options["min_coverage"],
        options["max_unparsable"],
        require_keys=options["require_keys"],
        usual=plan.policy,
    )
