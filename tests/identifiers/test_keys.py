"""Key files: who may read them, what they refuse, and what derives from what."""

from __future__ import annotations

import copy
import json
import os
import pickle
import pprint
import re
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealscrub.certificates.envelope import load_public_key
from sealscrub.errors import KeyFileError
from sealscrub.identifiers import (
    AudienceKey,
    MatchingKey,
    generate_certifier,
    generate_keys,
    load_annex,
    load_key,
    load_publisher,
    load_recipient,
)

LOADERS: dict[str, Callable[[Path], object]] = {"": load_key, ".publisher": load_publisher, ".annex": load_annex}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return generate_keys(tmp_path / "seal.key")


NAMES = ["seal.key", "seal.key.publisher", "seal.key.annex", "seal.key.publisher.pub", "seal.key.pub"]


def matching(path: Path) -> MatchingKey:
    key = load_key(path)
    assert isinstance(key, MatchingKey)
    return key


def secrets_of(files: list[Path]) -> list[str]:
    facts = [json.loads(file.read_text()) for file in files if file.suffix != ".pub"]
    return [value for fact in facts for name, value in fact.items() if name.endswith(("secret", "private_key"))]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_three_files_that_only_the_owner_reads_and_two_public_ones(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        files = generate_keys(tmp_path / "seal.key")
    finally:
        os.umask(before)
    assert [file.name for file in files] == NAMES
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 3 + [0o644] * 2
    assert len(secrets_of(files)) == 3


def test_the_matching_key_holds_the_public_halves(files: list[Path]) -> None:
    key = matching(files[0])
    assert key.publisher_public_key == load_publisher(files[1]).public_key
    assert key.publisher_public_key == load_public_key(files[3]).public_bytes_raw()
    assert key.annex_public_key == load_recipient(files[4])


@pytest.mark.parametrize("kind", ["absent", "a matching key", "a certifier's", "damaged"])
def test_what_is_no_public_half_is_refused(files: list[Path], tmp_path: Path, kind: str) -> None:
    place = {"a matching key": files[0]}.get(kind, tmp_path / "other.pub")
    if kind == "a certifier's":
        place = generate_certifier(tmp_path / "other")[1]
    elif kind == "damaged":
        place.write_bytes(files[4].read_bytes().replace(b"M", b"-"))
    with pytest.raises(KeyFileError, match=re.escape(str(place))):
        load_recipient(place)


@pytest.mark.parametrize("kind", LOADERS)
def test_a_public_key_is_not_made_private_and_the_key_is_named(files: list[Path], kind: str) -> None:
    public = next(file for file in files if file.name.endswith(".pub"))
    with pytest.raises(KeyFileError, match="is a public key") as refused:
        LOADERS[kind](public)
    assert "chmod" not in refused.value.hint


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o601, 0o610, 0o666])
@pytest.mark.parametrize("kind", LOADERS)
def test_a_key_that_others_can_read_is_refused_with_the_command(files: list[Path], kind: str, mode: int) -> None:
    file = files[list(LOADERS).index(kind)]
    file.chmod(mode)
    with pytest.raises(KeyFileError) as refused:
        LOADERS[kind](file)
    assert f"chmod 600 {file}" in refused.value.hint
    file.chmod(0o400)
    LOADERS[kind](file)


@pytest.mark.parametrize("there", NAMES)
@pytest.mark.parametrize("kind", ["file", "dangling link", "folder"])
def test_nothing_is_overwritten_and_nothing_half_made(tmp_path: Path, there: str, kind: str) -> None:
    taken = tmp_path / there
    if kind == "file":
        taken.write_text("mine")
    elif kind == "folder":
        taken.mkdir()
    else:
        taken.symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileError, match="already"):
        generate_keys(tmp_path / "seal.key")
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_no_folder_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        generate_keys(tmp_path / "absent" / "seal.key")


@pytest.mark.parametrize("kind", LOADERS)
def test_a_key_of_another_kind_is_named(files: list[Path], kind: str) -> None:
    for other in set(LOADERS) - {kind}:
        with pytest.raises(KeyFileError) as refused:
            LOADERS[kind](files[list(LOADERS).index(other)])
        assert (other[1:] or "matching") in refused.value.hint


