"""Who reviews what, and that they declared to have no interest in it."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Submission
from bpf_portal.core.states import TransitionTable


class AssignmentState(models.TextChoices):
    ASSIGNED = "assigned", _("declaration awaited")
    ACCEPTED = "accepted", _("being scored")
    RECUSED = "recused", _("conflict of interest")
    SUBMITTED = "submitted", _("scored")


ASSIGNMENT_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "assignment",
    {
        ("assigned", "declare_no_conflict"): "accepted",
        ("assigned", "declare_conflict"): "recused",
        ("accepted", "declare_conflict"): "recused",
        ("accepted", "submit_scores"): "submitted",
        ("submitted", "reopen"): "accepted",
    },
)

#: States in which the dossier itself may be read: never before the declaration.
READING_STATES = (AssignmentState.ACCEPTED, AssignmentState.SUBMITTED)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Visitor) -> Self:
        """A reviewer's own, gone once a conflict is declared; all for those who run the call."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self
        return self.filter(reviewer=user).exclude(state=AssignmentState.RECUSED)


@pghistory.track()
class Assignment(models.Model):
    """One reviewer for one submission."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="assignments")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewer"),
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=AssignmentState.choices,
        default=AssignmentState.ASSIGNED,
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField(_("assigned"), auto_now_add=True)
    due_on = models.DateField(_("due"))
    declared_at = models.DateTimeField(_("declared"), null=True, blank=True)
    conflict_details = models.TextField(_("conflict of interest"), blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ("due_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "reviewer"), name="reviewer_once_per_submission"
            ),
            models.CheckConstraint(
                name="assignment_declared_before_reading",
                condition=Q(state="assigned") | Q(declared_at__isnull=False),
            ),
            models.CheckConstraint(
                name="assignment_recusal_has_its_reason",
                condition=~Q(state="recused") | ~Q(conflict_details=""),
            ),
        )
        indexes = (models.Index(fields=("reviewer", "due_on", "id"), name="my_reviews"),)

    def __str__(self) -> str:
        return f"{self.submission.reference}: {self.reviewer}"
