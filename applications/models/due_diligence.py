"""Human-rights due diligence as the company declares it (domain: UNGP, OECD, National Pact)."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.call import ClauseVersion
from applications.models.proposal import Proposal


class RiskLevel(models.TextChoices):
    LOW = "low", _("low")
    MEDIUM = "medium", _("medium")
    HIGH = "high", _("high")


@pghistory.track()
class DueDiligence(models.Model):
    """The company's policy, flags, reporting and grievance channel for one proposal."""

    proposal = models.OneToOneField(
        Proposal, on_delete=models.CASCADE, related_name="due_diligence"
    )
    policy_dated = models.DateField(_("date of the policy"), null=True, blank=True)
    policy_signed_by_management = models.BooleanField(
        _("signed by the management"), null=True, blank=True
    )
    policy_responsible_person = models.CharField(
        _("person responsible"), max_length=150, blank=True
    )
    policy_url = models.URLField(_("public address of the policy"), blank=True)
    flags = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("warning signs"),
        default=list,
        blank=True,
    )
    communication = models.TextField(_("how and when you report on it"), blank=True)
    remedy_channel = models.TextField(_("grievance channel"), blank=True)
    remedy_languages = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("languages of the channel"),
        default=list,
        blank=True,
    )
    remedy_contact = models.CharField(_("contact of the channel"), max_length=200, blank=True)
    protects_from_reprisal = models.BooleanField(_("protects from reprisal"), null=True, blank=True)
    open_to_partner_workers = models.BooleanField(
        _("open to the partner's workers"), null=True, blank=True
    )
    open_to_communities = models.BooleanField(_("open to communities"), null=True, blank=True)
    #: UNGP 31: criterion -> true, or an explanation.
    remedy_criteria = models.JSONField(_("quality of the channel"), default=dict, blank=True)

    class Meta:
        verbose_name = _("due diligence")
        verbose_name_plural = _("due diligence")

    def __str__(self) -> str:
        return str(self.proposal)


@pghistory.track()
class Risk(models.Model):
    """A risk to people, where it is and how grave and likely."""

    class Where(models.TextChoices):
        OWN_OPERATIONS = "own_operations", _("own operations")
        LOCAL_PARTNER = "local_partner", _("local partner")
        FIRST_TIER = "first_tier", _("direct suppliers")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="risks")
    label = models.CharField(_("number"), max_length=10)
    description = models.TextField(_("description"))
    where = models.CharField(_("where"), max_length=20, choices=Where.choices)
    flag = models.CharField(_("warning sign"), max_length=60, blank=True)
    severity = models.CharField(_("severity"), max_length=6, choices=RiskLevel.choices)
    likelihood = models.CharField(_("likelihood"), max_length=6, choices=RiskLevel.choices)
    consulted = models.TextField(_("who was consulted"), blank=True)

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("proposal", "label"), name="risk_label_once"),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.description}"


@pghistory.track()
class Measure(models.Model):
    """What is done about a risk, by whom and until when."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="measures")
    description = models.TextField(_("measure"))
    owner = models.CharField(_("who is responsible"), max_length=150, blank=True)
    due_on = models.DateField(_("until"), null=True, blank=True)
    indicator = models.CharField(_("indicator"), max_length=200, blank=True)
    rhythm = models.CharField(_("how often it is looked at"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.description


@pghistory.track()
class ClauseAcceptance(models.Model):
    """The clause as it was read and accepted (or refused): who, when, and the hash of the text.

    A draft may be answered anew; what was handed in stays as it was signed, but while a
    correction of the due diligence is asked for.
    """

    proposal = models.OneToOneField(
        Proposal, on_delete=models.CASCADE, related_name="clause_acceptance"
    )
    clause = models.ForeignKey(ClauseVersion, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField("SHA-256", max_length=64)
    accepted = models.BooleanField(_("accepted"))
    signatory = models.CharField(_("name of the signatory"), max_length=150)
    function = models.CharField(_("function of the signatory"), max_length=100)
    legal_representative = models.BooleanField(_("is a legal representative"))
    accepted_at = models.DateTimeField(_("at"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    partner_countersigned = models.BooleanField(_("countersigned by the partner"), default=False)

    class Meta:
        verbose_name = _("acceptance of the clause")
        verbose_name_plural = _("acceptances of the clause")
        constraints = (
            models.CheckConstraint(
                name="clause_acceptance_names_somebody", condition=~Q(signatory="")
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="kept_once_handed_in",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    # The partner countersigns later, before the contract: that alone may change.
                    "IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'partner_countersigned'"
                    " = to_jsonb(OLD) - 'partner_countersigned' THEN RETURN NEW; END IF;"
                    " IF EXISTS (SELECT 1 FROM applications_proposal"
                    " WHERE id = OLD.proposal_id AND state <> 'draft')"
                    " AND NOT (TG_OP = 'UPDATE' AND EXISTS (SELECT 1"
                    " FROM applications_correctionrequest asked"
                    " JOIN applications_submission filed ON filed.id = asked.submission_id"
                    " JOIN applications_proposal own ON own.id = filed.proposal_id"
                    " WHERE own.id = OLD.proposal_id AND filed.stage = own.stage"
                    " AND asked.state = 'open' AND 'due_diligence' = ANY(asked.sections)))"
                    " THEN RAISE EXCEPTION 'the answer to the clause of proposal % was handed in"
                    " and cannot be changed', OLD.proposal_id"
                    " USING ERRCODE = 'integrity_constraint_violation';"
                    " END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.clause}: {self.signatory}"
