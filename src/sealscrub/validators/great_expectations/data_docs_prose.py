"""Sentences of Data Docs: what an expectation asks, and how it ended. Names of columns, never a value or a count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sealscrub.reports import printable
from sealscrub.transforms import Verdict

from .expectation_verdicts import META

__all__ = ["Prose", "keys_named", "said_of"]

_HEADLINES = {
    Verdict.CLEAN: "Holds",
    Verdict.FOUND: "Does not hold",
    Verdict.INCOMPLETE: "Could not be checked",
}
_MARKUP = str.maketrans("<>", "‹›")  # not every version of Great Expectations escapes names


@dataclass(slots=True)
class Prose:
    """Sentences with names in them, which Data Docs set apart.

    Parameters
    ----------
    template : str
        The sentences so far; a name is ``$v__0``, ``$v__1`` … in them.
    names : dict of str to str
        What these stand for.

    Examples
    --------
    >>> said = Prose().say("No text of {} mentions a sealed record.", ["notes"])
    >>> said.template, said.names
    ('No text of $v__0 mentions a sealed record.', {'v__0': 'notes'})
    """

    template: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def say(self, sentence: str, *lists: Iterable[object]) -> Self:
        """Add a sentence, in which each ``{}`` is a list of names."""
        listed = [", ".join(self._name(name) for name in names) for names in lists]
        self.template = f"{self.template} {sentence.format(*listed)}".strip()
        return self

    def say_policy(self, use: str, accept: Iterable[str], allow: Iterable[str]) -> Self:
        """Say what the index must be for, and what is let through."""
        self.say("The index must be for {}.", [use])
        passing = [*sorted(accept), *sorted(allow)]
        return self.say("Accepted: {}.", passing) if passing else self

    def _name(self, name: object) -> str:
        place = f"v__{len(self.names)}"
        self.names[place] = _shown(str(name))
        return f"${place}"


def keys_named(on: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Name key columns and their schemes."""
    columns = [(scheme, [names] if isinstance(names, str) else names) for scheme, names in on.items()]
    return [f"{name} ({scheme})" for scheme, names in columns for name in names]


def said_of(result: Any) -> str:
    """Say how an expectation ended, and by which index: the same in every result format.

    Parameters
    ----------
    result : ExpectationValidationResult, optional

    Returns
    -------
    str
        No count and no value. If Great Expectations itself failed, nothing was checked.
    """
    said = (getattr(result, "meta", None) or {}).get(META)
    if said is None:
        return f"{_HEADLINES[Verdict.INCOMPLETE]}."
    findings = ", ".join(said["findings"])
    sentence = f"{_HEADLINES[Verdict(said['verdict'])]}{': ' if findings else ''}{findings}."
    if "index" in said:
        sentence += f" Index {said['index'][:12]}, epoch {said['epoch']}, as of {said['as_of']}."
    return _shown(sentence)


def _shown(text: str) -> str:
    return printable(text).translate(_MARKUP)
