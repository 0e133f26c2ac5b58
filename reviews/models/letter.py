"""Letters as they were issued: the bytes, their hash and what they were made from."""

import uuid
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import withheld_from
from reviews.models.decision import TOLD, Decision, DecisionKind


@pghistory.track()
class LetterTemplate(models.Model):
    """The words of one kind of letter in one language; `{fields}` come from a closed list."""

    kind = models.CharField(_("kind"), max_length=16, choices=DecisionKind.choices)
    language = models.CharField(_("language"), max_length=2)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    subject = models.CharField(_("subject"), max_length=200)
    #: [{"heading": "", "paragraphs": ["…{company}…"], "list": "conditions" | "reasons" | ""}]
    blocks = models.JSONField(_("blocks of text"))
    signatories = models.JSONField(_("signatories"), help_text=_("name and function of each"))
    assumed = models.BooleanField(_("assumed"), default=True)

    class Meta:
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        ordering = ("kind", "language", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "language", "version"),
                name="letter_template_version_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language}) v{self.version}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def visible_to(self, user: Visitor) -> Self:
        """The company it is addressed to; those who run, approve or audit; no reviewer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self.exclude(withheld_from(user, "decision__submission__proposal_id"))
        return self.filter(
            decision__state__in=TOLD,
            decision__submission__organisation__memberships__user=user,
        )


def random_name(letter: "Letter", filename: str) -> str:
    name = uuid.uuid4().hex
    return f"letters/{name[:2]}/{name}.pdf"


@pghistory.track()
class Letter(models.Model):
    """One letter. Its row and its file are never changed: a correction is a new letter."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="letter")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    reference = models.CharField(_("reference"), max_length=40, unique=True)
    language = models.CharField(_("language"), max_length=2)
    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, related_name="+")
    context = models.JSONField(_("what it was made from"))
    file = models.FileField(_("file"), upload_to=random_name, max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    issued_at = models.DateTimeField(_("issued"))

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("-issued_at",)
        constraints = (
            models.UniqueConstraint(fields=("year", "number"), name="letter_number_once_a_year"),
        )
        triggers = (
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return self.reference
