"""The documents of a draft, and the download of any document one may see."""

from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.access import may_write
from applications.actions.documents import RefusedFile, add_document, remove_document
from applications.forms.documents import DocumentsForm
from applications.models import Document, DocumentRequirement, Proposal
from applications.views.access import own_proposal, person
from applications.views.downloads import attachment
from applications.views.section_titles import SECTION_TITLES
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState


@dataclass(frozen=True)
class Place:
    """A document that is asked for: what is there, and the field to send one."""

    requirement: DocumentRequirement
    document: Document | None
    field: object


def _current(user: User, proposal: Proposal) -> QuerySet[Document]:
    documents = Document.objects.visible_to(user).current().select_related("proposal")
    return documents.filter(proposal=proposal, stage=proposal.stage)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str) -> HttpResponse:
    """What the call asks for at this stage; send, replace, remove."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if not proposal.is_draft:
        return no_longer_a_draft(request, proposal)
    requirements = list(proposal.call.document_requirements.filter(stage=proposal.stage))
    if request.method != "POST":
        return _show(request, proposal, DocumentsForm(requirements), HTTPStatus.OK)
    require(may_write(user, proposal))
    form = DocumentsForm(requirements, request.POST, request.FILES)
    try:
        if request.POST.get("remove"):
            return _remove(request, proposal)
        taken = _take(user, proposal, form) if form.is_valid() else 0
    except WrongState:
        return no_longer_a_draft(request, own_proposal(user, reference))
    if taken:
        messages.success(
            request,
            ngettext("%(count)d file received.", "%(count)d files received.", taken)
            % {"count": taken},
        )
    if form.errors:
        return _show(request, proposal, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not taken:
        messages.info(request, _("No file was chosen."))
    wanted = "proposals:detail" if request.POST.get("next") == "list" else None
    if wanted:
        return redirect(wanted, proposal.reference)
    return redirect("proposals:section", proposal.reference, "documents")


def _take(user: User, proposal: Proposal, form: DocumentsForm) -> int:
    """Take each file by itself: one that is refused does not stand in the way of the others."""
    taken = 0
    for kind, upload in form.uploads:
        try:
            add_document(actor=user, proposal=proposal, kind=kind, upload=upload)
        except RefusedFile as refused:
            form.add_error(f"file-{kind}", f"{upload.name}: {refused.message}")
        else:
            taken += 1
    return taken


def _remove(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    number = request.POST["remove"]
    wanted = int(number) if number.isascii() and number.isdigit() else 0
    document = get_object_or_404(_current(person(request), proposal), pk=wanted)
    remove_document(actor=person(request), document=document)
    messages.success(request, _("“%(name)s” was removed.") % {"name": document.filename})
    return redirect("proposals:section", proposal.reference, "documents")


def _show(
    request: HttpRequest, proposal: Proposal, form: DocumentsForm, status: int
) -> HttpResponse:
    present = {document.kind: document for document in _current(person(request), proposal)}
    places = [
        Place(requirement, present.get(requirement.kind), form[f"file-{requirement.kind}"])
        for requirement in form.requirements
    ]
    context = {
        "proposal": proposal,
        "title": SECTION_TITLES["documents"],
        "form": form,
        "places": places,
        "limit": settings.MAX_DOCUMENT_BYTES,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
    }
    return render(request, "proposals/sections/documents.html", context, status=status)


@require_safe
def download(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """A file for those who may see it, once it may be opened; 409 and why where it may not.

    Staff come here too, for documents of submissions they may read.
    """
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    if not document.may_be_opened:
        context = {"document": document}
        return render(request, "proposals/file_held.html", context, status=HTTPStatus.CONFLICT)
    return attachment(request, document)
