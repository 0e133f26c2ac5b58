"""What the submitted sheets of a submission say together, kept with its row."""

from applications.models import Submission
from reviews.models import AssignmentState, Score, ScoreSheet
from reviews.scoring import summarise


def update_averages(submission_id: int) -> None:
    """Store with the submission what its submitted sheets say. Its row is locked meanwhile."""
    submission = Submission.objects.select_for_update(of=("self",)).only("pk").get(pk=submission_id)
    sheets = ScoreSheet.objects.filter(
        assignment__submission=submission, assignment__state=AssignmentState.SUBMITTED
    )
    floored = Score.objects.filter(
        sheet__in=sheets, criterion__floor__isnull=False, value__isnull=False
    )
    summary = summarise(
        [total for total in sheets.values_list("total", flat=True) if total is not None],
        [value for value in floored.values_list("value", flat=True) if value is not None],
    )
    Submission.objects.filter(pk=submission.pk).update(
        review_count=summary.count,
        score_mean=summary.mean,
        score_spread=summary.spread,
        lowest_human_rights=summary.lowest_floored,
    )
