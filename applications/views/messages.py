"""The company's side of the conversation with LuxDev."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from applications.access import may_write_message
from applications.actions.messaging import TooManyMessages, mark_read, write_to_facility
from applications.forms.messages import MessageForm
from applications.models import MessageFile, Proposal, Thread
from applications.views.access import own_proposal, person
from applications.views.correspondence import PER_PAGE, correspondence, everything
from applications.views.downloads import attachment
from bpf_portal.core.access import require


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, reference: str) -> HttpResponse:
    """What was written, newest first, and the form to write."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if request.method != "POST":
        return _show(request, user, proposal, MessageForm())
    require(may_write_message(user, proposal))
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, user, proposal, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        write_to_facility(
            actor=user,
            proposal_id=proposal.pk,
            text=form.cleaned_data["text"],
            uploads=form.cleaned_data["attachments"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        too_many = isinstance(error, TooManyMessages)
        status = HTTPStatus.TOO_MANY_REQUESTS if too_many else HTTPStatus.UNPROCESSABLE_ENTITY
        return _show(request, user, proposal, form, status)
    messages.success(request, _("Your message is sent. You get an e-mail when LuxDev answers."))
    return redirect("proposals:messages", proposal.reference)


def _show(
    request: HttpRequest,
    user: User,
    proposal: Proposal,
    form: MessageForm,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    page = Paginator(everything(user, proposal), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "proposal": proposal,
        "form": form,
        "page": page,
        "correspondence": correspondence(user, list(page.object_list)),
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
    }
    return render(request, "messages/thread.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def seen(request: HttpRequest, reference: str) -> HttpResponse:
    """The person has read so far. The page says so by itself where scripts run."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if request.method == "POST":
        found = Thread.objects.visible_to(user).filter(proposal=proposal).first()
        if found is not None:
            mark_read(actor=user, thread_id=found.pk, up_to=message_number(request))
    if request.headers.get("HX-Request"):
        return HttpResponse()
    return redirect("proposals:messages", proposal.reference)


@require_safe
def file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """A file of a message for those who may read it, once it may be opened; else 409 and why.

    LuxDev's people come here too.
    """
    row = get_object_or_404(MessageFile.objects.visible_to(request.user), pk=file_id)
    if not row.may_be_opened:
        context = {"document": row}
        return render(request, "proposals/file_held.html", context, status=HTTPStatus.CONFLICT)
    return attachment(request, row)


def message_number(request: HttpRequest) -> int:
    """The message up to which a page was read; 0 for anything that is no number."""
    text = request.POST.get("up_to", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
