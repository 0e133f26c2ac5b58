"""The dossier and the score sheet side by side, in at most twelve queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from applications.actions.checking import StatedFinding, rendered_findings
from applications.forms.section import Difference
from applications.models import CheckRun, Document
from bpf_portal.core.access import Text
from bpf_portal.core.jobs import JobState
from reviews.access import may_discuss
from reviews.actions.scoring import total_of
from reviews.admin.beside import beside_criteria
from reviews.admin.dossier import sections
from reviews.admin.labels import Labels
from reviews.admin.others import others_of, reviewers_of_the_same
from reviews.admin.pages import person, reason_of, render_page, status_of
from reviews.forms.assigning import InterestForm
from reviews.forms.discussing import RemarkForm
from reviews.forms.scoring import ScoreForm, stored_values
from reviews.models import (
    Assignment,
    AssignmentState,
    Criterion,
    EarlierSheet,
    ReviewPhase,
    Rights,
    Score,
    rights_in,
    rights_now,
)
from reviews.scoring import CENT

#: What still waits for its reviewer.
UNFINISHED = (AssignmentState.ASSIGNED, AssignmentState.ACCEPTED)


@dataclass
class Trouble:
    """Why the page comes back: what was refused, and what was typed, which stays."""

    refused: Exception | None = None
    form: ScoreForm | None = None
    interest: InterestForm | None = None
    remark: RemarkForm | None = None
    #: Where what was typed differs from what another window saved.
    differences: Sequence[Difference] = field(default_factory=tuple)
    changed_elsewhere: bool = False
    #: When what comes back unsaved was typed.
    unsaved_since: datetime | None = None


def with_sheets(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """A reviewer's own assignments with all that their page shows beside the dossier itself."""
    runs = CheckRun.objects.filter(submission=OuterRef("submission"), state=JobState.DONE)
    earlier = EarlierSheet.objects.filter(sheet__assignment=OuterRef("pk")).order_by("-pk")
    return (
        rows.select_related(
            "submission__call__rule_set", "reviewer", "score_sheet__rubric", "reading_notes"
        )
        .defer("submission__search")
        .annotate(
            rights=rights_now("submission"),
            done_run=Subquery(runs.order_by("-pk").values("pk")[:1]),
            all_reviewers=reviewers_of_the_same(),
            earlier_sheets=ArraySubquery(
                earlier.values(
                    told=JSONObject(
                        total="total",
                        submitted_at="submitted_at",
                        given_back_at="given_back_at",
                        reason="reason",
                        comment="comment",
                        scores="scores",
                    )
                )
            ),
        )
    )


