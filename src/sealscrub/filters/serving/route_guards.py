"""A route with its guards: what is asked of the index for one request, all of it by one index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sealscrub.errors import ConfigError, Refused
from sealscrub.identifiers import get_scheme
from sealscrub.index import Index
from sealscrub.matching import Policy

from ..barred_records import Judge, Judgement
from ..certificate_requirement import RequiredCertificate, require_certified
from ..json_answers.json_guard import JsonAnswer, JsonGuard
from ..json_answers.json_text import Limits
from ..known_ids import Known
from ..live_index import LiveIndex, current
from ..text import guard_text
from ..text.unknown_mentions import KnownInTexts
from .guarded_request import Asked
from .guarded_routes import GuardedRoute
from .pages import Ask, PageReader, Wanted, wanted_by
from .table_answers import is_table

__all__ = ["Begun", "RouteGuard"]

_Got = TypeVar("_Got")
_LATEST_S = 60.0
"""Seconds for which a stream continues by an index that was replaced: one answer has one index."""
_SMALL_BODY = 256 * 1024
"""Bytes of a body that is guarded where the requests are served; a larger one is in a thread, next to them."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What judges one request and its answer.

    Attributes
    ----------
    index : Index
    ids : Judgement or None
        Of single ids.
    elements : JsonAnswer or None
        Of those in arrays of the body.
    answer, failed : JsonAnswer or None
        Of the answer, and of one that says what is wrong with the request, which need not name records.
    table : Judgement or None
        Of the rows of a table.
    """

    index: Index
    ids: Judgement | None
    elements: JsonAnswer | None
    answer: JsonAnswer | None
    failed: JsonAnswer | None
    table: Judgement | None = None


class RouteGuard:
    """Guards of one route."""

    def __init__(
        self,
        route: GuardedRoute,
        index: Index | LiveIndex,
        known: Mapping[str, Any] | None,
        policy: Policy,
        limits: Limits,
        required: RequiredCertificate | None = None,
    ) -> None:
        self.required = required
        self.route = route
        self.index = index
        self.limits = route.json.get("limits") or limits
        self._replaced: dict[str, float] = {}
        lenient = _lenient(policy)
        self.text_options = dict(route.text_options)
        if known:
            self.text_options.setdefault("known", KnownInTexts(known, besides=route.unknown))
        options: dict[str, Any] = {"limits": limits, "policy": policy, "oracle_ok": True} | route.json
        options.setdefault("text_options", self.text_options)
        self.json: JsonGuard | None = None
        self.failed: JsonGuard | None = None
        self.elements: JsonGuard | None = None
        self.ids: Judge | None = None
        if route.on is not None:
            held = _part(known, route.on)
            options |= route.lists
            self.json = JsonGuard(index, route.on, known=held, where=route.path, **options)
            same = ("policy", "limits", "oracle_ok")
            about: dict[str, Any] = {"allow_absent": True, **{name: options[name] for name in same}}
            if any(group.record is None for group in self.json.shape.groups):
                about["independent"] = "$"  # words about what is wrong with a request have no list
            self.failed = JsonGuard(index, route.on, known=held, where=route.path, complete=True, **about)
        alone = {each.scheme: "+".join(each.columns) for each in route.alone}
        if alone:
            self.ids = Judge(index, alone, known=_part(known, alone), policy=lenient, where="request")
        if route.elements:
            self.elements = JsonGuard(
                index,
                route.elements,
                known=_part(known, route.elements),
                policy=lenient,
                limits=limits,
                allow_absent=True,
                complete=True,
                independent="$",
                where="request",
            )
        self.table: Judge | None = None
        if route.columns:
            held = _part(known, route.columns)
            self.table = Judge(
                index, route.columns, known=held, policy=route.json.get("policy") or policy, where=route.path
            )
        self._check_unknown()

    def start(self) -> Begun:
        """Begin a request.

        Raises
        ------
        UsageError, LowCoverage
            When there is no index that may be trusted now.
        InvalidCertificate, IncompleteError
            When there is not the certificate that is required.
        """
        answer = None if self.json is None else self.json.start()
        index = None if answer is None else answer.index
        if self.ids is not None and index is None:
            index = self.ids.start().index
        elements = None if self.elements is None else self.elements.start(index)
        index = elements.index if index is None and elements is not None else index
        if index is None:
            index = self.table.start().index if self.table is not None else current(self.index, "output")
        require_certified(self.required, index)
        ids = None if self.ids is None else self.ids.start(index)
        table = None if self.table is None else self.table.start(index)
        return Begun(index, ids, elements, answer, None if self.failed is None else self.failed.start(index), table)

    @property
    def starts_at_once(self) -> bool:
        """Whether a request begins without a file being read."""
        if isinstance(self.index, LiveIndex) and not self.index.is_fresh:
            return False
        return self.required is None or not self.required.is_due(current(self.index, "output"))

    def is_table(self, media: str) -> bool:
        """Whether an answer of a media type is a table: plain text is one, if key columns and no text are declared."""
        return is_table(media) or (media == "text/plain" and self.table is not None and self.route.text is None)

    def streams(self, media: str) -> bool:
        """Whether a text of a kind, if it has no length, goes out as it comes."""
        if self.is_table(media):
            return self.table is not None
        return self.route.streams_text and media.startswith("text/")

    def wanted(self, asked: Asked, method: str) -> Wanted | None:
        """Which page a request wants, if pages are made for it.

        Raises
        ------
        Refused
        """
        paging = self.route.paging
        if paging is None or (method not in ("GET", "HEAD") and not (method == "POST" and paging.is_in_body)):
            return None
        return wanted_by(paging, asked)

    def reader(self, begun: Begun, asked: Asked, ask: Ask) -> PageReader:
        """Read the list of which a request wants a page."""
        if self.route.paging is None or self.json is None or begun.answer is None:
            raise Refused("this route is not paged", where=self.route.path)
        return PageReader(self.route.paging, self.json.shape, begun.answer, self.limits, self.route.path, asked, ask)

    async def require_current(self, index: Index) -> None:
        """Refuse to continue with a stream by an index that may no longer be trusted, or was replaced a while ago.

        Raises
        ------
        UsageError, Refused
        """
        if isinstance(self.index, LiveIndex) and not self.index.is_fresh:
            newest = await asyncio.to_thread(self.index.current)
        else:
            newest = current(self.index, "output")
        if newest.id == index.id:
            return
        since = self._replaced.setdefault(index.id, time.monotonic())
        if time.monotonic() - since > _LATEST_S:
            raise Refused("the index was replaced while a stream was open", where=self.route.path)

    async def run(self, size: int, work: Callable[[], _Got]) -> _Got:
        """Do some work, next to the serving of other requests if it is large."""
        return work() if size <= _SMALL_BODY else await asyncio.to_thread(work)

    def cleaned(self, text: str, index: Index) -> str:
        """A text without what may not be returned, for a failure's words and for routes that answer in text."""
        return str(guard_text(text, index, **self.text_options))

    def _check_unknown(self) -> None:
        if self.ids is None:
            return
        for scheme, value in self.route.unknown.items():
            if get_scheme(scheme).parts:  # no one's number, on whatever date
                continue
            judge = Judge(self.ids.index, {scheme: "id"}, policy=Policy(min_coverage=0))
            if judge.start().is_gone(id=value):
                raise ConfigError("the unknown identifier is sealed", where=self.route.path, hint="choose another.")


def _lenient(policy: Policy) -> Policy:
    """For ids of requests: one that cannot be read is as good as unknown, and is so to the application."""
    return Policy(allow=policy.allow, quarantine=True, min_coverage=0.0)


def _part(known: Mapping[str, Any] | None, on: Mapping[str, object]) -> dict[str, Known] | None:
    if known is None:
        return None
    names = {get_scheme(scheme).name for scheme in on}
    return {scheme: ids for scheme, ids in known.items() if scheme in names}
