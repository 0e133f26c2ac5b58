"""Scoring: saved in any state, submitted only when every criterion has its answer and reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.actions.drafting import ChangedElsewhere
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call, may_score, may_score_now
from reviews.actions import reviewer_mails
from reviews.actions.averages import update_averages
from reviews.events import ScoresReopened, ScoresSubmitted
from reviews.models import (
    ASSIGNMENT_TRANSITIONS,
    Assignment,
    AssignmentState,
    EarlierSheet,
    ReadingNotes,
    ReviewPhase,
    Rights,
    Score,
    ScoreSheet,
)
from reviews.scoring import WeightedScore, weighted_total


@dataclass(frozen=True)
class CriterionAnswer:
    """What a reviewer answered on one criterion."""

    criterion_id: int
    value: int | None
    unable_to_judge: bool
    justification: str


def _locked(actor: User, assignment_id: int) -> Assignment:
    return (
        Assignment.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("score_sheet__rubric", "submission", "reviewer")
        .defer("submission__document", "submission__search")
        .get(pk=assignment_id)
    )


def _rights(assignment: Assignment) -> Rights:
    """As they are now, and stay until this transaction ends."""
    submission = assignment.submission
    return ReviewPhase.objects.held(submission.call_id, submission.stage, timezone.now())


@transaction.atomic
def save_scores(
    *,
    actor: User,
    assignment_id: int,
    expected_version: int,
    answers: Sequence[CriterionAnswer],
    comment: str | None,
    revision: int | None = None,
    notes: str | None = None,
) -> ScoreSheet:
    """Save the sheet in whatever state it is. Answers of other criteria stay as they are.

    `revision` is the hand-in that the reviewer had before them, the newest unless said otherwise;
    the sheet remembers it, so that one scored before a correction can be told. A `comment` or
    `notes` of None stay as they are.

    Raises ChangedElsewhere (another tab), ValidationError (by criterion id: a score outside the
    scale, or a score and "not able to judge" at once), NotAllowed, Assignment.DoesNotExist.
    """
    assignment = _locked(actor, assignment_id)
    require(may_score(actor, assignment, _rights(assignment)))
    sheet = assignment.score_sheet
    if sheet.version != expected_version:
        raise ChangedElsewhere(sheet.version)
    scores = {score.criterion_id: score for score in sheet.scores.all()}
    _refuse_impossible(answers, scores, sheet.rubric.scale_max)
    for answer in answers:
        score = scores[answer.criterion_id]
        score.value = answer.value
        score.unable_to_judge = answer.unable_to_judge
        score.justification = answer.justification.strip()
    Score.objects.bulk_update(
        [scores[answer.criterion_id] for answer in answers],
        ["value", "unable_to_judge", "justification"],
    )
    newest = assignment.submission.revision
    sheet.revision = max(1, min(revision or newest, newest))
    if comment is not None:
        sheet.comment = comment.strip()
    if notes is not None:
        ReadingNotes.objects.update_or_create(assignment=assignment, defaults={"text": notes})
    sheet.version += 1
    sheet.save(update_fields=["comment", "revision", "version", "updated_at"])
    return sheet


def _refuse_impossible(
    answers: Sequence[CriterionAnswer], scores: dict[int, Score], scale_max: int
) -> None:
    problems: dict[str, list[object]] = {}
    for answer in answers:
        key = str(answer.criterion_id)
        if answer.criterion_id not in scores:
            problems[key] = [_("This criterion is not on the sheet.")]
        elif answer.value is not None and answer.unable_to_judge:
            problems[key] = [_("Either give a score or say that you are not able to judge.")]
        elif answer.value is not None and not 0 <= answer.value <= scale_max:
            problems[key] = [_("Scores go from 0 to %(max)s.") % {"max": scale_max}]
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def submit_scores(*, actor: User, assignment_id: int) -> ScoreSheet:
    """Submit the saved sheet: its total is stored and the submission's averages follow.

    Raises ValidationError by criterion id where an answer or its justification is missing (a score
    without a written justification is not accepted), WrongState, NotAllowed.
    """
    assignment = _locked(actor, assignment_id)
    if assignment.reviewer_id == actor.pk and assignment.state == AssignmentState.SUBMITTED:
        return assignment.score_sheet  # a second click
    require(may_score(actor, assignment, _rights(assignment)))
    before = assignment.state
    target = ASSIGNMENT_TRANSITIONS.target(before, "submit_scores")
    sheet = assignment.score_sheet
    scores = list(sheet.scores.select_related("criterion"))
    _refuse_unfinished(scores)
    sheet.total = total_of(scores, sheet.rubric.scale_max)
    if sheet.total is None:
        raise ValidationError(_("At least one criterion must have a score."))
    sheet.submitted_at = timezone.now()
    sheet.version += 1
    sheet.save(update_fields=["total", "submitted_at", "version", "updated_at"])
    assignment.state = target
    assignment.save(update_fields=["state"])
    update_averages(assignment.submission_id)
    record(
        ScoresSubmitted(submission=assignment.submission_id, total=str(sheet.total)),
        about=assignment,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return sheet


def total_of(scores: Sequence[Score], scale_max: int):  # type: ignore[no-untyped-def]
    """The sheet's weighted total (points of 100, Decimal), or None while nothing is scored."""
    return weighted_total(
        WeightedScore(score.criterion.weight, score.value, scale_max) for score in scores
    )


