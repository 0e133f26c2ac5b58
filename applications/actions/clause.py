"""The human-rights clause: which version is in force, and a company's answer to it."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from applications.actions.drafting import editing
from applications.events import ClauseAnswered
from applications.models import ClauseAcceptance, ClauseVersion, Proposal
from bpf_portal.core.events import record


def current_clause(language: str, on: date) -> ClauseVersion | None:
    """The newest version in this language that was in force on the day; None before the first."""
    return (
        ClauseVersion.objects.filter(Q(language=language), Q(valid_from__lte=on))
        .order_by("-valid_from", "-version")
        .first()
    )


def answer_clause(
    *,
    actor: User,
    proposal: Proposal,
    expected_version: int,
    clause: ClauseVersion,
    accepted: bool,
    signatory: str,
    function: str,
    legal_representative: bool,
) -> ClauseAcceptance:
    """Store who accepted or refused which text, when, with the SHA-256 of that text.

    A later answer replaces the earlier one, which stays in the history. Raises NotAllowed,
    WrongState or ChangedElsewhere.
    """
    with editing(actor=actor, proposal=proposal, expected_version=expected_version) as locked:
        answer, _created = ClauseAcceptance.objects.update_or_create(
            proposal=locked,
            defaults={
                "clause": clause,
                "sha256": clause.sha256,
                "accepted": accepted,
                "signatory": signatory,
                "function": function,
                "legal_representative": legal_representative,
                "accepted_at": timezone.now(),
                "accepted_by": actor,
                "partner_countersigned": False,
            },
        )
        record(
            ClauseAnswered(
                clause=clause.version,
                sha256=clause.sha256,
                accepted=accepted,
                signatory=signatory,
            ),
            about=locked,
            actor=actor,
        )
    return answer
