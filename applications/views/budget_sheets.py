"""The budget and spreadsheets: download it, take lines from a file, or from what was copied."""

from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.actions.drafting import editing
from applications.actions.open_sections import is_open
from applications.forms.budget_detail import Detail
from applications.forms.budget_import import (
    CopiedCells,
    ImportedLines,
    SpreadsheetForm,
    form_of,
)
from applications.forms.budget_table import Reading
from applications.forms.choices import Choices
from applications.models import Proposal, Stage, Vocabulary
from applications.views.access import own_proposal, person, require_writable
from applications.views.budget_figures import BudgetFigures
from applications.views.budget_workbook import write_budget
from applications.views.saving import Page, save
from applications.views.sections import no_longer_a_draft
from bpf_portal.core.states import WrongState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The saved budget as a workbook, in the language in force."""
    proposal = own_proposal(person(request), reference)
    file = BytesIO()
    prefetch_related_objects([proposal], "budget_lines", "other_funding")
    write_budget(
        file,
        list(proposal.budget_lines.all()),
        BudgetFigures.of(proposal),
        Choices().words(Vocabulary.COST_CATEGORY),
        detail=Detail.of(proposal),
        title=f"{proposal.reference} – {_('Budget')}",
        made_at=timezone.now(),
    )
    file.seek(0)
    name = f"{proposal.reference}-budget.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@require_POST
def paste(request: HttpRequest, reference: str) -> HttpResponse:
    """What was pasted into the table, read: lines for the form, and what was not understood.

    Nothing is stored: the page fills its form, and saves it as if it had been typed.
    """
    proposal = own_proposal(person(request), reference)
    require_writable(proposal)
    form = CopiedCells(Choices(), request.POST, detail=Detail.of(proposal))
    if not form.is_valid():
        said = [str(message) for found in form.errors.values() for message in found]
        return JsonResponse({"message": " ".join(said)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reading: Reading = form.cleaned_data["reading"]
    problems = [
        {"row": problem.row, "field": problem.field, "message": problem.message}
        for problem in reading.problems
    ]
    return JsonResponse({"rows": reading.rows, "problems": problems, "notes": reading.notes})


@require_http_methods(["GET", "HEAD", "POST"])
def import_lines(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose a file or paste cells; look at the lines that were read; take them."""
    user = person(request)
    proposal = own_proposal(user, reference)
    if not is_open(proposal, "budget"):
        return no_longer_a_draft(request, proposal)
    require_writable(proposal)
    if request.method != "POST":
        return _choose(request, proposal, SpreadsheetForm(Choices()))
    return _take(request, proposal) if "how" in request.POST else _read(request, proposal)


def _choose(
    request: HttpRequest, proposal: Proposal, form: SpreadsheetForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"proposal": proposal, "form": form}
    return render(request, "proposals/budget_import_choose.html", context, status=status)


def _read(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    choices = Choices()
    form = SpreadsheetForm(choices, request.POST, request.FILES, detail=Detail.of(proposal))
    if not form.is_valid():
        return _choose(request, proposal, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    reading: Reading = form.cleaned_data["reading"]
    data = form_of(reading, version=proposal.version, seen="")
    lines = ImportedLines(proposal, choices=choices, data=data)
    return _preview(request, proposal, lines, reading=reading)


def _take(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    user = person(request)

    def lines_of(fresh: Proposal) -> ImportedLines:
        return ImportedLines(fresh, choices=Choices(), data=request.POST)

    lines = lines_of(proposal)
    page = Page(
        build=lambda data: lines,
        edit=lambda version: editing(
            actor=user, proposal=proposal, expected_version=version, section="budget"
        ),
        stored=lambda: lines_of(own_proposal(user, proposal.reference)),
    )
    try:
        attempt = save(page, request.POST)
    except WrongState:
        return no_longer_a_draft(request, own_proposal(user, proposal.reference))
    if attempt.newer is not None:
        # The same lines, beside what the budget has become meanwhile.
        newer = own_proposal(user, proposal.reference)
        return _preview(
            request,
            newer,
            lines_of(newer),
            status=attempt.status,
            version=attempt.version,
            changed_elsewhere=True,
        )
    if attempt.status != HTTPStatus.FOUND:
        return _preview(
            request,
            proposal,
            lines,
            status=attempt.status,
            version=request.POST.get("version", ""),
            seen=request.POST.get("seen", ""),
        )
    count = len(lines.lines.rows)
    said = ngettext("%(count)d line was taken over.", "%(count)d lines were taken over.", count)
    messages.success(request, said % {"count": count})
    return redirect("proposals:section", proposal.reference, "budget")


def _preview(
    request: HttpRequest,
    proposal: Proposal,
    lines: ImportedLines,
    *,
    status: int = HTTPStatus.OK,
    version: object = None,
    seen: str = "",
    **extra: Any,
) -> HttpResponse:
    context = {
        "proposal": proposal,
        "section": lines,
        "version": proposal.version if version is None else version,
        "seen": seen or lines.fingerprint,
        "there": len(lines.lines.stored),
        "read": len(lines.lines.forms),
        "detailed": proposal.stage == Stage.DETAILED_PROPOSAL,
        **extra,
    }
    return render(request, lines.template, context, status=status)
