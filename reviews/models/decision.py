"""Decisions: prepared by one person, confirmed by another, published later."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Call, Submission, withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet
from bpf_portal.core.states import TransitionTable
from reviews.models.rubric import Criterion


class DecisionKind(models.TextChoices):
    INELIGIBLE = "ineligible", _("not eligible")
    SHORTLISTED = "shortlisted", _("shortlisted")
    NOT_SHORTLISTED = "not_shortlisted", _("not shortlisted")
    SELECTED = "selected", _("selected")
    RESERVE = "reserve", _("reserve list")
    NOT_SELECTED = "not_selected", _("not selected")


#: What can be decided at which stage; `ineligible` at both, after an officer's confirmation.
KINDS_BY_STAGE: dict[str, tuple[DecisionKind, ...]] = {
    "preselection": (DecisionKind.SHORTLISTED, DecisionKind.NOT_SHORTLISTED),
    "detailed_proposal": (
        DecisionKind.SELECTED,
        DecisionKind.RESERVE,
        DecisionKind.NOT_SELECTED,
    ),
}
#: Kinds whose letter must give reasons.
REFUSALS = (
    DecisionKind.INELIGIBLE,
    DecisionKind.NOT_SHORTLISTED,
    DecisionKind.NOT_SELECTED,
)


class DecisionState(models.TextChoices):
    PREPARED = "prepared", _("prepared")
    CONFIRMED = "confirmed", _("confirmed")
    RETURNED = "returned", _("sent back")
    PUBLISHED = "published", _("published")


DECISION_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "decision",
    {
        ("prepared", "confirm"): "confirmed",
        ("prepared", "send_back"): "returned",
        ("confirmed", "send_back"): "returned",
        ("returned", "prepare"): "prepared",
        ("confirmed", "publish"): "published",
    },
)


class LetterBatchQuerySet(JobQuerySet["LetterBatch"]):
    def visible_to(self, user: Visitor) -> Self:
        """Batches with at least one decision that this person may see."""
        seen = Decision.objects.visible_to(user).filter(letter_batch=models.OuterRef("pk"))
        return self.filter(models.Exists(seen))


class LetterBatch(Job):
    """A durable job that issues the letters of decisions published together."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="letter_batches")
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    about_path = "call__code"

    objects = LetterBatchQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("batch of letters")
        verbose_name_plural = _("batches of letters")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.call} #{self.pk}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those who run, approve or audit see all; the company sees it once it is published."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user, "submission__proposal_id"))
        return self.filter(
            state=DecisionState.PUBLISHED,
            submission__organisation__memberships__user=user,
        )

    def published(self) -> Self:
        return self.filter(state=DecisionState.PUBLISHED)


@pghistory.track()
class Decision(models.Model):
    """What LuxDev decided on one submission. Amounts in EUR."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="decision")
    kind = models.CharField(_("decision"), max_length=16, choices=DecisionKind.choices)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DecisionState.choices,
        default=DecisionState.PREPARED,
    )
    amount = models.DecimalField(
        _("amount awarded (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    conditions = models.TextField(
        _("conditions"),
        blank=True,
        help_text=_("One a line, in the language of the application."),
    )
    grounds = models.TextField(
        _("grounds"),
        blank=True,
        help_text=_("For the company, in the language of the application."),
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    returned_reason = models.TextField(_("why it was sent back"), blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    letter_batch = models.ForeignKey(
        LetterBatch,
        on_delete=models.PROTECT,
        related_name="decisions",
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-prepared_at",)
        constraints = (
            models.CheckConstraint(
                name="decision_state_has_its_people",
                condition=Q(
                    state__in=("prepared", "returned"),
                    confirmed_at=None,
                    published_at=None,
                )
                | Q(
                    state="confirmed",
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    published_at=None,
                )
                | Q(
                    state="published",
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    published_by__isnull=False,
                    published_at__isnull=False,
                    letter_batch__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="decision_four_eyes",
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="decision_award_has_its_amount",
                condition=Q(kind="selected", amount__gt=0) | (~Q(kind="selected") & Q(amount=None)),
            ),
            models.CheckConstraint(
                name="decision_refusal_has_its_grounds",
                condition=~Q(kind__in=("ineligible", "not_shortlisted", "not_selected"))
                | ~Q(grounds=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission.reference}: {self.get_kind_display()}"


@pghistory.track()
class DecisionReason(models.Model):
    """What the letter says about one criterion, in the language of the application."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="reasons")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ("criterion__position",)
        constraints = (
            models.UniqueConstraint(
                fields=("decision", "criterion"), name="reason_once_per_criterion"
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.text[:60]}"
