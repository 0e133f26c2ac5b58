"""Who is to read what, before anybody is asked: a plan that an officer changes and then sends."""

from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Call, Stage, Submission, withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet
from bpf_portal.core.states import TransitionTable


class PlanState(models.TextChoices):
    BEING_MADE = "being_made", _("being made")
    OPEN = "open", _("to be looked at")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    DISCARDED = "discarded", _("given up")


PLAN_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "assignment plan",
    {
        ("being_made", "fill"): "open",
        ("being_made", "discard"): "discarded",
        ("open", "change"): "open",
        ("open", "discard"): "discarded",
        ("open", "send"): "sending",
        ("sending", "finish"): "sent",
    },
)

#: Of a call's stage there is one plan at a time in these states.
LIVING_PLANS = (PlanState.BEING_MADE, PlanState.OPEN, PlanState.SENDING)


class PlanWay(models.TextChoices):
    """How the pairs of a plan are found."""

    OPTIMISED = "optimised", _("proposed by the portal")
    STAGE_1 = "stage_1", _("who read it at the pre-selection")
    SECTOR = "sector", _("all of a sector")
    COUNTRY = "country", _("all of a country")


class AssignmentPlanQuerySet(models.QuerySet["AssignmentPlan"]):
    def visible_to(self, user: Visitor) -> Self:
        """For those who run and audit the calls; what it says of proposals: `PlannedReview`."""
        return self if reads_everything(user) else self.none()

    def living(self) -> Self:
        return self.filter(state__in=LIVING_PLANS)


@pghistory.track()
class AssignmentPlan(models.Model):
    """A proposal of reviewers for a stage of a call. Nobody is asked before it is sent.

    `wanted` reviewers for a dossier, `most` dossiers for a reviewer; the rest of `parameters` says
    what the way needs. `alike` are pairs (submission, reviewer) that may have a conflict.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="assignment_plans")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=PlanState.choices, default=PlanState.BEING_MADE
    )
    way = models.CharField(_("way"), max_length=10, choices=PlanWay.choices)
    wanted = models.PositiveSmallIntegerField(_("reviewers for a proposal"))
    most = models.PositiveSmallIntegerField(_("proposals for a reviewer, at most"))
    parameters = models.JSONField(default=dict, blank=True)
    alike = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = AssignmentPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment plan")
        verbose_name_plural = _("assignment plans")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("call", "stage"),
                name="one_living_plan_per_stage",
                condition=Q(state__in=("being_made", "open", "sending")),
            ),
            models.CheckConstraint(
                name="plan_is_sent_by_somebody_with_a_day",
                condition=Q(
                    state__in=("being_made", "open", "discarded"), sent_by=None, sent_at=None
                )
                | Q(
                    state__in=("sending", "sent"),
                    sent_by__isnull=False,
                    sent_at__isnull=False,
                    due_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="plan_asks_for_somebody", condition=Q(wanted__gte=1, most__gte=1)
            ),
        )

    def __str__(self) -> str:
        return f"{self.call} {self.get_stage_display()} #{self.pk}"


class PlannedState(models.TextChoices):
    PLANNED = "planned", _("planned")
    ASKED = "asked", _("asked")
    HELD = "held", _("possible conflict")
    REFUSED = "refused", _("not possible")


class PlannedReviewQuerySet(models.QuerySet["PlannedReview"]):
    def visible_to(self, user: Visitor) -> Self:
        """Nothing about a proposal that is kept from the person."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(withheld_from(user, "submission__proposal_id"))


@pghistory.track()
class PlannedReview(models.Model):
    """One pair of a plan. `why` speaks for it (`reviews.matching.Why`), nothing where a person
    chose it; `refused` says why it cannot be, or could not be sent."""

    plan = models.ForeignKey(AssignmentPlan, on_delete=models.CASCADE, related_name="reviews")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    why = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    by_hand = models.BooleanField(default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=PlannedState.choices, default=PlannedState.PLANNED
    )
    refused = models.CharField(max_length=20, blank=True)
    #: When the reviewer's mail was written.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = PlannedReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned review")
        verbose_name_plural = _("planned reviews")
        ordering = ("plan", "submission", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "submission", "reviewer"), name="planned_once_in_a_plan"
            ),
            models.CheckConstraint(
                name="planned_review_is_refused_for_a_reason",
                condition=Q(state="refused", refused__gt="")
                | (~Q(state="refused") & Q(refused="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission.reference}: {self.reviewer}"


class PlanStep(models.TextChoices):
    FILL = "fill", _("make the plan")
    SEND = "send", _("ask the reviewers")


class PlanWork(Job):
    """A durable job: a plan is filled, or sent."""

    about_path = "plan__call__code"

    plan = models.ForeignKey(AssignmentPlan, on_delete=models.CASCADE, related_name="work")
    step = models.CharField(max_length=4, choices=PlanStep.choices)

    objects = JobQuerySet["PlanWork"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("work on an assignment plan")
        verbose_name_plural = _("work on assignment plans")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.get_step_display()}"
