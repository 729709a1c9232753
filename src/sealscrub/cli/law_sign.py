"""``sealscrub law sign``: a signed review of a rule; and how other commands read reviews."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from . import options as opt
from .audit_entries import made, recorded
from .declarations import needs, option
from .remarks import remark

if TYPE_CHECKING:
    from sealscrub.custodian.custody import RuleReview
    from sealscrub.custodian.law.desk import Reviewed

__all__ = ["Reviews", "sign"]


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """Signed reviews of rules, and whose."""

    panel: ClassVar[str] = "Reviews"
    rule_review: Annotated[
        list[Path] | None,
        option("A review that law sign signed. Repeatable.", "--rule-review"),
        needs("--reviewer-key"),
    ] = None
    reviewer_key: Annotated[
        Path | None, option("The reviewer's public key, PEM.", "--reviewer-key"), needs("--rule-review")
    ] = None

    def rules(self) -> dict[str, str]:
        """Rules that were reviewed as they are: by ``RULE@VERSION``, by whom and when."""
        from sealscrub.custodian.law.desk import rules_reviewed

        return rules_reviewed(map(_read, self._current_reviews()))

    def days(self) -> dict[str, dt.date] | None:
        """When these rules were reviewed last, by ``RULE@VERSION``; None if no review was named."""
        if not self.rule_review:
            return None
        days: dict[str, dt.date] = {}
        for each in self._current_reviews():
            days[each.rule] = max(each.date, days.get(each.rule, each.date))
        return days

    def _current_reviews(self) -> list[RuleReview]:
        """Reviews of rules that are as they were then; of others it is said that they count for nothing."""
        if not self.rule_review or self.reviewer_key is None:
            return []
        from sealscrub.certificates.envelope import load_public_key
        from sealscrub.custodian.custody import RuleReview, open_paper
        from sealscrub.custodian.law.desk import rules_reviewed

        public, standing = load_public_key(self.reviewer_key), []
        for path in self.rule_review:
            each = open_paper(RuleReview, path, public)
            if rules_reviewed([_read(each)]):
                standing.append(each)
            else:
                remark(f"{path} does not count: {each.rule} was changed since it was reviewed")
        return standing


def _read(review: RuleReview) -> Reviewed:
    from sealscrub.custodian.law.desk import Reviewed

    return Reviewed(review.rule, review.form, f"{review.reviewer}, {review.date}")


def sign(
    rule: Annotated[str, typer.Argument(metavar="RULE@VERSION", help="The rule's id, from law rules.")],
    reviewer: Annotated[str, option("Who reviewed it: a lawyer's name.", "--reviewer")],
    signing_key: opt.SigningKey,
    output: Annotated[Path, option("The signed review.", "--output", "-o")],
    audit_log: opt.AuditLogFile = None,
) -> None:
    """Sign, as of today (UTC), that a rule was reviewed as it is: any change of its place's rules voids the review.

    Other commands take it with --rule-review and --reviewer-key (the public key). Read the rule before: law rule RULE.

    Example: sealscrub law sign us-ny/cpl-160.50/3c@1 --reviewer "A. Jones" --signing-key court.key -o 3c.json
    """
    from sealscrub.atomic_write import placed_file
    from sealscrub.certificates import load_signer
    from sealscrub.custodian.custody import Entry, Kind, RuleReview, sign_paper
    from sealscrub.custodian.law.desk import rule_form, rule_named
    from sealscrub.errors import UsageError

    form, signer = rule_form(rule_named(rule)), load_signer(signing_key)
    if not 0 < len(reviewer.strip()) <= 200 or not reviewer.isprintable():
        raise UsageError(
            "the reviewer's name is blank, longer than 200 letters, or holds a line end or another control character",
            hint="give the name in one line.",
        )
    today = dt.datetime.now(dt.UTC).date()
    paper = RuleReview(rule=rule, form=form, reviewer=reviewer.strip(), date=today)
    with recorded(audit_log, Entry(kind=Kind.ORDER, what="law sign", digest=form)) as act:
        with placed_file(output, mode=0o644) as file:
            file.write(sign_paper(paper, signer))
        made(act, output)
    remark(f"wrote {output}: {rule}, reviewed by {paper.reviewer} on {today}")
