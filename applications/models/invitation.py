"""How somebody comes to belong to a company: invited by an owner, or let in after asking."""

import hashlib
from datetime import datetime, timedelta
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor
from applications.models.organisation import MembershipRole, Organisation
from applications.models.vocabulary import Country

#: How long the link of an invitation may be used.
INVITATION_VALID_FOR = timedelta(days=14)


def end_of_validity() -> datetime:
    return timezone.now() + INVITATION_VALID_FOR


def token_digest(token: str) -> str:
    """What is stored of a link's token: whoever reads the database cannot use the link."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people. LuxDev has no business with it."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(organisation__memberships__user=user)

    def waiting(self) -> Self:
        """Neither accepted nor withdrawn; the time for it may be over."""
        return self.filter(accepted_at=None, withdrawn_at=None)


@pghistory.track()
class Invitation(models.Model):
    """A link sent to one address. Only a person who proved to own that address may accept."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=22, choices=MembershipRole.choices)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", _("French")), ("en", _("English"))]
    )
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"), default=end_of_validity)
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "email"),
                name="invitation_waits_once_per_address",
                condition=Q(accepted_at=None, withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_accepted_by_somebody",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_not_accepted_and_withdrawn",
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_accepted_in_time",
                condition=Q(accepted_at=None) | Q(accepted_at__lte=F("expires_at")),
            ),
            models.CheckConstraint(
                name="invitation_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="invitation_role_is_known", condition=Q(role__in=MembershipRole.values)
            ),
            models.CheckConstraint(
                name="invitation_keeps_a_digest",
                condition=Q(("token_sha256__regex", "^[0-9a-f]{64}$")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} ({self.get_role_display()})"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def visible_to(self, user: Visitor) -> Self:
        """Whoever asked, and the owners of the company that was asked."""
        if not user.is_authenticated:
            return self.none()
        owned = Organisation.objects.owned_by(user)
        return self.filter(Q(asked_by=user) | Q(organisation__in=owned))

    def waiting(self) -> Self:
        return self.filter(answered_at=None)


@pghistory.track()
class JoinRequest(models.Model):
    """Somebody wanted to enter a company that is in the portal already, and asks to belong to it.

    `country` and `number` are what the person typed: all they know of the company until accepted.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="join_requests"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="join_requests"
    )
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("trade register number"), max_length=40)
    message = models.CharField(_("message"), max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted = models.BooleanField(_("accepted"), null=True, editable=False)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "asked_by"),
                name="join_request_waits_once",
                condition=Q(answered_at=None),
            ),
            models.CheckConstraint(
                name="join_request_answered_whole",
                condition=Q(answered_at=None, answered_by=None, accepted=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, accepted__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.asked_by}: {self.number}"
