"""The human-rights clause: read it whole, then answer."""

from datetime import date
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.access import may_write
from applications.actions.clause import answer_clause, current_clause
from applications.actions.drafting import ChangedElsewhere
from applications.forms.clause import ClauseForm
from applications.models import ClauseAcceptance, ClauseVersion, Proposal
from applications.views.access import own_proposal, person
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState


def clause_for(proposal: Proposal) -> ClauseVersion | None:
    """The version that counts for this call: the newest at its first deadline (domain 4)."""
    return current_clause(proposal.language, reference_day(proposal))


def reference_day(proposal: Proposal) -> date:
    return timezone.localdate(proposal.call.deadline_at)


@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the text in force, and store the answer with its hash and moment."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if not proposal.is_draft:
        return no_longer_a_draft(request, proposal)
    text = clause_for(proposal)
    answer = _answer(proposal)
    if request.method != "POST" or text is None:
        return _show(request, proposal, text, answer, ClauseForm(initial=_initial(answer)))
    require(may_write(user, proposal))
    form = ClauseForm(request.POST)
    if request.POST.get("clause") != text.sha256:
        return _show(request, proposal, text, answer, form, HTTPStatus.CONFLICT)
    if not form.is_valid():
        return _show(request, proposal, text, answer, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _store(request, proposal, text, form)
    except ChangedElsewhere:
        return _show(request, proposal, text, _answer(proposal), form, HTTPStatus.CONFLICT)
    except WrongState:
        return no_longer_a_draft(request, own_proposal(user, reference))
    messages.success(request, _("Your answer to the clause is stored."))
    return redirect("proposals:section", proposal.reference, "due_diligence")


def _store(request: HttpRequest, proposal: Proposal, text: ClauseVersion, form: ClauseForm) -> None:
    """Save against the answer that was seen; what colleagues saved in other sections counts not."""
    seen = request.POST.get("answered", "")
    answer = _answer(proposal)
    if answer is not None and seen != answer.accepted_at.isoformat():
        raise ChangedElsewhere(proposal.version)
    answer_clause(
        actor=person(request),
        proposal=proposal,
        expected_version=proposal.version,
        clause=text,
        **form.cleaned_data,
    )


def _answer(proposal: Proposal) -> ClauseAcceptance | None:
    return ClauseAcceptance.objects.select_related("clause").filter(proposal=proposal).first()


def _initial(answer: ClauseAcceptance | None) -> dict[str, object]:
    if answer is None:
        return {}
    return {
        "accepted": answer.accepted,
        "signatory": answer.signatory,
        "function": answer.function,
        "legal_representative": answer.legal_representative,
    }


def _show(
    request: HttpRequest,
    proposal: Proposal,
    text: ClauseVersion | None,
    answer: ClauseAcceptance | None,
    form: ClauseForm,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "proposal": proposal,
        "clause": text,
        "answer": answer,
        "form": form,
        "answered": answer.accepted_at.isoformat() if answer else "",
        "changed_elsewhere": status == HTTPStatus.CONFLICT,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
    }
    return render(request, "proposals/clause.html", context, status=status)
