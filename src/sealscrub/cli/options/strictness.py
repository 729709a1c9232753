"""How strict a command is with what is not plainly sealed or plainly clean."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from ..declarations import option

if TYPE_CHECKING:
    from sealscrub.matching import Policy

__all__ = ["Coverage", "Leniency", "Strictness"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many of the seals the keys must be able to recognise."""

    panel: ClassVar[str] = "Strictness"
    min_coverage: Annotated[
        float | None, option("Least share of the seals that the key columns can recognise; usually 0.95.")
    ] = None

    @property
    def least(self) -> float:
        """The share, and the usual if none is given."""
        from sealscrub.matching import Policy

        return Policy().min_coverage if self.min_coverage is None else self.min_coverage


@dataclass(frozen=True, kw_only=True)
class Leniency(Coverage):
    """What passes although it is not proven clean."""

    allow: Annotated[
        list[str] | None,
        option("withheld: keep records that are not proven sealed.", autocompletion=lambda: ["withheld"]),
    ] = None
    accept: Annotated[
        list[str] | None,
        option(
            "near, unparsable: accept such keys. null: accept rows without a key. chance: accept values in other "
            "columns that are in the index, perhaps by chance. The report says so.",
            autocompletion=lambda: ["near", "unparsable", "null", "chance"],
        ),
    ] = None
    min_recall: Annotated[
        float | None,
        option("Least share of the seals that the links must be known to find; some key must stand for links."),
    ] = None
    recall_alpha: Annotated[
        float | None,
        option("A bound on recall counts if it may be too high in at most this share of cases; usually 0.05."),
    ] = None

    def policy(self, usual: Policy | None = None) -> Policy:
        """The policy: what is said, and the usual if nothing is."""
        from sealscrub.matching import Policy

        names = {each.name for each in fields(self)} & {each.name for each in fields(Policy)}
        said = {name: getattr(self, name) for name in names}
        given = {name: value for name, value in said.items() if value not in (None, [])}
        return replace(usual or Policy(), **given)


@dataclass(frozen=True, kw_only=True)
class Strictness(Leniency):
    """How strict a scan or a scrub is."""

    max_unparsable: Annotated[
        float | None, option("Share of unparsable values above which a column is refused; usually 0.05.")
    ] = None
