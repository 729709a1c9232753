"""Audit model files: read them in a child, look up what it says, and put the report together."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sealscrub.boundary import bound
from sealscrub.errors import ConfigError, Spelled, UnreadableInput, UsageError
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.index.recall_bounds import MOST_ALPHA
from sealscrub.matching.hidden_names import hide_names
from sealscrub.matching.key_columns import On
from sealscrub.matching.known_recall import covers_too_little, finds_too_little, known_recall, stated_recall
from sealscrub.matching.policy import Policy
from sealscrub.reports import counted

from .audit_values import ROWS_WANTED, Certainty, ModelFinding, ModelNote, NotChecked
from .composite_search import CompositeSearch
from .identifier_search import IdentifierSearch
from .leaves import BrokenFrame, Leaf
from .mlflow_uris import fetched, is_mlflow_uri
from .model_audit_report import ModelAudit
from .normalised_rows import scaled_stages
from .reader_process import Limits, read_files
from .row_search import RowSearch
from .sealed_rows import SealedRows, read_sealed_rows
from .stages import Transformations
from .witnesses import Witnesses

__all__ = ["audit_model"]

_LONGEST = 500  # characters of a path or a reason that are believed
_PARTS = (0, 2)  # of a scheme that can be looked for: one column, or two
_APART = "parts of a key of {scheme} that the index bars are in it, apart from each other"
_TOO_MANY = "it has too many parts of keys of several columns to put each with each"
_NEAR = "a value in it would be an identifier that the index bars, if letters in it that look like digits were digits"
_UNREAD = "it holds JSON with an escape that cannot be resolved"
_ACCEPTED = "near values are accepted: they were not looked for"
_ROWS = "training row"
_CHANCE = "equal to something sealed in so little that it may be chance"


@bound
def audit_model(
    target: str | Path,
    index: Index,
    *,
    schemes: Iterable[str] | None = None,
    rows: str | Path | None = None,
    on: On | None = None,
    min_coverage: float = 0.95,
    min_recall: float | None = None,
    recall_alpha: float = MOST_ALPHA,
    accept: Iterable[str] = (),
    limits: Limits | None = None,
    tracking_uri: str | None = None,
) -> ModelAudit:
    """Say what a model file, or a folder of files, still holds of sealed records. Nothing of it is executed.

    Parameters
    ----------
    target : str or Path
        A file, a folder with all that is in it, or an MLflow URI (``runs:/…``, ``models:/…``).
    index : Index
    schemes : iterable of str, optional
        What identifiers are looked up under; by default every scheme of the index that is one column.
    rows : str or Path, optional
        The sealed feature rows, or the training table with its keys. Without them an object that stores training
        rows is not checked.
    on : mapping or iterable of str, optional
        Key columns of ``rows``: see `read_sealed_rows`.
    min_coverage : float
        Least share of the seals that the schemes must be able to recognise. Of schemes that stand only for links it is
        not asked, as in scans.
    min_recall : float, optional
        Least share of the seals that the links behind such schemes are known to find.
    recall_alpha : float
        A bound on recall counts if it may be too high in at most this share of cases.
    accept : iterable of str
        ``near``: values that would be identifiers, if letters in them that look like digits were digits, are let pass.
        The report says so.
    limits : Limits, optional
        What the reading process may use.
    tracking_uri : str, optional
        Of the MLflow store or server that knows an MLflow URI; by default MLflow's own.

    Returns
    -------
    ModelAudit

    Raises
    ------
    UsageError
        When there is nothing to read, or the index holds no keys of a scheme.
    MissingExtra
        When an MLflow URI is given and MLflow is not installed.

    Notes
    -----
    Pickles are programs: a machine of our own follows their instructions and makes inert things only, in a child
    process under limits and, on Linux, Landlock. Rows are compared bit for bit, in either orientation, as 64, 32 and
    16 bit numbers, and as the file's own scalers make them.

    Examples
    --------
    >>> import pathlib, pickle, tempfile
    >>> from sealscrub.datasets import example_index
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "model.pkl"
    >>> _ = file.write_bytes(pickle.dumps({"vocabulary": ["K14612345", "theft"]}))
    >>> audit = audit_model(file, example_index(["K14612345"]))
    >>> audit.exit_code, audit.findings[0].kind, audit.findings[0].count
    (1, 'identifier', 1)
    """
    names = _schemes(index, schemes)
    policy = Policy(
        accept=cast("frozenset[str]", accept),
        min_coverage=min_coverage,
        min_recall=min_recall,
        recall_alpha=recall_alpha,
    )
    if on and rows is None:
        raise ConfigError(
            "key columns given without rows",
            hint=Spelled('rows="train.parquet"', "--rows train.parquet"),
        )
    with contextlib.ExitStack() as stack:
        place = Path(target)
        if is_mlflow_uri(str(target)):
            place = stack.enter_context(fetched(str(target), tracking_uri))
        return _audit(str(target), place, index, names, rows, on, policy, limits or Limits())


def _audit(
    target: str,
    place: Path,
    index: Index,
    names: list[str],
    rows: str | Path | None,
    on: On | None,
    policy: Policy,
    limits: Limits,
) -> ModelAudit:
    files, accepted = _files(place), policy.accept & {"near"}
    sealed = read_sealed_rows(rows, index, on) if rows is not None else None
    single = IdentifierSearch(index, [name for name in names if not get_scheme(name).parts], accept=accepted)
    composite = CompositeSearch(index, [name for name in names if get_scheme(name).parts])
    run = _Run(files, _names(place, files), single, composite, sealed, limits)
    if accepted:
        run.notes["", "", _ACCEPTED] = 0
    run.look_names_up()
    run.read()
    run.read_again()
    run.look_identifiers_up()
    run.say_unwitnessed()
    audit = ModelAudit(
        target=target,
        files=len(files),
        findings=run.findings,
        notes=run.all_notes(),
        not_checked=tuple(dict.fromkeys(run.not_checked)),
        schemes=tuple(names),
        coverage=index.recognised(names),
        min_coverage=policy.min_coverage,
        recall=_recall(index, names, policy),
        too_few=_too_few(index, names, policy),
        rows=sealed.given if sealed else None,
        weakenings=tuple(dict.fromkeys(run.weakenings)),
        epoch=index.epoch,
        as_of=index.as_of,
        not_after=index.not_after,
        index_id=index.id,
    )
    return hide_names(audit, index, policy)


def _recall(index: Index, names: list[str], policy: Policy) -> str:
    """What is known of the recall of links; nothing if no scheme stands for links."""
    if not index.is_linked(names):
        return ""
    least = known_recall(index, names, policy)
    return "not known" if least is None else stated_recall(index, names, least)


def _too_few(index: Index, names: list[str], policy: Policy) -> str:
    """Why too few of the seals would be recognised; nothing if enough would."""
    if covers_too_little(index, names, policy):
        return "too few of the seals carry a key of these schemes"
    return finds_too_little(index, names, policy)


def _schemes(index: Index, named: Iterable[str] | None) -> list[str]:
    if named is None:
        names = [name for name in index.schemes if len(get_scheme(name).parts) in _PARTS]
    else:
        names = [get_scheme(name).name for name in named]
        for name in names:
            if len(get_scheme(name).parts) not in _PARTS:
                raise ConfigError(f"{name} is made of more than two columns, and can't be looked for in a model file")
    if not names:
        raise ConfigError(
            "no scheme to look identifiers up with",
            hint=Spelled('schemes=["arrest_number"]', "--only arrest_number"),
        )
    return [index.require(name) for name in dict.fromkeys(names)]


def _files(target: Path) -> list[Path]:
    if target.is_file():
        return [target]
    if not target.is_dir():
        raise UsageError("the file or folder does not exist", where=str(target))
    found = []
    for folder, folders, names in os.walk(target, onerror=_not_listed):
        folders.sort()
        # a link to a folder isn't followed; as no regular file it is said to be unchecked
        found += [
            Path(folder) / name for name in [*names, *(each for each in folders if Path(folder, each).is_symlink())]
        ]
    if not found:
        raise UsageError("the folder is empty, so nothing would be checked", where=str(target))
    return sorted(found)


def _not_listed(error: OSError) -> None:
    raise UnreadableInput("a folder in it can't be listed", where=str(error.filename)) from None


def _names(target: Path, files: Sequence[Path]) -> list[str]:
    return [str(file.relative_to(target)) if target.is_dir() else file.name for file in files]


@dataclass
class _Run:
    """What is gathered while files are read."""

    files: list[Path]
    names: list[str]
    identifiers: IdentifierSearch
    composites: CompositeSearch
    sealed: SealedRows | None
    limits: Limits
    hits: Counter[tuple[str, str, str, Certainty, str]] = field(default_factory=Counter)
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    not_checked: list[NotChecked] = field(default_factory=list)
    weakenings: list[str] = field(default_factory=list)
    learned: dict[int, Transformations] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sealed = [self.sealed.stage] if self.sealed else []
        retained = [self.sealed.retained] if self.sealed and self.sealed.retained else []
        scaled, shown = scaled_stages(sealed, retained)
        self._rows = RowSearch([*sealed, *scaled]) if sealed else None
        self._witnesses = Witnesses([*retained, *shown], self.sealed.stage.rows.shape[1] if self.sealed else 0)

    def look_names_up(self) -> None:
        """Look the names of files up: one that holds an identifier isn't shown."""
        for at, name in enumerate(self.names):
            place = (f"(file {at + 1}: its name holds an identifier)", "", "identifier in a file name")
            self.identifiers.add_texts(place, [name, *Path(name).parts, Path(name).stem])
            self.composites.add_texts(at, "(name)", [*Path(name).parts, Path(name).stem])
        named = {place[0] for place, *_ in self.identifiers.counts()}
        named |= {place[0] for place in self.identifiers.near()}
        named |= {f"(file {place[0] + 1}: its name holds an identifier)" for place, *_ in self.composites.found()}
        self.names = [
            hidden if (hidden := f"(file {at + 1}: its name holds an identifier)") in named else name
            for at, name in enumerate(self.names)
        ]

    def read(self) -> None:
        """Read all files once."""
        regular = [at for at, file in enumerate(self.files) if file.is_file()]
        for at in sorted(set(range(len(self.files))) - set(regular)):
            self._note_unchecked(at, "", "it is not a regular file")
        for number, leaf in read_files([self.files[at] for at in regular], self.limits):
            at = regular[number] if number >= 0 else -1
            try:
                self._take_leaf(at, leaf)
            except (BrokenFrame, ValueError, TypeError):
                self._note_unchecked(at, "", "its reader gave an invalid answer")

    def read_again(self) -> None:
        """Read files with scalers once more, and look for the rows as these make them."""
        if self.sealed is None or self._rows is None:
            return
        for at, learned in self.learned.items():
            stages = learned.stages(self.sealed.stage)
            met = learned.stages(self.sealed.retained) if self.sealed.retained is not None else []
            scaled, shown = scaled_stages(stages, met)
            search = RowSearch([*stages, *scaled])
            if met:
                self._witnesses.at_stages([*met, *shown])
            for _, leaf in read_files([self.files[at]], self.limits) if stages else ():
                if leaf.kind in ("numbers", "bytes"):
                    self._compare(at, leaf, search)
                elif leaf.kind == "again":
                    self._witnesses.again(at, leaf.path, leaf.what)

    def say_unwitnessed(self) -> None:
        """Say which objects store rows none of which were of the table that was given."""
        for at, path, owner in self._witnesses.left:
            why = "its rows equal none of those given: they are of another stage, or of another table"
            self._note_unchecked(at, path, f"{owner} stores training rows, and {why}")

    def _take_leaf(self, at: int, leaf: Leaf) -> None:
        path = leaf.path
        if leaf.kind == "weakening":
            self.weakenings.append(leaf.what[:_LONGEST])
        elif leaf.kind == "unchecked":
            self._note_unchecked(at, path, leaf.what)
        elif leaf.kind == "note":
            self.notes[self.names[at], path[:_LONGEST], leaf.what[:_LONGEST]] += leaf.count
        elif leaf.kind == "rows" and self.sealed is not None:
            self._witnesses.store(at, path, leaf.owner)
        elif leaf.kind == "rows":
            self._note_unchecked(at, path, f"{leaf.owner} stores training rows{ROWS_WANTED}")
        elif leaf.kind == "again":
            self._witnesses.again(at, path, leaf.what)
        elif leaf.kind == "texts":
            self.identifiers.add_texts((self.names[at], path[:_LONGEST], "identifier"), leaf.texts)
            self.composites.add_texts(at, path[:_LONGEST], leaf.texts)
        elif leaf.kind == "numbers":
            numbers = leaf.numbers
            self.learned.setdefault(at, Transformations()).take(leaf)
            self.identifiers.add_numbers((self.names[at], path[:_LONGEST], "identifier as a number"), numbers)
            if self._rows is not None:
                self._compare(at, leaf, self._rows)
        elif leaf.kind == "bytes" and self._rows is not None:
            self._compare(at, leaf, self._rows)

    def _compare(self, at: int, leaf: Leaf, search: RowSearch) -> None:
        if leaf.kind == "bytes":
            found = search.in_bytes(leaf.payload)
            self._witnesses.saw(at, leaf.path, bool(found), leaf.payload, ())
        else:
            numbers = leaf.numbers
            found = search.in_numbers(numbers, leaf.columns)
            self._witnesses.saw(at, leaf.path, bool(found), numbers, leaf.columns)
        if found.by_chance and self._witnesses.stored(at, leaf.path):
            self._note_unchecked(at, leaf.path, f"it stores {counted(found.by_chance, 'row')} {_CHANCE}")
        certainty = Certainty.CERTAIN if self.sealed and self.sealed.compared else Certainty.LIKELY
        for stage, count in found.telling.items():
            self._hit((self.names[at], leaf.path[:_LONGEST], _ROWS), stage, certainty, count)

    def look_identifiers_up(self) -> None:
        """Note what the index holds of the texts and numbers that were met."""
        for found in self.identifiers.counts():
            self._hit(*found)
        for file, path, _ in self.identifiers.near():
            self.not_checked.append(NotChecked(file=file, path=path, reason=_NEAR))
        for file, path, _ in sorted(self.identifiers.unread()):
            self.not_checked.append(NotChecked(file=file, path=path, reason=_UNREAD))
        for (at, path), scheme, certainty, count in self.composites.found():
            if certainty is Certainty.POSSIBLE:
                self._note_unchecked(at, path, _APART.format(scheme=scheme))
            else:
                self._hit((self.names[at], path, "identifier"), scheme, certainty, count)
        for at in self.composites.too_many:
            self._note_unchecked(at, "", _TOO_MANY)

    def _hit(self, place: tuple[str, str, str], detail: str, certainty: Certainty, count: int) -> None:
        file, path, kind = place
        if certainty is Certainty.POSSIBLE:
            self.notes[file, path, f"{kind}: {_CHANCE}"] += count
        else:
            self.hits[file, path, kind, certainty, detail] += count

    def _note_unchecked(self, at: int, path: str, reason: str) -> None:
        name = self.names[at] if at >= 0 else ""
        self.not_checked.append(NotChecked(file=name, path=path[:_LONGEST], reason=reason[:_LONGEST]))

    @property
    def findings(self) -> tuple[ModelFinding, ...]:
        """The findings in the order in which they were met."""
        return tuple(
            ModelFinding(file=file, path=path, kind=kind, certainty=certainty, count=count, detail=detail)
            for (file, path, kind, certainty, detail), count in self.hits.items()
        )

    def all_notes(self) -> tuple[ModelNote, ...]:
        """The notes, with one on rows that aren't looked for."""
        notes = [ModelNote(file=file, path=path, what=what, count=n) for (file, path, what), n in self.notes.items()]
        if self.sealed is not None and self.sealed.left_out:
            what = "sealed rows equal a row that stays, so they were not looked for"
            notes.append(ModelNote(file="", path="", what=what, count=self.sealed.left_out))
        return tuple(notes)
