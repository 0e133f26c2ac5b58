"""The clause as a local partner countersigns it before the contract, through the link of a mail."""

from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models.call import ClauseVersion
from applications.models.partner import Partner
from applications.models.proposal import Proposal
from applications.models.withholding import withheld_from
from bpf_portal.core.states import TransitionTable


class CountersignatureState(models.TextChoices):
    SENT = "sent", _("waiting for an answer")
    SIGNED = "signed", _("countersigned")
    REFUSED = "refused", _("refused")
    VOID = "void", _("no longer valid")


#: `void`: a newer link was sent, or the lead answered to another text meanwhile.
COUNTERSIGNATURE_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "countersignature",
    {
        ("sent", "sign"): "signed",
        ("sent", "refuse"): "refused",
        ("sent", "void"): "void",
        ("signed", "void"): "void",
        ("refused", "void"): "void",
    },
)


class CountersignatureQuerySet(models.QuerySet["Countersignature"]):
    def visible_to(self, user: Visitor) -> Self:
        """LuxDev's people and the company. A partner has no account: its link is its only door."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user))
        return self.filter(proposal__organisation__memberships__user=user)

    def current(self) -> Self:
        """At most one for each partner."""
        return self.exclude(state=CountersignatureState.VOID)


@pghistory.track()
class Countersignature(models.Model):
    """One request to one partner, and its answer. Of the link's token only the SHA-256 is kept.

    `clause` is the text that the partner reads, in its language, of the version that the lead
    accepted; who signed, when, and that text's own hash stay.
    """

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="countersignatures"
    )
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="countersignatures")
    clause = models.ForeignKey(ClauseVersion, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("sent to"))
    #: With the portal's own key it gives the token again; alone nothing.
    seed = models.CharField(max_length=64, editable=False)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=CountersignatureState.choices,
        default=CountersignatureState.SENT,
    )
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    expires_at = models.DateTimeField(_("valid until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    signatory = models.CharField(_("name of the signatory"), max_length=150, blank=True)
    function = models.CharField(_("function of the signatory"), max_length=100, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = CountersignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("countersignature")
        verbose_name_plural = _("countersignatures")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("partner",),
                name="partner_countersigns_once_at_a_time",
                condition=~Q(state="void"),
            ),
            models.CheckConstraint(
                name="countersignature_state_has_its_answer",
                condition=Q(state="sent", answered_at=None)
                | Q(state="void")
                | (
                    Q(state="signed", answered_at__isnull=False)
                    & ~Q(signatory="")
                    & ~Q(function="")
                )
                | (
                    Q(state="refused", answered_at__isnull=False) & ~Q(signatory="") & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="countersignature_link_expires_later", condition=Q(expires_at__gt=F("sent_at"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} ({self.get_state_display()})"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