def _refuse_unfinished(scores: Sequence[Score]) -> None:
    problems: dict[str, list[object]] = {}
    for score in scores:
        if score.value is None and not score.unable_to_judge:
            problems[str(score.criterion_id)] = [
                _("Give a score, or say that you are not able to judge.")
            ]
        elif not score.justification:
            problems[str(score.criterion_id)] = [_("Write why, in a sentence or two.")]
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def reopen_scores(*, actor: User, assignment_id: int, reason: str) -> Assignment:
    """Give the sheet back to its reviewer, who is told why; what was submitted is kept.

    Raises ValidationError (no reason), WrongState, DoesNotExist, and NotAllowed where no phase
    lets reviewers score: given back, the sheet could not be submitted again.
    """
    require(may_run_call(actor))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    assignment = _locked(actor, assignment_id)
    if hasattr(assignment.submission, "decision"):
        raise WrongState(
            "assignment",
            assignment.state,
            "reopen",
            _("A decision was already prepared on this proposal."),
        )
    before = assignment.state
    assignment.state = ASSIGNMENT_TRANSITIONS.target(before, "reopen")
    require(may_score_now(_rights(assignment)))
    assignment.save(update_fields=["state"])
    sheet = assignment.score_sheet
    _keep(sheet, actor, reason.strip())
    sheet.total, sheet.submitted_at = None, None
    sheet.save(update_fields=["total", "submitted_at", "updated_at"])
    update_averages(assignment.submission_id)
    record(
        ScoresReopened(submission=assignment.submission_id, reason=reason.strip()),
        about=assignment,
        actor=actor,
        from_state=before,
        to_state=assignment.state,
    )
    reviewer_mails.give_back(assignment, reason.strip())
    return assignment


def _keep(sheet: ScoreSheet, actor: User, reason: str) -> None:
    assert sheet.total is not None  # noqa: S101 - a CHECK constraint says so
    assert sheet.submitted_at is not None  # noqa: S101
    scores = sheet.scores.order_by("criterion__position")
    EarlierSheet.objects.create(
        sheet=sheet,
        total=sheet.total,
        submitted_at=sheet.submitted_at,
        comment=sheet.comment,
        scores=[
            {
                "criterion": each.criterion_id,
                "value": each.value,
                "unable_to_judge": each.unable_to_judge,
                "justification": each.justification,
            }
            for each in scores
        ],
        given_back_by=actor,
        reason=reason,
    )
