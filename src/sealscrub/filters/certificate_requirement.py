"""A certificate that a guard demands: no answer of a model without one that verifies and is of today's state."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from sealscrub.certificates import Certificate, State, open_certificate, sha256_of
from sealscrub.errors import ConfigError, IncompleteError, InvalidCertificate, SealscrubError, Spelled, StaleCertificate
from sealscrub.index import Index
from sealscrub.index.fitness import the_day

from .caller_code import Attempt

__all__ = ["RequiredCertificate", "require_certified", "require_certified_events"]

Untainted = Callable[..., object]
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class RequiredCertificate:
    """What a guard demands of the model behind it, and of the events that a map is made of.

    Given to a guard as ``require_certificate=``. The guard asks when it is made, whenever another index comes into
    force, when the day changes, and every `recheck_s` seconds, for which the certificate's file is read again: a new
    certificate is put in the place of the one before by renaming.

    Parameters
    ----------
    certificate : str or Path
        The certificate, as ``sealscrub certify`` writes it.
    public_key : str or Path
        Of anyone who may sign it, in PEM (``team.key.pub``).
    model : str, Path, or iterable of these
        The model's files, each of which must be a certified one; in place of a path its digest,
        ``sha256:`` and 64 hex digits. They are read once, when this is made.
    untainted : callable, optional
        Called with ``index=``, and raises if the model holds what has been sealed since it was certified:
        ``partial(sealscrub.lineage.require_untainted, "models:/risk/3")``. With it a certificate of an earlier index
        is enough, and the model is asked about even if the certificate is of the newest.
    passed : collection of str
        Checks that the certificate must have passed, if it is about a model.
    recheck_s : float
        Seconds until everything is asked again. A refusal is kept for a second at most.

    Raises
    ------
    UnreadableInput, KeyFileError
        When a file cannot be read.

    Notes
    -----
    It pickles as a reference to its two files, which ``SEALSCRUB_CERTIFICATE`` and ``SEALSCRUB_CERTIFICATE_KEY`` name
    if they are elsewhere, with the digests of the model's.

    The certificate is about files. That the model in memory was loaded from them is up to anyone who loads it.

    Examples
    --------
    >>> RequiredCertificate("risk.certificate.json", "team.key.pub", model="sha256:" + 64 * "0")
    RequiredCertificate('risk.certificate.json')
    """

    def __init__(
        self,
        certificate: str | Path,
        public_key: str | Path,
        *,
        model: str | Path | Iterable[str | Path] = (),
        untainted: Untainted | None = None,
        passed: Collection[str] = ("artefactScan",),
        recheck_s: float = 60.0,
    ) -> None:
        self.certificate, self.public_key = Path(certificate), Path(public_key)
        named = [model] if isinstance(model, str | Path) else list(model)
        self.digests = tuple(map(_digest, named))
        self.untainted = untainted
        self.passed = tuple(passed)
        self.recheck_s = recheck_s
        self._passed: tuple[object, float] | None = None
        self._failed: tuple[object, float, SealscrubError] | None = None

    def is_due(self, index: Index) -> bool:
        """Whether the next :meth:`check` reads files and asks, which may take a while."""
        last = self._passed
        return last is None or last[0] != _state(index) or time.monotonic() - last[1] > self.recheck_s

    def check(self, index: Index) -> None:
        """Make sure that the model may answer while an index is in force.

        Raises
        ------
        InvalidCertificate
            When the certificate does not verify, is not about these files, or lacks a check that must have passed.
        StaleCertificate
            When it has run out, or is of an earlier state than the index and no one says that the model is untainted.
        IncompleteError
            When a file cannot be read, or it cannot be asked whether the model is tainted.
        sealscrub.lineage.TaintedModel
            When it is.
        """
        if not self.is_due(index):
            return
        state, failed = _state(index), self._failed
        if failed is not None and failed[0] == state and time.monotonic() - failed[1] < min(1.0, self.recheck_s):
            raise failed[2].with_traceback(None)
        try:
            self._check(index)
        except SealscrubError as error:
            self._passed, self._failed = None, (state, time.monotonic(), error)
            raise
        self._passed, self._failed = (state, time.monotonic()), None

    def check_events(self, events: Any, index: Index) -> None:
        """Make sure that events are the certified dataset, and that it is certified by this index.

        Raises
        ------
        InvalidCertificate, StaleCertificate, IncompleteError
            As :meth:`check`.
        """
        if self.digests or self.untainted is not None:
            self.check(index)
        opened = self._open_valid_certificate(index)
        self._require_state(opened, index)
        if opened.statement.content() is None:
            raise self._invalid(
                "it is about no dataset",
                Spelled("certify the events: certify(data).", "certify the events: sealscrub certify --data."),
            )
        if opened.matches(events).state is State.FAILED:
            raise self._invalid("the events are not the certified ones", "scrub and certify them again.")

    def _check(self, index: Index) -> None:
        if not self.digests:
            raise ConfigError(
                "no model was given for the certificate",
                where=str(self.certificate),
                hint="RequiredCertificate(…, model=FILE)",
            )
        opened = self._open_valid_certificate(index)
        statement = opened.statement
        if not set(self.digests) <= set(statement.files().values()):
            raise self._invalid("it is about other model files", "certify this model, or load the certified one.")
        for name in self.passed:
            results = [check.result for check in statement.predicate.checks if check.id == name]
            if not results or set(results) != {"pass"}:
                raise self._invalid(f"{name} did not pass when it was issued", "certify the model with that check.")
        if self.untainted is None:
            self._require_state(opened, index)
        else:
            _ask(self.untainted, index, str(self.certificate))

    def _open_valid_certificate(self, index: Index) -> Certificate:
        opened = open_certificate(self.certificate, self.public_key)
        predicate = opened.statement.predicate
        if opened.statement.expired(the_day()):
            raise StaleCertificate(
                f"its last day was {predicate.not_after}", where=str(self.certificate), hint="certify again."
            )
        if predicate.index.audience != index.audience or not {"training", *index.uses} & set(predicate.index.uses):
            raise self._invalid("it is of an index for another audience or use", "certify by one for this audience.")
        if predicate.index.follows(index) is not True:  # an old one does not say of which registry it is
            raise self._invalid("it is not known to be of this index's registry and key", "certify by this index.")
        return opened

    def _require_state(self, opened: Certificate, index: Index) -> None:
        state = opened.statement.predicate.index
        if state.epoch < index.epoch or state.as_of < index.as_of.isoformat():
            raise StaleCertificate(
                f"it is of epoch {state.epoch} as of {state.as_of}, the index in force of epoch {index.epoch} as of "
                f"{index.as_of}",
                where=str(self.certificate),
                hint="certify again; untainted= says about a model that it holds nothing that was sealed since.",
            )

    def _invalid(self, what: str, hint: str) -> InvalidCertificate:
        return InvalidCertificate(what, where=str(self.certificate), hint=hint)

    def __getstate__(self) -> dict[str, Any]:
        paths = {"certificate": self.certificate.absolute(), "public_key": self.public_key.absolute()}
        return {**vars(self), **paths, "_passed": None, "_failed": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.certificate = Path(os.environ.get("SEALSCRUB_CERTIFICATE", self.certificate))
        self.public_key = Path(os.environ.get("SEALSCRUB_CERTIFICATE_KEY", self.public_key))

    def __repr__(self) -> str:
        return f"RequiredCertificate({str(self.certificate)!r})"


def require_certified(required: RequiredCertificate | None, index: Index) -> None:
    """Make sure that a model may answer, if a certificate is required.

    Raises
    ------
    ConfigError
        When what is required is not a :class:`RequiredCertificate`; and as :meth:`RequiredCertificate.check`.
    """
    if required is not None:
        _check_kind(required)
        required.check(index)


def require_certified_events(required: RequiredCertificate | None, events: Any, index: Index) -> None:
    """Make sure that events may be shown, if a certificate is required.

    Raises
    ------
    ConfigError
        When what is required is not a :class:`RequiredCertificate`; and as :meth:`RequiredCertificate.check_events`.
    """
    if required is not None:
        _check_kind(required)
        required.check_events(events, index)


def _check_kind(required: object) -> None:
    if not isinstance(required, RequiredCertificate):
        raise ConfigError(
            "require_certificate= names no public key",
            hint='RequiredCertificate("risk.certificate.json", "team.key.pub", model="risk.joblib")',
        )


def _state(index: Index) -> object:
    return index.id, the_day()


def _digest(model: str | Path) -> str:
    given = _DIGEST.fullmatch(model) if isinstance(model, str) else None
    return given[1] if given else sha256_of(model)


def _ask(untainted: Untainted, index: Index, where: str) -> None:
    with Attempt() as attempt:
        untainted(index=index)
    if attempt.failed:
        raise IncompleteError(f"the taint check of the model raised {attempt.failed}", where=where)
