"""Run pages of the docs, as ``docs/writing-pages.md`` says: ``page_runner.py SETUPS``, each in a process of its own.

SETUPS holds a folder of files for each setup. A line of standard input is a page and the folder in which it runs, in
JSON. Its process is forked from this one, which has imported what most pages ask for, and has no threads but those
that sleep. What goes wrong is said in the folder's file ``SAID``, with exit code 1; the code is a line of output.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import doctest
import gc
import importlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

_COMMENT = re.compile(r"<!-- ([a-z-]+)(?:: (.*\S))? -->")
_ABOUT_BLOCK = ("exit", "raises", "file", "part-of", "no-run")
_DATE = re.compile(r"\b20\d\d-[01]\d-[0-3]\d\b")
_WITHIN_A_WORD = re.compile(r"(?<=\S)#")  # is no comment for a shell, and one for shlex
_SHELL_SIGNS = set("|<>&;*?$`~")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_IMPORTED = (
    "pandas", "polars", "pyarrow.parquet", "sealscrub.certificates", "sealscrub.cli.application",
    "sealscrub.custodian.registry", "sealscrub.datasets", "sealscrub.filters", "sealscrub.lineage", "sealscrub.testing",
)  # fmt: skip
SAID = "said.txt"


class Fault(Exception):
    """What is wrong with a page."""


@dataclass
class Block:
    """A fenced block, or the place of a setup (of language ``setup``)."""

    line: int
    language: str
    text: str = ""
    about: dict[str, str] = field(default_factory=dict)


def blocks_of(page: str) -> Iterator[Block]:
    """Give the setups and blocks of a page, in order."""
    about: dict[str, str] = {}
    fence, indent, block = "", 0, Block(0, "")
    for number, raw in enumerate(_as_of_today(page).splitlines(), 1):
        line = raw.strip()
        if fence:
            if line == fence:
                yield block
                fence = ""
            else:
                block.text += raw[indent:] + "\n"
        elif line.startswith("```"):
            fence = re.match("`+", line).group()
            indent = raw.index("`")
            block, about = Block(number, line.strip("`").strip(), about=about), {}
        elif comment := _COMMENT.fullmatch(line):
            name, value = comment[1], comment[2] or ""
            if name not in (*_ABOUT_BLOCK, "setup", "today") or not value:
                raise Fault(f"line {number}: no comment of this kind is known, or it says nothing: {line}")
            if name == "today":
                continue
            if name == "setup":
                yield Block(number, "setup", value)
            else:
                about[name] = value
        elif line and about:
            raise Fault(f"line {number}: a comment about a block stands directly above it")
    if fence or about:
        raise Fault("the page ends within a block, or with a comment about one")


def is_shown(block: Block) -> bool:
    """Whether a block is only shown; directives of the site are."""
    marked = {"file", "part-of"} & block.about.keys()
    return "no-run" in block.about or (not marked and (block.language == "text" or block.language.startswith("{")))


def _as_of_today(page: str) -> str:
    """Move every date of a page that says which day it is to where it stands from today."""
    said = re.search(r"^<!-- today: (\S+) -->$", page, re.MULTILINE)
    if said is None:
        return page
    passed = dt.date.today() - dt.date.fromisoformat(said[1])
    return _DATE.sub(lambda found: str(dt.date.fromisoformat(found[0]) + passed), page)


class Page:
    """A page that is being run in the current folder."""

    def __init__(self, setups: Path) -> None:
        self.setups = setups
        self.names: dict[str, object] = {}
        sys.path.insert(0, "")  # as in a notebook: files of the page can be imported
        self.start("empty")

    def run(self, block: Block) -> None:
        """Do what a block says."""
        if is_shown(block):
            return
        if block.language == "setup":
            self.start(block.text)
        elif "file" in block.about:
            Path(block.about["file"]).write_text(block.text, "utf-8")
        elif "part-of" in block.about:
            self.part_of(block)
        elif block.language in _RUN:
            _RUN[block.language](self, block)
        else:
            raise Fault("a block that is not run is marked: file, part-of or no-run")

    def start(self, setup: str) -> None:
        """Start again."""
        if not (self.setups / setup).is_dir():
            raise Fault(f"no setup is called {setup}")
        for old in Path().iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(self.setups / setup, ".", dirs_exist_ok=True)
        self.names = {"__name__": "__page__"}

    def python(self, block: Block) -> None:
        """Run a block of Python, or its examples."""
        if ">>> " in block.text:
            example = doctest.DocTestParser().get_doctest(block.text, self.names, "page", None, block.line)
            said = io.StringIO()
            runner = doctest.DocTestRunner(optionflags=_FLAGS)
            if runner.run(example, out=said.write, clear_globs=False).failed:
                raise Fault(said.getvalue())
            self.names.update(example.globs)
            return
        wanted = block.about.get("raises")
        try:
            exec(compile("\n" * block.line + block.text, "page", "exec"), self.names)  # noqa: S102
        except Exception as error:
            if type(error).__name__ != wanted:
                raise
        else:
            if wanted:
                raise Fault(f"does not raise {wanted}")

    def console(self, block: Block) -> None:
        """Run the commands of a block; compare what they say where the page shows it."""
        commands = list(_commands(block.text))
        for command, shown in commands:
            last = command is commands[-1][0]
            wanted = int(block.about.get("exit", 0)) if last else 0
            code, said = run_command(command)
            if code != wanted:
                raise Fault(f"{command}\nexits with {code} instead of {wanted}, and says:\n{said}")
            if shown and not doctest.OutputChecker().check_output(shown, said, _FLAGS):
                raise Fault(f"{command}\nsays:\n{said}\ninstead of:\n{shown}")

    def part_of(self, block: Block) -> None:
        """Check that a file of this folder says what the block says."""
        if block.language != "toml":
            raise Fault("part-of is known for toml alone")
        named = Path(block.about["part-of"])
        if not _holds(tomllib.loads(named.read_text("utf-8")), tomllib.loads(block.text)):
            raise Fault(f"{named} does not say this")

    def shell(self, block: Block) -> None:
        """Run a block as a script."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text], capture_output=True, text=True, check=False
        )
        if done.returncode != int(block.about.get("exit", 0)):
            raise Fault(f"exits with {done.returncode}, and says:\n{done.stdout}{done.stderr}")


