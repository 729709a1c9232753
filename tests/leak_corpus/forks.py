"""The corpus in forked processes and in fresh interpreters: ``python -m tests.leak_corpus.forks [NAME …]``."""

from __future__ import annotations

import sys

from sealscrub.validators.nullity.comparison import compare
from sealscrub.validators.trial.outcome import Outcome
from sealscrub.validators.trial.runner import Runner

from . import CORPUS, Case
from .inside import worlds_of


def differs(case: Case, function: object) -> bool:
    """Whether a function gives another result in a forked process, with the sealed records or without them."""
    worlds = worlds_of(case)
    with Runner(function, case.options.get("probe"), seed=0) as runner:  # type: ignore[arg-type]
        for data in (worlds.as_is, worlds.without()):
            place = runner.keep(data)
            fresh, forked = (runner.run(place, planted={}, fresh=each) for each in (True, False))
            if _said(fresh) != _said(forked) or compare(fresh.pieces, forked.pieces, key=case.options.get("key")):
                return True
    return False


def _said(found: Outcome) -> tuple[object, ...]:
    return found.status, found.said, found.denied, found.refused, found.environment, found.open_doors


def main(names: list[str]) -> int:
    """Print the cases that differ."""
    chosen = [case for case in CORPUS if not names or case.name in names]
    found = [case.name for case in chosen if differs(case, case.leaky) or differs(case, case.clean)]
    print(f"{len(found)} of {len(chosen)} differ", *found, sep="\n")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
