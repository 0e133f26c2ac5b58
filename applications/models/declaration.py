"""What a company declares when it hands in: words with a version, for all calls or for one."""

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.call import Call


class DeclarationQuerySet(models.QuerySet["DeclarationVersion"]):
    def current(self, call: Call, language: str, on: date) -> "DeclarationVersion | None":
        """The newest in force on the day; what the call has of its own comes first. None: none."""
        return (
            self.filter(Q(call=call) | Q(call=None), language=language, valid_from__lte=on)
            .order_by(F("call").asc(nulls_last=True), "-valid_from", "-version")
            .first()
        )

    def shipped(self) -> Self:
        return self.filter(call=None)


@pghistory.track()
class DeclarationVersion(models.Model):
    """The statements of one version in one language. `sha256` is over their texts, a line each."""

    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        on_delete=models.PROTECT,
        related_name="declarations",
        null=True,
        blank=True,
        help_text=_("Empty: for every call that has none of its own."),
    )
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    #: [{"code": "true_and_complete", "text": "…"}]
    statements = models.JSONField(_("statements"))
    sha256 = models.CharField("SHA-256", max_length=64)
    valid_from = models.DateField(_("valid from"))
    assumed = models.BooleanField(_("assumed"), default=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declarations")
        verbose_name_plural = _("declarations")
        ordering = ("-valid_from", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "version", "language"),
                name="declarations_version_once_per_language",
                nulls_distinct=False,
            ),
        )
        triggers = (
            pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"
