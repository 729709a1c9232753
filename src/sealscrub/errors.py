"""Everything that sealscrub raises, in one tree.

::

    SealscrubError
    ├── UsageError (ValueError)          exit 2: wrong use or configuration
    │   ├── ConfigError                  an option, a plan or a scheme file
    │   ├── SchemeError                  a scheme that is unknown or names no single record
    │   ├── ColumnError                  a column that is missing, or present twice
    │   ├── WrongColumnError             a key column whose values mostly do not parse
    │   ├── MarkedAggregate              figures of a report, offered as input
    │   ├── KeyFileError                 a key file that is absent, open to others or of another kind
    │   ├── RegistryError                a registry that cannot be used as asked
    │   │   └── NoticeError              rows of a notice file that cannot be registered
    │   └── IndexRefused                 an index that may not be trusted here
    │       ├── CorruptIndex             bytes that the publisher did not sign
    │       ├── WrongKey                 published under another key
    │       ├── ExpiredIndex             past its ``not_after``
    │       ├── FutureIndex              an as-of date that has not come
    │       ├── ReplayedIndex            older than one already seen
    │       ├── UnsuitableIndex          another use, audience or scheme than asked
    │       └── EmptyIndex               no entries, and not published so on purpose
    ├── IncompleteError                  exit 3: could not finish, or could not check
    │   ├── UnreadableInput              damaged, truncated, not the format it claims
    │   ├── UncheckedKeys                near or unparsable keys, or rows without one, neither quarantined nor accepted
    │   ├── LowCoverage                  too few of the seals could have been recognised
    │   ├── ModelFailed                  a guarded model raised; what it said is left out
    │   ├── NotReproduced                a training that does not give the same model again
    │   └── WriteFailed                  the output could not be completed; the target is as it was
    ├── InvalidCertificate               exit 1: evidence that does not verify
    │   └── StaleCertificate             about an earlier state than the index in force
    ├── MissingExtra (ImportError)       exit 2: an optional dependency is not installed
    └── Refused                          exit 3: a guard's refusal, which says nothing of the record
        └── AccessDenied                 the custodian's roster grants this to no one who asks so

A message says what is wrong, where, and what to do. It never holds the value of an identifier or of a row:
constructors take column names, line numbers and counts, and callers pass nothing else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

__all__ = [
    "DOCS",
    "AccessDenied",
    "ColumnError",
    "ConfigError",
    "CorruptIndex",
    "EmptyIndex",
    "ExpiredIndex",
    "FutureIndex",
    "IncompleteError",
    "IndexRefused",
    "InvalidCertificate",
    "KeyFileError",
    "LowCoverage",
    "MarkedAggregate",
    "MissingExtra",
    "ModelFailed",
    "NotReproduced",
    "NoticeError",
    "Refused",
    "RegistryError",
    "ReplayedIndex",
    "SchemeError",
    "SealedElsewhere",
    "SealscrubError",
    "Spelled",
    "StaleCertificate",
    "UncheckedKeys",
    "UnreadableInput",
    "UnsuitableIndex",
    "UsageError",
    "WriteFailed",
    "WrongColumnError",
    "WrongKey",
]


DOCS = "https://github.com/sealscrub/sealscrub/blob/main/docs/"
"""Where the pages are that hints name: an installed package has none."""


class Spelled(str):
    """A text in two spellings: what it says in Python is the text itself, and next to it is what it says in a shell.

    Parameters
    ----------
    python : str
        Naming arguments: ``Policy(quarantine=True)``.
    shell : str
        Naming options: ``--quarantine FILE``.

    Examples
    --------
    >>> hint = Spelled("Policy(quarantine=True)", "--quarantine FILE")
    >>> hint.shell
    '--quarantine FILE'
    """

    shell: str

    def __new__(cls, python: str, shell: str = "") -> Spelled:
        """Keep both."""
        made = super().__new__(cls, python)
        made.shell = shell or python
        return made

    @classmethod
    def filled(cls, text: str, **parts: str) -> Spelled:
        """Fill a text's ``{names}``, each in its two spellings."""
        return cls(text.format(**parts), text.format(**{name: cls.in_shell(part) for name, part in parts.items()}))

    @staticmethod
    def in_shell(text: str) -> str:
        """Give what a text says in a shell, which is the text itself if it has one spelling."""
        return text.shell if isinstance(text, Spelled) else text


