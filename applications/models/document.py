"""Files that a company hands in. A file that was once handed in is never overwritten."""

import uuid
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, is_staff
from applications.models.call import Stage
from applications.models.proposal import Proposal


class ScanState(models.TextChoices):
    PENDING = "pending", _("being scanned")
    CLEAN = "clean", _("clean")
    INFECTED = "infected", _("infected")
    UNSCANNED = "unscanned", _("not scanned")


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company's own people; staff those of submissions they may see, once scanned."""
        from applications.models.submission import Submission

        if not user.is_authenticated:
            return self.none()
        if is_staff(user):
            seen = Submission.objects.visible_to(user).values("pk")
            return (
                self.filter(submissions__in=seen)
                .exclude(scan__in=(ScanState.INFECTED, ScanState.PENDING))
                .distinct()
            )
        return self.filter(proposal__organisation__memberships__user=user)

    def current(self) -> Self:
        """Those that count now: neither removed nor replaced by a newer one."""
        return self.filter(removed_at=None)


def random_name(document: "Document", filename: str) -> str:
    """Stored names say nothing and cannot be guessed; the company's own name stands in the row."""
    name = uuid.uuid4().hex
    return f"documents/{name[:2]}/{name}"


@pghistory.track()
class Document(models.Model):
    """One version of one file of a proposal at a stage."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="documents")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    kind = models.SlugField(_("kind"), max_length=40)
    file = models.FileField(_("file"), upload_to=random_name, max_length=120)
    filename = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    scan = models.CharField(
        _("scan"), max_length=10, choices=ScanState.choices, default=ScanState.UNSCANNED
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("kind", "-uploaded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "stage", "kind"),
                name="one_current_document_per_kind",
                condition=models.Q(removed_at=None),
            ),
        )

    def __str__(self) -> str:
        return self.filename
