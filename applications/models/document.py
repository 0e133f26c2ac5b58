"""Files that a company hands in. A file that was once handed in is never overwritten."""

from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, is_staff
from applications.models.call import Stage
from applications.models.proposal import Proposal
from applications.models.scanned_file import OPENED_STATES, ScannedFile, ScanState, random_name
from bpf_portal.core.jobs import Job, JobQuerySet

if TYPE_CHECKING:
    from applications.models.submission import Submission

__all__ = ["Document", "DocumentScan", "ScanState", "random_name"]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people; staff those of submissions they may see.

        To see that a file is there is one thing, to have it another: see `opened`.
        """
        from applications.models.submission import Submission

        if not user.is_authenticated:
            return self.none()
        if is_staff(user):
            seen = Submission.objects.visible_to(user).values("pk")
            return self.filter(submissions__in=seen).distinct()
        return self.filter(proposal__organisation__memberships__user=user)

    def opened(self) -> Self:
        """Those whose content may leave the portal: no virus was found in them, and the scan is
        over. Nobody gets the others, neither staff nor the company."""
        return self.filter(scan__in=OPENED_STATES)

    def handed_in_with(self, submission: "Submission") -> Self:
        """The files of the newest hand-in; those that a correction replaced are not among them."""
        return self.filter(
            revisions__submission=submission.pk, revisions__number=submission.revision
        )

    def current(self) -> Self:
        """Those that count now: neither removed nor replaced by a newer one."""
        return self.filter(removed_at=None)

    def with_scan_trouble(self) -> Self:
        """`scan_trouble`: the scan was tried and did not come about yet."""
        tried = DocumentScan.objects.filter(
            subject=Document._meta.label, subject_id=OuterRef("pk")
        ).exclude(last_error="")
        return self.annotate(scan_trouble=Exists(tried))


@pghistory.track()
class Document(ScannedFile):
    """One version of one file of a proposal at a stage."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="documents")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    kind = models.SlugField(_("kind"), max_length=40)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("kind", "-uploaded_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "stage", "kind"),
                name="one_current_document_per_kind",
                condition=models.Q(removed_at=None),
            ),
            models.CheckConstraint(
                name="infected_document_does_not_count",
                condition=~models.Q(scan=ScanState.INFECTED) | models.Q(removed_at__isnull=False),
            ),
        )


@pghistory.track(exclude=["lease_until", "progress_done", "progress_total"])
class DocumentScan(Job):
    """A durable job: have one stored file scanned.

    `subject` is the label of the row's model (any `ScannedFile`) and `subject_id` its number, so
    that every kind of file is scanned by the same job: see `actions.scanning`.
    """

    subject = models.CharField(_("kind"), max_length=60)
    subject_id = models.BigIntegerField(_("number"))
    verdict = models.CharField(
        _("verdict"), max_length=10, choices=ScanState.choices, blank=True, default=""
    )
    #: What the scanner calls what it found.
    signature = models.CharField(_("found"), max_length=200, blank=True, default="")

    objects = JobQuerySet["DocumentScan"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("virus scan")
        verbose_name_plural = _("virus scans")
        indexes = (
            *Job.Meta.indexes,
            models.Index(fields=("subject", "subject_id"), name="scan_of_subject"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"
