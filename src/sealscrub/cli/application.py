"""The table of commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from typing import Annotated

import typer

from .declarations import Commands, option
from .remarks import emit

__all__ = ["build", "listing"]

_GROUP_HELP = re.compile(r"help=((?:\s*\"[^\"]*\")+)")
_DOCSTRING = re.compile(r'\) -> \w+:\n    """(.*?)"""', re.DOTALL)

_HELP = """Remove sealed arrest records from machine learning data, and prove it.

The custodian makes keys, registers seal notices and publishes an index; everyone else scans and scrubs with it.
Start with: sealscrub demo
"""


_COMMANDS = {
    "init": "init.init",
    "keygen": "keygen.keygen",
    "registry": "registry.app",
    "law": "law.app",
    "link": "link.app",
    "publish": "publish.publish",
    "inspect": "inspect_index.inspect_index",
    "scan": "scan.scan",
    "scrub": "scrub.scrub",
    "plan": "plan.app",
    "audit-model": "audit_model.audit_model",
    "check-nullity": "check_nullity.check_nullity",
    "guard": "guard.guard",
    "guard-check": "guard_check.guard_check",
    "aggregate": "aggregate.aggregate",
    "certify": "certify.certify",
    "verify": "verify.verify",
    "receipt": "receipt.app",
    "taint": "taint.taint",
    "refresh-report": "refresh_report.refresh_report",
    "roster": "roster.app",
    "key": "key.app",
    "audit": "audit.app",
    "copies": "copies.copies",
    "expectations": "expectations.app",
    "schemes": "schemes.schemes",
    "doctor": "doctor.doctor",
    "demo": "demo.demo",
}
"""Where each command is, in the order of ``--help``: a file is imported where its command is asked for."""


def build(name: str | None = None) -> Commands:
    """Put the application together.

    Parameters
    ----------
    name : str, optional
        The only command or group that is asked for; with all of them if none has that name.
    """
    app = _empty()
    for each in [name] if name in _COMMANDS else _COMMANDS:
        command = _found(each)
        if isinstance(command, Commands):
            app.add_typer(command, name=each)
        else:
            app.command(each)(command)
    return app.expand()


def listing() -> Commands:
    """Put together what lists the commands with what they do; they take no options in it."""
    app = _empty()
    for each in _COMMANDS:
        app.command(each, help=_said(each))(_nothing)
    return app.expand()


def _empty() -> Commands:
    app = Commands(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.callback()(_options)
    return app


def _found(name: str) -> Callable[..., None] | Commands:
    module, _, attribute = _COMMANDS[name].partition(".")
    found: Callable[..., None] | Commands = getattr(import_module(f".{module}", __package__), attribute)
    return found


def _said(name: str) -> str:
    """Give what a command is for, from the text of its file: to import every file for it takes too long."""
    module, _, attribute = _COMMANDS[name].partition(".")
    text = (files(__package__) / f"{module}.py").read_text("utf-8")
    if (group := text.find(f"\n{attribute} = Commands(")) >= 0 and (said := _GROUP_HELP.search(text, group)):
        return "".join(re.findall(r'"(.*?)"', said[1]))
    said = _DOCSTRING.search(text, max(0, text.find(f"\ndef {attribute}(")))
    return inspect.cleandoc(said[1]) if said is not None else ""


def _nothing() -> None:
    """What stands for a command where commands are listed."""


def _say_version(wanted: bool) -> None:
    if wanted:
        from sealscrub import __version__

        emit(f"sealscrub {__version__}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, option("Print the version and exit.", "--version", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Nothing but what the options' callbacks do."""
