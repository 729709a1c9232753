"""Ways round the door that somebody inside has tried: another account's number, names in the clear, refusals."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sealscrub.custodian.custody import Kind, account
from sealscrub.custodian.registry import Registry
from sealscrub.errors import AccessDenied
from sealscrub.identifiers import generate_keys, load_key, load_publisher

from .conftest import OTHER, SEALED, Custodian, listed

ASKED = "from sealscrub.custodian.custody import account; print(account())"


def as_another(*options: str) -> str:
    """Ask for the account in a user namespace of one's own, in which it has the number of another."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, *options, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    command = [unshare, *options, sys.executable, "-c", ASKED]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_a_user_namespace_gives_nobody_anothers_name() -> None:
    assert as_another("--user", "--map-user=65534") == "userns-65534"
    assert as_another("--user", "--map-root-user") == "userns-0"
    assert not account().startswith("userns-")


def test_names_that_go_out_in_the_clear_are_called_so_in_the_log(custodian: Custodian, tmp_path: Path) -> None:
    generate_keys(tmp_path / "seal.key")
    keys, publisher = load_key(tmp_path / "seal.key"), load_publisher(tmp_path / "seal.key.publisher")
    custodian.roster(listed("publishing_index", "registry"))
    for plain in (False, True):
        with Registry.open(custodian.place, purpose="publishing_index") as registry:
            registry.publish_text(
                tmp_path / f"names-{plain}",
                keys=keys,
                publisher=publisher,
                uses=["output"],
                audience="police",
                plain=plain,
                allow_empty=True,
            )

    entries = [entry for entry in custodian.log if entry.kind is Kind.PUBLICATION]
    assert [entry.what for entry in entries] == ["publish text", "publish text plain"]


def test_a_refusal_carries_nothing_however_it_is_looked_at(custodian: Custodian) -> None:
    said = []
    for number in (SEALED, OTHER, "M14000009"):
        with Registry.open(custodian.place, purpose="gun_licence") as registry:
            with pytest.raises(AccessDenied) as raised:
                registry.history("arrest_number", number)
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                pickle.dumps(registry)
        error = raised.value
        said.append((str(error), repr(error), error.args, repr(error.__context__), vars(error).keys()))
        assert number not in repr(said[-1])

    assert len({repr(each) for each in said}) == 1
