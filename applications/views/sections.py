"""The sections of a draft: one page each, saved by itself."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.actions.completeness import sections_of
from applications.actions.drafting import NotByItself, editing
from applications.actions.open_sections import is_open
from applications.actions.partnering import editing_partners
from applications.forms.budget import BudgetSection, with_moved_line
from applications.forms.business_plan import BusinessPlanSection
from applications.forms.choices import Choices
from applications.forms.due_diligence import DueDiligenceSection
from applications.forms.partners import PartnersSection
from applications.forms.project import ProjectSection
from applications.forms.results import ResultsSection
from applications.forms.section import SectionForms, with_another_row
from applications.forms.work_plan import WorkPlanSection
from applications.models import Proposal
from applications.views import autosaving
from applications.views.access import own_proposal, person, require_writable
from applications.views.budget_figures import BudgetFigures
from applications.views.gantt import Gantt, stored_gantt
from applications.views.partner_standing import PartnerStanding, standings
from applications.views.reading_detailed import projection_table
from applications.views.reading_parts import Table
from applications.views.saving import Attempt, Page, autosave, save, saved_message
from bpf_portal.core import kept
from bpf_portal.core.states import WrongState

FORMS: Mapping[str, Callable[..., SectionForms]] = {
    "partners": PartnersSection,
    "project": ProjectSection,
    "business_plan": BusinessPlanSection,
    "work_plan": WorkPlanSection,
    "results": ResultsSection,
    "budget": BudgetSection,
    "due_diligence": DueDiligenceSection,
}


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, reference: str, section: str) -> HttpResponse:
    """Show a section of one's own draft, or save it."""
    proposal = own_proposal(person(request), reference)
    if section not in sections_of(proposal.stage):
        raise Http404
    build = partial(FORMS[section], proposal, choices=Choices())
    if not is_open(proposal, section):
        return no_longer_a_draft(request, proposal, build)
    if request.method == "POST":
        return _save(request, proposal, section)
    if typed := kept.kept_for(request):
        return _show_typed(request, proposal, build(data=typed.data), typed)
    return _show(request, proposal, build(), version=proposal.version)


def _save(request: HttpRequest, proposal: Proposal, section: str) -> HttpResponse:
    user = person(request)
    require_writable(proposal)
    choices = Choices()
    build = partial(FORMS[section], proposal, choices=choices)
    if again := _not_to_be_saved(request, proposal, section, build):
        return again

    def stored() -> SectionForms:
        return FORMS[section](own_proposal(user, proposal.reference), choices=choices)

    page = Page(
        build=lambda data: build(data=data),
        edit=_edit(request, proposal, section),
        stored=stored,
    )
    try:
        if kept.saves_by_itself(request):
            attempt = autosave(page, request.POST)
        else:
            attempt = save(page, request.POST)
    except NotByItself as refused:
        return autosaving.by_hand(refused)
    except WrongState:
        return no_longer_a_draft(request, own_proposal(user, proposal.reference), build)
    if attempt.status == HTTPStatus.FOUND:
        kept.forget(request)
    if kept.saves_by_itself(request):
        return autosaving.answer(request, attempt, proposal)
    if attempt.status == HTTPStatus.FOUND:
        messages.success(request, saved_message())
        return HttpResponseRedirect(_next_page(request.POST, proposal, section))
    return _show_attempt(request, proposal, attempt)


def _edit(
    request: HttpRequest, proposal: Proposal, section: str
) -> Callable[[int], AbstractContextManager[Proposal]]:
    """The action that opens the draft for this section."""
    if section != "partners":
        return lambda version: editing(
            actor=person(request), proposal=proposal, expected_version=version, section=section
        )
    by_itself = kept.saves_by_itself(request) and not autosaving.was_pressed(request)
    return lambda version: editing_partners(
        actor=person(request), proposal=proposal, expected_version=version, by_itself=by_itself
    )


