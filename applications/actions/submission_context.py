"""What the checks must know of one submission besides its call: what people answered about names of
its company, which other proposals are like it, and what company registers said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from applications.actions.checking_context import ContextBuilder
from applications.actions.reference_stamp import shared_builder
from applications.actions.register_asking import answers_about
from applications.actions.similar_proposals import similar_proposals
from applications.checks import CheckContext, Dossier, Resemblance
from applications.models import ClauseAcceptance, MatchState, NameMatch, RuleSet, Submission


def context_of(
    submission: Submission,
    rule_set: RuleSet,
    reference_date: date,
    builder: ContextBuilder | None = None,
) -> CheckContext:
    """The whole context of a submission's check. Raises InvalidParameter as the builder does."""
    general = (builder or shared_builder()).context(submission.call, rule_set, reference_date)
    general = replace(
        general,
        scans=scans_now(submission),
        register_answers=answers_about(submission),
        similar_proposals=similar_proposals(submission),
    )
    return with_answers(general, submission.organisation_id)


def with_answers(context: CheckContext, organisation_id: int) -> CheckContext:
    """The context with what people said about names of this company. One query, none without
    sanctions lists."""
    if not context.sanctions_lists:
        return context
    rows = NameMatch.objects.filter(organisation=organisation_id).exclude(state=MatchState.OPEN)
    answers = {
        Resemblance(folded, source, reference, fingerprint): state
        for folded, source, reference, fingerprint, state in rows.values_list(
            "folded", "source", "reference", "fingerprint", "state"
        )
    }
    return replace(
        context,
        cleared=frozenset(key for key, state in answers.items() if state == MatchState.CLEARED),
        confirmed=frozenset(key for key, state in answers.items() if state == MatchState.CONFIRMED),
    )


def with_countersignature(dossier: Dossier, submission: Submission) -> Dossier:
    """The dossier as the local partners have countersigned its clause since the hand-in. One query.

    Only what was signed counts: another answer of the lead's asks the partners anew."""
    clause = dossier.due_diligence.clause
    if clause is None:
        return dossier
    signed = ClauseAcceptance.objects.filter(
        proposal=submission.proposal_id, sha256=clause.sha256, partner_countersigned=True
    ).exists()
    clause = replace(clause, partner_countersigned=signed)
    return replace(dossier, due_diligence=replace(dossier.due_diligence, clause=clause))


def scans_now(submission: Submission) -> dict[str, str]:
    """What the virus scanner says today of each file handed in, by the file's SHA-256.

    The frozen document keeps what was known at the hand-in. Of two files alike the worse counts.
    """
    return worst_scans(submission.documents.order_by().values_list("sha256", "scan"))


def worst_scans(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By hash, of two files alike the worse."""
    worst_last = ("clean", "unscanned", "pending", "infected")
    return dict(sorted(found, key=lambda file: worst_last.index(file[1])))
