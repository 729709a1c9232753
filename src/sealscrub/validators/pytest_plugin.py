"""The pytest plugin: an index for nullity tests, a budget, saved reports, and a summary of all nullity checks of a run.

pytest loads it wherever sealscrub is installed, so it loads nothing else of sealscrub until a test asks for it, and
leaves suites alone that make no nullity check.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .suite import Suite, within

if TYPE_CHECKING:
    from sealscrub.index import Index

__all__ = ["pytest_addoption", "pytest_configure", "sealed_index"]

_OURS = Path(__file__).parents[1]
_PROPERTY, _OPEN = "sealscrub_nullity", "sealscrub_open"
_EXAMPLE = "example"
_NAME = "sealscrub-nullity"
_TRAVELS = "The sealed records show, or the check was inconclusive. The operator's copy of the report says where."
_MARKER = (
    "nullity: the test makes nullity checks, and fails if it makes none; tests that use the fixture sealed_index "
    "are marked so as well, for -m nullity"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of nullity tests."""
    group = parser.getgroup("sealscrub", "nullity tests (sealscrub)")
    group.addoption(
        "--nullity-index", metavar="FILE", help="index of the fixture sealed_index; 'example' makes a synthetic one"
    )
    group.addoption("--nullity-key", metavar="FILE", help="key file of --nullity-index")
    group.addoption(
        "--nullity-budget", metavar="SECONDS", type=float, help="for the runs of a check that names no budget_s"
    )
    group.addoption("--nullity-report", metavar="FOLDER", help="save each check's report there: .txt, .html, .json")
    parser.addini("nullity_index", "index of the fixture sealed_index, from the root folder; or 'example'")
    parser.addini("nullity_key", "key file of nullity_index, from the root folder")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what hears of the checks."""
    config.addinivalue_line("markers", _MARKER)
    config.pluginmanager.register(_Checks(config), _NAME)


@pytest.fixture(scope="session")
def sealed_index(pytestconfig: pytest.Config) -> Index:
    """Index of the sealed records: that of ``--nullity-index`` or of ``nullity_index`` in pytest's configuration.

    ``example`` is a synthetic index without entries, for machines that must not see a real one: nullity checks plant
    their own sealed records. Without any index, a test that asks for one fails.
    """
    place, key = _path_option(pytestconfig, "index"), _path_option(pytestconfig, "key")
    if place is None:
        pytest.fail(
            "sealscrub: the fixture sealed_index needs an index: --nullity-index FILE --nullity-key FILE, or "
            "nullity_index and nullity_key in pytest's configuration; --nullity-index example makes a synthetic one, "
            "for machines that must not see a real one.",
            pytrace=False,
        )
    if place.name == _EXAMPLE and not place.exists():
        return _example()
    import os

    from sealscrub.index import open_index

    environment = os.environ.get("SEALSCRUB_KEY_FILE")
    key = key or (Path(environment) if environment else None)
    if key is None:
        pytest.fail("sealscrub: --nullity-index needs --nullity-key FILE, or SEALSCRUB_KEY_FILE.", pytrace=False)
    return open_index(place, key)


def _path_option(config: pytest.Config, name: str) -> Path | None:
    """Give a path of an option, which is relative to the current folder, or of the ini file, relative to the root."""
    option = config.getoption(f"nullity_{name}")
    if option:
        return Path(config.invocation_params.dir, option)
    ini = str(config.getini(f"nullity_{name}") or "")
    return Path(config.rootpath, ini) if ini else None


def _example() -> Index:
    """Make an index of no entries that can be asked by every scheme of one column."""
    from sealscrub.datasets import example_index
    from sealscrub.identifiers import get_scheme, scheme_names

    schemes = [get_scheme(name) for name in scheme_names()]
    return example_index({scheme.name: [] for scheme in schemes if scheme.published and not scheme.parts})


class _Checks:
    """Hears of every nullity check, notes its verdict with the test that made it, and sums them up."""

    def __init__(self, config: pytest.Config) -> None:
        folder = config.getoption("nullity_report")
        self.config = config
        self.item: pytest.Item | None = None
        self.folder = config.invocation_params.dir / folder if folder else None
        self.verdicts: dict[str, list[str]] = {}
        self._saved: dict[str, int] = {}
        self._asking = contextlib.ExitStack()

    def pytest_sessionstart(self) -> None:
        budget = self.config.getoption("nullity_budget")
        if budget is not None and not budget > 0:
            raise pytest.UsageError("--nullity-budget must be a number of seconds above 0")
        if self.folder is not None:
            from sealscrub.atomic_write import refuse_address
            from sealscrub.errors import UsageError

            try:
                refuse_address(self.config.getoption("nullity_report"), where="--nullity-report")
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from None
            except OSError as error:
                raise pytest.UsageError(f"--nullity-report: the folder cannot be made ({error.strerror})") from None
        self._asking.enter_context(within(Suite(self._hear, budget)))

    def pytest_sessionfinish(self) -> None:
        self._asking.close()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if "sealed_index" in getattr(item, "fixturenames", ()) and item.get_closest_marker("nullity") is None:
                item.add_marker(pytest.mark.nullity(checked=False))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.item = item
        yield
        self.item = None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, None]:
        _hide_own_frames(call, self.config)
        outcome = yield
        marker = item.get_closest_marker("nullity")
        unchecked = call.when == "call" and not _verdicts(item.user_properties)
        if marker is not None and marker.kwargs.get("checked", True) and unchecked:
            report = outcome.get_result()
            if report.passed:
                report.outcome = "failed"
                report.longrepr = "sealscrub: the test is marked nullity, and made no nullity check"

    def _hear(self, report: Any) -> None:
        test = "outside"
        if self.item is not None:
            test, known = self.item.nodeid, list(self.item.user_properties)
            self.item.user_properties.append((_PROPERTY, f"{report.travelling_verdict} {report.function}"))
            doors = report.open_doors if not report.exit_code else ()
            self.item.user_properties += [(_OPEN, door) for door in doors if (_OPEN, door) not in known]
        if self.folder is not None:
            name = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{test}-{report.function}").strip("-.")[-150:]
            self._saved[name] = number = self._saved.get(name, 0) + 1
            for suffix in ("txt", "html", "json"):
                report.save(self.folder / f"{name}{f'-{number}' if number > 1 else ''}.{suffix}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        verdicts = _verdicts(report.user_properties)
        if not verdicts or hasattr(self.config, "workerinput"):
            return
        self.verdicts[report.nodeid] = verdicts
        if report.failed and report.longrepr is not None and not all(each.startswith("PASS ") for each in verdicts):
            report.longrepr = _DiscreetFailure(report.longrepr, verdicts)  # type: ignore[assignment]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        rows = [(verdict, test) for test, found in self.verdicts.items() for verdict in found]
        if not rows:
            return
        passed = sum(verdict.startswith("PASS ") for verdict, _ in rows)
        terminalreporter.section("nullity", sep="=")
        width = max(len(verdict.partition(" ")[0]) for verdict, _ in rows)
        for verdict, test in rows:
            word, _, function = verdict.partition(" ")
            markup = {"green": True} if word == "PASS" else {"red": True}
            terminalreporter.write(f"{word:<{width}}", **markup)
            terminalreporter.write_line(f"  {function}  {test}")
        checks = f"{len(rows)} nullity {'check' if len(rows) == 1 else 'checks'}, {passed} passed"
        terminalreporter.write_line(f"{checks}." + (f" Reports: {self.folder}" if self.folder is not None else ""))


def _verdicts(properties: Any) -> list[str]:
    return [str(value) for name, value in properties if name == _PROPERTY]


def _hide_own_frames(call: Any, config: pytest.Config) -> None:
    """Leave sealscrub's frames out of a failure: pytest shows their arguments, and these hold rows."""
    if call.excinfo is None or config.getoption("fulltrace", False):
        return
    shown = [entry for entry in call.excinfo.traceback if _OURS not in Path(str(entry.path)).parents]
    if shown and len(shown) < len(call.excinfo.traceback):
        call.excinfo.traceback = type(call.excinfo.traceback)(shown)


class _FailurePlace:
    """Where a test failed, without the text of the failure, which counts sealed rows."""

    def __init__(self, path: str, lineno: int, message: str) -> None:
        self.path, self.lineno, self.message = path, lineno, message


class _DiscreetFailure:
    """A failure that is shown whole on the terminal, and without counts in JUnit XML, which travels."""

    def __init__(self, whole: Any, verdicts: list[str]) -> None:
        self._whole = whole
        self._said = f"nullity: {', '.join(verdicts)}. {_TRAVELS}"
        place = getattr(whole, "reprcrash", None)
        self.reprcrash = _FailurePlace(getattr(place, "path", ""), getattr(place, "lineno", 0), self._said)

    def __str__(self) -> str:
        return self._said

    def toterminal(self, writer: Any) -> None:
        """Show the failure as pytest does."""
        if hasattr(self._whole, "toterminal"):
            self._whole.toterminal(writer)
        else:
            writer.line(str(self._whole))
