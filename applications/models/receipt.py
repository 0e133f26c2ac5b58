"""The receipt of a hand-in as a PDF: made once by a durable job, and kept."""

import uuid
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models.revision import SubmissionRevision
from applications.models.withholding import withheld_from
from bpf_portal.core.jobs import Job, JobQuerySet


class ReceiptQuerySet(JobQuerySet["Receipt"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people; those who read everything; no reviewer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user, "revision__submission__proposal_id"))
        return self.filter(revision__submission__organisation__memberships__user=user)


def random_name(receipt: "Receipt", filename: str) -> str:
    name = uuid.uuid4().hex
    return f"receipts/{name[:2]}/{name}.pdf"


@pghistory.track(exclude=["lease_until", "progress_done", "progress_total"])
class Receipt(Job):
    """A job whose result is a file. Once it is done, neither row nor file changes."""

    revision = models.OneToOneField(
        SubmissionRevision, on_delete=models.PROTECT, related_name="receipt"
    )
    file = models.FileField(_("file"), upload_to=random_name, max_length=120, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    about_path = "revision__submission__reference"

    objects = ReceiptQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ("-id",)
        constraints = (
            *Job.Meta.constraints,
            models.CheckConstraint(
                name="receipt_done_has_its_file",
                condition=~Q(state="done") | (~Q(file="") & ~Q(sha256="") & Q(size__gt=0)),
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="done"),
            ),
        )

    def __str__(self) -> str:
        return str(self.revision)
