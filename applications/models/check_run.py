"""Runs of the automatic checks, and what they found. Every run stays."""

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.rule_set import RuleSet
from applications.models.submission import Submission
from bpf_portal.core.jobs import Job, JobQuerySet


class Moment(models.TextChoices):
    """Why a check was run."""

    SUBMISSION = "submission", _("at the hand-in")
    CORRECTION = "correction", _("handed in again")
    RERUN = "rerun", _("asked for by an officer")
    SCAN = "scan", _("after the virus scan")
    SCREENING = "screening", _("a sanctions list or an answer about a name changed")
    REGISTER = "register", _("a company register answered")
    SIMILAR = "similar", _("a similar proposal was handed in")
    AWARD = "award", _("before an award")
    CONTRACT = "contract", _("before the contract")
    RENEWAL = "renewal", _("due diligence renewed")
    LISTS = "lists", _("a list or rating of countries changed")


#: Checks made from an award on look at the day they are made on: what counted at the deadline may
#: count no longer.
AS_OF_THEIR_DAY = (Moment.AWARD, Moment.CONTRACT, Moment.RENEWAL)
#: From then on the clause must be countersigned by the local partner.
COUNTERSIGNED_FROM = (Moment.CONTRACT, Moment.RENEWAL)


@pghistory.track(exclude=["lease_until", "progress_done", "progress_total"])
class CheckRun(Job):
    """A durable job that checks one submission under one version of one rule set."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="check_runs")
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    moment = models.CharField(_("moment"), max_length=12, choices=Moment.choices)
    reference_date = models.DateField(_("reference date"))
    inputs_sha256 = models.CharField(_("hash of the inputs"), max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, blank=True)
    due_diligence = models.CharField(_("due diligence"), max_length=12, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)

    about_path = "submission__reference"
    result_columns = ("outcome", "due_diligence", "inputs_sha256", "duration_ms")

    objects = JobQuerySet["CheckRun"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("check run")
        verbose_name_plural = _("check runs")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.submission.reference} #{self.pk}"


class Rechecking(Job):
    """A durable job: lists or ratings of countries changed, so living proposals are compared anew.

    The newest row says which lists were compared with last. The very first is only that.
    """

    #: Of every list, rating and risk level that the rules read.
    fingerprint = models.CharField(max_length=64)
    #: The last submission that was compared; the next attempt goes on after it.
    done_up_to = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(_("proposals to be looked at again"), default=0)

    objects = JobQuerySet["Rechecking"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("check after changed lists")
        verbose_name_plural = _("checks after changed lists")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.fingerprint[:12]


# The thirty findings of a run are written in one statement, and so is their history.
@pghistory.track(
    pghistory.InsertEvent(level=pgtrigger.Statement),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
)
class Finding(models.Model):
    """What one rule said. Texts are made from `reason` and `values`, in the reader's language."""

    check_run = models.ForeignKey(CheckRun, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(_("rule"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=8)
    observed = models.TextField(_("observed"), blank=True)
    required = models.TextField(_("required"), blank=True)
    reason = models.CharField(max_length=60)
    values = models.JSONField(default=dict, blank=True)
    place = models.CharField(_("place in the dossier"), max_length=30, blank=True)
    source = models.CharField(_("source"), max_length=320, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("check_run", "position")
        constraints = (
            models.UniqueConstraint(fields=("check_run", "code"), name="finding_once_per_run"),
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.outcome}"
