"""What the commands of linkage have in common: the extract, the key that opens it, and the model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .declarations import option
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.custodian.linkage import LinkModel
    from sealscrub.extracts import Extract

__all__ = [
    "ExtractFile",
    "ModelFile",
    "Namespace",
    "RequiredAnnexKey",
    "check_place",
    "opened_extract",
    "read_model",
    "recorded_already",
]

ExtractFile = Annotated[Path, typer.Argument(metavar="EXTRACT", help="The extract, from sealscrub link extract.")]
RequiredAnnexKey = Annotated[Path, option("The key that opens extracts, seal.key.annex.", "--annex-key")]
ModelFile = Annotated[Path, option("The model, as sealscrub link train wrote it.", "--link-model")]
Namespace = Annotated[
    str, option("The system: an index holds its rows as opaque:NAMESPACE.", "--namespace", metavar="NAMESPACE")
]


def check_place(place: Path, *taken: str | Path | None) -> None:
    """Refuse a target that cannot be written, or is a file of this run, before anything is read or recorded.

    Raises
    ------
    UsageError
        When it is a file or is in a folder that is read, a symbolic link, a key, an index or a registry.
    WriteFailed
        When its folder does not exist or cannot be written to, or it is not a file.
    """
    from sealscrub.atomic_write import check_output_place
    from sealscrub.errors import WriteFailed
    from sealscrub.file_system import is_open_folder

    read = [Path(each) for each in taken if each is not None]
    folders = [each for each in read if each.is_dir()]
    check_output_place(place, read=[each for each in read if each not in folders], folders=folders)
    if not os.access(place.parent, os.W_OK):
        raise WriteFailed("its folder cannot be written to", where=str(place), hint="choose another place.")
    if place.exists() and not place.is_file():
        raise WriteFailed("is not a file", where=str(place), hint="nothing was changed; choose a file.")
    if is_open_folder(place.parent):
        remark(f"{place}: other accounts may put files into its folder, and it is to hold names: chmod 700.")


@contextmanager
def recorded_already(what: str, then: str) -> Iterator[None]:
    """Say that something is recorded in the registry although the file of it cannot be written.

    Raises
    ------
    WriteFailed
        When the block raises it.
    """
    from sealscrub.errors import WriteFailed

    try:
        yield
    except WriteFailed as error:
        hint = f"{what} recorded. Free disk space or choose another place, and {then}."
        raise WriteFailed(error.message, where=error.where, hint=hint) from None


def opened_extract(place: Path, annex_key: Path, what: str) -> Extract:
    """Open an extract, for which linking is purpose enough."""
    from sealscrub.custodian.custody import Purpose
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.extracts import open_extract

    with custodied(annex_key, purpose=str(Purpose.LINKING), what=what) as key:
        return open_extract(place, key)


def read_model(place: Path) -> LinkModel:
    """Read a model.

    Raises
    ------
    UnreadableInput
        When the file cannot be read.
    """
    from sealscrub.custodian.linkage import LinkModel
    from sealscrub.errors import UnreadableInput

    try:
        return LinkModel.from_json(place.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput("the model cannot be read", where=str(place)) from None
