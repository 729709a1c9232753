"""``sealscrub schemes``: which identifiers are known."""

from __future__ import annotations

from sealscrub.reports import Listing

from . import options as opt

__all__ = ["schemes"]

_ARTICLE = {"person": "a", "event": "an"}


def schemes(*, reporting: opt.Reporting, own: opt.Schemes) -> None:
    """List the schemes that --on and notices can name, and what each names.

    Example: sealscrub schemes --schemes ours.toml
    """
    from sealscrub.identifiers import get_scheme, scheme_names

    reporting.check(Listing)
    found = [get_scheme(name) for name in scheme_names()]
    rows = [
        {
            "scheme": each.name,
            "names": f"one {each.level}" if each.published else f"{_ARTICLE[each.level]} {each.level}: linkage only",
            "title": each.title,
            "other_names": ", ".join(each.aliases),
        }
        for each in found
    ]
    rows.append(
        {
            "scheme": "opaque:NAMESPACE",
            "names": "one arrest",
            "title": "a system's own id, compared as it is written",
            "other_names": "",
        }
    )
    reporting.say(Listing(tool="schemes", headline="Schemes for --on and notices", rows=rows, title="Schemes"))
