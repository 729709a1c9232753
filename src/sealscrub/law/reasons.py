"""Why an answer is what it is: a tree whose leaves are facts, rules and missing facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .truth import Truth

__all__ = ["Reason"]


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
        Name of the fact; empty where it is about none.
    """

    kind: str
    text: str
    truth: Truth
    parts: tuple[Reason, ...] = ()
    fact: str = ""

    def lines(self, depth: int = 0) -> Iterator[str]:
        r"""Give the tree in words, a line a step.

        Examples
        --------
        >>> leaf = Reason("fact", "severity is V", Truth.YES, fact="severity")
        >>> list(Reason("all", "all of these", Truth.YES, (leaf,)).lines())
        ['all of these: yes', '  severity is V: yes']
        """
        yield f"{'  ' * depth}{self.text}: {self.truth.name.lower()}"
        for part in self.parts:
            yield from part.lines(depth + 1)

    def missing(self) -> frozenset[str]:
        """Names of the facts that are missing where it matters: below what is unknown."""
        if self.truth is not Truth.UNKNOWN:
            return frozenset()
        own = frozenset({self.fact}) if self.kind == "missing" else frozenset[str]()
        return own.union(*(part.missing() for part in self.parts))
