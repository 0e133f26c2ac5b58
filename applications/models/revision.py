"""Each time something was handed in: the document of that moment, as it stays."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.correction import CorrectionRequest
from applications.models.document import Document
from applications.models.submission import Submission


class SubmissionRevision(models.Model):
    """A hand-in: the first is number 1, each answered correction the next. Never changed.

    The submission itself shows the newest; a trigger of its own lets it step to no other text.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("number"))
    document = models.JSONField(_("document"))
    sha256 = models.CharField("SHA-256", max_length=64)
    submitted_at = models.DateTimeField(_("handed in"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    correction = models.OneToOneField(
        CorrectionRequest, on_delete=models.PROTECT, related_name="revision", null=True
    )
    documents = models.ManyToManyField(Document, related_name="revisions", blank=True)

    class Meta:
        verbose_name = _("hand-in")
        verbose_name_plural = _("hand-ins")
        ordering = ("submission", "number")
        constraints = (
            models.UniqueConstraint(fields=("submission", "number"), name="revision_once"),
            models.CheckConstraint(
                name="later_revision_answers_a_correction",
                condition=Q(number=1, correction=None) | Q(number__gt=1, correction__isnull=False),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.submission.reference} #{self.number}"


@pghistory.track(pghistory.InsertEvent(), obj_field=None)
class RevisionDocument(SubmissionRevision.documents.through):  # type: ignore[name-defined]
    """Which file belongs to which hand-in: written with it, never changed."""

    class Meta:
        proxy = True
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)
