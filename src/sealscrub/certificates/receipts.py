"""Personal exclusion receipts: some 1.5 KB that prove that one identifier is not in a certified dataset.

The certificate holds the root of a Merkle tree over the keyed values of all identifiers in the clean dataset,
sorted. A receipt shows the two neighbours between which the person's value would be, and that they are side by
side. It proves that this identifier, in its canonical form, is in no row's key column of that scheme. It does not
prove that no one described the arrest in other words, nor that the tree was built from the data: that is the signer's
word until an auditor who has the data and the signer's file of receipts builds it again (``sealscrub verify --data …
--receipts …``). It proves nothing if keys that could not be read were accepted: the tree does not hold them.

The secret under which values are keyed is random for each certificate. By default it is in the receipt, so it
can be checked without the registry: anyone who holds such a receipt can test guesses against its two neighbours, and
against nothing else. In verifiable mode (:mod:`.verifiable`) the receipt proves its own value instead, and the secret
stays with the signer: no one else can test a guess.
"""

from __future__ import annotations

import base64
import bisect
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sealscrub.errors import InvalidCertificate, KeyFileError, UnreadableInput, UsageError
from sealscrub.file_system import readable
from sealscrub.identifiers import canonicalise_one, get_scheme

from .merkle import HASH_BYTES, Inclusion, Tree, check_inclusion, leaf_hash
from .statement import Statement
from .statement_values import ReceiptTree
from .verifiable_receipts import ANSWER_BYTES, Evaluator, check_evaluation

__all__ = ["Receipts", "make_receipt", "verify_receipt"]

_MAGIC, _VERIFIABLE = b"sealscrub receipts 1\n", b"sealscrub receipts 2\n"
_SECRET_BYTES = 32
_GOVERNED = ""
"""Where the terms are among the schemes: none is called so, and a version that knows no terms refuses the file."""
PROVES = (
    "This proves that the identifier is not among the keys of the certified dataset. Anyone who holds this receipt can "
    "test guesses against its two neighbours. It does not prove that the arrest is described nowhere in other words."
)
PROVES_VERIFIABLY = (
    "This proves that the identifier is not among the keys of the certified dataset. Its holder can test no guesses: "
    "the secret stays with the signer. It does not prove that the arrest is described nowhere in other words."
)


@dataclass(frozen=True, eq=False, repr=False)
class Receipts:
    """What receipts are made from: for each scheme a secret tree. It stays with the signer.

    Parameters
    ----------
    secret : bytes
        32 random bytes of this certificate.
    values : dict of str to list of bytes
        Sorted keyed values by scheme.
    verifiable : bool
        Whether receipts prove their value, in the place of carrying the secret.
    custody : str
        Terms, as :meth:`sealscrub.custodian.custody.Terms.to_text` writes them; empty if no roster governs who
        makes receipts.

    Examples
    --------
    >>> receipts = Receipts.over({"arrest_number": [pl.Series(["M14000017", None])]})
    >>> [(tree.scheme, tree.size) for tree in receipts.trees()]
    [('arrest_number', 1)]
    """

    secret: bytes
    values: dict[str, list[bytes]]
    verifiable: bool = False
    custody: str = ""

    @classmethod
    def over(
        cls, keys: dict[str, Iterable[pl.Series]], *, verifiable: bool = False, secret: bytes | None = None
    ) -> Receipts:
        """Build the trees over canonical key columns, by scheme; under a new secret, or to compare under a known one.

        Raises
        ------
        MissingExtra
            When verifiable mode is asked for and its packages are not installed.
        """
        secret = secrets.token_bytes(_SECRET_BYTES) if secret is None else secret
        keyed = _values_under(secret, verifiable=verifiable)
        values = {}
        for scheme, columns in sorted(keys.items()):
            ids = {value for column in columns for value in column.drop_nulls().unique().to_list()}
            values[scheme] = sorted(keyed(scheme, value) for value in ids)
        return cls(secret, values, verifiable)

    def trees(self) -> tuple[ReceiptTree, ...]:
        """What the certificate says about them."""
        public = Evaluator(self.secret).public_key.hex() if self.verifiable else None
        return tuple(
            ReceiptTree(scheme=scheme, root=_tree(values).root.hex(), size=len(values), public_key=public)
            for scheme, values in self.values.items()
        )

    def to_bytes(self) -> bytes:
        """Write them for the signer's own file, 0600."""
        governed: dict[str, int | str] = {_GOVERNED: self.custody} if self.custody else {}
        head = json.dumps({scheme: len(values) for scheme, values in self.values.items()} | governed).encode()
        body = b"".join(value for values in self.values.values() for value in values)
        magic = _VERIFIABLE if self.verifiable else _MAGIC
        return magic + self.secret + len(head).to_bytes(4, "little") + head + body

    @classmethod
    def from_file(cls, path: str | Path) -> Receipts:
        """Read them back.

        Raises
        ------
        KeyFileError
            When they are under custody: :func:`sealscrub.custodian.custody.open_receipts` opens them.
        UnreadableInput
            When the file cannot be read, or is truncated.
        """
        receipts = read_receipts(path)
        if receipts.custody:
            raise KeyFileError(
                "is under custody", where=str(path), hint="sealscrub.custodian.custody.open_receipts opens it."
            )
        return receipts

    def __repr__(self) -> str:
        return f"Receipts({', '.join(self.values)})"


