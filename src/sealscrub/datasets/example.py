"""An index of one's own choosing, for examples, tests and machines that must not see a real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from sealscrub.index import Index
from sealscrub.index.throwaway_index import throwaway_index

__all__ = ["example_index"]


def example_index(
    sealed: Iterable[str] | Mapping[str, Iterable[str]],
    *,
    withheld: Iterable[str] = (),
    scheme: str = "arrest_number",
    uses: Iterable[str] = ("training", "output"),
    audience: str = "police",
    folder: str | Path | None = None,
) -> Index:
    """Make an index of synthetic identifiers, under a key of its own, and open it.

    Parameters
    ----------
    sealed : iterable of str, or mapping of str to iterable of str
        Identifiers that count as sealed, of one scheme or by scheme, in any spelling; parts of a composite one with
        ``@`` between them.
    withheld : iterable of str
        Identifiers of `scheme` that count as withheld.
    scheme : str
        Of identifiers that are not given by scheme.
    uses, audience
        What the index is for.
    folder : str or Path, optional
        Where ``example.key`` and ``example.sealindex`` go; by default to a temporary folder that is deleted with
        the index.

    Returns
    -------
    Index

    Raises
    ------
    ConfigError
        When an identifier does not parse.

    Examples
    --------
    >>> len(example_index(["K14612345"]))
    1
    """
    by_scheme = sealed if isinstance(sealed, Mapping) else {scheme: sealed}
    given = {name: list(values) for name, values in by_scheme.items()}
    held = list(withheld)
    return throwaway_index(given, {scheme: held} if held else {}, uses=tuple(uses), audience=audience, folder=folder)