DAMAGE = {
    "empty": b"",
    "no json": b"{",
    "bytes": b"\xff\xfe\x00",
    "list": b"[1]",
    "number": b"5",
    "deep": b"[" * 60000,
    "kind is a list": b'{"sealscrub": "key", "version": 1, "kind": ["matching"]}',
    "later version": b'{"sealscrub": "key", "version": 2, "kind": "matching"}',
    "no secret": b'{"sealscrub": "key", "version": 1, "kind": "matching"}',
    "not a members": b'{"sealscrub": "key", "version": 1, "kind": "audience"}',
    "secret is a number": b'{"sealscrub": "key", "version": 1, "kind": "matching", "publisher_public_key": 5}',
    "no base64": '{"sealscrub": "key", "version": 1, "kind": "publisher", "private_key": "é"}'.encode(),
    "short": b'{"sealscrub": "key", "version": 1, "kind": "publisher", "private_key": "AAAA"}',
    "pem": b"-----BEGIN PRIVATE KEY-----\n",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("kind", LOADERS)
def test_a_damaged_key_is_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    file = tmp_path / "damaged.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(KeyFileError, match=r"damaged\.key"):
        LOADERS[kind](file)


def test_every_cut_of_a_key_file_is_refused_or_reads_the_same(files: list[Path]) -> None:
    content = files[0].read_bytes()
    whole = matching(files[0]).key_id
    for end in range(len(content)):
        files[0].write_bytes(content[:end])
        try:
            assert matching(files[0]).key_id == whole
        except KeyFileError:
            continue
        assert content[end:].strip() == b""


def test_absent_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.key", tmp_path):
        with pytest.raises(KeyFileError):
            load_key(path)


def test_no_secret_in_any_representation(files: list[Path]) -> None:
    keys = [load(file) for load, file in zip(LOADERS.values(), files[:3], strict=True)]
    key = matching(files[0])
    keys.append(key.for_audience("police"))
    shown = " ".join(f"{one!r} {one} {pprint.pformat(one)} {[one]!r}" for one in keys)
    hidden = [*secrets_of(files), key.secret.hex(), repr(key.secret), key.for_audience("police").secret.hex()]
    assert not [secret for secret in hidden if secret in shown]
    assert key.key_id in shown


def test_no_key_is_pickled_or_copied(files: list[Path]) -> None:
    key = matching(files[0])
    for one in (key, key.for_audience("police"), load_publisher(files[1]), load_annex(files[2])):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="path of its file"):
                pickle.dumps(one, protocol)
        for copied in (copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                copied(one)


def test_audiences_and_schemes_have_keys_of_their_own(files: list[Path]) -> None:
    key = matching(files[0])
    audiences = {name: key.for_audience(name) for name in ("police", "vendor", "researcher")}
    derived = [
        audience.scheme_key(scheme) for audience in audiences.values() for scheme in ("docket", "cjtn", "opaque:a")
    ]
    named = [key.key_id, *(audience.key_id for audience in audiences.values())]
    assert len({*derived, key.secret, *(audience.secret for audience in audiences.values())}) == len(derived) + 4
    assert len(set(named)) == 4
    assert all(len(one) == 32 for one in derived)
    assert not any(name in one.hex() for one in [*derived, key.secret] for name in named)
    assert matching(files[0]).for_audience("police").scheme_key("docket") == derived[0]


def test_a_derived_key_leads_neither_back_nor_aside(files: list[Path], tmp_path: Path) -> None:
    key = matching(files[0])
    handed = tmp_path / "police.key"
    key.save_audience("police", handed)
    assert stat.S_IMODE(handed.stat().st_mode) == 0o600
    loaded = load_key(handed)
    assert isinstance(loaded, AudienceKey)
    assert loaded.scheme_key("docket") == key.for_audience("police").scheme_key("docket")
    assert loaded.key_id == key.for_audience("police").key_id
    assert loaded.publisher_public_key == key.publisher_public_key
    assert secrets_of(files[:1])[0] not in handed.read_text()
    assert loaded.for_audience("police") is loaded
    with pytest.raises(KeyFileError, match="vendor"):
        loaded.for_audience("vendor")
    assert not hasattr(loaded, "save_audience")
    with pytest.raises(KeyFileError):
        key.save_audience("police", handed)


def test_two_keys_share_nothing(tmp_path: Path) -> None:
    a, b = (matching(generate_keys(tmp_path / name)[0]) for name in ("a.key", "b.key"))
    assert a.key_id != b.key_id
    assert a.for_audience("police").scheme_key("docket") != b.for_audience("police").scheme_key("docket")


def test_a_signature_is_bound_to_its_purpose(files: list[Path]) -> None:
    publisher = load_publisher(files[1])
    assert publisher.sign("index", b"x") != publisher.sign("certificate", b"x")
    assert publisher.sign("index", b"x") != publisher.private.sign(b"x")


def test_a_certifier_s_key_is_plain_pem(tmp_path: Path) -> None:
    private, public = generate_certifier(tmp_path / "team.key")
    assert (private.name, public.name) == ("team.key", "team.key.pub")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    secret = serialization.load_pem_private_key(private.read_bytes(), None)
    verifier = serialization.load_pem_public_key(public.read_bytes())
    assert isinstance(secret, Ed25519PrivateKey)
    assert isinstance(verifier, Ed25519PublicKey)
    verifier.verify(secret.sign(b"x"), b"x")
    with pytest.raises(KeyFileError):
        load_key(private)


@pytest.mark.parametrize("there", ["team.key", "team.key.pub"])
def test_a_certifier_s_key_is_not_overwritten_nor_half_made(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(KeyFileError):
        generate_certifier(tmp_path / "team.key")
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_openssl_reads_the_certifier_s_public_key(tmp_path: Path) -> None:
    _, public = generate_certifier(tmp_path / "team.key")
    try:
        read = subprocess.run(
            ["openssl", "pkey", "-pubin", "-in", str(public), "-noout", "-text"],
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert "ED25519" in read.stdout.upper()
