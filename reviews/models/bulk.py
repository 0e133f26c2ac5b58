"""One action on many dossiers: a durable job, with what came of each."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Submission, withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet
from reviews.models.decision import Decision


class BulkKind(models.TextChoices):
    CONFIRM_ELIGIBLE = "confirm_eligible", _("confirm as eligible")
    RERUN = "rerun", _("run the checks again")
    PREPARE = "prepare", _("prepare the same decision")
    CONFIRM = "confirm", _("confirm the decisions")
    SEND_BACK = "send_back", _("send the decisions back")
    PUBLISH = "publish", _("publish the decisions")


#: What is chosen are decisions; for the other kinds, submissions.
ON_DECISIONS = (BulkKind.CONFIRM, BulkKind.SEND_BACK, BulkKind.PUBLISH)
#: Chosen at once at most; one page of a list has fifty.
MOST_ITEMS = 500


class BulkActionQuerySet(JobQuerySet["BulkAction"]):
    def visible_to(self, user: Visitor) -> Self:
        """For those who read everything, with at least one dossier that this person may see."""
        if not user.is_authenticated or not reads_everything(user):
            return self.none()
        seen = BulkItem.objects.visible_to(user).filter(bulk=OuterRef("pk"))
        return self.filter(Exists(seen))


class BulkAction(Job):
    """What one person does with many dossiers. `not_before` is the chosen time, else now."""

    action = models.CharField(_("action"), max_length=20, choices=BulkKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: What the action needs besides, as the person typed it: a reason, a decision's kind and text.
    options = models.JSONField(default=dict)
    #: Whether it was put off to a chosen time.
    scheduled = models.BooleanField(_("at a chosen time"), default=False)

    about_path = "action"

    objects = BulkActionQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("action on many proposals")
        verbose_name_plural = _("actions on many proposals")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.pk}"


class ItemResult(models.TextChoices):
    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    REFUSED = "refused", _("not done")
    LEFT = "left", _("called off")


class BulkItemQuerySet(models.QuerySet["BulkItem"]):
    def visible_to(self, user: Visitor) -> Self:
        if not user.is_authenticated or not reads_everything(user):
            return self.none()
        return self.exclude(withheld_from(user, "submission__proposal_id"))


class BulkItem(models.Model):
    """One dossier of them, and what came of it. Written in the transaction of its action."""

    bulk = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="items")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    result = models.CharField(
        _("result"), max_length=8, choices=ItemResult.choices, default=ItemResult.WAITING
    )
    #: Why it was not done, in the language of the person who asked for it.
    why = models.TextField(_("why"), blank=True)

    objects = BulkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier of such an action")
        verbose_name_plural = _("dossiers of such an action")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("bulk", "submission", "decision"),
                nulls_distinct=False,
                name="bulk_item_once",
            ),
            models.CheckConstraint(
                name="bulk_refusal_says_why", condition=~Q(result="refused") | ~Q(why="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.bulk_id}: {self.submission_id}"
