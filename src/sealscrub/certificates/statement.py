"""What a certificate says: an in-toto statement about a dataset, a model, or both.

Everything in it would be the same, but for time, nonce and commitment, had the sealed records never been in the raw
data: it names no count of what was removed, and no digest of what was not clean. The number of a lake table's version
counts its commits, that of a scrub in place among them.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from sealscrub.errors import InvalidCertificate

from .canonical_json import canonical
from .statement_plausibility import nonsense
from .statement_values import PREDICATE_TYPE, STATEMENT_TYPE, StatementValues

__all__ = ["Statement", "certificate_schema"]


class Statement(StatementValues):
    """An in-toto Statement v1 with our predicate.

    Examples
    --------
    What this release does not know is refused:

    >>> Statement.read({"predicateType": "https://example.com/other/v1"})
    Traceback (most recent call last):
    ...
    sealscrub.errors.InvalidCertificate: it is a statement of another kind
    ...
    """

    @classmethod
    def read(cls, document: Any) -> Statement:
        """Read a statement.

        Raises
        ------
        InvalidCertificate
            When it is of another type, or says what this release does not know: that is never passed over.
        """
        if isinstance(document, dict) and document.get("predicateType") != PREDICATE_TYPE:
            raise InvalidCertificate("it is a statement of another kind", hint=f"this release reads {PREDICATE_TYPE}.")
        try:
            statement = cls.model_validate_json(_canonical_bytes(document))
        except (ValidationError, ValueError) as error:
            raise InvalidCertificate(f"its statement does not fit the schema{_places(error)}") from None
        if statement.type != STATEMENT_TYPE or not statement.subject:
            raise InvalidCertificate("it is a statement of another kind, or about nothing")
        fault = nonsense(statement)
        if fault:
            raise InvalidCertificate(f"its statement is impossible: {fault}", hint="ask its signer.")
        return statement


def certificate_schema() -> dict[str, Any]:
    """JSON schema of the statement, for tools that read certificates without sealscrub.

    Examples
    --------
    >>> sorted(certificate_schema()["required"])
    ['predicate', 'subject']
    """
    return Statement.model_json_schema(by_alias=True)


def _canonical_bytes(document: Any) -> bytes:
    return canonical(document)


def _places(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return ""
    places = [".".join(str(part) for part in each["loc"]) for each in error.errors(include_input=False)][:3]
    return ": " + ", ".join(re.sub(r"[^\w.]", "?", place) for place in places)
