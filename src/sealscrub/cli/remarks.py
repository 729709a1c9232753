"""What a command says other than its result: lines that cannot steer a terminal, whatever names they hold."""

from __future__ import annotations

import typer

from .exit_codes import printable

__all__ = ["remark"]


def remark(text: str, *, err: bool = True) -> None:
    """Say a line, or more; names of files and columns come from outside.

    Parameters
    ----------
    text : str
    err : bool
        On standard error, else on standard output.
    """
    typer.echo(printable(text), err=err)