def read_receipts(path: str | Path) -> Receipts:
    """Read what receipts are made from, for the door that keeps it."""
    with readable(path):
        content = Path(path).read_bytes()
    try:
        start = len(_MAGIC) + _SECRET_BYTES + 4
        size = int.from_bytes(content[start - 4 : start], "little")
        counts: dict[str, Any] = json.loads(content[start : start + size])
        custody = str(counts.pop(_GOVERNED, ""))
        body = content[start + size :]
        whole = content.startswith((_MAGIC, _VERIFIABLE)) and len(body) == HASH_BYTES * sum(counts.values())
    except (ValueError, AttributeError, TypeError):
        whole = False
    if not whole:
        raise UnreadableInput("is not a file of receipts, or is truncated", where=str(path))
    values, at = {}, 0
    for scheme, count in counts.items():
        values[scheme] = [body[i : i + HASH_BYTES] for i in range(at, at + count * HASH_BYTES, HASH_BYTES)]
        at += count * HASH_BYTES
    return Receipts(content[len(_MAGIC) : start - 4], values, content.startswith(_VERIFIABLE), custody)


def make_receipt(receipts: Receipts, scheme: str, identifier: str) -> bytes:
    """Make the receipt of one identifier.

    Parameters
    ----------
    receipts : Receipts
        The trees of one dataset.
    scheme : str
    identifier : str
        In any spelling that the scheme reads; of a key of several columns, its parts with plus signs between them.

    Raises
    ------
    UsageError
        When it is in the dataset (there is nothing to prove then), does not parse, or there is no tree of its scheme.

    Examples
    --------
    >>> receipts = Receipts.over({"arrest_number": [pl.Series(["M14000017"])]})
    >>> receipt = make_receipt(receipts, "arrest_number", "k14-612345")
    >>> json.loads(receipt)["scheme"]
    'arrest_number'
    """
    name = get_scheme(scheme).name
    if name not in receipts.values:
        raise UsageError(f"no receipts for the scheme {name}", hint=f"there is one of {', '.join(receipts.values)}.")
    values = receipts.values[name]
    canonical = canonicalise_one(identifier, name)
    value = _values_under(receipts.secret, verifiable=receipts.verifiable)(name, canonical)
    at = bisect.bisect_left(values, value)
    if at < len(values) and values[at] == value:
        raise UsageError(
            "the identifier is in the dataset: there is nothing to prove",
            hint="that is right if its record is not sealed. If it is, scrub with a newer index, and certify again.",
        )
    tree = _tree(values)
    beside = [place for place in (at - 1, at) if 0 <= place < len(values)]
    receipt: dict[str, Any] = {
        "sealscrub": "receipt",
        "version": 2 if receipts.verifiable else 1,
        "scheme": name,
        "root": tree.root.hex(),
        "size": len(values),
        "secret": _text(receipts.secret),
        "neighbours": [_neighbour(tree, values, place) for place in beside],
        "proves": PROVES,
    }
    if receipts.verifiable:
        del receipt["secret"]
        receipt["evaluation"] = _text(Evaluator(receipts.secret).prove(_content(name, canonical)))
        receipt["proves"] = PROVES_VERIFIABLY
    return (json.dumps(receipt, separators=(",", ":")) + "\n").encode()