_RUN: dict[str, Callable[[Page, Block], None]] = {
    "python": Page.python,
    "console": Page.console,
    "sh": Page.shell,
}


def _holds(whole: object, part: object) -> bool:
    """Whether every key of the part stands in the whole with the same value."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _holds(whole[key], part[key]) for key in part)
    return whole == part


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Give the commands of a console block, each with what is shown beneath it."""
    command, shown = "", ""
    for line in text.splitlines():
        if command.endswith("\\"):
            command = command[:-1] + line.strip().removeprefix("> ")
        elif line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:].strip(), ""
        elif not command:
            raise Fault("a console block begins with a command: $ sealscrub …")
        else:
            shown += line + "\n"
    yield command, shown.strip("\n") + "\n" if shown.strip() else ""


def run_command(command: str) -> tuple[int, str]:
    """Run a command; give its exit code and what it says."""
    words = [word.replace("\0", "#") for word in shlex.split(_WITHIN_A_WORD.sub("\0", command), comments=True)]
    if words[0] == "export":
        os.environ.update(word.split("=", 1) for word in words[1:])
        return 0, ""
    if words[0] == "sealscrub" and not _SHELL_SIGNS & set("".join(words)):
        return run_sealscrub(words[1:])
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def run_sealscrub(arguments: list[str]) -> tuple[int, str]:
    """Run the real command line in this process, which spares its start."""
    from sealscrub.cli import run

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    return code, out.getvalue() + err.getvalue()


def main(page: Path, setups: Path) -> int:
    """Run a page; say what is wrong with it."""
    block = Block(0, "")
    try:
        runner = Page(setups)
        for block in blocks_of(page.read_text("utf-8")):
            runner.run(block)
    except Exception as error:
        text = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
        sys.stderr.write(f"{page.name}, block at line {block.line}: {text}\n")
        return 1
    return 0


def serve(setups: Path) -> None:
    """Run each page that standard input names in a fork of this process, which the page cannot change."""
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # else a fork that looks for garbage copies all of it
    for line in sys.stdin:
        page, folder = json.loads(line)
        process = os.fork()
        if not process:
            _end(_forked(Path(page), Path(folder), setups))
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


def _forked(page: Path, folder: Path, setups: Path) -> int:
    sealscrub = sys.modules["sealscrub"]
    for name in [each for each in vars(sealscrub) if f"sealscrub.{each}" in sys.modules]:
        if name not in sealscrub.__all__:  # a page imports what it uses
            delattr(sealscrub, name)
    for number, file in enumerate((os.devnull, folder / SAID, folder / SAID)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder / "work")
    return main(page, setups)


def _end(code: int) -> NoReturn:
    """End a fork as a program ends, but for objects of everything imported, which would be freed one by one."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
