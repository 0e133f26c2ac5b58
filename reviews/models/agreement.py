"""The agreement that follows an award: prepared, signed, running, over."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import CorrectionRequest, withheld_from
from bpf_portal.core.states import TransitionTable
from reviews.models.decision import Decision


class AgreementState(models.TextChoices):
    PREPARING = "preparing", _("contract being prepared")
    RUNNING = "running", _("running")
    ENDED = "ended", _("ended")
    GIVEN_UP = "given_up", _("given up before the contract")


#: `move`: another last day. The table's states are those of `AgreementState`.
AGREEMENT_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "agreement",
    {
        ("preparing", "sign"): "running",
        ("preparing", "give_up"): "given_up",
        ("running", "move"): "running",
        ("running", "end"): "ended",
    },
)


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those who run, approve or audit; the company reads its letter and its timeline."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(withheld_from(user, "decision__submission__proposal_id"))

    def running(self) -> Self:
        return self.filter(state=AgreementState.RUNNING)


@pghistory.track()
class Agreement(models.Model):
    """One for each published award. Days are those of the contract: signed, first and last day."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="agreement")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=AgreementState.choices,
        default=AgreementState.PREPARING,
    )
    signed_on = models.DateField(_("contract signed on"), null=True, blank=True)
    starts_on = models.DateField(_("project starts on"), null=True, blank=True)
    ends_on = models.DateField(_("project ends on"), null=True, blank=True)
    #: The officer who recorded the contract and answers for the project from then on.
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("officer"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    #: Why it ended, was given up, or has another last day.
    reason = models.TextField(_("reason"), blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="agreement_state_has_its_days",
                condition=Q(state="preparing", signed_on=None, ended_on=None)
                | (Q(state="given_up", signed_on=None, ended_on__isnull=False) & ~Q(reason=""))
                | Q(
                    state="running",
                    signed_on__isnull=False,
                    starts_on__isnull=False,
                    ends_on__isnull=False,
                    officer__isnull=False,
                    ended_on=None,
                )
                | Q(
                    ~Q(reason=""),
                    state="ended",
                    signed_on__isnull=False,
                    starts_on__isnull=False,
                    ends_on__isnull=False,
                    ended_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="agreement_ends_after_its_start",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
            ),
        )

    def __str__(self) -> str:
        return str(self.decision)


@pghistory.track()
class Renewal(models.Model):
    """That the due diligence was due on this anniversary, with the request to the company."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="renewals")
    due_on = models.DateField(_("due"))
    request = models.OneToOneField(
        CorrectionRequest, on_delete=models.PROTECT, related_name="renewal"
    )

    class Meta:
        verbose_name = _("renewal of the due diligence")
        verbose_name_plural = _("renewals of the due diligence")
        ordering = ("-due_on",)
        constraints = (
            models.UniqueConstraint(fields=("agreement", "due_on"), name="renewal_asked_once"),
        )

    def __str__(self) -> str:
        return f"{self.agreement} {self.due_on}"