class SealscrubError(Exception):
    """What every error of the library is.

    Parameters
    ----------
    message : str
        What is wrong, in a sentence without the values of any row.
    where : str, optional
        The file, table, column or line that it is about.
    hint : str, optional
        What to do about it. It may be :class:`Spelled` in two ways, and so may the message.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return self._message_text(str(self.message), str(self.hint))

    def in_shell(self) -> str:
        """Say it as to somebody at a shell: with options if :class:`str` names arguments."""
        return self._message_text(Spelled.in_shell(self.message), Spelled.in_shell(self.hint))

    def _message_text(self, message: str, hint: str) -> str:
        text = f"{self.where}: {message}" if self.where else message
        return f"{text}\n\nHint: {hint}" if hint else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), dict(self.__dict__)))


def _rebuild(kind: type[SealscrubError], state: dict[str, object]) -> SealscrubError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error


class UsageError(SealscrubError, ValueError):
    """Wrong use or wrong configuration: nothing was checked and nothing was written."""


class ConfigError(UsageError):
    """An option, a plan or a scheme file says something that cannot be done."""


class SchemeError(UsageError):
    """A scheme is unknown, or names a person or an event instead of one record."""

    @classmethod
    def unknown(cls, name: str, known: Iterable[str]) -> SchemeError:
        """Say that no scheme has this name, and which ones have a similar one."""
        names = sorted(known)
        return cls(f"unknown scheme {name!r}", hint=_did_you_mean(name, names) or f"known: {', '.join(names)}.")


class ColumnError(UsageError):
    """A column that was named is not in the table, or is there more than once."""

    @classmethod
    def absent(
        cls, missing: str | Sequence[str], columns: Sequence[str] = (), *, where: str = "", otherwise: str = ""
    ) -> ColumnError:
        """Say which columns are absent, and of one which of the table's is nearest in name, or else what to do."""
        *others, last = [missing] if isinstance(missing, str) else missing
        best = "" if others else _nearest_name(last, columns)
        hint = f"did you mean {_column_label(best, columns)}?" if best else otherwise or "name one of its columns."
        several = f"there are no columns {', '.join(map(repr, others))} and {last!r}"
        return cls(several if others else f"there is no column {last!r}", where=where, hint=hint)

    @classmethod
    def require(cls, names: Iterable[str], columns: Sequence[str], *, where: str = "", once: bool = False) -> None:
        """Refuse the first of some names that no column has; or also, if it must be there `once`, several.

        Raises
        ------
        ColumnError
        """
        for name in names:
            if name not in columns:
                raise cls.absent(name, columns, where=where)
            if once and columns.count(name) > 1:
                raise cls.twice(name, columns, where=where)

    @classmethod
    def twice(cls, column: str, columns: Sequence[str], *, where: str = "") -> ColumnError:
        """Say that several columns have one name, and which they are."""
        *first, last = [str(at) for at, name in enumerate(columns, start=1) if name == column]
        called = "have one name" if _may_be_value(column) else f"are all called {column!r}"
        hint = "give each column a name of its own; a file without a header needs one."
        return cls(f"columns {', '.join(first)} and {last} {called}", where=where, hint=hint)


class WrongColumnError(UsageError):
    """So many values of a key column do not parse that it is a wrong column or a wrong scheme."""


class MarkedAggregate(UsageError):
    """A table carries the mark of aggregate figures: it is counted over sealed arrests too, and is not an input."""

    @classmethod
    def found(cls, *, where: str = "") -> MarkedAggregate:
        """Say that the mark was found, and what to use instead."""
        return cls(
            "these are figures of an aggregate report, counted over sealed arrests too, and no input",
            where=where,
            hint="count again from scrubbed events.",
        )