def next_of(user: User, due_on: Any, pk: Any) -> QuerySet[Assignment]:
    """The unfinished ones that are open now: those after this one in the list first, then from
    the top."""
    after = Q(due_on__gt=due_on) | Q(due_on=due_on, pk__gt=pk)
    open_now = ReviewPhase.objects.of("submission").at(timezone.now()).filter(see=True)
    place = Case(When(after, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Assignment.objects.visible_to(user).filter(reviewer=user, state__in=UNFINISHED)
    return rows.filter(Exists(open_now)).exclude(pk=pk).order_by(place, "due_on", "pk")


def rights_of(assignment: Assignment) -> Rights:
    return rights_in(assignment.rights)  # type: ignore[attr-defined]


def stored(assignment: Assignment) -> list[Score]:
    """The scores as they are saved now, with their criteria and the described levels."""
    rows = assignment.score_sheet.scores.select_related("criterion")
    return list(rows.order_by("criterion__position").prefetch_related("criterion__levels"))


def criteria_of(scores: Sequence[Score]) -> list[Criterion]:
    return [score.criterion for score in scores]


def notes_of(assignment: Assignment) -> str:
    return assignment.reading_notes.text if hasattr(assignment, "reading_notes") else ""


def score_sheet(
    request: HttpRequest,
    assignment: Assignment,
    trouble: Trouble | None = None,
    scores: list[Score] | None = None,
) -> HttpResponse:
    """The reviewer's page (`with_sheets`). What was typed stays when saving was refused."""
    trouble = trouble or Trouble()
    user, sheet, submission = person(request), assignment.score_sheet, assignment.submission
    scores = stored(assignment) if scores is None else scores
    rights, labels = rights_of(assignment), Labels(submission.call_id)
    read = sections(submission.document, labels)
    form = trouble.form or ScoreForm(
        initial=stored_values(
            scores, comment=sheet.comment, notes=notes_of(assignment), version=sheet.version
        ),
        criteria=criteria_of(scores),
    )
    form.beside = beside_criteria(
        criteria_of(scores),
        _findings(assignment, labels),
        read,
        submission.decided_due_diligence,
    )
    files = Document.objects.visible_to(user).with_scan_trouble().handed_in_with(submission)
    context = {
        "title": submission.reference,
        "assignment": assignment,
        "submission": submission,
        "rubric": sheet.rubric,
        "sheet": sheet,
        "scores": scores,
        "total": sheet.total if sheet.submitted_at else total_of(scores, sheet.rubric.scale_max),
        "answered": sum(each.value is not None or each.unable_to_judge for each in scores),
        "corrected": submission.revision > 1,
        "earlier_text": sheet.revision < submission.revision,
        "accepted": assignment.state == AssignmentState.ACCEPTED,
        "writable": assignment.state == AssignmentState.ACCEPTED and rights.score,
        "form": form,
        "interest": trouble.interest or InterestForm(),
        "notes": notes_of(assignment),
        "sections": read,
        "documents": [(each, labels.term("document", each.kind)) for each in files],
        "earlier": _earlier(assignment, scores),
        "others": others_of(assignment, rights),
        "remark": (trouble.remark or RemarkForm())
        if may_discuss(user, assignment, rights)
        else None,
        "following": next_of(user, assignment.due_on, assignment.pk).values("pk").first(),
        "differences": trouble.differences,
        "changed_elsewhere": trouble.changed_elsewhere,
        "unsaved_since": trouble.unsaved_since,
        "problem": _problem(trouble),
    }
    return render_page(request, "reviews/score_sheet.html", context, status=_status(trouble))


def _findings(assignment: Assignment, labels: Labels) -> list[StatedFinding]:
    run_id = assignment.done_run  # type: ignore[attr-defined]
    if run_id is None:
        return []
    return rendered_findings(CheckRun(pk=run_id), labels.language, labels.by_kind)


def _earlier(assignment: Assignment, scores: Sequence[Score]) -> list[dict[str, Any]]:
    """What was submitted before the sheet was given back, newest first, criteria in words."""
    told: list[dict[str, Any]] = assignment.earlier_sheets  # type: ignore[attr-defined]
    return [
        earlier_in_words(each, {score.criterion_id: score.criterion for score in scores})
        for each in told
    ]


def earlier_in_words(told: dict[str, Any], criteria: dict[int, Criterion]) -> dict[str, Any]:
    """An `EarlierSheet` as JSON told it: its total, moments and criteria as their own kinds."""
    return {
        **told,
        "total": Decimal(str(told["total"])).quantize(CENT),
        "submitted_at": parse_datetime(told["submitted_at"]),
        "given_back_at": parse_datetime(told["given_back_at"]),
        "scores": [
            {**each, "criterion": criteria[each["criterion"]]}
            for each in told["scores"]
            if each["criterion"] in criteria
        ],
    }


def _problem(trouble: Trouble) -> Text:
    if trouble.changed_elsewhere or trouble.refused is None:
        return ""
    return reason_of(trouble.refused)


def _status(trouble: Trouble) -> int:
    if trouble.changed_elsewhere:
        return 409
    return 200 if trouble.refused is None else status_of(trouble.refused)
