"""What an auditor sees first: the latest decisions, conflicts of interest, and what happened."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.models import User
from applications.models import Submission
from bpf_portal.core.models import Event
from reviews.admin.history import Happening, happening
from reviews.admin.wording import conflict_badge, decision_badge
from reviews.models import Conflict, ConflictState, Decision

SHOWN = 8
#: What people decided, of all that happens to proposals.
TOLD = (
    "EligibilityConfirmed",
    "EligibilityReconsidered",
    "ExclusionProposed",
    "ExclusionDismissed",
    "FindingDecided",
    "ReviewersAssigned",
    "ReviewTakenBack",
    "ScoresReopened",
    "DecisionPrepared",
    "DecisionConfirmed",
    "DecisionSentBack",
    "DecisionPublished",
    "CorrectionPrepared",
    "CorrectionDropped",
    "DecisionReplaced",
)
#: Of so many events the newest that this person may see are shown.
LOOKED_AT = 4 * SHOWN


@dataclass(frozen=True)
class About:
    """Something that happened to a proposal."""

    submission: Submission
    happening: Happening


def for_auditor(user: User) -> dict[str, Any]:
    """Five queries."""
    decisions = Decision.objects.visible_to(user).select_related(
        "submission", "prepared_by", "confirmed_by"
    )
    conflicts = Conflict.objects.visible_to(user)
    standing = dict(
        conflicts.order_by().values_list("state").annotate(n=Count("pk")).values_list("state", "n")
    )
    newest = conflicts.select_related("person", "proposal")[:SHOWN]
    return {
        "decisions": [
            (each, decision_badge(each.state))
            for each in decisions.defer("submission__document", "submission__search")[:SHOWN]
        ],
        "conflicts": [(each, conflict_badge(each.state)) for each in newest],
        "conflict_counts": [
            (conflict_badge(state), standing.get(state, 0)) for state in ConflictState.values
        ],
        "happenings": _happenings(user),
    }


def _happenings(user: User) -> list[About]:
    events = list(
        Event.objects.filter(name__in=TOLD).select_related("actor").order_by("-id")[:LOOKED_AT]
    )
    found = (
        Submission.objects.visible_to(user)
        .only("reference", "title")
        .in_bulk({_submission_of(each) for each in events})
    )
    told = [
        About(found[_submission_of(each)], happening(each))
        for each in events
        if _submission_of(each) in found
    ]
    return told[:SHOWN]


def _submission_of(event: Event) -> int:
    """The submission's own events, or those that name one."""
    if event.aggregate == "submission":
        return event.aggregate_id
    return int(event.details.get("submission") or 0)
