"""Files and folders that something newer has taken the place of: next to outputs and indexes, and in caches."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sealscrub.errors import ConfigError, SealscrubError
from sealscrub.index import Index, IndexHeader, read_header

from .inventory import Inventory

__all__ = ["Found", "old_caches", "old_indexes", "old_outputs", "old_parts"]

_STAMP = re.compile(r"\.earlier-([0-9]{8}T[0-9]{6}Z)")
_PART = re.compile(r"\.(?P<name>.{1,100})\.[0-9a-f]{12}\.part")
_MAGIC = b"SEALIDX"


@dataclass(frozen=True)
class Found:
    """Something superseded: where, since when, and why it must be deleted if that is not said by its kind."""

    place: str
    superseded: dt.date
    why: str = ""


def old_outputs(inventory: Inventory) -> Iterator[Found]:
    """Give the outputs that a plan's run has kept next to its output, and those that the inventory calls earlier."""
    for output in _outputs(inventory):
        if not output.parent.is_dir():
            continue
        for each in sorted(output.parent.iterdir()):
            stamp = _STAMP.fullmatch(each.name.removeprefix(output.name)) if each.name.startswith(output.name) else None
            if stamp is not None:
                yield Found(str(each), dt.datetime.strptime(stamp[1], "%Y%m%dT%H%M%SZ").date())
    for listed in (*inventory.datasets, *inventory.models):
        if listed.earlier is not None:
            for newest in _places(inventory, [listed.path]):
                yield from _earlier(inventory, listed.earlier, newest)


def old_parts(inventory: Inventory) -> Iterator[Found]:
    """Give what killed runs have left next to outputs; a running one has one too, of today."""
    names = {output.name[:100]: output for output in _outputs(inventory)}
    for folder in sorted({output.parent for output in names.values()}):
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            part = _PART.fullmatch(each.name)
            if part is not None and part["name"] in names and names[part["name"]].parent == folder:
                yield Found(str(each), _modified_day(each))


def old_indexes(inventory: Inventory, index: Index) -> Iterator[Found]:
    """Give the indexes next to those in use that are of the same registry, and older for the same uses and audience."""
    in_use = {inventory.place(each.path).resolve() for each in inventory.indexes}
    in_use |= {inventory.place(each.index).resolve() for each in inventory.services if each.index is not None}
    folders = {place.parent for place in (*in_use, index.files[0].resolve())}
    states: dict[tuple[str, tuple[str, ...]], list[tuple[tuple[int, dt.date], Path, dt.date]]] = {}
    for folder in sorted(folders):
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            header = _header(each)
            if header is not None and header.facts.registry == index.header.facts.registry:
                facts = header.facts
                states.setdefault((facts.audience, tuple(sorted(facts.uses))), []).append(
                    ((facts.epoch, facts.as_of), each, _modified_day(each))
                )
    for group in states.values():
        group.sort(key=lambda each: each[0])
        for state, place, _ in group:
            later = next((since for after, _, since in group if after > state), None)
            if later is not None:
                yield Found(str(place), later)


def old_caches(inventory: Inventory, index: Index) -> Iterator[Found]:
    """Give the caches that are older than the newest state."""
    known = dt.datetime.fromisoformat(index.header.facts.known_at).astimezone(dt.UTC)
    for listed in inventory.caches:
        place = inventory.place(listed.path)
        files = [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]
        if files and min(each.stat().st_mtime for each in files) < known.timestamp():
            yield Found(str(place), known.date())


def _outputs(inventory: Inventory) -> list[Path]:
    written = [listed.output for listed in inventory.plans]
    written += [listed.path for listed in (*inventory.datasets, *inventory.models)]
    return list(dict.fromkeys(place.absolute() for place in _places(inventory, written)))


def _places(inventory: Inventory, written: Iterable[str]) -> Iterator[Path]:
    """Give the places of data, but for tables whose catalog does not say it, of which their versions report that."""
    for each in written:
        with contextlib.suppress(SealscrubError):
            yield inventory.data_place(each)[0]


def _earlier(inventory: Inventory, pattern: str, newest: Path) -> Iterator[Found]:
    """Give what a pattern finds but for the newest; each was superseded when the one after it came."""
    try:
        given = [each for each in inventory.home.glob(pattern) if each.exists()]
    except (ValueError, NotImplementedError):  # what pathlib says about an empty, and of an absolute pattern
        raise ConfigError(
            "earlier must be a pattern below the inventory's folder", hint='earlier = "clean/train-*.parquet"'
        ) from None
    others = [each for each in given if each.resolve() != newest.resolve()]
    others.sort(key=lambda each: each.stat().st_mtime)
    for each, later in itertools.pairwise([*others, newest]):
        yield Found(str(each), _modified_day(later if later.exists() else each))


def _header(place: Path) -> IndexHeader | None:
    """Read what a file says about itself, if it is an index."""
    try:
        if not place.is_file():
            return None
        with place.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
        return read_header(place)
    except (OSError, SealscrubError):
        return None


def _modified_day(place: Path) -> dt.date:
    return dt.datetime.fromtimestamp(place.stat().st_mtime, dt.UTC).date()
