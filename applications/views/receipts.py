"""Receipts: what was handed in, when, and the hash that proves it; on a page and as PDFs."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from applications.models import Call, Proposal, Receipt, Submission, SubmissionRevision
from applications.receipts.content import moment_with_zone
from applications.views.access import own_proposal, person
from applications.views.dossier_print import dossier_pdf
from applications.views.standing import handed_in_sentence
from bpf_portal.core.jobs import JobState


@require_safe
def receipt(request: HttpRequest, reference: str, stage: str) -> HttpResponse:
    """The receipt of the newest hand-in of a stage, and the earlier ones."""
    user = person(request)
    proposal = own_proposal(user, reference)
    submission = get_object_or_404(
        Submission.objects.visible_to(user).select_related("submitted_by", "call"),
        proposal=proposal,
        stage=stage,
    )
    revisions = list(
        submission.revisions.select_related("submitted_by", "receipt")
        .defer("document")
        .order_by("-number")
    )
    context = {
        "proposal": proposal,
        "submission": submission,
        "newest": revisions[0],
        "earlier": revisions[1:],
        "handed_in": moment_with_zone(revisions[0].submitted_at),
        "deadline": submission.call.deadline_of(submission.stage),
        "sentence": handed_in_sentence(submission),
        "documents": list(submission.files),
        "next_call": Call.objects.next_after(submission.call) if submission.late else None,
    }
    return render(request, "proposals/receipt.html", context)


def _own_revision(
    request: HttpRequest, reference: str, stage: str, number: int
) -> tuple[Proposal, SubmissionRevision]:
    proposal = own_proposal(person(request), reference)
    revision = get_object_or_404(
        SubmissionRevision.objects.select_related("submission"),
        submission__proposal=proposal,
        submission__stage=stage,
        number=number,
    )
    return proposal, revision


@require_safe
def receipt_file(request: HttpRequest, reference: str, stage: str, number: int) -> HttpResponseBase:
    """The receipt as the PDF that was made once; while it is not made yet, back to the page."""
    proposal, revision = _own_revision(request, reference, stage, number)
    made = get_object_or_404(Receipt.objects.visible_to(request.user), revision=revision)
    if made.state != JobState.DONE:
        messages.info(request, _("The PDF is being made. Please try again in a moment."))
        return redirect("proposals:receipt", proposal.reference, stage)
    kind = pgettext("name of a file", "receipt")
    name = f"{reference}-{kind}-{number}.pdf"
    return _attachment(FileResponse(made.file.open("rb"), as_attachment=True, filename=name))


@require_safe
def dossier_file(request: HttpRequest, reference: str, stage: str, number: int) -> HttpResponseBase:
    """The whole proposal as it was handed in, as a PDF, in the language of the application."""
    _proposal, revision = _own_revision(request, reference, stage, number)
    kind = pgettext("name of a file", "proposal")
    name = f"{reference}-{kind}-{number}.pdf"
    response = HttpResponse(dossier_pdf(revision), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return _attachment(response)


def _attachment(response: HttpResponseBase) -> HttpResponseBase:
    """Never run by the browser, never kept by a proxy."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
