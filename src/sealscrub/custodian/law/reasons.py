"""Why an answer is what it is: a tree whose leaves are facts, rules and missing facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .three_values import Truth

__all__ = ["TRUTH_WORDS", "Reason"]

#: How each truth is said.
TRUTH_WORDS = ("no", "unknown", "yes")


@dataclass(frozen=True, slots=True)
class Reason:
    """One step.

    Attributes
    ----------
    kind : str
        ``fact``, ``missing``, ``clock``, ``doubt``, ``rule``, ``charge``, ``regime``, ``answer``, or how parts are
        combined: ``all``, ``any``, ``not``.
    text : str
        In words.
    truth : Truth
        What it comes to.
    parts : tuple of Reason
        What it rests on.
    fact : str
        Name of the fact, or ``RULE@VERSION`` of a rule; empty if it is about neither.

    Examples
    --------
    >>> leaf = Reason("fact", "severity is V", Truth.YES, fact="severity")
    >>> len(list(Reason("all", "all of these", Truth.YES, (leaf,)).lines()))
    2
    """

    kind: str
    text: str
    truth: Truth
    parts: tuple[Reason, ...] = ()
    fact: str = ""
    _told: dict[str, list[str]] | None = field(default=None, repr=False, compare=False)

    def shared(self) -> Reason:
        """Give the same step for many trees: it is put in words once."""
        return replace(self, _told={})

    def lines(self, depth: int = 0) -> Iterator[str]:
        r"""Give the tree in words, a line a step.

        Examples
        --------
        >>> leaf = Reason("fact", "severity is V", Truth.YES, fact="severity")
        >>> list(Reason("all", "all of these", Truth.YES, (leaf,)).lines())
        ['all of these: yes', '  severity is V: yes']
        """
        found: list[str] = []
        _put_lines(self, "  " * depth, found)
        return iter(found)

    def steps(self, depth: int = 0) -> Iterator[tuple[int, Reason]]:
        """Give each step of the tree after what rests on it, with its depth."""
        yield depth, self
        for part in self.parts:
            yield from part.steps(depth + 1)

    def missing(self) -> frozenset[str]:
        """Names of the facts that are missing where it matters: below what is unknown."""
        if self.truth is not Truth.UNKNOWN:
            return frozenset()
        own = frozenset({self.fact}) if self.kind == "missing" else frozenset[str]()
        return own.union(*(part.missing() for part in self.parts))


def _put_lines(reason: Reason, indent: str, lines: list[str]) -> None:
    if (told := reason._told) is not None:
        if indent not in told:
            told[indent] = []
            _put_own_lines(reason, indent, told[indent])
        lines += told[indent]
    else:
        _put_own_lines(reason, indent, lines)


def _put_own_lines(reason: Reason, indent: str, lines: list[str]) -> None:
    lines.append(f"{indent}{reason.text}: {TRUTH_WORDS[reason.truth]}")
    for part in reason.parts:
        _put_lines(part, indent + "  ", lines)
