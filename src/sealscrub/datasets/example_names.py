"""A file of names of one's own choosing, for examples, tests and machines that must not see a real one."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.identifiers.person_names import names_of
from sealscrub.index import IndexFacts, TextIndex, open_text_index, write_text_index

__all__ = ["example_names"]

_VALID = timedelta(days=30)


def example_names(
    people: Iterable[Sequence[str]],
    *,
    uses: Iterable[str] = ("training", "output"),
    audience: str = "police",
    plain: bool = False,
    folder: str | Path | None = None,
) -> TextIndex:
    """Make a file of names of people who do not exist, under a key of its own, and open it.

    Parameters
    ----------
    people : iterable of sequence of str
        Family name, given names, and after these any dates of birth or arrest, ISO 8601.
    uses, audience
        What the file is for.
    plain : bool
        Whether it holds the names themselves.
    folder : str or Path, optional
        Where ``example.key``, which may be there already, and ``example.sealtext`` go; by default to a temporary
        folder that is deleted with what is returned.

    Returns
    -------
    TextIndex

    Examples
    --------
    >>> example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")])
    TextIndex(digests, epoch=1, entries=2)
    """
    if folder is not None:
        return _made(Path(folder), list(people), tuple(uses), audience, plain)
    temporary = tempfile.TemporaryDirectory(prefix="sealscrub-example-")
    try:
        names = _made(Path(temporary.name), list(people), tuple(uses), audience, plain)
    except BaseException:
        temporary.cleanup()
        raise
    weakref.finalize(names, temporary.cleanup)
    return names


def _made(place: Path, people: list[Sequence[str]], uses: tuple[str, ...], audience: str, plain: bool) -> TextIndex:
    if not (place / "example.key").exists():
        generate_keys(place / "example.key")
    key = load_key(place / "example.key").for_audience(audience)
    today = date.today()
    facts = IndexFacts(
        uses=uses,
        audience=audience,
        registry="example",
        epoch=1,
        as_of=today,
        known_at=f"{today.isoformat()}T00:00:00Z",
        not_after=today + _VALID,
        seals=len(people),
        allow_empty=True,
    )
    named = [(words, person[2:]) for person in people for words in names_of(person[0], person[1])]
    write_text_index(
        place / "example.sealtext",
        [words for words, _ in named],
        [(words, day) for words, days in named for day in days],
        facts,
        load_publisher(place / "example.key.publisher"),
        audience_key=key,
        plain=plain,
    )
    return open_text_index(place / "example.sealtext", place / "example.key", use=None)
