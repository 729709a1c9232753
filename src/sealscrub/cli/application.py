"""The table of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from . import audit, expectations, key, law, plan, receipt, registry, roster
from .aggregate import aggregate
from .audit_model import audit_model
from .certify import certify
from .check_nullity import check_nullity
from .copies import copies
from .demo import demo
from .guard import guard
from .guard_check import guard_check
from .inspect_index import inspect_index
from .keygen import keygen
from .publish import publish
from .refresh_report import refresh_report
from .scan import scan
from .schemes import schemes
from .scrub import scrub
from .taint import taint
from .verify import verify

__all__ = ["build"]

_HELP = """Take sealed arrest records out of machine learning data, and prove it.

The custodian makes keys, registers seal notices and publishes an index; everyone else scans and scrubs with it.
Start with: sealscrub demo
"""


def build() -> typer.Typer:
    """Put the application together."""
    app = typer.Typer(
        help=_HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich"
    )
    app.callback()(_options)
    app.command("keygen")(keygen)
    app.add_typer(registry.app, name="registry")
    app.add_typer(law.app, name="law")
    app.command("publish")(publish)
    app.command("inspect")(inspect_index)
    app.command("scan")(scan)
    app.command("scrub")(scrub)
    app.add_typer(plan.app, name="plan")
    app.command("audit-model")(audit_model)
    app.command("check-nullity")(check_nullity)
    app.command("guard")(guard)
    app.command("guard-check")(guard_check)
    app.command("aggregate")(aggregate)
    app.command("certify")(certify)
    app.command("verify")(verify)
    app.add_typer(receipt.app, name="receipt")
    app.command("taint")(taint)
    app.command("refresh-report")(refresh_report)
    app.add_typer(roster.app, name="roster")
    app.add_typer(key.app, name="key")
    app.add_typer(audit.app, name="audit")
    app.command("copies")(copies)
    app.add_typer(expectations.app, name="expectations")
    app.command("schemes")(schemes)
    app.command("demo")(demo)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        from sealscrub import __version__

        typer.echo(f"sealscrub {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    """Nothing but what the options' callbacks do."""
