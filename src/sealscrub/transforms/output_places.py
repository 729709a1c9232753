"""Where an output may be put: not in the place of what is read, and not where it would be read with it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sealscrub.atomic_write import check_output_place, placed_folder, placed_path
from sealscrub.errors import Spelled, UsageError, WriteFailed
from sealscrub.tables.lake_folders import refuse_output_in_lake

__all__ = ["ReadPlaces", "private_place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlaces:
    """What a run reads, which no output may replace.

    Attributes
    ----------
    files : collection of Path
        Files, and folders other than those of tables.
    roots : collection of Path
        Folders that are read with all that is in them.
    kept : collection of Path
        The index and its key.
    """

    files: Collection[Path]
    roots: Collection[Path] = ()
    kept: Collection[Path] = ()

    def check(self, place: Path, *, folder_of: str = "", replace: bool | None = None) -> None:
        """Refuse a place for an output, or for rows that are set aside.

        Parameters
        ----------
        place : Path
        folder_of : str
            What is written to a folder, which has to be new or empty: ``several files``. By default it is a file.
        replace : bool, optional
            Whether such a folder may hold an earlier output; None if none is ever replaced.

        Raises
        ------
        UsageError
            When it is or holds what is read, is in a folder that is read, or holds something else.
        WriteFailed
            When it cannot be written there.
        """
        try:
            self._check(place, folder_of, replace)
        except OSError as error:
            raise WriteFailed(
                f"cannot be written ({error.strerror})", where=str(place), hint="choose another place."
            ) from None

    def _check(self, place: Path, folder_of: str, replace: bool | None) -> None:
        whole, where = place.resolve(), str(place)
        if folder_of and not place.is_symlink():
            if any(whole in (read, *read.parents) for read in _resolved((*self.files, *self.roots))):
                raise UsageError("the output would replace the input", where=where, hint="choose another place.")
            if any(whole in kept.parents for kept in _resolved(self.kept)):
                raise UsageError(
                    "the output would replace the index or its key", where=where, hint="choose another place."
                )
        check_output_place(place, read=self.files, folders=self.roots, kept=self.kept)
        refuse_output_in_lake(place)
        if folder_of and place.exists() and not (place.is_dir() and (replace or not any(place.iterdir()))):
            may_be_replaced = Spelled(
                "choose a new one; or replace=True replaces an earlier output of this plan.",
                "choose a new one; or --replace replaces an earlier output of this plan.",
            )
            raise UsageError(
                f"the output of {folder_of} must be a new or empty folder",
                where=where,
                hint="choose a new one." if replace is None else may_be_replaced,
            )
        if not folder_of and place.is_dir():
            raise UsageError("is a folder", where=where, hint=f"name a file, such as {place / 'clean'}.")

    def check_apart(self, output: Path, aside: Path) -> None:
        """Refuse rows set aside that would be in the output, or in one place with it.

        Raises
        ------
        UsageError
        """
        one, other = output.resolve(), aside.resolve()
        if one in (other, *other.parents) or other in one.parents:
            raise UsageError("output and quarantine are in one place", where=str(aside), hint="choose two places.")


def _resolved(paths: Iterable[Path]) -> Iterator[Path]:
    return (path.resolve() for path in paths if path.exists())


@contextlib.contextmanager
def private_place(aside: Path, *, folder: bool) -> Iterator[Path]:
    """Give a temporary place for rows that are set aside, which no one else can read; it is put in place at the end."""
    with placed_folder(aside) if folder else placed_path(aside, mode=0o600, optional=True) as part:
        if folder:
            part.chmod(0o700)
        yield part
        for path in (part, *part.rglob("*")):  # a writer may have made another file of the name
            if path.exists():
                path.chmod(0o700 if path.is_dir() else 0o600)
