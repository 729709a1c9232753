"""What a command says next to its result, and what it makes if no file is named for it."""

from __future__ import annotations

import typer

from .exit_codes import printable

__all__ = ["emit", "remark"]


def remark(*lines: str) -> None:
    """Say lines on standard error; names of files and columns come from outside, and steer no terminal."""
    for line in lines:
        typer.echo(printable(line), err=True)


def emit(text: str) -> None:
    """Write a document to standard output as it is, such as a schema or a signed checkpoint. A report is said."""
    typer.echo(text, nl=False)
