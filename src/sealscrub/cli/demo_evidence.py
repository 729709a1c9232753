"""The demo's evidence: expectations, certificates, and what a new seal does to them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from sealscrub.atomic_write import placed_file
from sealscrub.certificates import State
from sealscrub.errors import UsageError

from .demo_story import EARLIER, INDEX

if TYPE_CHECKING:
    from sealscrub.validators.certification import Verification

    from .demo_model import Trained, Vendor

__all__ = ["HEADER", "Evidence"]

HEADER = "seal_id,event,regime,effective_from,notified_on,basis,arrest_number"


class Evidence:
    """What is shown to those who were absent."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor, self.story = vendor, vendor.story
        self.folder: Path = vendor.folder

    def expectations(self, trained: Trained) -> None:
        """Make suites for the training data and each table of the plan, and run those over what was scrubbed."""
        title = "Great Expectations check the scrubbed estate and the training data"
        if self.story.missing("great_expectations"):
            self.story.skip(title, "Great Expectations", "gx")
            return
        with warnings.catch_warnings():  # of what else is installed
            warnings.simplefilter("ignore")
            from sealscrub.gx import run_suite
        from sealscrub.validators.expectation_suites import plan_suites

        plan, clean = self.folder / "estate" / "sealscrub.toml", self.folder / "clean"
        suites = self.folder / "suites"
        suites.mkdir()
        made, ran = plan_suites(self.story.plan, written=str(plan), root=str(clean)), 0
        index = trained.index
        for name, suite in made.items():
            (suites / f"{name}.json").write_text(json.dumps(suite, indent=2) + "\n", "utf-8")
            outcome = run_suite(suite, self.story.clean(name), index=index, name=name)
            outcome.save(suites / f"{name}.xml")
            ran += len(outcome.results)
            if not outcome.success:
                raise UsageError("an expectation does not hold", where=name)
        self._of_training(trained)
        self.story.say(
            title,
            f"The plan gives {len(made)} suites (suites/), with {ran} expectations: no sealed record, keys that can "
            "be read, derived columns that their recipes return, an index that is fresh. All hold, and so do those "
            "for the training data (training.json). Results carry verdicts and no counts, and may travel.",
        )

    def _of_training(self, trained: Trained) -> None:
        """Run the suite for training data, and keep what it came to with the data."""
        from sealscrub.gx import run_suite
        from sealscrub.validators.expectation_suites import ready_suites

        suite = ready_suites()["training_table"]
        (self.folder / "suites" / "training.json").write_text(json.dumps(suite, indent=2) + "\n", "utf-8")
        outcome = run_suite(suite, pl.read_parquet(trained.data), index=trained.index, name=trained.data.parent.name)
        if not outcome.success:
            raise UsageError("an expectation does not hold", where=str(trained.data))
        trained.expectations.append(outcome)

    def certify(self, trained: Trained) -> None:
        """Sign a certificate about the clean data and the model."""
        from sealscrub.identifiers import generate_certifier

        generate_certifier(self.folder / "team.key")
        self._certify(trained)
        about = "training data" if trained.model is None else "training data and the model"
        self.story.say(
            "A certificate is signed",
            f"model-1/certificate.json says about the {about}: checked against this index, no record found, the code "
            "passes the nullity test. It would be the same, but for time and chance, had the sealed arrests never "
            "been. certificate.html is for reading; the annex, with counts, is for the custodian alone.",
            "model-1/certificate.html",
        )

    def _certify(self, trained: Trained) -> None:
        from sealscrub.certificates import load_signer
        from sealscrub.certificates.certificate_report import CertificateReport
        from sealscrub.identifiers import load_key
        from sealscrub.validators.certification import certify

        signer = load_signer(self.folder / "team.key")
        issued = certify(
            trained.data,
            trained.index,
            self.vendor.pipeline.KEYS,
            signer=signer,
            models=[trained.model] if trained.model is not None else [],
            name=trained.data.name,
            nullity=self.vendor.nullity,
            annex_key=load_key(self.folder / "seal.key").annex_public_key,
        )
        place = trained.data.parent
        (place / "certificate.json").write_bytes(issued.certificate)
        CertificateReport(issued.statement, signer.key_id).save(place / "certificate.html")
        if issued.annex is not None:
            with placed_file(place / "certificate.annex", mode=0o600) as file:
                file.write(issued.annex)

    def seal_another(self, trained: Trained) -> None:
        """Let a notice come for an arrest that the model was trained on, and publish an index that has it.

        It takes the place of the earlier index, which is kept to compare with: plan and code continue with the new one.
        """
        from sealscrub.custodian.registry import Registry
        from sealscrub.identifiers import load_key, load_publisher

        number = pl.read_parquet(trained.data)["arrest_no"].drop_nulls()[0]
        day = trained.index.as_of.isoformat()
        notice = ["N1", "sealed", "us-ny/cpl-160.50", day, day, "notice", number.replace("-", "").strip()]
        file = self.folder / "new-notice.csv"
        file.write_text(f"{HEADER}\n{','.join(notice)}\n", "utf-8")
        current = self.folder / INDEX
        current.rename(self.folder / EARLIER)
        with Registry.open(self.folder / "seals.db") as registry:
            registry.add(file)
            registry.publish(
                current,
                keys=load_key(self.folder / "seal.key"),
                publisher=load_publisher(self.folder / "seal.key.publisher"),
                uses=["training", "output"],
                audience="police",
            )
        self.story.say(
            "A new seal comes",
            "A notice (new-notice.csv) seals an arrest that the model was trained on. The custodian registers it and "
            f"publishes the index again, in the same place ({INDEX}); the one before is {EARLIER} now.",
        )

    def scrub_again(self, trained: Trained) -> None:
        """Scrub the estate again by the new index, and check the new training data."""
        self.story.plan.scrub(index=trained.index, output=self.folder / "clean-today")
        self.story.try_out(f"plan check {self.story.place('estate/sealscrub.toml')}")
        self.story.try_out(
            f"scan --plan {self.story.place('estate/sealscrub.toml')} --root {self.story.place('clean-today')}"
        )
        if not self.story.missing("great_expectations"):
            self._of_training(trained)
            opened = f"--index {self.story.place(INDEX)} --key-file {self.story.place('seal.key')}"
            suite, data = self.story.place("suites/training.json"), self.story.place("model-2/training.parquet")
            self.story.try_out(f"expectations run {suite} {data} {opened}")

    def verify(self, before: Trained, after: Trained) -> None:
        """Verify both certificates against the new index: the earlier one no longer holds."""
        self._certify(after)
        old, new = self._verified(before), self._verified(after)
        if not (old.stale and old.levels[2].state is State.FAILED) or new.failed or new.stale:
            raise UsageError("the certificates do not verify as they must", where=str(self.folder))
        reached = ", ".join(f"L{level.number}" for level in new.levels if level.state is State.REACHED)
        self.story.say(
            "The certificates are verified",
            "The first is genuine and fits its data, and no longer holds: a record in them has been sealed since. The "
            f"second holds ({reached}). With the data and the public key an auditor sees that each is genuine; to see "
            "that one no longer holds takes the index and its key too.",
            "model-2/certificate.html",
        )
        certificate, data = self.story.place("model-2/certificate.json"), self.story.place("model-2/training.parquet")
        signer = f"--public-key {self.story.place('team.key.pub')}"
        self.story.try_out(f"verify {certificate} --data {data} {signer}")

    def _verified(self, trained: Trained) -> Verification:
        from sealscrub.certificates import open_certificate
        from sealscrub.validators.certification import verify

        certificate = open_certificate(trained.data.parent / "certificate.json", self.folder / "team.key.pub")
        models = [trained.model] if trained.model is not None else []
        return verify(certificate, data=trained.data, models=models, index=self.vendor.index())
