"""``sealscrub doctor``: what this machine has, what the sandbox can close, and whether the index opens."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from typing import TYPE_CHECKING, Annotated, Any

from sealscrub.boundary.extras import EXTRAS
from sealscrub.errors import SealscrubError, Spelled
from sealscrub.reports import Listing

from . import options as opt
from .declarations import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["doctor"]

_OF_EXTRA = re.compile(r"([\w.-]+).*extra == ['\"](\w+)['\"]")
_READERS = ("ds", "custodian", "auditor", "ci")
_WALLS = {
    "contents of files that are not the test's": r"Landlock|may read|can be cut short|/dev/shm|attributes",
    "networks and sockets": r"TCP|UDP|[Ss]ocket",
    "memory of other processes": r"memory|keyrings|processes in code",
}


def doctor(
    *, used: Annotated[opt.UsedIndex, needs("--index", of=("key_file", "min_epoch"))], reporting: opt.Reporting
) -> None:
    """Show whether the index opens, what a nullity test can close, and which extras are installed.

    Without --index, no index is opened. A missing extra or an open sandbox is not an error.

    Example: sealscrub doctor --index training.sealindex --key-file seal.key
    """
    from sealscrub import __version__

    reporting.check(Listing)
    rows: list[dict[str, Any]] = []
    steps = [] if used.index else ["To open your index: sealscrub doctor --index FILE --key-file FILE."]
    failed: SealscrubError | None = None
    if used.index is not None:
        try:
            rows += _index(used)
        except SealscrubError as error:
            failed = error
            said = f"{used.index}: {Spelled.in_shell(error.message)}. {Spelled.in_shell(error.hint)}"
            rows.append(_row("Index", "opens", "no", said))
            steps.append(
                "Correct what the row of the index says: --index or SEALSCRUB_INDEX names the index, --key-file or "
                "SEALSCRUB_KEY_FILE its key."
            )
    rows += [*_sandbox(), *_extras()]
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
    """Say which extras are installed: those for one reader first, then those that bring one thing."""
    from sealscrub.tables.formats import file_formats

    readers: dict[str, set[str]] = {extra: set() for extra in _READERS}
    for wanted in metadata.requires("sealscrub") or ():
        if (found := _OF_EXTRA.match(wanted)) and found[2] in readers:
            readers[found[2]].add(found[1])
    packages: dict[str, set[str]] = {}
    file_formats()  # each says what it needs
    for package, extra in EXTRAS.values():
        packages.setdefault(extra, set()).add(package)
    for area, extras in (("Extras by reader", readers), ("Extras", dict(sorted(packages.items())))):
        for extra, names in extras.items():
            versions = {name: _version(name) for name in sorted(names)}
            if None in versions.values():
                yield _row(area, extra, "not installed", f"pip install 'sealscrub[{extra}]'")
            else:
                yield _row(
                    area, extra, "installed", ", ".join(f"{name} {version}" for name, version in versions.items())
                )


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
    said = " ".join(outcome.open_doors)
    return [*(_row(area, what, "closed") for what, opened in _WALLS.items() if not re.search(opened, said)), *doors]


def _unchanged_data(data: Any) -> Any:
    return data


def _index(used: opt.UsedIndex) -> list[dict[str, Any]]:
    index = used.open()
    return [
        _row("Index", "opens", "yes", f"epoch {index.epoch}, as of {index.as_of}"),
        _row("Index", "can be used", "yes", f"for {', '.join(index.uses)}, until {index.not_after}"),
    ]
