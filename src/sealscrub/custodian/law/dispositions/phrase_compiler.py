"""A file of phrases, compiled: each phrase as what finds it, with the disposition that it means."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from sealscrub.errors import DOCS, ConfigError

from ..rules import Jurisdiction
from .canonical_dispositions import Disposition
from .phrase_files import PhraseFile
from .phrases import Phrase, PhraseGrammar

__all__ = ["PhraseCompiler", "nearest_endings"]


@dataclass(frozen=True)
class PhraseCompiler:
    """Compiles the phrases of a file."""

    place: Jurisdiction
    patterns: Mapping[str, str]

    def rules(
        self, given: PhraseFile, slots: Mapping[str, list[str]], words: Mapping[str, str], where: str
    ) -> tuple[tuple[Phrase, str], ...]:
        """Compile all phrases of a file, those with the most words of their own first."""
        tables = [(f"{where}, [texts]", given.get("texts", {}).items())]
        for number, rule in enumerate(given.get("rule", ()), start=1):
            tables.append((f"{where}, [[rule]] {number}", [(text, rule["disposition"]) for text in rule["phrases"]]))
        grammar = PhraseGrammar(slots, words, self.patterns)
        compiled = [
            (self.phrase(text, grammar, at, table), self.ending(name, f"phrase {at} names", table))
            for table, pairs in tables
            for at, (text, name) in enumerate(pairs, start=1)
        ]
        return tuple(sorted(compiled, key=lambda rule: -rule[0].literals))

    def phrase(self, text: str, grammar: PhraseGrammar, at: int, where: str) -> Phrase:
        """Compile one phrase."""
        try:
            return grammar.compile(text)
        except KeyError:
            raise ConfigError(
                f"phrase {at} has a slot that is not listed", where=where, hint="list it under [slots] or [patterns]."
            ) from None
        except RecursionError:
            raise ConfigError(
                f"phrase {at} has a slot that holds itself", where=where, hint="write out what it stands for."
            ) from None

    def ending(self, name: str, said: str, where: str) -> str:
        """Check the name of a disposition, or of an ending of the state."""
        if name in self.place.endings:
            return name
        if name not in Disposition.__members__:
            hint = f"the nearest are {nearest_endings(name, self.place)}; see {DOCS}reference/dispositions.md."
            raise ConfigError(f"{said} a disposition that does not exist", where=where, hint=hint)
        return Disposition(name)


def nearest_endings(name: str, place: Jurisdiction) -> str:
    """List the names that are nearest to one that does not exist."""
    names = [each for each in (*Disposition, *place.endings) if each != Disposition.UNMAPPED]
    return ", ".join(difflib.get_close_matches(name.upper(), names, n=3, cutoff=0))