class KeyFileError(UsageError):
    """A key file is absent, can be read by others, or holds another kind of key."""


class RegistryError(UsageError):
    """A registry cannot be used as asked."""


class NoticeError(RegistryError):
    """Rows of a notice file cannot be registered.

    Parameters
    ----------
    message : str
        How many rows, of which file.
    problems : sequence of (int, str, str)
        Line number (1-based, the header is line 1), column and reason of each; never a value.
    """

    def __init__(
        self, message: str, *, problems: Sequence[tuple[int, str, str]] = (), where: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.problems = tuple(problems)


class IndexRefused(UsageError):
    """An index may not be trusted for what it was asked for."""


class CorruptIndex(IndexRefused):
    """The file holds other bytes than the publisher signed."""


class WrongKey(IndexRefused):
    """The index was published under another key than the one given."""


class ExpiredIndex(IndexRefused):
    """The index is past the date until which it may be trusted."""


class FutureIndex(IndexRefused):
    """The index is as of a date that has not come."""


class ReplayedIndex(IndexRefused):
    """The index is of an older epoch than one already seen, or than the least one accepted."""


class UnsuitableIndex(IndexRefused):
    """The index was published for another use, or holds no key of a scheme that was asked for."""


class EmptyIndex(IndexRefused):
    """The index holds no entry, and was not published so on purpose."""


class IncompleteError(SealscrubError):
    """The work could not be finished, or something could not be checked; that is never a clean bill.

    Attributes
    ----------
    report : sealscrub.transforms.Report or None
        What was found until then, if there is something to say.
    """

    exit_code: ClassVar[int] = 3
    report: Any = None


class UnreadableInput(IncompleteError):
    """An input is damaged, truncated or not of the format that it claims."""


class UncheckedKeys(IncompleteError):
    """Near or unparsable keys were met and neither quarantined nor accepted."""


class SealedElsewhere(IncompleteError):
    """A column that is not a key, or a name, holds ids of sealed records: what is written would hold them too."""


class LowCoverage(IncompleteError):
    """Too small a share of the seals could have been recognised by the key columns given."""


class ModelFailed(IncompleteError):
    """A guarded model raised. Its text, which may quote a row, is left out; the kind of its error is named."""


class NotReproduced(IncompleteError):
    """A training does not give the same model again, so nothing can be shown about the one it gave."""


class WriteFailed(IncompleteError):
    """The output could not be completed; the target is as it was."""


class MissingExtra(SealscrubError, ImportError):
    """An optional dependency is needed and not installed."""

    @classmethod
    def of(cls, package: str, extra: str) -> MissingExtra:
        """Name the package and the extra that brings it."""
        return cls(f"this needs {package}", hint=f"pip install 'sealscrub[{extra}]'")


class InvalidCertificate(SealscrubError):
    """Evidence does not verify: a certificate, an annex or a receipt that is not what its signer issued."""

    exit_code: ClassVar[int] = 1


class StaleCertificate(InvalidCertificate):
    """A certificate has run out, or says nothing of what was sealed since it was issued."""


class Refused(SealscrubError):
    """A guard does not answer. Nothing is said about the record."""

    exit_code: ClassVar[int] = 3


class AccessDenied(Refused):
    """No grant covers what was asked. The same is said whether or not there is a seal."""


def _may_be_value(name: str) -> bool:
    """Whether what is taken for a column's name may be a value, as it is in a file without a header."""
    return len(name) > 60 or re.search(r"\d{3}", name) is not None


def _column_label(name: str, columns: Sequence[str]) -> str:
    return f"column number {list(columns).index(name) + 1}" if _may_be_value(name) else repr(name)


def _did_you_mean(name: str, names: Sequence[str]) -> str:
    best = _nearest_name(name, names)
    return f"did you mean {best!r}?" if best else ""


def _nearest_name(name: str, names: Sequence[str]) -> str:
    folded = {other.casefold(): other for other in reversed(names)}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    inside = [other for other in names if name and name.casefold() in other.casefold()]
    return inside[0] if inside else (folded[close[0]] if close else "")
