"""One case of the corpus: a leak of a kind, its clean twin, and what the nullity test has to say about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sealscrub.testing import NullityReport, check_nullity

from .data import INDEX, ON, arrests, polars_arrests, scrubbed, tables

__all__ = ["CORPUS", "Case", "ScrubAfter", "ScrubBefore", "leak", "pair"]

DATA = {"arrests": arrests, "polars": polars_arrests, "tables": tables}


@dataclass(frozen=True)
class ScrubAfter:
    """The commonest leak: the step sees all arrests, and the sealed ones are removed from what it gives."""

    step: Callable[[Any], Any]

    def __call__(self, data: Any) -> Any:
        """Do the step, then scrub."""
        return scrubbed(self.step(data))


@dataclass(frozen=True)
class ScrubBefore:
    """The clean twin: scrubbed at the source."""

    step: Callable[[Any], Any]

    def __call__(self, data: Any) -> Any:
        """Scrub, then do the step."""
        return self.step(scrubbed(data))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A leak and its twin.

    Attributes
    ----------
    name, kind, library : str
    leaky, clean : callable
    names : frozenset of str
        What the report has to name as contaminated, or what its reason has to hold of an ambient input.
    only : bool
        Whether it may name nothing else.
    verdict : str
        Of the leak; that of the twin is always PASS.
    data : str
        Which data both get.
    options : mapping
        Of the nullity test.
    before : callable
        What the session did before, in the interpreter of the test.
    """

    name: str
    kind: str
    library: str
    leaky: Callable[[Any], Any]
    clean: Callable[[Any], Any]
    names: frozenset[str]
    only: bool = True
    verdict: str = "INTERFERENCE"
    data: str = "arrests"
    options: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[], object] | None = None

    def check(self, *, twin: bool = False) -> NullityReport:
        """Test the leak or its twin."""
        if self.before is not None:
            self.before()
        on = {"arrests": ON} if self.data == "tables" else ON
        return check_nullity(self.clean if twin else self.leaky, DATA[self.data](), INDEX, on, **self.options)

    def found(self, report: NullityReport) -> bool:
        """Whether the report tells the leak for what it is."""
        return report.verdict.value == self.verdict

    def named(self, report: NullityReport) -> bool:
        """Whether the report names what the leak is in, and nothing that it is not in."""
        said = set(report.contaminated)
        if self.verdict == "AMBIENT_INPUT":
            return all(name in " ".join([report.reason, *report.denied]) for name in self.names)
        return self.names == said if self.only else self.names <= said


CORPUS: list[Case] = []


def leak(kind: str, library: str, *names: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a step that leaks when the scrub comes after it, and does not when it comes before."""

    def added(step: Callable[..., Any]) -> Callable[..., Any]:
        pair(kind, library, ScrubAfter(step), ScrubBefore(step), *names, name=step.__name__, **options)
        return step

    return added


def pair(
    kind: str,
    library: str,
    leaky: Callable[[Any], Any],
    clean: Callable[[Any], Any],
    *names: str,
    name: str = "",
    **options: Any,
) -> None:
    """Add a leak and its twin."""
    CORPUS.append(
        Case(
            name=(name or leaky.__name__).removesuffix("_leaky"),
            kind=kind,
            library=library,
            leaky=leaky,
            clean=clean,
            names=frozenset(names),
            **options,
        )
    )
