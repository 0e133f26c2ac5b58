"""The documents of a draft, and the download of any document one may see."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.access import may_write
from applications.actions.document_content import ACCEPTED_SUFFIXES
from applications.actions.documents import (
    NotRestored,
    RefusedFile,
    add_document,
    remove_document,
    restore_document,
)
from applications.actions.open_sections import is_open
from applications.actions.uploading import discard_same, discard_upload
from applications.forms.documents import DocumentsForm, words_of
from applications.models import Document, DocumentRequirement, Proposal, Upload
from applications.models.document import DocumentQuerySet
from applications.views.access import own_proposal, person
from applications.views.downloads import attachment
from applications.views.section_titles import SECTION_TITLES
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState


@dataclass(frozen=True)
class Place:
    """A document that is asked for: what is there, what was there, and the field to send one."""

    requirement: DocumentRequirement
    document: Document | None
    earlier: list[Document]
    field: object

    @property
    def words(self) -> str:
        return words_of(self.requirement)

    @property
    def refused(self) -> Document | None:
        """The newest file, where a virus was found in it and nothing has taken its place."""
        newest = self.earlier[0] if self.earlier and self.document is None else None
        return newest if newest and newest.is_infected else None


def _of_the_stage(user: User, proposal: Proposal) -> DocumentQuerySet:
    documents = Document.objects.visible_to(user).select_related("proposal", "uploaded_by")
    return documents.filter(proposal=proposal, stage=proposal.stage)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str) -> HttpResponse:
    """What the call asks for at this stage; send, replace, remove."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if not is_open(proposal, "documents"):
        return no_longer_a_draft(request, proposal)
    requirements = list(proposal.call.document_requirements.filter(stage=proposal.stage))
    if request.method != "POST":
        return _show(request, proposal, DocumentsForm(requirements), HTTPStatus.OK)
    require(may_write(user, proposal))
    form = DocumentsForm(requirements, request.POST, request.FILES)
    try:
        for name, change in _CHANGES.items():
            if request.POST.get(name):
                return change(request, proposal, request.POST[name])
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
            discard_same(actor=user, proposal=proposal, kind=kind, file=upload)
    return taken


def _remove(request: HttpRequest, proposal: Proposal, number: str) -> HttpResponse:
    user = person(request)
    document = _numbered(_of_the_stage(user, proposal).current(), number)
    remove_document(actor=user, document=document)
    messages.success(request, _("“%(name)s” was removed.") % {"name": document.filename})
    return redirect("proposals:section", proposal.reference, "documents")


def _restore(request: HttpRequest, proposal: Proposal, number: str) -> HttpResponse:
    user = person(request)
    document = _numbered(_of_the_stage(user, proposal), number)
    try:
        restore_document(actor=user, document=document)
    except NotRestored as refused:
        messages.error(request, str(refused.message))
        requirements = list(proposal.call.document_requirements.filter(stage=proposal.stage))
        form = DocumentsForm(requirements)
        return _show(request, proposal, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("“%(name)s” counts again.") % {"name": document.filename})
    return redirect("proposals:section", proposal.reference, "documents")


def _discard(request: HttpRequest, proposal: Proposal, number: str) -> HttpResponse:
    uploads = Upload.objects.visible_to(person(request)).filter(proposal=proposal)
    try:
        upload = get_object_or_404(uploads, pk=UUID(number))
    except ValueError as error:
        raise Http404 from error
    discard_upload(upload=upload)
    messages.success(request, _("“%(name)s” was thrown away.") % {"name": upload.filename})
    return redirect("proposals:section", proposal.reference, "documents")


#: The buttons that do something to what is there, by their names.
_CHANGES: Mapping[str, Callable[[HttpRequest, Proposal, str], HttpResponse]] = {
    "remove": _remove,
    "restore": _restore,
    "discard": _discard,
}


def _numbered(documents: QuerySet[Document], number: str) -> Document:
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
    return get_object_or_404(documents, pk=wanted)


def _show(
    request: HttpRequest, proposal: Proposal, form: DocumentsForm, status: int
) -> HttpResponse:
    user = person(request)
    versions: dict[str, list[Document]] = defaultdict(list)
    for document in _of_the_stage(user, proposal).with_scan_trouble():
        versions[document.kind].append(document)
    unfinished = Upload.objects.visible_to(user).unfinished().filter(proposal=proposal)
    labels = {each.kind: each.label for each in form.requirements}
    context = {
        "proposal": proposal,
        "title": SECTION_TITLES["documents"],
        "form": form,
        "places": [_place(form, each, versions[each.kind]) for each in form.requirements],
        "unfinished": [(each, labels.get(each.kind, "")) for each in unfinished],
        "limit": settings.MAX_DOCUMENT_BYTES,
        "limit_of_all": settings.MAX_REQUEST_BYTES,
        "accepted": ",".join(ACCEPTED_SUFFIXES),
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
    }
    return render(request, "proposals/sections/documents.html", context, status=status)


def _place(
    form: DocumentsForm, requirement: DocumentRequirement, versions: list[Document]
) -> Place:
    """`versions`: newest first."""
    counts = next((each for each in versions if each.removed_at is None), None)
    earlier = [each for each in versions if each is not counts]
    return Place(requirement, counts, earlier, form[f"file-{requirement.kind}"])


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
