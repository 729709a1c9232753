"""A file of names of one's own choosing, for examples, tests and machines that must not see a real one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sealscrub.identifiers import generate_keys, load_key, load_publisher
from sealscrub.identifiers.person_names import names_of
from sealscrub.index import TextIndex, open_text_index, write_text_index
from sealscrub.index.example_index import facts_of_today, in_folder

__all__ = ["example_names"]


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
        Where ``example.key``, which may already exist, and ``example.sealtext`` go; by default to a temporary
        folder that is deleted with what is returned.

    Returns
    -------
    TextIndex

    Examples
    --------
    >>> example_names([("QUILLFEATHER", "WILBUR", "1990-02-03")])
    TextIndex(digests, epoch=1, entries=2)
    """
    return in_folder(folder, lambda place: _example_file(place, list(people), tuple(uses), audience, plain))


def _example_file(
    place: Path, people: list[Sequence[str]], uses: tuple[str, ...], audience: str, plain: bool
) -> TextIndex:
    if not (place / "example.key").exists():
        generate_keys(place / "example.key")
    key = load_key(place / "example.key").for_audience(audience)
    named = [(words, person[2:]) for person in people for words in names_of(person[0], person[1])]
    write_text_index(
        place / "example.sealtext",
        [words for words, _ in named],
        [(words, day) for words, days in named for day in days],
        facts_of_today(uses, audience, len(people)),
        load_publisher(place / "example.key.publisher"),
        audience_key=key,
        plain=plain,
    )
    return open_text_index(place / "example.sealtext", place / "example.key", use=None)
