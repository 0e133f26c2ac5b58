"""What people said of findings, and what they asked a company about them. Rows are never changed:
who thinks otherwise adds one."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.checks.decided import Answer
from applications.models.check_run import CheckRun
from applications.models.message import Message
from applications.models.screening import StaffQuerySet
from applications.models.submission import Submission
from bpf_portal.core.states import TransitionTable

#: Characters of a reason at least: "ok" explains nothing to an auditor.
SHORTEST_REASON = 10


class FindingVerdict(models.TextChoices):
    CONFIRMED = Answer.CONFIRMED.value, _("confirmed")
    OVERRULED = Answer.OVERRULED.value, _("overruled")
    CLEARED = Answer.CLEARED.value, _("settled by the company’s answer")
    TAKEN_BACK = Answer.TAKEN_BACK.value, _("decision taken back")


#: A finding's state is the verdict in force on it, or "open".
FINDING_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "finding",
    {
        ("open", "confirm"): "confirmed",
        ("open", "overrule"): "overruled",
        ("open", "clear"): "cleared",
        ("confirmed", "take_back"): "open",
        ("overruled", "take_back"): "open",
        ("cleared", "take_back"): "open",
    },
)


@pghistory.track()
class FindingDecision(models.Model):
    """One person's answer to one finding, with what the machine had said then."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="finding_decisions"
    )
    check_run = models.ForeignKey(CheckRun, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("rule"), max_length=40)
    #: Fingerprint of the finding (`checks.decided.facts_of`): on what the person decided.
    facts = models.CharField(max_length=64)
    outcome = models.CharField(_("outcome"), max_length=8)
    reason_code = models.CharField(max_length=60)
    observed = models.TextField(_("observed"), blank=True)
    required = models.TextField(_("required"), blank=True)
    values = models.JSONField(default=dict, blank=True)
    verdict = models.CharField(_("answer"), max_length=10, choices=FindingVerdict.choices)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), default=timezone.now)

    objects = StaffQuerySet["FindingDecision"].as_manager()

    class Meta:
        verbose_name = _("decision on a finding")
        verbose_name_plural = _("decisions on findings")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="finding_decision_says_why",
                condition=Q(verdict="confirmed") | ~Q(reason=""),
            ),
        )
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.code}: {self.verdict}"


@pghistory.track()
class FindingQuestion(models.Model):
    """That a company was asked about a finding, in a message of its conversation."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="finding_questions"
    )
    check_run = models.ForeignKey(CheckRun, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("rule"), max_length=40)
    facts = models.CharField(max_length=64)
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, related_name="finding_question"
    )

    objects = StaffQuerySet["FindingQuestion"].as_manager()

    class Meta:
        verbose_name = _("question about a finding")
        verbose_name_plural = _("questions about findings")
        ordering = ("-id",)
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.code}: {self.message_id}"
