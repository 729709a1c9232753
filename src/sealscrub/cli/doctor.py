"""``sealscrub doctor``: what this machine has, what the sandbox can close, and whether the index opens."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from sealscrub.boundary.extras import EXTRAS
from sealscrub.errors import SealscrubError, Spelled
from sealscrub.reports import Listing

from . import options as opt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["doctor"]


def doctor(*, used: opt.UsedIndex, reporting: opt.Reporting) -> None:
    """Show which extras are installed, what a nullity test can close, and whether the index opens.

    Without --index, no index is opened. A missing extra or an open sandbox is not an error.

    Example: sealscrub doctor --index training.sealindex --key-file seal.key
    """
    from sealscrub import __version__

    reporting.check(Listing, used.index, used.key_file)
    rows: list[dict[str, Any]] = [*_extras(), *_sandbox()]
    steps: list[str] = []
    failed: SealscrubError | None = None
    if used.index is not None:
        try:
            rows += _index(used)
        except SealscrubError as error:
            failed = error
            rows.append(_row("Index", "opens", "no", Spelled.in_shell(error.message)))
            steps.append(Spelled.in_shell(error.hint))
    reporting.end(
        Listing(
            tool="doctor",
            headline=_headline(used, failed),
            kind="bad" if failed else "warn" if used.index is None else "good",
            facts={
                "sealscrub": __version__,
                "python": platform.python_version(),
                "system": f"{platform.system()} {platform.machine()}",
            },
            rows=rows,
            group="area",
            values={"version": __version__, "checks": rows},
            steps=tuple(steps),
        ),
        0 if failed is None else failed.exit_code,
    )


def _headline(used: opt.UsedIndex, failed: SealscrubError | None) -> str:
    if failed is not None:
        return "The index cannot be opened"
    return "No index was opened: none was given" if used.index is None else "The index opens"


def _row(area: str, what: str, state: str, detail: str = "") -> dict[str, Any]:
    return {"area": area, "what": what, "state": state, "detail": detail}


def _extras() -> Iterator[dict[str, Any]]:
    packages: dict[str, list[str]] = {}
    for package, extra in sorted(set(EXTRAS.values())):
        packages.setdefault(extra, []).append(package)
    for extra, names in sorted(packages.items()):
        found = {name: _version(name) for name in names}
        if None in found.values():
            yield _row("Extras", extra, "not installed", f"pip install 'sealscrub[{extra}]'")
        else:
            yield _row("Extras", extra, "installed", ", ".join(f"{name} {version}" for name, version in found.items()))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _sandbox() -> list[dict[str, Any]]:
    """Name what stays open to a function in the sandbox of a nullity test, by running one there."""
    from sealscrub.validators.trial.runner import Runner

    area = "Sandbox of nullity tests"
    try:
        with Runner(_unchanged_data, None, seed=0) as runner:
            outcome = runner.run(runner.keep(None), planted={})
    except SealscrubError as error:
        return [_row(area, "a function in it", "does not run", Spelled.in_shell(error.message))]
    if outcome.status != "ok":
        return [_row(area, "a function in it", "does not run", outcome.said)]
    doors = [_row(area, door, "open") for door in outcome.open_doors]
    return doors or [_row(area, "files, networks and other processes", "closed")]


def _unchanged_data(data: Any) -> Any:
    return data


def _index(used: opt.UsedIndex) -> list[dict[str, Any]]:
    index = used.open()
    return [
        _row("Index", "opens", "yes", f"epoch {index.epoch}, as of {index.as_of}"),
        _row("Index", "can be used", "yes", f"for {', '.join(index.uses)}, until {index.not_after}"),
    ]
