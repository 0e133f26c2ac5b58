"""Conflicts of interest: what people declare for a call, and what stands between them and a
proposal, as long as it stands."""

from typing import Any, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from accounts.models import User
from applications.models import Call, Proposal, withheld_from
from bpf_portal.core.states import TransitionTable
from reviews.models.profile import NAME_LENGTH


class CallDeclarationQuerySet(models.QuerySet["CallDeclaration"]):
    def visible_to(self, user: Visitor) -> Self:
        """One's own; all for those who run the calls."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if reads_everything(user) else self.filter(person=user)


@pghistory.track()
class CallDeclaration(models.Model):
    """What a reviewer declares for a call before they see anything of it; the newest counts."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="interest_declarations")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="call_declarations"
    )
    #: Organisations and people in which they have an interest.
    interests = ArrayField(
        models.CharField(max_length=NAME_LENGTH), verbose_name=_("interests"), default=list
    )
    #: They promise to keep to themselves what they read.
    confidential = models.BooleanField(_("confidentiality"), default=False)
    declared_at = models.DateTimeField(_("declared"))

    objects = CallDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration for a call")
        verbose_name_plural = _("declarations for calls")
        ordering = ("-declared_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("call", "person"), name="declared_once_per_call"),
            models.CheckConstraint(
                name="declared_with_confidentiality", condition=Q(confidential=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.call}: {self.person}"


class ConflictState(models.TextChoices):
    SUSPECTED = "suspected", _("to be looked at")
    RECUSED = "recused", _("recused")
    CLEARED = "cleared", _("no conflict")


CONFLICT_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "conflict",
    {
        ("suspected", "confirm"): "recused",
        ("suspected", "clear"): "cleared",
        ("suspected", "declare"): "recused",
        ("cleared", "declare"): "recused",
        ("cleared", "suspect"): "suspected",
        ("recused", "lift"): "cleared",
    },
)

#: While it stands, the person sees nothing of the proposal.
STANDING_STATES = (ConflictState.SUSPECTED, ConflictState.RECUSED)


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def visible_to(self, user: Visitor) -> Self:
        """The register is for those who run the calls and the auditor; nobody reads in it of a
        proposal that is kept from them."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(withheld_from(user))

    def standing(self) -> Self:
        return self.filter(state__in=STANDING_STATES)


def proposals_kept_from(user: User) -> models.QuerySet[Any, Any]:
    """Ids of the proposals of which this person must see nothing."""
    return Conflict.objects.standing().filter(person=user).values("proposal_id")


def people_kept_out_of(proposal_id: int) -> models.QuerySet[Any, Any]:
    """Ids of the people who must see nothing of this proposal."""
    return Conflict.objects.standing().filter(proposal=proposal_id).values("person_id")


@pghistory.track()
class Conflict(models.Model):
    """What one person has to do with one proposal, at both its stages.

    `grounds` are what the portal found: objects with `kind` (mail_domain, company, director or
    partner), `own` (what of the person) and `theirs` (what of the proposal). `details` are the
    person's own words, `reason` those of whoever settled it.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="conflicts",
    )
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="conflicts")
    state = models.CharField(_("state"), max_length=10, choices=ConflictState.choices)
    grounds = models.JSONField(_("what was found"), default=list, blank=True)
    details = models.TextField(_("in their own words"), blank=True)
    found_at = models.DateTimeField(_("since"))
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "proposal"), name="conflict_once_per_person_and_proposal"
            ),
            models.CheckConstraint(
                name="conflict_state_is_known", condition=Q(state__in=ConflictState.values)
            ),
            models.CheckConstraint(
                name="conflict_recusal_has_its_words",
                condition=~Q(state="recused") | ~Q(details="") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="conflict_clearance_has_its_person_and_reason",
                condition=~Q(state="cleared")
                | (Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="conflict_is_settled_by_another",
                condition=Q(settled_by=None) | ~Q(settled_by=models.F("person")),
            ),
        )
        indexes = (
            models.Index(fields=("person", "state", "proposal"), name="conflicts_of_a_person"),
            models.Index(fields=("state", "-id"), name="conflicts_to_settle"),
        )

    def __str__(self) -> str:
        return f"{self.proposal.reference}: {self.person}"
