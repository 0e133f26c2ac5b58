"""The dossier and the score sheet side by side, and saving it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from applications.actions.drafting import ChangedElsewhere
from applications.models import Document
from reviews.actions.scoring import save_scores, submit_scores, total_of
from reviews.admin.dossier import sections
from reviews.admin.labels import Labels
from reviews.admin.pages import REFUSED, person, reason_of, render_page, status_of
from reviews.forms.assigning import InterestForm
from reviews.forms.scoring import ScoreForm, stored_values
from reviews.models import Assignment, AssignmentState, Criterion, Score, ScoreSheet


def _stored(assignment: Assignment) -> tuple[ScoreSheet, list[Score]]:
    """The sheet as it is saved now, with its criteria and their described levels."""
    sheet: ScoreSheet = assignment.score_sheet
    rows: QuerySet[Score] = sheet.scores.select_related("criterion").order_by("criterion__position")
    return sheet, list(rows.prefetch_related("criterion__levels"))


def _criteria(scores: list[Score]) -> list[Criterion]:
    return [score.criterion for score in scores]


def score_sheet(
    request: HttpRequest,
    assignment: Assignment,
    *,
    form: ScoreForm | None = None,
    interest: InterestForm | None = None,
    refused: Exception | None = None,
) -> HttpResponse:
    """The reviewer's page. What was typed stays when saving was refused."""
    sheet, scores = _stored(assignment)
    if form is None:
        values = stored_values(scores, comment=sheet.comment, version=sheet.version)
        form = ScoreForm(initial=values, criteria=_criteria(scores))
    submission = assignment.submission
    labels = Labels(submission.call_id)
    seen = Document.objects.visible_to(person(request)).with_scan_trouble()
    files = seen.handed_in_with(submission)
    context = {
        "title": submission.reference,
        "assignment": assignment,
        "submission": submission,
        "rubric": sheet.rubric,
        "sheet": sheet,
        "scores": scores,
        "total": sheet.total or total_of(scores, sheet.rubric.scale_max),
        "answered": sum(each.value is not None or each.unable_to_judge for each in scores),
        "corrected": submission.revision > 1,
        "earlier_text": sheet.revision < submission.revision,
        "writable": assignment.state == AssignmentState.ACCEPTED,
        "form": form,
        "interest": interest or InterestForm(),
        "sections": sections(submission.document, labels),
        "documents": [(each, labels.term("document", each.kind)) for each in files],
        "problem": _problem(refused),
    }
    status = 200 if refused is None else _status(refused)
    return render_page(request, "reviews/score_sheet.html", context, status=status)


def _problem(refused: Exception | None) -> Any:
    if isinstance(refused, ChangedElsewhere):
        return _(
            "This sheet was saved in another window since you opened it. What you typed is kept"
            " here; what is saved stands beside it. Save again to put yours in its place."
        )
    return reason_of(refused) if refused else ""


def _status(refused: Exception) -> int:
    return 409 if isinstance(refused, ChangedElsewhere) else status_of(refused)


def save_sheet(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Save what was typed, in any state; with the second button submit it as well."""
    if not hasattr(assignment, "score_sheet"):
        return redirect("admin:reviews_assignment_change", assignment.pk)
    _sheet, scores = _stored(assignment)
    form = ScoreForm(request.POST, criteria=_criteria(scores))
    if not form.is_valid():
        return score_sheet(request, assignment, form=form, refused=ValidationError(""))
    try:
        _save(request, assignment, form)
        if "submit" in request.POST:
            sheet = submit_scores(actor=person(request), assignment_id=assignment.pk)
            messages.success(request, _submitted(sheet))
    except ChangedElsewhere as error:
        return _beside_the_newer(request, assignment, form, error)
    except REFUSED as error:
        if isinstance(error, ValidationError):
            form.refuse(error)
        return _refused(request, assignment, form, error)
    if "submit" not in request.POST:
        messages.success(request, _saved())
    return redirect("admin:reviews_assignment_change", assignment.pk)


def _save(request: HttpRequest, assignment: Assignment, form: ScoreForm) -> None:
    sheet = save_scores(
        actor=person(request),
        assignment_id=assignment.pk,
        expected_version=form.cleaned_data["version"],
        answers=form.answers(),
        comment=form.cleaned_data["comment"],
        revision=_revision_read(request),
    )
    _continue_from(form, sheet.version)


def _revision_read(request: HttpRequest) -> int:
    """Number of the hand-in that the page showed beside the sheet; without one, the first."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _continue_from(form: ScoreForm, version: int) -> None:
    """The next press of a button continues from this version, not from the one of the page."""
    form.data = {**form.data.dict(), "version": str(version)}  # type: ignore[attr-defined]


def _refused(
    request: HttpRequest, assignment: Assignment, form: ScoreForm, error: Exception
) -> HttpResponse:
    fresh = Assignment.objects.visible_to(person(request)).select_related(
        "submission__call__rule_set", "score_sheet__rubric"
    )
    now = fresh.get(pk=assignment.pk)
    return score_sheet(request, now, form=form, refused=error)


def _beside_the_newer(
    request: HttpRequest, assignment: Assignment, form: ScoreForm, error: ChangedElsewhere
) -> HttpResponse:
    """Nothing was overwritten: the page shows what was typed and, beside it, what is saved."""
    _sheet, scores = _stored(assignment)
    typed = {answer.criterion_id: answer for answer in form.answers()}
    for score in scores:
        answer = typed[score.criterion_id]
        mine = (answer.value, answer.unable_to_judge, answer.justification.strip())
        if mine != (score.value, score.unable_to_judge, score.justification):
            form.elsewhere[score.criterion_id] = score
    _continue_from(form, error.current_version)
    return _refused(request, assignment, form, error)


def _saved() -> str:
    time = formats.date_format(timezone.localtime(), "H:i")
    return _("Saved at %(time)s. Nobody but you sees it until you submit.") % {"time": time}


def _submitted(sheet: ScoreSheet) -> str:
    return _("Submitted: %(total)s of 100. Thank you.") % {"total": sheet.total}
