"""Publishing a registry's indexes again, under a new key."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sealscrub.errors import UsageError
from sealscrub.identifiers import MatchingKey, Publisher
from sealscrub.index import Index, open_index
from sealscrub.index.text_index import NAME

from .regime_reviews import still_reviewed

if TYPE_CHECKING:
    from .seal_registry import Registry

__all__ = ["republish"]


def republish(
    registry: Registry,
    indexes: Iterable[str | Path],
    folder: str | Path,
    *,
    old: MatchingKey,
    new: MatchingKey,
    publisher: Publisher,
) -> tuple[tuple[Index, Index], ...]:
    """Publish each index again under another key, for the same uses and audience, and for as many days from today.

    Parameters
    ----------
    registry : Registry
        Open, the custodian's.
    indexes : iterable of str or Path
        Published under the old key, of records or of names; one that is past its last day will do.
    folder : str or Path
        Where the new ones go, under the same names.
    old, new : MatchingKey
    publisher : Publisher
        The new key's.

    Returns
    -------
    tuple of (Index, Index)
        The old and the new, open.

    Raises
    ------
    IndexRefused
        When an index is not one of the old key.
    UsageError
        When two have one name, or a new one would replace the old.

    Examples
    --------
    >>> import tempfile
    >>> from sealscrub.custodian.registry import Registry
    >>> from sealscrub.identifiers import generate_keys, load_key, load_publisher
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "b").mkdir()
    >>> old, new = generate_keys(folder / "old.key"), generate_keys(folder / "new.key")
    >>> keys, publisher = {"old": load_key(old[0]), "new": load_key(new[0])}, load_publisher(new[1])
    >>> with Registry.create(folder / "seals.db") as registry:
    ...     _ = registry.publish(
    ...         folder / "a.sealindex", uses=["training"], audience="police", keys=keys["old"],
    ...         publisher=load_publisher(old[1]), allow_empty=True,
    ...     )
    ...     indexes = [folder / "a.sealindex"]
    ...     ((before, after),) = republish(registry, indexes, folder / "b", **keys, publisher=publisher)
    >>> before.header.key_id == after.header.key_id
    False
    """
    places, made = [Path(index) for index in indexes], []
    if len({place.name for place in places}) < len(places):
        raise UsageError("two indexes have the same name", hint="rotate them into separate folders.")
    for place in places:
        target = Path(folder) / place.name
        if target.exists():
            raise UsageError("the file already exists", where=str(target), hint="choose a new folder.")
        before = open_index(place, old, outdated=True)
        facts = before.header.facts
        common: dict[str, Any] = {
            "keys": new,
            "publisher": publisher,
            "uses": facts.uses,
            "audience": facts.audience,
            "valid_days": max(1, (facts.not_after - facts.as_of).days),
            "allow_empty": facts.allow_empty,
            "law_enforcement_duties": facts.law_enforcement_duties,
        }
        if NAME in before.schemes:
            registry.publish_text(target, **common)
        else:
            reviewed = still_reviewed(before.header.reviews)
            registry.publish(target, **common, holds_prints=facts.holds_prints, reviewed=reviewed)
        made.append((before, open_index(target, new)))
    return tuple(made)