def verify_receipt(receipt: bytes, identifier: str, statement: Statement) -> None:
    """Check that a receipt proves that an identifier is not in a certified dataset.

    Parameters
    ----------
    receipt : bytes
    identifier : str
        In any spelling of its scheme.
    statement : Statement
        Of the verified certificate.

    Raises
    ------
    InvalidCertificate
        When it does not; says why.

    Examples
    --------
    >>> from sealscrub.certificates import load_signer
    >>> from sealscrub.datasets import example_index
    >>> from sealscrub.identifiers import generate_certifier
    >>> from sealscrub.validators.certification import certify
    >>> signer = load_signer(generate_certifier("team.key")[0])
    >>> data, index = pl.DataFrame({"arrest_no": ["M14000017"]}), example_index(["K14612345"])
    >>> issued = certify(data, index, {"arrest_number": "arrest_no"}, signer=signer, receipts=True)
    >>> receipt = make_receipt(issued.receipts, "arrest_number", "K14612345")
    >>> verify_receipt(receipt, "k14-612345", issued.statement)
    """
    if {"near", "unparsable"} & set(statement.predicate.accepted):
        raise InvalidCertificate(
            "no receipt proves an absence: the certified dataset holds keys that could not be read",
            hint="ask for a certificate without accepted near or unparsable keys.",
        )
    facts = _read(receipt)
    scheme, size = facts["scheme"], facts["size"]
    tree = next((each for each in statement.predicate.receipts if each.scheme == scheme), None)
    if tree is None or tree.root != facts["root"] or tree.size != size:
        raise InvalidCertificate("the receipt belongs to another certificate")
    canonical = canonicalise_one(identifier, scheme)
    if facts["version"] == 1 and tree.public_key is None:
        value = _keyed_digest(facts["secret"], scheme, canonical)
    elif facts["version"] == 2 and tree.public_key is not None:
        public = bytes.fromhex(tree.public_key)
        value = check_evaluation(public, _content(scheme, canonical), facts["evaluation"])
    else:
        raise InvalidCertificate("the receipt is of another kind than its certificate's")
    root = bytes.fromhex(tree.root)
    if size == 0:
        if facts["neighbours"] or root != Tree(np.zeros((0, HASH_BYTES), np.uint8)).root:
            raise InvalidCertificate("the receipt contradicts itself")
        return
    places = []
    for beside, proof in facts["neighbours"]:
        if not check_inclusion(root, leaf_hash(beside), proof, size):
            raise InvalidCertificate("a neighbour in the receipt is not in the certified tree")
        places.append((proof.position, beside))
    _check_gap(places, value, size)


def said_by(receipt: bytes) -> str:
    """Say what a verified receipt proves, and what not."""
    return PROVES if _read(receipt)["version"] == 1 else PROVES_VERIFIABLY


def _check_gap(places: list[tuple[int, bytes]], value: bytes, size: int) -> None:
    """The value is between two leaves side by side, or before the first, or after the last."""
    if len(places) == 2:
        (left, below), (right, above) = places
        fits = right == left + 1 and below < value < above
    elif len(places) == 1:
        ((at, beside),) = places
        fits = (at == 0 and value < beside) or (at == size - 1 and value > beside)
    else:
        fits = False
    if not fits:
        raise InvalidCertificate(
            "the receipt does not prove that this identifier is absent",
            hint="check that it is the receipt of this identifier.",
        )


def _read(receipt: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(receipt[: 1 << 16])
        proof, size = {1: ("secret", _SECRET_BYTES), 2: ("evaluation", ANSWER_BYTES)}[facts["version"]]
        well_formed = facts["sealscrub"] == "receipt" and isinstance(facts["size"], int)
        facts[proof] = base64.b64decode(facts[proof], validate=True)
        well_formed = well_formed and len(facts[proof]) == size
        facts["neighbours"] = [
            (
                base64.b64decode(each["value"], validate=True),
                Inclusion(int(each["position"]), _split(base64.b64decode(each["path"], validate=True))),
            )
            for each in facts["neighbours"]
        ]
        facts["scheme"] = get_scheme(str(facts["scheme"])).name
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        well_formed = False
    if not well_formed:
        raise InvalidCertificate("this is not a sealscrub receipt")
    checked: dict[str, Any] = facts
    return checked


def _split(path: bytes) -> tuple[bytes, ...]:
    return tuple(path[at : at + HASH_BYTES] for at in range(0, len(path), HASH_BYTES))


def _neighbour(tree: Tree, values: list[bytes], place: int) -> dict[str, Any]:
    proof = tree.inclusion(place)
    return {"position": place, "value": _text(values[place]), "path": _text(b"".join(proof.path))}


def _values_under(secret: bytes, *, verifiable: bool) -> Callable[[str, str], bytes]:
    """Give the function from scheme and canonical identifier to value."""
    if not verifiable:
        return lambda scheme, value: _keyed_digest(secret, scheme, value)
    evaluator = Evaluator(secret)
    return lambda scheme, value: evaluator.value(_content(scheme, value))


def _keyed_digest(secret: bytes, scheme: str, value: str) -> bytes:
    return hmac.digest(secret, _content(scheme, value), "sha256")


def _content(scheme: str, value: str) -> bytes:
    return scheme.encode() + b"\x00" + value.encode()


def _tree(values: list[bytes]) -> Tree:
    leaves = b"".join(leaf_hash(value) for value in values)
    return Tree(np.frombuffer(leaves, np.uint8).reshape(-1, HASH_BYTES))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
