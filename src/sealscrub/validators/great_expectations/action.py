"""The action of a checkpoint that fails it when expectations were lost, and writes our report."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Literal

from great_expectations.checkpoint.actions import ValidationAction

from sealscrub.atomic_write import refuse_address
from sealscrub.errors import ConfigError, IncompleteError

from ..expectation_suites import SuiteFile
from .suite_outcome import SuiteOutcome, outcome_of

__all__ = ["RequireEveryExpectation"]


class RequireEveryExpectation(ValidationAction):
    """Fail a checkpoint in which fewer expectations were evaluated than its suites' files hold.

    Put it first among the actions. A process that has not imported :mod:`sealscrub.gx` can't load a checkpoint with
    this action at all, so it can't run a suite that was emptied on loading.

    Parameters
    ----------
    name : str
        The action's name in the checkpoint.
    report : str, optional
        A folder in which each suite's outcome goes, as JSON and as JUnit XML without counts.
    expectations : dict of str to int, optional
        By suite, how many expectations it must have at least; by default as many as its stored file holds, and as
        its ``meta`` says that it was made with.

    Raises
    ------
    IncompleteError, UsageError
        By :meth:`run`, and so by ``checkpoint.run()``.

    Examples
    --------
    >>> RequireEveryExpectation(report="reports").report
    'reports'
    """

    type: Literal["sealscrub_require_every_expectation"] = "sealscrub_require_every_expectation"
    name: str = "sealscrub"
    report: str | None = None
    expectations: dict[str, int] | None = None

    def run(self, checkpoint_result: Any, action_context: Any = None) -> dict[str, Any]:
        """Count, write the reports, and give the verdicts by suite."""
        if self.report is not None:
            refuse_address(self.report)
        verdicts = {}
        outcomes = []
        for result in checkpoint_result.run_results.values():
            suite = str(result.suite_name)
            outcomes.append(outcome_of(suite, str(result.asset_name or "data"), result.results))
            evaluated, wanted = len(result.results), self._expected_count(suite)
            if evaluated < wanted or not wanted:
                raise IncompleteError(
                    f"{evaluated} of its {wanted} expectations were evaluated",
                    where=suite,
                    hint="import sealscrub.gx, and every module with expectations of your own, before suites are "
                    "loaded.",
                )
            verdicts[suite] = outcomes[-1].verdict.value
        for outcome in outcomes:
            self._write(outcome)
        return {"verdicts": verdicts}

    def _expected_count(self, suite: str) -> int:
        given = (self.expectations or {}).get(suite, 0)
        store = _context(self).expectations_store
        try:
            stored = store.get(store.get_key(name=suite, id=None))
        except Exception:  # of whatever kind the store's medium raises
            raise IncompleteError(
                "the suite is not among those stored, so its expectations cannot be counted",
                where=suite,
                hint="add it to the context with context.suites.add.",
            ) from None
        parts, meta = stored.get("expectations"), stored.get("meta")
        file = SuiteFile(suite, tuple(parts or ()), meta if isinstance(meta, dict) else {})
        return max(given, file.declared)

    def _write(self, outcome: SuiteOutcome) -> None:
        if self.report is None:
            return
        folder = Path(self.report)
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            raise ConfigError("this is not a folder", where=self.report, hint="name one by report=.")
        stem = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in outcome.suite)
        for suffix in (".json", ".xml"):
            outcome.save(folder / f"{stem}{suffix}")


def _context(action: Any) -> Any:
    """The data context of the checkpoint, in whichever way this version names it."""
    resolve = getattr(action, "_resolve_context", None)
    if resolve is not None:
        return resolve().context
    from great_expectations.data_context.data_context.context_factory import project_manager

    return project_manager._project
