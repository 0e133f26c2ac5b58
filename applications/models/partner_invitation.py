"""What a partner was asked by mail, and what it answered through the link of that mail."""

from datetime import datetime
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor
from applications.models.partner import Partner
from applications.models.proposal import Proposal
from bpf_portal.core.states import TransitionTable


class InvitationState(models.TextChoices):
    SENT = "sent", _("waiting for an answer")
    CONFIRMED = "confirmed", _("confirmed")
    DECLINED = "declined", _("declined")
    VOID = "void", _("no longer valid")


#: `void`: a newer link was sent, or what was asked or confirmed is no longer what is written.
INVITATION_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "partner invitation",
    {
        ("sent", "remind"): "sent",
        ("sent", "confirm"): "confirmed",
        ("sent", "decline"): "declined",
        ("sent", "void"): "void",
        ("confirmed", "void"): "void",
        ("declined", "void"): "void",
    },
)


class VoidReason(models.TextChoices):
    REPLACED = "replaced", _("a newer link was sent")
    CHANGED = "changed", _("what the partner confirmed was changed")
    ADDRESS = "address", _("the e-mail address was changed")
    REMOVED = "removed", _("the partner was taken out of the proposal")


class PartnerInvitationQuerySet(models.QuerySet["PartnerInvitation"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of one's own company. A partner has no account: its link is its only door."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(proposal__organisation__memberships__user=user)

    def current(self) -> Self:
        """At most one for each partner: the last that is still valid or was answered."""
        return self.exclude(state=InvitationState.VOID)


@pghistory.track()
class PartnerInvitation(models.Model):
    """One request to one partner. Of the link's token only the SHA-256 is kept."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="partner_invitations"
    )
    #: Empty once the partner was taken out of the proposal: its link then says so.
    partner = models.ForeignKey(
        Partner, on_delete=models.SET_NULL, null=True, related_name="invitations"
    )
    email = models.EmailField(_("sent to"))
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", _("French")), ("en", _("English"))]
    )
    #: With the portal's own key it gives the token again, for a reminder; alone nothing.
    seed = models.CharField(max_length=64, editable=False)
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=InvitationState.choices,
        default=InvitationState.SENT,
    )
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    reason = models.TextField(_("reason for declining"), blank=True)
    voided_at = models.DateTimeField(_("no longer valid since"), null=True, blank=True)
    void_reason = models.CharField(
        _("why it is no longer valid"), max_length=10, choices=VoidReason.choices, blank=True
    )

    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    contribution = models.TextField(_("part in the project"), blank=True)
    contribution_amount = models.DecimalField(
        _("contribution (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    human_rights_commitment = models.BooleanField(
        _("commitment on human rights"), null=True, blank=True
    )
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)
    answered_by_function = models.CharField(_("function"), max_length=100, blank=True)

    objects = PartnerInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to a partner")
        verbose_name_plural = _("requests to partners")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("partner",),
                name="partner_asked_once_at_a_time",
                condition=~Q(state=InvitationState.VOID),
            ),
            models.CheckConstraint(
                name="partner_invitation_state_has_its_dates",
                condition=Q(state="sent", confirmed_at=None, declined_at=None, voided_at=None)
                | Q(state="confirmed", confirmed_at__isnull=False, declined_at=None, voided_at=None)
                | Q(state="declined", declined_at__isnull=False, confirmed_at=None, voided_at=None)
                | (Q(state="void", voided_at__isnull=False) & ~Q(void_reason="")),
            ),
            models.CheckConstraint(
                name="partner_confirmation_is_whole",
                condition=Q(confirmed_at=None)
                | (
                    Q(human_rights_commitment__isnull=False, contribution_amount__isnull=False)
                    & ~Q(legal_name="")
                    & ~Q(contribution="")
                    & ~Q(answered_by="")
                    & ~Q(answered_by_function="")
                ),
            ),
            models.CheckConstraint(
                name="partner_refusal_has_its_reason",
                condition=Q(declined_at=None) | (~Q(reason="") & ~Q(answered_by="")),
            ),
            models.CheckConstraint(
                name="partner_contribution_not_negative",
                condition=Q(contribution_amount=None) | Q(contribution_amount__gte=0),
            ),
            models.CheckConstraint(
                name="partner_link_expires_later", condition=Q(expires_at__gt=F("sent_at"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} ({self.get_state_display()})"

    @property
    def answered_at(self) -> datetime | None:
        return self.confirmed_at or self.declined_at

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()
