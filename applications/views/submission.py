"""Handing in: the last look, the receipt, and reading what was handed in."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.actions.completeness import Missing, fetch_for_missing, missing
from applications.actions.submitting import Incomplete, submit
from applications.forms.choices import Choices
from applications.models import Call, Proposal, Submission
from applications.views.access import own_proposal, person
from applications.views.budget_figures import BudgetFigures
from applications.views.reading import read
from applications.views.reading_parts import Reading
from applications.views.section_titles import SECTION_TITLES
from applications.views.standing import handed_in_sentence
from bpf_portal.core.access import Text
from bpf_portal.core.states import WrongState


@dataclass(frozen=True)
class Gap:
    """What is missing, with the name of its section."""

    title: Text
    section: str
    message: Text
    anchor: str


def gaps_of(missing_items: list[Missing]) -> list[Gap]:
    return [
        Gap(SECTION_TITLES[item.section], item.section, item.message, item.anchor)
        for item in missing_items
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest, reference: str) -> HttpResponse:
    """The summary with the button; handing in twice leads to the same receipt."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if request.method == "POST":
        return _hand_in(request, user, proposal)
    if not proposal.is_draft:
        return redirect("proposals:detail", proposal.reference)
    return _last_look(request, proposal)


def _hand_in(request: HttpRequest, user: User, proposal: Proposal) -> HttpResponse:
    try:
        submission = submit(actor=user, proposal_id=proposal.pk)
    except Incomplete:
        return _last_look(request, proposal, HTTPStatus.UNPROCESSABLE_ENTITY)
    except WrongState as error:
        messages.warning(request, str(error.message))
        return redirect("proposals:detail", proposal.reference)
    return redirect("proposals:receipt", proposal.reference, submission.stage)


def _last_look(
    request: HttpRequest, proposal: Proposal, status: int = HTTPStatus.OK
) -> HttpResponse:
    fetch_for_missing(proposal, "other_funding")
    deadline = proposal.call.deadline_of(proposal.stage)
    late = deadline is not None and timezone.now() > deadline
    context = {
        "proposal": proposal,
        "gaps": gaps_of(missing(proposal)),
        "figures": BudgetFigures.of(proposal),
        "late": late,
        "deadline": deadline,
        "next_call": Call.objects.next_after(proposal.call) if late else None,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
        "refused": status == HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    return render(request, "proposals/submit.html", context, status=status)


@require_safe
def receipt(request: HttpRequest, reference: str, stage: str) -> HttpResponse:
    """What was handed in, when, and the hash that proves it."""
    user = person(request)
    proposal = own_proposal(user, reference)
    submission = get_object_or_404(
        Submission.objects.visible_to(user).select_related("submitted_by", "call"),
        proposal=proposal,
        stage=stage,
    )
    context = {
        "proposal": proposal,
        "submission": submission,
        "sentence": handed_in_sentence(submission),
        "documents": list(submission.documents.all()),
        "next_call": Call.objects.next_after(submission.call) if submission.late else None,
    }
    return render(request, "proposals/receipt.html", context)


def read_submission(user: User, submission_id: int) -> Reading:
    """The frozen document of one's own submission, as people read it."""
    submission = Submission.objects.visible_to(user).get(pk=submission_id)
    return read(submission.document, Choices(), list(submission.documents.all()))
