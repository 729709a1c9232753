"""What to do with what is not plainly sealed or plainly clean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sealscrub.errors import ConfigError, Spelled
from sealscrub.index.recall_bounds import MOST_ALPHA

__all__ = ["Policy"]

_ALLOWED = frozenset({"withheld"})
_ACCEPTED_WORDS = frozenset({"chance", "near", "null", "unparsable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How strict a scan or scrub is. The defaults are the strict ones.

    Attributes
    ----------
    allow : frozenset of str
        ``withheld``: records that are withheld and not proven sealed are left where they are.
    accept : frozenset of str
        ``near``, ``unparsable``: such keys count as checked. ``null``: a row may have no key at all, since it is not
        of a record that can be sealed. ``chance``: outside the keys, numbers and short values that are in the index and
        may be something else pass. The report names what was accepted.
    quarantine : bool
        Rows with near or unparsable keys, and rows without a key, leave the output and are set aside, unless they
        are accepted.
    min_coverage : float
        Least share of the seals that the key columns together must be able to recognise, 0 to 1.
    min_recall : float, optional
        Of keys that stand for links: least share of the seals that the links are known to find, 0 to 1. By default
        none is asked for, and the report says what is known. Not satisfied if no key stands for links, or if
        withheld records are allowed, since the bound counts withheld rows as found.
    recall_alpha : float
        A bound on recall counts if it may be too high in at most this share of cases, 0 to 1.
    max_unparsable : float
        Share of a key column's values, nulls left out, above which it is a wrong column or a wrong scheme.

    Raises
    ------
    ConfigError
        When a value is out of its range.

    Examples
    --------
    >>> Policy(accept={"near"}, min_coverage=0.9).accept
    frozenset({'near'})
    """

    allow: frozenset[str] = field(default_factory=frozenset)
    accept: frozenset[str] = field(default_factory=frozenset)
    quarantine: bool = False
    min_coverage: float = 0.95
    max_unparsable: float = 0.05
    min_recall: float | None = None
    recall_alpha: float = MOST_ALPHA

    def __post_init__(self) -> None:
        object.__setattr__(self, "allow", _parse_known("allow", self.allow, _ALLOWED))
        object.__setattr__(self, "accept", _parse_known("accept", self.accept, _ACCEPTED_WORDS))
        if not isinstance(self.quarantine, bool):
            raise ConfigError(
                "quarantine of a policy is True or False",
                hint=Spelled("for files, give the call quarantine=FILE.", "--quarantine FILE"),
            )
        for name in ("min_coverage", "max_unparsable", "min_recall", "recall_alpha"):
            share = getattr(self, name)
            if share is None and name == "min_recall":
                continue
            if not (isinstance(share, int | float) and 0 <= share <= 1):
                raise ConfigError(f"{name} must be between 0 and 1")

    def accepting(self, *words: str) -> Policy:
        """Give the same policy, which accepts this as well.

        Parameters
        ----------
        *words : str
            ``near``, ``unparsable``, ``null`` or ``chance``.

        Examples
        --------
        >>> sorted(Policy(accept={"near"}).accepting("null").accept)
        ['near', 'null']
        """
        return replace(self, accept=self.accept | set(words))


def _parse_known(option: str, values: object, known: frozenset[str]) -> frozenset[str]:
    items = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    parts = {part.strip() for item in items for part in str(item).split(",") if part.strip()}
    unknown = sorted(parts - known)
    if unknown:
        raise ConfigError(f"cannot {option} {unknown[0]!r}", hint=f"--{option} takes {', '.join(sorted(known))}.")
    return frozenset(parts)
