"""``sealscrub init``: three questions, and the first files of a project."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from sealscrub.errors import KeyFileError, UsageError

from . import options as opt
from .declarations import OR_ADDRESS, option
from .plan import write_proposal
from .remarks import remark

__all__ = ["init"]

Reader = Literal["data-scientist", "custodian", "auditor"]
_READERS: dict[str, Reader] = {"1": "data-scientist", "2": "custodian", "3": "auditor"}
_WHO = """Who are you?
  1  data scientist: I have data or a model, and test my code
  2  custodian: I hold the list of sealed records
  3  auditor: I check data that somebody else scrubbed"""


def init(
    folder: Annotated[Path, typer.Argument(help="The project's folder, made if missing.", metavar="DIR")] = Path(),
    who: Annotated[Reader | None, option("Who you are; asked for on a terminal.")] = None,
    data: Annotated[
        Path | None, option("The folder with the data; asked for on a terminal.", metavar="DIR"), OR_ADDRESS
    ] = None,
    *,
    index: opt.UsedIndex,
) -> None:
    """Ask who you are, where the data is and where the index is; write a plan, a CI file and a first test.

    The plan is that of plan init. A data scientist's CI may be hosted: it plants its own sealed records and needs no
    index. That of a custodian or an auditor runs on the trusted host. Files that exist are left, and nothing is
    written then.

    Example: sealscrub init --who data-scientist --data data
    """
    from sealscrub.atomic_write import placed_file

    from .init_files import CI, TEST, files

    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError("is not a folder", where=str(folder), hint="name the project's folder; it is made if missing.")
    _refuse_existing(folder / CI, folder / TEST)
    reader = who or _asked_who()
    place = data or Path(_asked("Where is the data? The folder with the tables to check", "--data DIR", Path.is_dir))
    if not place.is_dir():
        from sealscrub.tables.opener import refuse_lake

        refuse_lake(place)
        raise UsageError("the data is not a folder", where=str(place), hint="name the folder with the tables' files.")
    plan = place / "sealscrub.toml"
    _refuse_existing(plan)
    used = _index(index, reader)
    texts = files(reader, *(_from(folder, each) for each in (plan, used.index, used.key_file)))
    folder.mkdir(parents=True, exist_ok=True)
    write_proposal(place, plan, used)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with placed_file(folder / name) as file:
            file.write(text.encode())
        remark(f"{folder / name}: written")
    remark(f"Next: read the plan, decide, then sealscrub plan check {shlex.quote(str(plan))}")


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if os.path.lexists(path):
            raise UsageError("already exists; nothing was written", where=str(path), hint="move it, or edit it.")


def _from(folder: Path, path: Path | None) -> str:
    """Write a path as from the project's folder; one outside of it in full: CI checks the folder out elsewhere."""
    if path is None:
        return ""
    relative = Path(os.path.relpath(path, folder))
    return (Path(os.path.abspath(path)) if ".." in relative.parts else relative).as_posix()


def _asked_who() -> Reader:
    if sys.stdin.isatty():
        remark(_WHO)
    while True:
        answer = _asked("1, 2 or 3", f"--who {'|'.join(_READERS.values())}").lower().replace(" ", "-")
        for number, reader in _READERS.items():
            if answer in (number, reader):
                return reader
        remark("The answer is 1, 2 or 3, or one of the words above.")


def _asked(question: str, name: str, fits: Callable[[Path], bool] | None = None, *, needed: bool = True) -> str:
    """Ask on a terminal, until the answer fits; elsewhere an option has to say it."""
    if not sys.stdin.isatty():
        option = name.partition(" ")[0]
        raise UsageError(f"{option} is missing: init can ask for it only on a terminal", hint=f"give {name}.")
    while True:
        answer = str(typer.prompt(question, default="", show_default=False, err=True)).strip()
        if not answer and needed:
            remark("It is needed: the files that init writes name it.")
        elif answer and fits is not None and not fits(Path(answer)):
            remark(f"{answer} is not a {'folder' if fits is Path.is_dir else 'file'}. Check the path.")
        else:
            return answer


def _index(given: opt.UsedIndex, reader: Reader) -> opt.UsedIndex:
    """Ask for the index, and for its key where one is named; a data scientist may have none."""
    from sealscrub.identifiers import load_key

    file, key = given.index, given.key_file
    if file is None and reader != "data-scientist":
        if reader == "auditor" and sys.stdin.isatty():
            remark("Without an index, verify certificates instead: sealscrub verify --help.")
        if reader == "custodian" and sys.stdin.isatty():
            remark("Without an index, publish one first: sealscrub publish --help.")
        file = Path(_asked("Where is the index? CI on the trusted host opens it", "--index FILE", Path.is_file))
    elif file is None and sys.stdin.isatty():
        where = "Where is the index? Leave it empty if you have none"
        answer = _asked(where, "--index FILE", Path.is_file, needed=False)
        file = Path(answer) if answer else None
    while file is not None and key is None:
        place = Path(_asked("Where is the key that opens it? A file", "--key-file FILE", Path.is_file))
        try:
            load_key(place)
            key = place
        except KeyFileError as error:
            remark(error.in_shell())
    return opt.UsedIndex(index=file, key_file=key, min_epoch=given.min_epoch)
