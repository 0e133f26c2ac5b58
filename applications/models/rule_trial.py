"""Rules tried on what was handed in: what was asked, and what came of it."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_drafts_of_rules, reads_everything
from applications.models.call import Call
from applications.models.rule_set import RuleSet, RuleSetState
from applications.models.submission import Submission
from applications.models.withholding import withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet


class RuleTrialQuerySet(JobQuerySet["RuleTrial"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those who read every dossier; what a draft would change, only who reads the draft.

        No result that tells of a proposal in which the reader has a conflict of interest.
        """
        if not reads_everything(user):
            return self.none()
        withheld = Submission.objects.filter(withheld_from(user)).values_list("pk", flat=True)
        rows = self.exclude(submissions__overlap=withheld)
        if reads_drafts_of_rules(user):
            return rows
        return rows.filter(rule_set__state=RuleSetState.IN_FORCE, of_a_draft=False)


class RuleTrial(Job):
    """A durable job that tries rules on the proposals of calls. Its result is kept as it was found.

    `parameters` are the rules as they were when it was asked: a draft may be changed meanwhile.
    """

    about_path = "rule_set__code"

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="trials")
    rule_set_revision = models.PositiveIntegerField()
    #: Tried while the rules were a draft.
    of_a_draft = models.BooleanField(default=False)
    parameters = models.JSONField(_("parameters"))
    calls = models.ManyToManyField(Call, verbose_name=_("calls"), related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    #: The figures, as `applications.actions.simulation_kept` writes them; empty until it is done.
    result: Any = models.JSONField(default=dict, blank=True)
    #: The numbers of all submissions in the result.
    submissions = ArrayField(models.BigIntegerField(), default=list, blank=True)
    #: A line for each proposal.
    csv = models.TextField(blank=True)

    objects = RuleTrialQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("trial of rules")
        verbose_name_plural = _("trials of rules")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.rule_set} #{self.pk}"
