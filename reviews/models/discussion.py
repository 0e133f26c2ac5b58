"""What the reviewers of a proposal write to each other, in a phase that lets them."""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Submission, withheld_from

#: Characters of one remark.
REMARK_LENGTH = 4000


class RemarkQuerySet(models.QuerySet["Remark"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those who run the calls, but for proposals kept from them. Reviewers come to it by their
        assignment and the phase (`reviews.access.others_of`), which also hides the names."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(withheld_from(user, "submission__proposal_id"))


class Remark(models.Model):
    """One remark on one submission. Never changed: the database refuses."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("remark"), max_length=REMARK_LENGTH)
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ("id",)
        triggers = (
            pgtrigger.Protect(name="as_written", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.text[:40]}"
