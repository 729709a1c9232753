"""A certificate as a page to read or print: one screen, plain words, nothing fetched and nothing run."""

from __future__ import annotations

from html import escape

from sealscrub.page import page

from .statement import Check, Statement

__all__ = ["certificate_page"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
p { margin: .4rem 0; } table { border-collapse: collapse; width: 100%; }
td { padding: .35rem .8rem .35rem 0; border-top: 1px solid #8884; vertical-align: top; }
td:first-child { white-space: nowrap; width: 11rem; } code { font-size: .85em; overflow-wrap: anywhere; }
.pass { color: #1a7f37; } .open { color: #9a6700; } footer { margin-top: 2rem; font-size: .85rem; opacity: .8; }
@media (prefers-color-scheme: dark) { .pass { color: #4ac26b; } .open { color: #d4a72c; } }
@media print { body { margin: 0 auto; } }
"""
_CHECKS = {
    "rowScan": "No row has a key of a sealed or withheld record",
    "artefactScan": "The model file holds none",
    "nullity": "The code gives the same result as if such records had never existed",
}


def certificate_page(statement: Statement) -> str:
    """Render what a certificate says.

    Parameters
    ----------
    statement : Statement

    Returns
    -------
    str
        HTML that lets itself fetch and run nothing. It is no evidence: the signed file is.
    """
    predicate = statement.predicate
    subjects = "".join(
        f"<tr><td>{escape(each.name)}</td><td><code>{escape(kind)}<br>{escape(value)}</code></td></tr>"
        for each in statement.subject
        for kind, value in each.digest.items()
    )
    checks = "".join(_row(check) for check in predicate.checks)
    keys = ", ".join(f"{escape('+'.join(key.columns))} ({escape(key.scheme)})" for key in predicate.keys) or "none"
    law = ", ".join(f"{escape(name)} {escape(rules)}".strip() for name, rules in predicate.jurisdictions.items())
    facts = [
        ("Issued", escape(predicate.issued_at)),
        ("Until", escape(predicate.not_after)),
        ("Signed as", escape(predicate.signer)),
        (
            "Index",
            f"epoch {predicate.index.epoch} as of {escape(predicate.index.as_of)}, for "
            f"{escape(', '.join(predicate.index.uses))} by {escape(predicate.index.audience)}",
        ),
        ("Law", law),
        ("Key columns", keys),
        ("Accepted", escape(", ".join(predicate.accepted)) or "nothing"),
        ("Annex", "there is one, for the custodian alone" if predicate.annex else "none was issued"),
        ("Receipts", "can be made" if predicate.receipts else "none"),
    ]
    table = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in facts)
    body = f"""<h1>Certificate of exclusion</h1>
<p>Whoever signed this states that the following was checked against the index of sealed records named below.</p>
<h2>About</h2>
<table>{subjects}</table>
<h2>Checked</h2>
<table>{checks}</table>
<h2>Facts</h2>
<table>{table}</table>
<footer>It says nothing about how many records were taken out, or whether there were any: it would read the same had
they never existed. This page is for reading. The signed file is the evidence: <code>sealscrub verify</code>.
</footer>"""
    return page("Certificate of exclusion · sealscrub", body, style=_STYLE)


def _row(check: Check) -> str:
    passed = check.result == "pass"
    sign, kind = ("passed", "pass") if passed else ("not checked", "open")
    what = escape(_CHECKS.get(check.id, check.id))
    detail = f" · {escape(check.detail)}" if check.detail else ""
    return f'<tr><td class="{kind}">{sign}</td><td>{what}{detail}</td></tr>'
