"""The human-rights clause: read it whole, show that it is you, answer."""

from http import HTTPStatus
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from applications.access import may_answer_clause, may_write
from applications.actions.clause import (
    SECTION,
    CannotAsk,
    answer_clause,
    ask_for_signature,
    last_asked,
)
from applications.actions.clause_in_force import current_clause, reference_day, why_read_again
from applications.actions.drafting import ChangedElsewhere
from applications.actions.open_sections import is_open
from applications.forms.clause import ClauseForm
from applications.models import ClauseAcceptance, ClauseVersion, MembershipRole, Proposal
from applications.views.access import own_proposal, person
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState


@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the text in force, and store the answer with its hash and moment.

    What was typed is looked at before the person is asked to show that it is them: whoever comes
    back from there has signed. Handed in, the page shows what was answered.
    """
    user = person(request)
    proposal = own_proposal(user, reference)
    answer = _answer(proposal)
    if not is_open(proposal, SECTION):
        if request.method == "POST" or answer is None:
            return no_longer_a_draft(request, proposal)
        return _show(request, proposal, answer.clause, answer, closed=True)
    text = current_clause(proposal.language, reference_day(proposal))
    if request.method != "POST" or text is None:
        return _show(request, proposal, text, answer)
    require(may_answer_clause(user, proposal))
    form = ClauseForm(request.POST)
    if request.POST.get("clause") != text.sha256:
        return _show(request, proposal, text, answer, form, HTTPStatus.CONFLICT)
    if not form.is_valid():
        return _show(request, proposal, text, answer, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _sign(request, proposal, text, form)


@reauthentication_required
def _sign(
    request: HttpRequest, proposal: Proposal, text: ClauseVersion, form: ClauseForm
) -> HttpResponse:
    """Behind allauth's door: it keeps the request while the person shows who they are."""
    try:
        _store(request, proposal, text, form)
    except ChangedElsewhere:
        return _show(request, proposal, text, _answer(proposal), form, HTTPStatus.CONFLICT)
    except WrongState:
        return no_longer_a_draft(request, own_proposal(person(request), proposal.reference))
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


@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Write to those who may sign, and come back to the clause; a reload only comes back."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if request.method == "POST":
        require(may_write(user, proposal))
        try:
            asked = ask_for_signature(actor=user, proposal_id=proposal.pk)
        except CannotAsk as refusal:
            messages.warning(request, str(refusal.message))
        except WrongState:
            return no_longer_a_draft(request, own_proposal(user, reference))
        else:
            people = ", ".join(str(each) for each in asked)
            messages.success(request, _("A mail is on its way to %(people)s.") % {"people": people})
    return redirect("proposals:clause", proposal.reference)


def _answer(proposal: Proposal) -> ClauseAcceptance | None:
    return ClauseAcceptance.objects.select_related("clause").filter(proposal=proposal).first()


def _initial(user: User, proposal: Proposal, answer: ClauseAcceptance | None) -> dict[str, Any]:
    """What is known of the person. The answer itself is given anew each time."""
    roles = proposal.organisation.memberships.filter(user=user).values_list("role", flat=True)
    own = answer if answer and answer.accepted_by_id == user.pk else None
    represents = MembershipRole.LEGAL_REPRESENTATIVE in roles
    return {
        "signatory": user.full_name,
        "function": own.function if own else "",
        "legal_representative": True if represents else None,
    }


def _show(
    request: HttpRequest,
    proposal: Proposal,
    text: ClauseVersion | None,
    answer: ClauseAcceptance | None,
    form: ClauseForm | None = None,
    status: int = HTTPStatus.OK,
    *,
    closed: bool = False,
) -> HttpResponse:
    """`closed`: handed in, and not open for a correction."""
    user = person(request)
    signs = may_answer_clause(user, proposal)
    if form is None and signs:
        form = ClauseForm(initial=_initial(user, proposal, answer))
    context = {
        "proposal": proposal,
        "clause": text,
        "translations": _translations(text),
        "answer": answer,
        "read_again": why_read_again(answer, text) if answer else None,
        "form": form,
        "signs": signs,
        "asked_at": None if signs else last_asked(proposal),
        "answered": answer.accepted_at.isoformat() if answer else "",
        "changed_elsewhere": status == HTTPStatus.CONFLICT,
        "closed": closed,
        "read_only": not proposal.is_writable,  # type: ignore[attr-defined]
    }
    return render(request, "proposals/clause.html", context, status=status)


def _translations(text: ClauseVersion | None) -> list[ClauseVersion]:
    """The same version in the other language: to understand it, not to sign it."""
    if text is None:
        return []
    return list(ClauseVersion.objects.filter(version=text.version).exclude(pk=text.pk))
