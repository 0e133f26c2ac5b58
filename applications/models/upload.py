"""A file on its way: it arrives in pieces, over as many connections as a bad line needs."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor
from applications.models.document import Document
from applications.models.proposal import Proposal

#: An upload that nobody goes on with is thrown away after this long.
UPLOAD_KEPT_FOR = timedelta(hours=48)


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: Visitor) -> Self:
        """One's own only: a colleague does not have the file to go on with."""
        return self.filter(created_by=user) if user.is_authenticated else self.none()

    def unfinished(self) -> Self:
        """Those that can still be gone on with."""
        return self.filter(
            document=None, refusal="", touched_at__gt=timezone.now() - UPLOAD_KEPT_FOR
        )

    def expired(self) -> Self:
        return self.filter(touched_at__lte=timezone.now() - UPLOAD_KEPT_FOR)


class Upload(models.Model):
    """`received` bytes of `size` are stored, in the pieces `parts`; then it becomes a document."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="uploads")
    kind = models.SlugField(_("kind"), max_length=40)
    filename = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    #: The browser's word for when the file was changed; tells it again when it is chosen again.
    modified = models.BigIntegerField(default=0)
    received = models.PositiveBigIntegerField(_("received"), default=0)
    parts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    touched_at = models.DateTimeField(_("last piece"), default=timezone.now)
    # How it ended: asked again, the answer is the same.
    document = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, related_name="+")
    refusal = models.TextField(_("refused because"), blank=True, default="")

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ("created_at",)
        constraints = (
            models.CheckConstraint(
                name="upload_receives_at_most_its_size",
                condition=models.Q(received__lte=models.F("size")),
            ),
        )
        indexes = (models.Index(fields=("touched_at",), name="upload_by_age"),)

    def __str__(self) -> str:
        return f"{self.filename} ({self.received}/{self.size})"

    @property
    def folder(self) -> str:
        """Where the pieces are stored; nothing else is."""
        return f"uploads/{self.pk.hex}"

    @property
    def percent(self) -> int:
        return 100 * self.received // self.size if self.size else 0
