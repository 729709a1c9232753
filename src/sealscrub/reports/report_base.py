"""How every report shows itself: in short and without counts, or in full if that is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any, ClassVar

from sealscrub import __version__

from .csv import to_csv
from .document import Document
from .formats import ReportFormat, format_of
from .html import to_html, to_snippet
from .json import to_json
from .junit import to_junit
from .report_files import replace_file
from .sarif import to_sarif
from .text import to_text

__all__ = ["Reported"]


class Reported(ABC):
    """A report. ``print`` and notebooks show its verdict and what to do, without counts of records.

    Examples
    --------
    >>> class Greeting(Reported):
    ...     def _document(self):
    ...         return Document(tool="greet", kind="good", headline="Hello")
    ...     def _facts(self):
    ...         return {"says": "hello"}
    >>> "Hello" in str(Greeting()), "hello" in Greeting().to_json()
    (True, True)
    """

    formats: ClassVar[tuple[ReportFormat, ...]]
    """In which formats it can be rendered and saved: it has a method for each."""

    @abstractmethod
    def _document(self) -> Document:
        """Everything that it says."""

    def _brief(self) -> Document:
        """What of it may travel."""
        return self._document()

    @abstractmethod
    def _facts(self) -> Mapping[str, Any]:
        """What its JSON holds after the fields that all reports have."""

    def _values(self) -> Any:
        """What its JSON holds."""
        own = not self._document().travelling
        head = {"sealscrub": __version__, "report": type(self).__name__, "version": 1, "operator_copy": own}
        return {**head, **self._facts()}

    def _rows(self) -> tuple[Sequence[str], Iterable[Mapping[str, object]]]:
        """What its CSV holds: names of columns, and rows."""
        raise NotImplementedError

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.formats = tuple(format for format in ReportFormat if hasattr(cls, f"to_{format}"))
        # a dataclass would make one that lists all fields, and a repr ends up in logs and saved notebooks
        cls.__repr__ = Reported.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._brief().headline}>"

    def __str__(self) -> str:
        return to_text(self._brief())

    def _repr_html_(self) -> str:
        return to_snippet(self._brief())

    def text(self, *, colour: bool = False, in_shell: bool = False) -> str:
        """Render in full for a terminal: if it holds counts, it says that it is the operator's copy.

        Parameters
        ----------
        colour : bool
            Whether the verdict has the colour of its kind.
        in_shell : bool
            Whether what to do is said in options of the command line, not in arguments.
        """
        return to_text(self._whole_document(in_shell), colour=colour)

    def _whole_document(self, in_shell: bool) -> Document:
        document = self._document()
        return document.in_shell() if in_shell else document

    def show(self, *, counts: bool = False) -> None:
        """Print it.

        Parameters
        ----------
        counts : bool
            Whether to print all of it, counts included: the operator's copy. What a notebook printed is saved and
            shared with it.
        """
        print(self.text() if counts else str(self), end="")  # noqa: T201 - what it is for

    def render(self, format: ReportFormat, *, in_shell: bool = False) -> str:
        """Render in one of its formats.

        Parameters
        ----------
        format : ReportFormat
        in_shell : bool
            Whether what to do is said in options of the command line, not in arguments.

        Returns
        -------
        str
            The same report gives the same text: no clock, no machine, no path but the tables' own names.
        """
        match format:
            case ReportFormat.TEXT:
                return self.text(in_shell=in_shell)
            case ReportFormat.HTML:
                return to_html(self._whole_document(in_shell))
            case ReportFormat.JSON:
                return to_json(self._values())
            case ReportFormat.CSV:
                return to_csv(*self._rows())
            case ReportFormat.JUNIT:
                return to_junit(self._brief())
            case ReportFormat.SARIF:
                return to_sarif(self._brief())

    def to_text(self) -> str:
        """Render in full for a terminal, as :meth:`text` does."""
        return self.text()

    def to_html(self) -> str:
        """Render in full as one self-contained page."""
        return self.render(ReportFormat.HTML)

    def to_json(self) -> str:
        """Render as JSON."""
        return self.render(ReportFormat.JSON)

    def save(self, path: str | PathLike[str], *, in_shell: bool = False) -> None:
        """Write to a file in the format of its suffix, whole or not at all.

        What holds counts is readable by its owner only (0600); what travels gets the mode that the umask gives.

        Parameters
        ----------
        path : str or path-like
        in_shell : bool
            Whether what to do is said in options of the command line, not in arguments.

        Raises
        ------
        ConfigError
            If the suffix names none of its formats, or the path is a folder or a device.
        WriteFailed
            If the file could not be completed.
        """
        format = format_of(path, self.formats)
        private = not (format.travels or self._document().travelling)
        replace_file(fspath(path), self.render(format, in_shell=in_shell), private=private)