def _not_to_be_saved(
    request: HttpRequest, proposal: Proposal, section: str, build: Callable[..., SectionForms]
) -> HttpResponse | None:
    """What is sent and not to be saved yet: for another row, to be looked at, or to be dropped."""
    if "drop" in request.POST:
        kept.forget(request)
        return redirect("proposals:section", proposal.reference, section)
    if "restore" in request.POST:
        typed = kept.Kept(request.POST, timezone.now())
        return _show_typed(request, proposal, build(data=typed.data), typed)
    if longer := with_another_row(request.POST):
        messages.info(request, _("An empty entry was added at the end. Nothing is saved yet."))
    elif moved := with_moved_line(request.POST):
        messages.info(request, _("The line was moved. Nothing is saved yet."))
    else:
        return None
    return _show(
        request,
        proposal,
        build(data=longer or moved),
        version=request.POST.get("version", ""),
        seen=request.POST.get("seen", ""),
    )


def _show_typed(
    request: HttpRequest, proposal: Proposal, forms: SectionForms, typed: kept.Kept
) -> HttpResponse:
    """The page with what was typed and never saved, to be looked at and saved."""
    return _show(
        request,
        proposal,
        forms,
        version=typed.data.get("version", ""),
        seen=str(typed.data.get("seen", "")),
        unsaved_since=typed.at,
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
        "late": autosaving.is_late(proposal),
        "projections": _projections(proposal, forms),
        "gantt": _gantt(proposal, forms),
        **extra,
    }
    return render(request, forms.template, context, status=status)


def _sums(proposal: Proposal, forms: SectionForms) -> dict[str, Any]:
    if not isinstance(forms, BudgetSection):
        return {}
    figures = BudgetFigures.of(proposal)
    subtotals = list(figures.all_subtotals(forms.categories, forms.detail))
    return {"figures": figures, "subtotals": subtotals, "detailed": forms.detail is not None}


def _confirmations(proposal: Proposal, forms: SectionForms) -> list[PartnerStanding]:
    return standings(proposal) if isinstance(forms, PartnersSection) else []


def _projections(proposal: Proposal, forms: SectionForms) -> Table | None:
    rows = list(proposal.projections.all()) if isinstance(forms, BusinessPlanSection) else []
    return projection_table(rows) if rows else None


def _gantt(proposal: Proposal, forms: SectionForms) -> Gantt | None:
    return stored_gantt(proposal) if isinstance(forms, WorkPlanSection) else None


def _next_page(data: QueryDict, proposal: Proposal, section: str) -> str:
    """Where the pressed button leads: the list of sections, the clause, or the same page again."""
    wanted = data.get("next", "")
    if wanted == "list":
        return reverse("proposals:detail", args=[proposal.reference])
    if wanted == "clause":
        return reverse("proposals:clause", args=[proposal.reference])
    return reverse("proposals:section", args=[proposal.reference, section])


def no_longer_a_draft(
    request: HttpRequest,
    proposal: Proposal,
    build: Callable[..., SectionForms] | None = None,
) -> HttpResponse:
    """What was handed in is read on the proposal's page; a late save is told why it is not kept,
    with what was typed and is stored nowhere. `build` makes the forms of a section.
    """
    typed = kept.kept_for(request)
    data = request.POST if request.method == "POST" else typed.data if typed else None
    if data is None:
        return redirect("proposals:detail", proposal.reference)
    texts = _typed(data)
    if build is not None:
        texts = [(each.label, each.typed) for each in build(data=data).differences(build())]
    context = {"proposal": proposal, "typed": [text for text in texts if text[1].strip()]}
    if kept.saves_by_itself(request):
        return autosaving.closed(request, proposal, context)
    return render(request, "proposals/not_a_draft.html", context, status=HTTPStatus.CONFLICT)


def _typed(data: QueryDict) -> list[tuple[str, str]]:
    """What stood in the fields of a page without a section, so that it can be copied."""
    technical = ("csrfmiddlewaretoken", "version", "seen", "next", "add", "move", "typist")
    counted = ("_FORMS", "-id", "-position")
    return [
        (name, str(value))
        for name, values in data.lists()
        for value in values
        if name not in technical and not name.endswith(counted)
    ]
