"""``sealscrub refresh-report``: the custodian's daily drill, timed."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from . import options as opt
from .declarations import formerly, needs, option
from .law_sign import Reviews
from .publish import publisher_beside

if TYPE_CHECKING:
    from sealscrub.custodian.registry import Registry
    from sealscrub.identifiers import AudienceKey, MatchingKey
    from sealscrub.index import Index
    from sealscrub.lineage import DrillStep

__all__ = ["refresh_report"]


def refresh_report(
    place: opt.RegistryPlace,
    *,
    target: Annotated[Path, option("The new index file.", "--output", "-o"), formerly("--index")],
    use: opt.Uses,
    audience: opt.AudienceOption,
    matching: opt.MatchingKeyFile,
    signing_key: opt.OptionalSigningKey = None,
    valid_days: opt.ValidDays = 30,
    no_prints: opt.NoPrints = False,
    notices: Annotated[Path | None, option("New seal notices, registered first.")] = None,
    since: opt.Since = None,
    tracking_uri: opt.TrackingUri = None,
    plan: Annotated[list[Path] | None, option("A plan by which data was scrubbed, to be named. Repeatable.")] = None,
    retrain: opt.Retrain = None,
    certificate: Annotated[opt.OptionalCertificate, needs("--public-key"), needs("--receipts")] = None,
    public_key: Annotated[opt.OptionalPublicKey, needs("--certificate")] = None,
    receipts: Annotated[opt.ReceiptsFile, needs("--receipts-to")] = None,
    receipts_to: Annotated[
        Path | None,
        option("A folder for receipts of the new seals.", metavar="DIR"),
        needs("--certificate"),
    ] = None,
    reviews: Reviews,
    reporting: opt.Reporting,
    members: opt.Members = None,
    annex_key: opt.AnnexKey = None,
    access: opt.RegistryReading,
) -> None:
    """Register notices, publish, ask which models are tainted, list what to train again by which plan, make receipts.

    Each step is timed. What it prints counts seals: it is the operator's copy.

    Exits with 0 when it was done, whatever is to be trained again, 1 when an identifier sealed since is still in the
    data that was certified afterwards.

    Example: sealscrub refresh-report seals.db --notices new.csv -o today.sealindex --since training.sealindex
    --use training --audience police --key-file seal.key --members seals.members --annex-key seal.key.annex
    --tracking-uri sqlite:///mlflow.db --report drill.html
    """
    from sealscrub.certificates import open_certificate, sha256_of
    from sealscrub.custodian.custody import annex_key as custodied
    from sealscrub.custodian.custody import open_receipts
    from sealscrub.identifiers import load_key, load_publisher
    from sealscrub.index import open_index
    from sealscrub.lineage import Drill, DrillStep, run_drill
    from sealscrub.reports import counted

    reporting.check(Drill)
    for each in plan or ():
        sha256_of(each)  # unreadable: nothing is registered or published
    opt.quiet_mlflow()
    keys, reviewed = load_key(matching.key), reviews.days()
    opened = None if certificate is None or public_key is None else open_certificate(certificate, public_key)
    with contextlib.ExitStack() as stack:
        registry = stack.enter_context(access.open(place))
        opened_annex = None
        if annex_key is not None:
            opened_annex = stack.enter_context(custodied(annex_key, purpose=access.purpose, what="refresh report"))
        made_from = None
        if receipts is not None:
            made_from = stack.enter_context(open_receipts(receipts, purpose=access.purpose, what="refresh report"))
        publisher, older = load_publisher(signing_key or publisher_beside(matching.key)), _older(since, keys)
        train = _function(retrain)
        before = [] if notices is None else [_registration_step(registry, notices)]
        start = time.perf_counter()
        published = registry.publish(
            target,
            keys=keys,
            publisher=publisher,
            uses=use,
            audience=audience,
            valid_days=valid_days,
            holds_prints=not no_prints,
            reviewed=reviewed,
        )
        said = f"{counted(published.seals, 'seal')}, epoch {published.epoch} as of {published.as_of}"
        before.append(DrillStep("index", time.perf_counter() - start, said))
        drill = run_drill(
            open_index(target, keys),
            registry,
            since=older,
            members=members,
            annex_key=opened_annex,
            tracking_uri=tracking_uri,
            plans=plan or (),
            retrain=train,
            certificate=opened,
            receipts=made_from,
            receipts_to=receipts_to,
            use=use[0],
            before=before,
        )
    reporting.end(drill, drill.exit_code)


def _older(since: Path | None, keys: MatchingKey | AudienceKey) -> Index | None:
    from sealscrub.index import open_index

    return None if since is None else open_index(since, keys, outdated=True)


def _registration_step(registry: Registry, notices: Path) -> DrillStep:
    from sealscrub.lineage import DrillStep

    start = time.perf_counter()
    added = registry.add(notices)
    said = f"{added.registered:,} registered, {added.known:,} known, epoch {added.epoch}"
    return DrillStep("notices", time.perf_counter() - start, said)


def _function(name: str | None) -> Any:
    """Load the function that trains; what it raises is shown by its type only."""
    if name is None:
        return None
    from sealscrub.errors import IncompleteError

    from .nullity_data import load_function

    function = load_function(name)

    def called(model: Any) -> None:
        try:
            function(model)
        except Exception as error:  # whatever a user's training raises; its text may hold a row
            raise IncompleteError(
                f"the function raised {type(error).__name__}",
                where=model.uri,
                hint="train it by hand, and run this again.",
            ) from None

    return called
