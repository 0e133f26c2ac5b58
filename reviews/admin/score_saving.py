"""Saving a score sheet: by its buttons, or by itself while its reviewer types.

What a page that saves by itself is answered is as on the company's side (static/portal/autosave.js,
applications/views/autosaving.py): saved, invalid, changed_elsewhere, closed.
"""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.actions.drafting import ChangedElsewhere
from bpf_portal.core import kept
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.states import WrongState
from bpf_portal.core.templatetags.portal import score as in_figures
from reviews.actions.scoring import save_scores, submit_scores
from reviews.admin.pages import REFUSED, find_or_404, person, reason_of
from reviews.admin.score_sheet import (
    Trouble,
    criteria_of,
    next_of,
    notes_of,
    score_sheet,
    stored,
    with_sheets,
)
from reviews.forms.scoring import ScoreForm
from reviews.models import Assignment, Score, ScoreSheet

#: The buttons besides "Save": both save first.
SUBMIT, NEXT_DOSSIER = "submit", "dossier"


def save_sheet(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Save what was typed, in any state; with the second button submit it as well."""
    if "drop" in request.POST:
        kept.forget(request)
        return redirect("admin:reviews_assignment_change", assignment.pk)
    scores = stored(assignment)
    if "restore" in request.POST:
        return show_typed(request, assignment, scores, kept.Kept(request.POST, timezone.now()))
    form = ScoreForm(request.POST, criteria=criteria_of(scores))
    if kept.saves_by_itself(request):
        return _save_by_itself(request, assignment, form)
    submits = request.POST.get("next") == SUBMIT
    if not form.is_valid():
        return _again(request, assignment, Trouble(refused=ValidationError(""), form=form))
    try:
        _save(request, assignment, form)
        if submits:
            sheet = submit_scores(actor=person(request), assignment_id=assignment.pk)
            messages.success(request, _submitted(sheet))
    except ChangedElsewhere as error:
        return _beside_the_newer(request, assignment, form, error)
    except REFUSED as error:
        if isinstance(error, ValidationError):
            form.refuse(error)
        return _again(request, assignment, Trouble(refused=error, form=form))
    kept.forget(request)
    if not submits:
        messages.success(request, _saved())
    return redirect(_where_to(request, assignment))


def show_typed(
    request: HttpRequest, assignment: Assignment, scores: list[Score], typed: kept.Kept
) -> HttpResponse:
    """What never reached the sheet (the session had ended, the line was gone) in its form again,
    to be looked at and saved on top of what is stored now."""
    form = ScoreForm(typed.data, criteria=criteria_of(scores))
    form.is_valid()
    _continue_from(form, assignment.score_sheet.version)
    return score_sheet(request, assignment, Trouble(form=form, unsaved_since=typed.at), scores)


def _save(request: HttpRequest, assignment: Assignment, form: ScoreForm) -> ScoreSheet:
    """Raises ChangedElsewhere only where something else than what was typed is stored."""
    try:
        sheet = _write(request, assignment, form, form.cleaned_data.get("version") or 0)
    except ChangedElsewhere as error:
        now = _fresh(request, assignment)
        if form.differences(stored(now), now.score_sheet.comment, notes_of(now)):
            raise
        # The same was saved from here already: its answer was lost, or a button came between.
        sheet = now.score_sheet
        if sheet.version != error.current_version:
            raise
    _continue_from(form, sheet.version)
    return sheet


def _write(
    request: HttpRequest, assignment: Assignment, form: ScoreForm, version: int
) -> ScoreSheet:
    return save_scores(
        actor=person(request),
        assignment_id=assignment.pk,
        expected_version=version,
        answers=form.answers(),
        comment=form.text("comment"),
        notes=form.text("notes"),
        revision=_revision_read(request),
    )


def _revision_read(request: HttpRequest) -> int:
    """Number of the hand-in that the page showed beside the sheet; without one, the first."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _continue_from(form: ScoreForm, version: int) -> None:
    """The next press of a button continues from this version, not from the one of the page."""
    form.data = {**form.data.dict(), "version": str(version)}  # type: ignore[attr-defined]


def _where_to(request: HttpRequest, assignment: Assignment) -> str:
    """The same page; with the button for it the next dossier, or the list after the last."""
    if request.POST.get("next") != NEXT_DOSSIER:
        return reverse("admin:reviews_assignment_change", args=(assignment.pk,))
    following = next_of(person(request), assignment.due_on, assignment.pk).values("pk").first()
    if following is None:
        return reverse("admin:reviews_assignment_changelist")
    return reverse("admin:reviews_assignment_change", args=(following["pk"],))


def _fresh(request: HttpRequest, assignment: Assignment) -> Assignment:
    """As it is now; gone if a conflict was declared meanwhile."""
    user = person(request)
    mine = Assignment.objects.visible_to(user).filter(reviewer=user)
    found: Assignment = find_or_404(with_sheets(mine), pk=assignment.pk)
    return found


def _again(request: HttpRequest, assignment: Assignment, trouble: Trouble) -> HttpResponse:
    return score_sheet(request, _fresh(request, assignment), trouble)


def _beside_the_newer(
    request: HttpRequest, assignment: Assignment, form: ScoreForm, error: ChangedElsewhere
) -> HttpResponse:
    """Nothing was overwritten: the page shows what was typed and, beside it, what is saved."""
    now = _fresh(request, assignment)
    scores = stored(now)
    differences = form.differences(scores, now.score_sheet.comment, notes_of(now))
    typed = {answer.criterion_id: answer for answer in form.answers()}
    for score in scores:
        answer = typed.get(score.criterion_id)
        if answer and (answer.value, answer.unable_to_judge, answer.justification.strip()) != (
            score.value,
            score.unable_to_judge,
            score.justification,
        ):
            form.elsewhere[score.criterion_id] = score
    _continue_from(form, error.current_version)
    trouble = Trouble(refused=error, form=form, differences=differences, changed_elsewhere=True)
    return score_sheet(request, now, trouble)


def _save_by_itself(request: HttpRequest, assignment: Assignment, form: ScoreForm) -> JsonResponse:
    """What can be stored is; what cannot is named, and stays as it is stored."""
    form.is_valid()
    try:
        sheet = _save(request, assignment, form)
    except ChangedElsewhere as error:
        return _conflict(request, assignment, form, error)
    except (NotAllowed, WrongState, Assignment.DoesNotExist) as error:
        return _closed(request, assignment, error)
    except ValidationError as error:
        form.refuse(error)
        return JsonResponse(
            {
                "state": "invalid",
                "message": _("Not saved: please correct the marked fields."),
                "errors": form.messages(),
                "late": False,
            },
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    kept.forget(request)
    errors = form.messages()
    message = _("Saved at %(time)s.") % {"time": _now()}
    if errors:
        message += " " + _("The marked fields are not saved yet.")
    return JsonResponse(
        {
            "state": "saved",
            "message": message,
            "errors": errors,
            "late": False,
            "version": sheet.version,
            "seen": "",
            "rows": {},
        }
    )


def _conflict(
    request: HttpRequest, assignment: Assignment, form: ScoreForm, error: ChangedElsewhere
) -> JsonResponse:
    now = _fresh(request, assignment)
    differences = form.differences(stored(now), now.score_sheet.comment, notes_of(now))
    context = {"differences": differences}
    return JsonResponse(
        {
            "state": "changed_elsewhere",
            "message": _("Not saved: this sheet was changed in another window."),
            "link": _("Compare"),
            "html": render_to_string("reviews/_sheet_conflict.html", context, request),
            "version": error.current_version,
            "seen": "",
        },
        status=HTTPStatus.CONFLICT,
    )


def _closed(request: HttpRequest, assignment: Assignment, error: Exception) -> JsonResponse:
    """Scoring ended, the sheet was submitted or the proposal taken away while somebody typed."""
    reason = reason_of(error) or _("This proposal is no longer yours to review.")
    said: dict[str, Any] = {
        "state": "closed",
        "message": _("Not saved: this sheet can no longer be changed."),
        "url": reverse("admin:reviews_assignment_changelist"),
        "link": _("My reviews"),
        "html": render_to_string("reviews/_sheet_closed.html", {"reason": reason}, request),
    }
    return JsonResponse(said, status=HTTPStatus.CONFLICT)


def _now() -> str:
    return formats.date_format(timezone.localtime(), "H:i")


def _saved() -> str:
    return _("Saved at %(time)s. Nobody but you sees it until you submit.") % {"time": _now()}


def _submitted(sheet: ScoreSheet) -> str:
    return _("Submitted: %(total)s of 100. Thank you.") % {"total": in_figures(sheet.total)}
