"""``plan check`` as JUnit XML, for a CI server: a verdict for each table, and no text of a problem. It travels."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..formats.names import printable

if TYPE_CHECKING:
    from .checking import PlanCheck

__all__ = ["check_junit"]

_SETTLE = "To be settled: sealscrub plan check says what."


def check_junit(check: PlanCheck) -> str:
    """Render a check: a case for each table, and one for the plan as a whole.

    Examples
    --------
    >>> from sealscrub.transforms.plans.checking import PlanCheck, TableCheck
    >>> print(check_junit(PlanCheck("p.toml", [TableCheck("people", "p.csv", problems=["…"])], exit_code=2)))
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuite name="plan p.toml" tests="2" failures="1" errors="0">
      <testcase classname="p.toml" name="(plan)" />
      <testcase classname="p.toml" name="people">
        <failure message="To be settled: sealscrub plan check says what." />
      </testcase>
    </testsuite>
    <BLANKLINE>
    """
    kind = "error" if check.exit_code == 3 else "failure"
    cases = {"(plan)": bool(check.problems), **{printable(table.name): bool(table.problems) for table in check.tables}}
    bad = sum(cases.values())
    numbers = {"tests": str(len(cases)), "failures": "0", "errors": "0", f"{kind}s": str(bad)}
    root = ElementTree.Element("testsuite", {"name": f"plan {printable(check.plan)}", **numbers})
    for name, problem in cases.items():
        case = ElementTree.SubElement(root, "testcase", {"classname": printable(check.plan), "name": name})
        if problem:
            ElementTree.SubElement(case, kind, {"message": _SETTLE})
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
