"""The sections of a draft: one page each, saved by itself."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.access import may_write
from applications.actions.drafting import editing
from applications.actions.partnering import editing_partners
from applications.forms.budget import BudgetSection, with_moved_line
from applications.forms.choices import Choices
from applications.forms.due_diligence import DueDiligenceSection
from applications.forms.partners import PartnersSection
from applications.forms.project import ProjectSection
from applications.forms.section import SectionForms, with_another_row
from applications.models import Proposal
from applications.views.access import own_proposal, person
from applications.views.budget_figures import BudgetFigures
from applications.views.partner_standing import PartnerStanding, standings
from applications.views.saving import Attempt, save, saved_message
from bpf_portal.core.access import require
from bpf_portal.core.states import WrongState

FORMS: Mapping[str, Callable[..., SectionForms]] = {
    "partners": PartnersSection,
    "project": ProjectSection,
    "budget": BudgetSection,
    "due_diligence": DueDiligenceSection,
}


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    """Show a section of one's own draft, or save it."""
    proposal = own_proposal(person(request), reference)
    if not proposal.is_draft:
        return no_longer_a_draft(request, proposal)
    if request.method == "POST":
        return _save(request, proposal, section)
    forms = FORMS[section](proposal, choices=Choices())
    return _show(request, proposal, forms, version=proposal.version)


def _save(request: HttpRequest, proposal: Proposal, section: str) -> HttpResponse:
    user = person(request)
    require(may_write(user, proposal))
    longer = with_another_row(request.POST)
    if longer is not None:
        said = _("An empty entry was added at the end. Nothing is saved yet.")
        return _rearranged(request, proposal, section, longer, said)
    moved = with_moved_line(request.POST)
    if moved is not None:
        said = _("The line was moved. Nothing is saved yet.")
        return _rearranged(request, proposal, section, moved, said)

    def stored() -> SectionForms:
        return FORMS[section](own_proposal(user, proposal.reference), choices=Choices())

    edit = editing_partners if section == "partners" else editing
    try:
        attempt = save(
            forms=FORMS[section](proposal, choices=Choices(), data=request.POST),
            data=request.POST,
            edit=lambda version: edit(actor=user, proposal=proposal, expected_version=version),
            reload=stored,
        )
    except WrongState:
        return no_longer_a_draft(request, own_proposal(user, proposal.reference))
    if attempt.status == HTTPStatus.FOUND:
        messages.success(request, saved_message())
        return HttpResponseRedirect(_next_page(request.POST, proposal, section))
    return _show_attempt(request, proposal, attempt)


def _rearranged(
    request: HttpRequest, proposal: Proposal, section: str, data: QueryDict, said: str
) -> HttpResponse:
    """The same page with its rows as a button wants them: all typed stays, nothing is saved."""
    forms = FORMS[section](proposal, choices=Choices(), data=data)
    messages.info(request, said)
    return _show(
        request,
        proposal,
        forms,
        version=request.POST.get("version", ""),
        seen=request.POST.get("seen", ""),
    )


def _show_attempt(request: HttpRequest, proposal: Proposal, attempt: Attempt) -> HttpResponse:
    if attempt.newer is None:
        return _show(
            request,
            proposal,
            attempt.forms,
            status=attempt.status,
            version=request.POST.get("version", ""),
            seen=request.POST.get("seen", ""),
        )
    return _show(
        request,
        proposal,
        attempt.forms,
        status=attempt.status,
        version=attempt.version,
        seen=attempt.newer.fingerprint,
        differences=attempt.forms.differences(attempt.newer),
        changed_elsewhere=True,
    )


def _show(
    request: HttpRequest,
    proposal: Proposal,
    forms: SectionForms,
    *,
    version: object,
    seen: str = "",
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    context = {
        "proposal": proposal,
        "section": forms,
        "version": version,
        "seen": seen or forms.fingerprint,
        "read_only": not getattr(proposal, "is_writable", False),
        **_sums(proposal, forms),
        "confirmations": _confirmations(proposal, forms),
        **extra,
    }
    return render(request, forms.template, context, status=status)


def _sums(proposal: Proposal, forms: SectionForms) -> dict[str, Any]:
    if not isinstance(forms, BudgetSection):
        return {}
    figures = BudgetFigures.of(proposal)
    return {"figures": figures, "subtotals": figures.subtotals(forms.categories)}


def _confirmations(proposal: Proposal, forms: SectionForms) -> list[PartnerStanding]:
    return standings(proposal) if isinstance(forms, PartnersSection) else []


def _next_page(data: QueryDict, proposal: Proposal, section: str) -> str:
    """Where the pressed button leads: the list of sections, the clause, or the same page again."""
    wanted = data.get("next", "")
    if wanted == "list":
        return reverse("proposals:detail", args=[proposal.reference])
    if wanted == "clause":
        return reverse("proposals:clause", args=[proposal.reference])
    return reverse("proposals:section", args=[proposal.reference, section])


def no_longer_a_draft(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """What was handed in is read on the proposal's page; a late save is told why it is not kept."""
    if request.method != "POST":
        return redirect("proposals:detail", proposal.reference)
    typed = [(name, value) for name, value in _typed(request.POST) if value.strip()]
    return render(
        request,
        "proposals/not_a_draft.html",
        {"proposal": proposal, "typed": typed},
        status=HTTPStatus.CONFLICT,
    )


def _typed(data: QueryDict) -> list[tuple[str, str]]:
    """What stood in the fields, so that nobody has to write it again."""
    technical = ("csrfmiddlewaretoken", "version", "seen", "next", "add", "move")
    counted = ("_FORMS", "-id", "-position")
    return [
        (name, value)
        for name, values in data.lists()
        for value in values
        if name not in technical and not name.endswith(counted)
    ]
