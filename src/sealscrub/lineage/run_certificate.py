"""A certificate among the artifacts of a run: the signed file, and the page to read."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sealscrub.certificates import Certificate, open_certificate
from sealscrub.certificates.certificate_report import CertificateReport
from sealscrub.errors import ConfigError

from .lineage_graph import RunGraph, run_graph
from .run_record import client_of, tracked
from .run_summary import describe_run

__all__ = ["log_certificate"]


def log_certificate(
    run_id: str, certificate: str | Path, public_key: str | Path, *, tracking_uri: str | None = None
) -> str:
    """Log the certificate of a run's data as artifacts: ``sealscrub/NAME.certificate.json``, and ``….html`` to read.

    Parameters
    ----------
    run_id : str
    certificate : str or Path
        The signed file.
    public_key : str or Path
        The signer's public key in PEM: what it did not sign is not logged.
    tracking_uri : str, optional
        Of the tracking store; by default MLflow's own.

    Returns
    -------
    str
        Name of the dataset that it is about.

    Raises
    ------
    InvalidCertificate
        When it is not what the holder of that key signed.
    ConfigError
        When it is about none of the run's data, or about another index.
    UsageError
        When the run does not exist, or a file cannot be read.
    IncompleteError
        When the tracking store refuses.

    Examples
    --------
    >>> log_certificate("0" * 32, "clean.certificate.json", "team.key.pub", tracking_uri="sqlite:///absent.db")
    Traceback (most recent call last):
    ...
    sealscrub.errors.UnreadableInput: the tracking store does not exist
    ...
    """
    graph, client = run_graph(run_id, tracking_uri=tracking_uri), client_of(tracking_uri)
    name = _dataset_of(open_certificate(certificate, public_key), graph)
    with tempfile.TemporaryDirectory(prefix="sealscrub-") as folder:
        place = Path(folder) / f"{name}.certificate.json"
        place.write_bytes(Path(certificate).read_bytes())
        copied = open_certificate(place, public_key)  # the file may have changed since
        _dataset_of(copied, graph)
        CertificateReport(copied.statement, copied.key_id).save(place.with_suffix(".html"))
        with tracked("take the certificate"):
            client.log_artifacts(run_id, folder, "sealscrub")
            describe_run(client, run_id)
    return name


def _dataset_of(certificate: Certificate, graph: RunGraph) -> str:
    content = certificate.statement.content()
    about = [each for each in graph.datasets if content and str(each["digest"]).rpartition(":")[2] == content]
    if not about:
        raise ConfigError(
            "the certificate is about other data than the run's", hint="certify what was logged, and log that."
        )
    if certificate.statement.predicate.index.id != graph.tags.get("sealscrub.index"):
        raise ConfigError(
            "the certificate is about another index than the run's", hint="certify the data against the same index."
        )
    return str(about[0]["name"])
