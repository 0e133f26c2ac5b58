"""Score sheets: a score for each criterion, with its justification."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import withheld_from
from reviews.models.assignment import Assignment, AssignmentState
from reviews.models.rubric import Criterion, Rubric


class ScoreSheetQuerySet(models.QuerySet["ScoreSheet"]):
    def visible_to(self, user: Visitor) -> Self:
        """Reviewers see their own sheet only; the staff who run the call see submitted ones."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            submitted = self.filter(assignment__state=AssignmentState.SUBMITTED)
            return submitted.exclude(withheld_from(user, "assignment__submission__proposal_id"))
        return self.filter(assignment__in=Assignment.objects.visible_to(user).filter(reviewer=user))


@pghistory.track()
class ScoreSheet(models.Model):
    """One reviewer's sheet. `total` is in points of 100, stored when the sheet is submitted."""

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="score_sheet"
    )
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    #: The hand-in (`Submission.revision`) that its reviewer had before them when it was saved.
    revision = models.PositiveSmallIntegerField(_("hand-in that was read"), default=1)
    comment = models.TextField(_("overall comment"), blank=True)
    total = models.DecimalField(_("total"), max_digits=5, decimal_places=2, null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last saved"), auto_now=True)

    objects = ScoreSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        constraints = (
            models.CheckConstraint(
                name="score_sheet_total_with_its_moment",
                condition=Q(total=None, submitted_at=None)
                | Q(total__gte=0, total__lte=100, submitted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.assignment)


@pghistory.track()
class Score(models.Model):
    """A score with its justification, or "not able to judge", which never counts as zero."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    value = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    unable_to_judge = models.BooleanField(_("not able to judge"), default=False)
    justification = models.TextField(_("justification"), blank=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ("sheet", "criterion__position")
        constraints = (
            models.UniqueConstraint(fields=("sheet", "criterion"), name="score_once_per_criterion"),
            models.CheckConstraint(
                name="score_or_unable_to_judge",
                condition=Q(unable_to_judge=False) | Q(value=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"


class EarlierSheet(models.Model):
    """A sheet as it was submitted, before an officer gave it back. Never changed.

    `scores` are objects with `criterion` (its id), `value`, `unable_to_judge` and `justification`,
    in the order of the grid.
    """

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="earlier")
    total = models.DecimalField(_("total"), max_digits=5, decimal_places=2)
    submitted_at = models.DateTimeField(_("submitted"))
    comment = models.TextField(_("overall comment"), blank=True)
    scores = models.JSONField(_("scores"))
    given_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    given_back_at = models.DateTimeField(_("given back"), auto_now_add=True)
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("earlier score sheet")
        verbose_name_plural = _("earlier score sheets")
        ordering = ("sheet", "id")
        triggers = (
            pgtrigger.Protect(name="as_submitted", operation=pgtrigger.Update | pgtrigger.Delete),
        )
        constraints = (
            models.CheckConstraint(name="sheet_given_back_with_reason", condition=~Q(reason="")),
        )

    def __str__(self) -> str:
        return f"{self.sheet_id}: {self.total}"


class ReadingNotes(models.Model):
    """What a reviewer notes while reading: theirs alone, on no page of anybody else."""

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="reading_notes"
    )
    text = models.TextField(_("notes"), blank=True)
    updated_at = models.DateTimeField(_("last saved"), auto_now=True)

    class Meta:
        verbose_name = _("reading notes")
        verbose_name_plural = _("reading notes")

    def __str__(self) -> str:
        return str(self.assignment_id)
