"""Handing in: the last look, and the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from applications.access import may_submit
from applications.actions.completeness import Missing, fetch_for_document
from applications.actions.dossier_document import current_documents
from applications.actions.last_look import LastLook, last_look
from applications.actions.open_sections import open_correction
from applications.actions.submitting import (
    Incomplete,
    NothingCorrected,
    ShownOtherwise,
    submit,
)
from applications.forms.choices import Choices
from applications.forms.handing_in import HandInForm, seal, unseal
from applications.models import Call, CorrectionRequest, Document, Proposal, Submission
from applications.views.access import own_proposal, person
from applications.views.budget_figures import BudgetFigures
from applications.views.difference import differences
from applications.views.reading import read
from applications.views.reading_parts import Reading
from applications.views.section_titles import SECTION_TITLES
from bpf_portal.core.access import Text, require
from bpf_portal.core.states import WrongState

NOT_READ = _("Read the whole proposal first: it stands below. Then hand it in.")


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
    """Everything as it will be sent, with the button; handing in twice leads to one receipt.

    The page carries the document that it shows. What changed since is shown before it is sent.
    """
    user = person(request)
    proposal = own_proposal(user, reference)
    correction = open_correction(proposal)
    if request.method == "POST":
        require(may_submit(user, proposal))
        return _hand_in(request, user, proposal, correction)
    if not proposal.is_draft and correction is None:
        return redirect("proposals:detail", proposal.reference)
    return _last_look(request, proposal, correction)


def _hand_in(
    request: HttpRequest, user: User, proposal: Proposal, correction: CorrectionRequest | None
) -> HttpResponse:
    seen = unseal(request.POST.get("seen", ""))
    still_open = proposal.is_draft or correction is not None
    if seen is None and still_open:
        return _last_look(request, proposal, correction, refused=NOT_READ)
    form = HandInForm(_statements(seen), request.POST, language=proposal.language)
    if still_open and not form.is_valid():
        return _last_look(request, proposal, correction, form=form, refused="")
    try:
        submission = submit(actor=user, proposal_id=proposal.pk, seen=seen)
    except Incomplete:
        return _last_look(request, own_proposal(user, proposal.reference), correction, refused="")
    except ShownOtherwise as error:
        now = own_proposal(user, proposal.reference)
        return _last_look(request, now, correction, form=form, refused=error.message, seen=seen)
    except NothingCorrected as error:
        return _last_look(request, proposal, correction, form=form, refused=error.message)
    except WrongState as error:
        messages.warning(request, str(error.message))
        return redirect("proposals:detail", proposal.reference)
    return redirect("proposals:receipt", proposal.reference, submission.stage)


def _statements(document: Mapping[str, Any] | None) -> list[Mapping[str, str]]:
    declarations = ((document or {}).get("extra") or {}).get("declarations") or {}
    return list(declarations.get("statements", ()))


def _last_look(
    request: HttpRequest,
    proposal: Proposal,
    correction: CorrectionRequest | None,
    *,
    form: HandInForm | None = None,
    refused: Text | None = None,
    seen: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """`refused` is None for a first look, else why it was not handed in; `seen` is what the page
    before showed, where that differs from what is written now."""
    fetch_for_document(proposal)
    choices, now = Choices(), timezone.now()
    filed = Submission.objects.get(pk=correction.submission_id) if correction else None
    look = last_look(proposal, person(request), now, correction, filed)
    changed = differences(seen, look.document, choices) if seen and look.document else []
    deadline = None if correction else proposal.call.deadline_of(proposal.stage)
    late = deadline is not None and now > deadline
    context = {
        "proposal": proposal,
        "correction": correction,
        "gaps": gaps_of(look.missing),
        "figures": BudgetFigures.of(proposal),
        "late": late,
        "deadline": deadline,
        "next_call": Call.objects.next_after(proposal.call) if late else None,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
        "refused": refused,
        "changed_since": changed,
        "corrected": differences(filed.document, look.document, choices)
        if filed and look.document
        else [],
        "reading": _reading(proposal, look, filed, correction, choices),
        "form": form or HandInForm(_statements(look.document), language=proposal.language),
        "sealed": seal(look.document) if look.document else "",
    }
    status = HTTPStatus.OK if refused is None else HTTPStatus.UNPROCESSABLE_ENTITY
    if seen is not None:
        status = HTTPStatus.CONFLICT
    return render(request, "proposals/submit.html", context, status=status)


def _reading(
    proposal: Proposal,
    look: LastLook,
    filed: Submission | None,
    correction: CorrectionRequest | None,
    choices: Choices,
) -> Reading | None:
    """The very document that the button freezes, with its files."""
    if look.document is None:
        return None
    files: list[Document] = current_documents(proposal)
    if filed is not None and correction is not None and "documents" not in correction.sections:
        files = list(filed.files)
    return read(look.document, choices, files)


def read_submission(user: User, submission_id: int) -> Reading:
    """The frozen document of one's own submission, as people read it."""
    submission = Submission.objects.visible_to(user).get(pk=submission_id)
    return read(submission.document, Choices(), list(submission.files))
