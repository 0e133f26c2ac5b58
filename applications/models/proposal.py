"""A proposal as its company writes it. What was handed in is a Submission, not this."""

from datetime import datetime
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor
from applications.models.call import Call, Stage
from applications.models.organisation import WRITING_ROLES, Organisation
from bpf_portal.core.states import TransitionTable


class ProposalState(models.TextChoices):
    """Where the company's own paper stands; LuxDev's side stands in the submission."""

    DRAFT = "draft", _("being written")
    SUBMITTED = "submitted", _("handed in")
    CONCLUDED = "concluded", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


#: `invite`: shortlisted, the second stage may be written; `conclude`: the last decision is out.
#: A decision that is corrected may open the second stage after all, or close it (`take_back`).
PROPOSAL_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "proposal",
    {
        ("draft", "submit"): "submitted",
        ("draft", "withdraw"): "withdrawn",
        ("submitted", "withdraw"): "withdrawn",
        ("submitted", "invite"): "draft",
        ("submitted", "conclude"): "concluded",
        ("concluded", "invite"): "draft",
        ("draft", "take_back"): "concluded",
    },
)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people, and nobody at LuxDev: they read submissions."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(organisation__memberships__user=user)

    def writable_by(self, user: Visitor) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            organisation__memberships__user=user,
            organisation__memberships__role__in=WRITING_ROLES,
        )


@pghistory.track()
class Proposal(models.Model):
    """The draft rows of one application to one call. Anything may be missing until `submit`."""

    call = models.ForeignKey(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="proposals"
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    reference = models.CharField(_("reference"), max_length=60, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("company"),
        on_delete=models.PROTECT,
        related_name="proposals",
    )
    stage = models.CharField(
        _("stage"), max_length=20, choices=Stage.choices, default=Stage.PRESELECTION
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ProposalState.choices,
        default=ProposalState.DRAFT,
    )
    language = models.CharField(
        _("language of the application"),
        max_length=2,
        choices=[("fr", _("French")), ("en", _("English"))],
        default="fr",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    title = models.CharField(_("title"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    kind = models.CharField(_("kind of project"), max_length=30, blank=True)
    countries = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("countries of implementation"),
        default=list,
        blank=True,
    )
    sectors = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("sectors"),
        default=list,
        blank=True,
    )
    nace = models.CharField(_("economic activity (NACE)"), max_length=10, blank=True)
    sdgs = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("sustainable development goals"),
        default=list,
        blank=True,
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    duration_months = models.PositiveSmallIntegerField(
        _("duration in months"), null=True, blank=True
    )
    #: None: not answered; an empty list: none of them applies.
    excluded_activities = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("excluded activities"),
        null=True,
        blank=True,
    )
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    requested = models.DecimalField(
        _("grant requested (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    own_contribution = models.DecimalField(
        _("own contribution (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    partners_contribution = models.DecimalField(
        _("partners' contribution (EUR)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
    )
    #: The year in which the activity earns what it costs.
    break_even_year = models.PositiveSmallIntegerField(
        _("break-even reached in"), null=True, blank=True
    )
    #: Jobs that the project is to make; None is "not known", which is not 0.
    jobs_total = models.PositiveIntegerField(_("jobs foreseen"), null=True, blank=True)
    jobs_women = models.PositiveIntegerField(_("of these for women"), null=True, blank=True)
    jobs_young = models.PositiveIntegerField(_("of these for young people"), null=True, blank=True)
    #: Policy marker -> 0 not targeted, 1 significant, 2 principal; not there: not assessed.
    markers = models.JSONField(_("markers"), default=dict, blank=True)
    #: Empty where the proposal was imported.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last saved"), default=timezone.now)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("-updated_at",)
        constraints = (
            models.UniqueConstraint(fields=("call", "number"), name="proposal_number_once"),
            models.CheckConstraint(
                name="proposal_amounts_not_negative",
                condition=(Q(requested=None) | Q(requested__gte=0))
                & (Q(own_contribution=None) | Q(own_contribution__gte=0))
                & (Q(partners_contribution=None) | Q(partners_contribution__gte=0)),
            ),
            models.CheckConstraint(
                name="proposal_state_is_known",
                condition=Q(state__in=ProposalState.values),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_draft(self) -> bool:
        return self.state == ProposalState.DRAFT

    @property
    def deadline_at(self) -> datetime | None:
        return self.call.deadline_of(self.stage)
