"""What approvers sign: rosters, orders, grants, approvals and reviews of rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from .access_purposes import Purpose, Scope, is_own, known_purposes

__all__ = [
    "Approval",
    "Grant",
    "Listed",
    "Order",
    "Roster",
    "RuleReview",
]

_LONGEST = dt.timedelta(days=366)

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@\\-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _known(purpose: str) -> str:
    if purpose not in list(Purpose) and purpose not in known_purposes():
        raise ValueError("unknown purpose")
    return purpose


_Purpose = Annotated[str, AfterValidator(_known)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Listed(_Strict):
    """Somebody on a roster.

    Attributes
    ----------
    account : str
        The operating system's name for them.
    name : str
        Theirs.
    purposes : tuple of str
        For what: a :class:`Purpose`, or one that a state's law declares.
    scope : Scope
        How much.
    since, until : datetime.date or None
        Within the roster's own days.

    Examples
    --------
    >>> Listed(account="r.alvarez", purposes=("audit",), scope="registry").scope.value
    'registry'
    """

    account: Account
    name: str = Field(default="", max_length=200, repr=False)
    purposes: tuple[_Purpose, ...] = Field(min_length=1)
    scope: Scope = Scope.RECORD
    since: dt.date | None = Field(default=None, alias="from")
    until: dt.date | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.scope is Scope.REGISTRY and not all(map(is_own, self.purposes)):
            raise ValueError("the scope registry is for the custodian's own purposes only")
        if Purpose.COURT_ORDER in self.purposes:
            raise ValueError("a roster cannot grant the purpose court_order: only a court order can")
        return self


def _check_period(named: str, first: dt.date, last: dt.date) -> None:
    if not first <= last <= first + _LONGEST:
        raise ValueError(f"until must be after {named} and at most one year later")


class Roster(_Strict):
    """Who may see what, for what, as somebody approved it.

    Attributes
    ----------
    version : int
        From 1; a change is the next.
    previous : str or None
        SHA-256 of the signed version before it.
    approved_by : str
        Who approved it, such as a court and a judge.
    since, until : datetime.date
        Its first and last day; at most a year.
    people : tuple of Listed

    Examples
    --------
    >>> days = {"from": dt.date(2026, 1, 1), "until": dt.date(2026, 12, 31)}
    >>> people = (Listed(account="r.alvarez", purposes=("audit",), scope="registry"),)
    >>> roster = Roster(version=1, approved_by="A. Lee", people=people, **days)
    >>> len(roster.grants("r.alvarez", dt.date(2026, 2, 1)))
    1
    """

    version: int = Field(ge=1)
    previous: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    approved_by: Text
    since: dt.date = Field(alias="from")
    until: dt.date
    people: tuple[Listed, ...] = Field(default=(), repr=False)
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("from", self.since, self.until)
        return self

    def grants(self, account: str, day: dt.date) -> tuple[Listed, ...]:
        """Give what an account is listed for on a day."""
        if not self.since <= day <= self.until:
            return ()
        return tuple(
            each
            for each in self.people
            if each.account == account and (each.since or day) <= day <= (each.until or day)
        )


class Order(_Strict):
    """A court's order that opens records to people for a purpose; never to training.

    Attributes
    ----------
    court, judge : str
        Whose it is.
    date, until : datetime.date
        Its day, and the last on which it opens anything; at most a year.
    agency : str
        On whose motion.
    people : tuple of str
        Accounts that it opens records to.
    purpose : Purpose
    records : tuple of str
        Keyed references (:class:`ReferenceKey`): the paper names no record in the clear.

    Examples
    --------
    >>> order = Order(
    ...     court="Kings County", judge="A. Lee", date=dt.date(2026, 1, 1), until=dt.date(2026, 6, 30), agency="NYPD",
    ...     people=("r.alvarez",), records=("0" * 32,),
    ... )
    >>> order.covers("r.alvarez", "0" * 32, dt.date(2026, 2, 1))
    True
    """

    court: Text
    judge: Text
    date: dt.date
    until: dt.date
    agency: Text
    people: tuple[Account, ...] = Field(min_length=1)
    purpose: Literal[Purpose.COURT_ORDER] = Purpose.COURT_ORDER
    records: tuple[Reference, ...] = Field(min_length=1, repr=False)
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("date", self.date, self.until)
        return self

    def covers(self, account: str, reference: str, day: dt.date) -> bool:
        """Whether it opens a record to an account on a day."""
        return self.date <= day <= self.until and account in self.people and reference in self.records


class Grant(_Strict):
    """By which anyone who holds a key asks as an account; what that account may see, the roster says.

    Attributes
    ----------
    account : str
        As a roster lists it.
    holder : str
        The holder's public key, 64 hex digits: a stolen grant is of no use without the private one.
    since, until : datetime.date
        Its first and last day; at most a year.

    Examples
    --------
    >>> days = {"from": dt.date(2026, 1, 1), "until": dt.date(2026, 12, 31)}
    >>> Grant(account="r.alvarez", holder="0" * 64, **days).account
    'r.alvarez'
    """

    account: Account
    holder: Digest
    since: dt.date = Field(alias="from")
    until: dt.date
    digest: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_period("from", self.since, self.until)
        return self


class Approval(_Strict):
    """A second signature: somebody has seen a file, and approves of it.

    Attributes
    ----------
    sha256 : str
        Of the file: notices that end seals, corrections, or a signed order.
    date : datetime.date
        When.

    Examples
    --------
    >>> Approval(sha256="0" * 64, date=dt.date(2026, 11, 25)).date.year
    2026
    """

    sha256: Digest
    date: dt.date
    digest: str = Field(default="", exclude=True)


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it contains a line end or another control character")
    return text


class RuleReview(_Strict):
    """One version of a rule of law, as somebody reviewed it.

    Attributes
    ----------
    rule : str
        ``RULE@VERSION``.
    form : str
        SHA-256 of its canonical form: a review of another form does not count for this rule.
    reviewer : str
        Who.
    date : datetime.date
        When.

    Examples
    --------
    >>> rule = "us-ny/cpl-160.50/3c@1"
    >>> RuleReview(rule=rule, form="0" * 64, reviewer="A. Jones", date=dt.date(2026, 11, 25)).reviewer
    'A. Jones'
    """

    rule: Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9./_-]{0,120}@[A-Za-z0-9.-]{1,60}$")]
    form: Digest
    reviewer: Annotated[Text, AfterValidator(_one_line)]
    date: dt.date
    digest: str = Field(default="", exclude=True)
