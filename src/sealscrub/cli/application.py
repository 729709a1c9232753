"""The table of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from . import audit, expectations, key, law, link, plan, receipt, registry, roster
from .aggregate import aggregate
from .audit_model import audit_model
from .certify import certify
from .check_nullity import check_nullity
from .copies import copies
from .declarations import Commands, option
from .demo import demo
from .doctor import doctor
from .guard import guard
from .guard_check import guard_check
from .inspect_index import inspect_index
from .keygen import keygen
from .publish import publish
from .refresh_report import refresh_report
from .remarks import remark
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


_COMMANDS: dict[str, Callable[..., None] | Commands] = {
    "keygen": keygen,
    "registry": registry.app,
    "law": law.app,
    "link": link.app,
    "publish": publish,
    "inspect": inspect_index,
    "scan": scan,
    "scrub": scrub,
    "plan": plan.app,
    "audit-model": audit_model,
    "check-nullity": check_nullity,
    "guard": guard,
    "guard-check": guard_check,
    "aggregate": aggregate,
    "certify": certify,
    "verify": verify,
    "receipt": receipt.app,
    "taint": taint,
    "refresh-report": refresh_report,
    "roster": roster.app,
    "key": key.app,
    "audit": audit.app,
    "copies": copies,
    "expectations": expectations.app,
    "schemes": schemes,
    "doctor": doctor,
    "demo": demo,
}


def build(name: str | None = None) -> Commands:
    """Put the application together.

    Parameters
    ----------
    name : str, optional
        The only command or group that is asked for; with all of them if none has that name.
    """
    app = Commands(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.callback()(_options)
    for each in [name] if name in _COMMANDS else _COMMANDS:
        command = _COMMANDS[each]
        if isinstance(command, Commands):
            app.add_typer(command, name=each)
        else:
            app.command(each)(command)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        from sealscrub import __version__

        remark(f"sealscrub {__version__}", err=False)
        raise typer.Exit


def _options(
    version: Annotated[
        bool, option("Print the version and exit.", "--version", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Nothing but what the options' callbacks do."""
