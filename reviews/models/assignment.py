"""Who reviews what, and that they declared to have no interest in it."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from accounts.models import User
from applications.models import Submission, withheld_from
from bpf_portal.core.states import TransitionTable
from reviews.models.interest import CallDeclaration
from reviews.models.phase import ReviewPhase


class AssignmentState(models.TextChoices):
    ASSIGNED = "assigned", _("declaration awaited")
    ACCEPTED = "accepted", _("being scored")
    RECUSED = "recused", _("conflict of interest")
    SUBMITTED = "submitted", _("scored")
    RELEASED = "released", _("taken back")


ASSIGNMENT_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "assignment",
    {
        ("assigned", "declare_no_conflict"): "accepted",
        ("assigned", "declare_conflict"): "recused",
        ("accepted", "declare_conflict"): "recused",
        ("accepted", "submit_scores"): "submitted",
        ("submitted", "declare_conflict"): "recused",
        ("submitted", "reopen"): "accepted",
        ("recused", "reinstate"): "assigned",
        ("assigned", "release"): "released",
        ("accepted", "release"): "released",
        ("released", "ask_again"): "assigned",
    },
)

#: States in which the dossier itself may be read: never before the declaration.
READING_STATES = (AssignmentState.ACCEPTED, AssignmentState.SUBMITTED)
#: States in which it is nothing to its reviewer any more.
GONE_STATES = (AssignmentState.RECUSED, AssignmentState.RELEASED)
#: Sorts what its reviewer has still to do before what is over; the index below knows it.
WHAT_IS_OVER = Case(
    When(state__in=(AssignmentState.ASSIGNED, AssignmentState.ACCEPTED), then=0), default=1
)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Visitor) -> Self:
        """A reviewer's own, once they have declared their interests for the call and as long as no
        conflict stands; for those who run the call all but those of proposals kept from them."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        shown = self.exclude(withheld_from(user, "submission__proposal_id"))
        if reads_everything(user):
            return shown
        declared = CallDeclaration.objects.filter(person=user).values("call_id")
        mine = shown.filter(reviewer=user, submission__call__in=declared)
        return mine.exclude(state__in=GONE_STATES)

    def undeclared_by(self, user: User) -> Self:
        """A reviewer's own in calls for which they have not declared their interests yet: that
        there are some may be said, which ones may not."""
        declared = CallDeclaration.objects.filter(person=user).values("call_id")
        mine = self.filter(reviewer=user).exclude(submission__call__in=declared)
        return mine.exclude(state__in=GONE_STATES)

    def readable_by(self, user: User) -> Self:
        """A reviewer's own whose dossier is open to them at this moment."""
        phase = ReviewPhase.objects.of("submission").at(timezone.now()).filter(see=True)
        mine = self.visible_to(user).filter(reviewer=user, state__in=READING_STATES)
        return mine.filter(Exists(phase))


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
    #: The last day on which an officer had its reviewer reminded.
    reminded_on = models.DateField(_("reminded"), null=True, blank=True)
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
                condition=Q(state__in=("assigned", "released")) | Q(declared_at__isnull=False),
            ),
            models.CheckConstraint(
                name="assignment_recusal_has_its_reason",
                condition=~Q(state="recused") | ~Q(conflict_details=""),
            ),
        )
        indexes = (models.Index("reviewer", WHAT_IS_OVER, "due_on", "id", name="my_reviews"),)

    def __str__(self) -> str:
        return f"{self.submission.reference}: {self.reviewer}"
