"""Gives the company's pages the published decisions, with the address of their letters."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from accounts.access import Visitor
from applications.models import Proposal
from applications.views.outcome import Outcome, register_outcome_provider
from reviews.models import TOLD, Decision, DecisionKind, DecisionState

FAVOURABLE = frozenset((DecisionKind.SHORTLISTED, DecisionKind.SELECTED))


def published_decisions(
    user: Visitor, proposals: Sequence[Proposal]
) -> Mapping[int, Sequence[Outcome]]:
    """By proposal id, the published decisions that `user` may see, oldest first, those included
    that were corrected since. One query."""
    rows = (
        Decision.objects.visible_to(user)
        .filter(state__in=TOLD, submission__proposal__in=[proposal.pk for proposal in proposals])
        .order_by("published_at", "pk")
        .values_list(
            "submission__proposal_id",
            "submission__stage",
            "kind",
            "published_at",
            "amount",
            "conditions",
            "letter__reference",
            "letter__issued_at",
            "state",
            "correction_reason",
        )
    )
    outcomes: dict[int, list[Outcome]] = {}
    for (
        proposal_id,
        stage,
        kind,
        published_at,
        amount,
        conditions,
        letter,
        issued_at,
        *more,
    ) in rows:
        state, correction_reason = more
        assert published_at is not None  # noqa: S101 - a CHECK constraint says so
        outcomes.setdefault(proposal_id, []).append(
            Outcome(
                stage=stage,
                kind=kind,
                label=DecisionKind(kind).label,
                published_at=published_at,
                amount=amount,
                conditions=conditions,
                letter_url=reverse("letters:download", args=[letter]) if letter else "",
                letter_issued_at=issued_at,
                favourable=kind in FAVOURABLE,
                replaced=state == DecisionState.REPLACED,
                correction_reason=correction_reason,
            )
        )
    return outcomes


register_outcome_provider(published_decisions)
