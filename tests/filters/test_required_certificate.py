"""No answer of a model without a certificate about it that verifies and is of the state in force."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle
import polars as pl
import pytest

import sealscrub as ss
from sealscrub.certificates import Statement, load_signer, seal_envelope
from sealscrub.certificates.statement_values import IndexState
from sealscrub.datasets import example_index
from sealscrub.errors import (
    ConfigError,
    IncompleteError,
    InvalidCertificate,
    ModelFailed,
    StaleCertificate,
    UnreadableInput,
    UsageError,
)
from sealscrub.filters import (
    GuardedRoute,
    GuardMiddleware,
    LiveIndex,
    RequiredCertificate,
    guard,
    guard_counts,
    guard_forecast,
    guard_grid,
    guard_ranking,
)
from sealscrub.identifiers import generate_certifier
from sealscrub.index import Index, Reason, open_index
from sealscrub.lineage import TaintedModel
from sealscrub.validators.certification import certify

from ..index.custodian import Custodian
from .worlds import CLEAN, ON, SEALED

EVENTS = pl.DataFrame({"id": CLEAN[:5], "x": [1.0, 2, 60, 61, 62], "y": [1.0, 1, 1, 1, 1]})


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    """What a certificate about a model says: issued once, since an audit starts a process."""
    desk = Desk(tmp_path_factory.mktemp("audited"))
    issued = certify(EVENTS, desk.index, ON, signer=load_signer(desk.folder / "team.key"), models=[desk.model])
    return issued.statement


class Desk:
    """A folder with an index, keys of certifiers, and a model with its certificate."""

    def __init__(self, folder: Path, statement: Statement | None = None) -> None:
        self.folder = folder
        self.custodian = Custodian(folder)
        self.index = self.publish(SEALED)
        generate_certifier(folder / "team.key")
        generate_certifier(folder / "other.key")
        self.model = folder / "risk.pkl"
        self.model.write_bytes(pickle.dumps({"weights": [0.5, 1.5]}))
        self.statement = statement
        if statement is not None:
            self.issue()

    def issue(self, *, signer: str = "team.key", about: Collection[str] = ("risk.pkl", "data"), **changes: Any) -> None:
        """Put a certificate in the place of the one before; by default one of the index in force."""
        assert self.statement is not None
        index = changes.pop("index", self.index)
        predicate = self.statement.predicate.model_copy(
            update={"index": index if isinstance(index, IndexState) else IndexState.of(index), **changes}
        )
        subjects = tuple(each for each in self.statement.subject if each.name in about)
        made = self.statement.model_copy(update={"subject": subjects, "predicate": predicate})
        content = seal_envelope(made.document(), load_signer(self.folder / signer))
        (self.folder / "new").write_bytes(content)
        (self.folder / "new").replace(self.folder / "risk.certificate.json")

    def required(self, **options: Any) -> RequiredCertificate:
        given: dict[str, Any] = {"model": self.model, "recheck_s": 0.0} | options
        return RequiredCertificate(self.folder / "risk.certificate.json", self.folder / "team.key.pub", **given)

    def publish(self, sealed: list[str], epoch: int = 1) -> Index:
        values = {"arrest_number": dict.fromkeys(sealed, Reason.SEALED)}
        place, coverage = self.folder / "live.sealindex", {("arrest_number",): len(sealed)}
        self.custodian.publish(place, values, epoch=epoch, seals=len(sealed), coverage=coverage)
        return open_index(place, self.custodian.key_file)

    def live(self) -> LiveIndex:
        return LiveIndex(self.folder / "live.sealindex", self.custodian.key_file)


@pytest.fixture
def desk(tmp_path: Path, audited: Statement) -> Desk:
    return Desk(tmp_path, audited)


def risk(rows: Any) -> list[float]:
    return [0.5] * len(rows)


def surfaces(index: Any, required: RequiredCertificate) -> dict[str, Callable[[], Any]]:
    """Each guard that can demand a certificate, from its making to its answer."""
    rows = [{"id": each, "score": 1.0} for each in CLEAN[:2]]
    return {
        "guard": lambda: guard(risk, index, ON, oracle_ok=True, require_certificate=required)(rows),
        "forecast": lambda: guard_forecast(risk, index, required)(rows),
        "ranking": lambda: guard_ranking(rows, index, ON, score="score", require_certificate=required),
        "middleware": lambda: (
            GuardMiddleware(
                _no_app,
                index=index,
                routes=[GuardedRoute("/", on={"arrest_number": "$.id"})],
                known=CLEAN,
                require_certificate=required,
            )
            .health()
            .ok
        ),
    }


async def _no_app(scope: Any, receive: Any, send: Any) -> None: ...


@pytest.mark.parametrize("surface", ["guard", "forecast", "ranking", "middleware"])
def test_each_surface_answers_with_its_certificate_and_not_without(desk: Desk, surface: str) -> None:
    assert surfaces(desk.index, desk.required())[surface]()
    desk.issue(signer="other.key")
    with pytest.raises(InvalidCertificate):
        surfaces(desk.index, desk.required())[surface]()


def test_whatever_is_wrong_with_it(desk: Desk) -> None:
    other = desk.folder / "other.pkl"
    other.write_bytes(pickle.dumps({"weights": [9]}))
    wrong: list[tuple[type[Exception], RequiredCertificate]] = [
        (InvalidCertificate, desk.required(model=other)),
        (InvalidCertificate, desk.required(model=[desk.model, other])),
        (InvalidCertificate, desk.required(model="sha256:" + 64 * "0")),
        (InvalidCertificate, desk.required(passed=["nullity"])),
        (ConfigError, desk.required(model=())),
        (
            UnreadableInput,
            RequiredCertificate(desk.folder / "none.json", desk.folder / "team.key.pub", model=desk.model),
        ),
    ]
    for kind, required in wrong:
        with pytest.raises(kind):
            guard(risk, desk.index, ON, oracle_ok=True, require_certificate=required)
    with pytest.raises(UsageError):
        guard(risk, desk.index, ON, oracle_ok=True, require_certificate="risk.certificate.json")
    with pytest.raises(UnreadableInput):
        desk.required(model=desk.folder / "none.pkl")
    place = desk.folder / "risk.certificate.json"
    place.write_bytes(place.read_bytes().replace(b'"sig":"', b'"sig":"AAAA'))
    with pytest.raises(InvalidCertificate):
        guard(risk, desk.index, ON, oracle_ok=True, require_certificate=desk.required())


def test_one_of_another_audience_or_of_no_model_is_none(desk: Desk, tmp_path: Path) -> None:
    vendors = example_index(SEALED, audience="vendor")
    with pytest.raises(InvalidCertificate):
        guard(risk, vendors, ON, oracle_ok=True, require_certificate=desk.required())
    desk.issue(about=["data"])
    with pytest.raises(InvalidCertificate):
        guard(risk, desk.index, ON, oracle_ok=True, require_certificate=desk.required())


def test_one_by_an_index_of_another_registry_or_under_another_key_is_none(desk: Desk) -> None:
    state = IndexState.of(desk.index)
    for change in ({"registry": "0" * 16}, {"key_id": "0" * 16}, {"registry": None, "key_id": None}):
        desk.issue(index=state.model_copy(update={"id": "0" * 32} | change))
        with pytest.raises(InvalidCertificate, match="not known to be of this index's registry"):
            guard(risk, desk.index, ON, oracle_ok=True, require_certificate=desk.required())


def test_a_certificate_runs_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    today = date.today()
    desk.issue(not_after=today.isoformat())
    safe = guard(risk, desk.index, ON, oracle_ok=True, require_certificate=desk.required(recheck_s=3600))
    assert safe([{"id": CLEAN[0]}]) == [0.5]
    monkeypatch.setattr("sealscrub.filters.certificate_requirement.the_day", lambda: today + timedelta(2))
    with pytest.raises(StaleCertificate):
        safe([{"id": CLEAN[0]}])


def test_a_newer_index_makes_it_stale_until_a_new_one_is_there(desk: Desk) -> None:
    live = desk.live()
    safe = guard(risk, live, ON, oracle_ok=True, require_certificate=desk.required(recheck_s=3600))
    spots = guard_forecast(risk, live, desk.required(recheck_s=3600))
    assert safe([{"id": CLEAN[0]}]) == spots([1]) == [0.5]

    newest = desk.publish([*SEALED, CLEAN[1]], epoch=2)

    with pytest.raises(StaleCertificate):
        safe([{"id": CLEAN[0]}])
    with pytest.raises(StaleCertificate):
        spots([1])
    desk.issue(index=newest)
    fresh = guard(risk, live, ON, oracle_ok=True, require_certificate=desk.required())
    assert fresh([{"id": CLEAN[0]}]) == [0.5]


def test_its_lineage_can_say_that_nothing_in_it_was_sealed_since(desk: Desk) -> None:
    asked = []

    def untainted(*, index: Any) -> None:
        asked.append(index.epoch)
        if tainted:
            raise TaintedModel("it is", where="models:/risk/3")

    tainted = False
    required = desk.required(untainted=untainted)
    live = desk.live()
    safe = guard(risk, live, ON, oracle_ok=True, require_certificate=required)
    desk.publish([*SEALED, CLEAN[1]], epoch=2)
    assert safe([{"id": CLEAN[0]}, {"id": CLEAN[1]}]) == [0.5]
    assert set(asked) == {1, 2}
    tainted = True
    with pytest.raises(TaintedModel):
        safe([{"id": CLEAN[0]}])
    with pytest.raises(TaintedModel):
        guard_forecast(risk, live, required)


def test_what_asking_the_lineage_raises_is_not_repeated(desk: Desk) -> None:
    def untainted(*, index: Any) -> None:
        raise ValueError(SEALED[0])

    with pytest.raises(IncompleteError) as caught:
        guard_forecast(risk, desk.index, desk.required(untainted=untainted))
    assert SEALED[0] not in f"{caught.value!r} {caught.value} {caught.value.__context__!r}"


def test_it_is_asked_no_more_often_than_said(desk: Desk) -> None:
    asked: list[Any] = []
    required = desk.required(recheck_s=3600, untainted=lambda index: asked.append(index))
    safe = guard(risk, desk.index, ON, oracle_ok=True, require_certificate=required)
    for _ in range(5):
        safe([{"id": CLEAN[0]}])
    assert len(asked) == 1
    (desk.folder / "risk.certificate.json").unlink()
    safe([{"id": CLEAN[0]}])
    assert not required.is_due(desk.index)


def test_a_map_is_made_of_certified_events(desk: Desk) -> None:
    def grid(events: Any, index: Any) -> Any:
        return guard_grid(events, index, ON, "x", "y", 50, require_certificate=desk.required(model=()))

    desk.issue(about=["risk.pkl"])
    with pytest.raises(InvalidCertificate, match="about no dataset"):
        grid(EVENTS, desk.index)
    desk.issue()
    assert grid(EVENTS, desk.index).rows() == [(50.0, 0.0, 3), (0.0, 0.0, 2)]
    assert grid(EVENTS.reverse().to_pandas(), desk.index)["count"].tolist() == [3, 2]
    with pytest.raises(InvalidCertificate, match="not the certified ones"):
        grid(EVENTS.head(4), desk.index)
    with pytest.raises(StaleCertificate):
        grid(EVENTS, desk.publish([*SEALED, CLEAN[0]], epoch=2))
    with pytest.raises(StaleCertificate):
        guard_counts(
            EVENTS, desk.publish(SEALED, epoch=2), ON, "y", minimum=2, require_certificate=desk.required(model=())
        )


def test_forecasts_answer_as_their_model_does(desk: Desk) -> None:
    class Spots:
        def predict(self, cells: list[int], week: int = 0) -> list[int]:
            return [cell + week for cell in cells]

        def ranked(self) -> list[int]:
            raise ValueError(SEALED[0])

    safe = guard_forecast(Spots(), desk.index, desk.required(), methods=["ranked"])
    assert safe.predict([1, 2], week=3) == [4, 5]
    with pytest.raises(ModelFailed):
        safe.ranked()
    for name in ("fit", "model_", "weights"):
        with pytest.raises(AttributeError):
            getattr(safe, name)

    async def later(cell: int) -> int:
        return cell + 1

    assert asyncio.run(guard_forecast(later, desk.index, desk.required())(1)) == 2
    with pytest.raises(UsageError):
        guard_forecast(risk, desk.index, None)


def test_it_goes_with_the_guard_as_a_reference(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    safe = guard(risk, desk.index, ON, oracle_ok=True, require_certificate=desk.required())
    copied = cloudpickle.loads(cloudpickle.dumps(safe))
    assert copied([{"id": CLEAN[0]}]) == [0.5]
    assert safe.get_params()["require_certificate"] is safe.require_certificate
    desk.model.unlink()  # its digest was taken when the guard was made
    packed = cloudpickle.dumps(safe)
    moved = (desk.folder / "risk.certificate.json").rename(desk.folder / "moved.json")
    with pytest.raises(IncompleteError):
        cloudpickle.loads(packed)
    monkeypatch.setenv("SEALSCRUB_CERTIFICATE", str(moved))
    assert cloudpickle.loads(packed)([{"id": CLEAN[0]}]) == [0.5]


def test_lineage_itself_can_be_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    required = desk.required(untainted=partial(ss.lineage.require_untainted, "risk.joblib"))
    with pytest.raises(ConfigError, match="not an address of a model"):
        guard_forecast(risk, desk.index, required)
