"""A correction that the facility asks for, as the company reads it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.actions.completeness import fetch_for_document
from applications.actions.last_look import last_look
from applications.forms.choices import Choices
from applications.models import (
    CorrectionRequest,
    CorrectionState,
    Proposal,
    ProposalState,
    SubmissionRevision,
)
from applications.views.access import own_proposal, person
from applications.views.difference import PartChange, differences
from applications.views.section_titles import SECTION_TITLES


@require_safe
def correction(request: HttpRequest, reference: str, correction_id: int) -> HttpResponse:
    """What is asked, until when, where it stands, and what differs from what was filed."""
    user = person(request)
    proposal = own_proposal(user, reference)
    asked = get_object_or_404(
        CorrectionRequest.objects.visible_to(user).select_related("submission"),
        pk=correction_id,
        submission__proposal=proposal,
    )
    is_open = asked.state == CorrectionState.OPEN and not asked.is_over()
    context: dict[str, Any] = {
        "proposal": proposal,
        "correction": asked,
        "is_open": is_open,
        "is_over": asked.state == CorrectionState.OPEN and not is_open,
        "sections": [(section, SECTION_TITLES[section]) for section in asked.sections],
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
        "changes": _changes(request, proposal, asked),
    }
    return render(request, "proposals/correction.html", context)


def _changes(
    request: HttpRequest, proposal: Proposal, asked: CorrectionRequest
) -> Sequence[PartChange]:
    """For an answered request what was corrected; else what is written and not handed in."""
    filed = asked.submission
    if asked.state == CorrectionState.ANSWERED:
        return answered_changes(asked)
    states = (ProposalState.SUBMITTED, ProposalState.CONCLUDED)
    still_there = proposal.state in states and proposal.stage == filed.stage
    if not still_there or filed.corrections.filter(pk__gt=asked.pk).exists():
        return []
    fetch_for_document(proposal)
    look = last_look(proposal, person(request), timezone.now(), asked, filed)
    return differences(filed.document, look.document, Choices()) if look.document else []


def answered_changes(asked: CorrectionRequest) -> list[PartChange]:
    """What the hand-in that answered this request changed."""
    number = asked.revision.number
    before, after = SubmissionRevision.objects.filter(
        submission=asked.submission_id, number__in=(number - 1, number)
    ).order_by("number")
    return differences(before.document, after.document, Choices())
