"""What was published about years before the portal, and the chapter's other commitments.

Empty numbers are *unknown* ("not published"), never zero.
"""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.texts import InBothLanguages


@pghistory.track()
class PublishedEdition(models.Model):
    """A year of the facility as its public sources tell it."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    edition = models.CharField(_("edition"), max_length=20, blank=True)
    received = models.PositiveIntegerField(_("received"), null=True, blank=True)
    shortlisted = models.PositiveIntegerField(_("shortlisted"), null=True, blank=True)
    selected = models.PositiveIntegerField(_("selected"), null=True, blank=True)
    cumulative_selected = models.PositiveIntegerField(
        _("selected since 2016"), null=True, blank=True
    )
    awarded = models.DecimalField(
        _("awarded (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    note = models.TextField(_("note"), blank=True)
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("published edition")
        verbose_name_plural = _("published editions")
        ordering = ("year",)
        constraints = (
            models.CheckConstraint(
                name="edition_selected_within_received",
                condition=Q(received=None)
                | Q(selected=None)
                | Q(selected__lte=models.F("received")),
            ),
        )

    def __str__(self) -> str:
        return str(self.year)


@pghistory.track()
class ProgrammeCommitment(models.Model):
    """Another private-sector commitment of the same chapter. Amounts in EUR, empty if unknown."""

    programme = models.SlugField(_("programme"), max_length=40)
    phase = models.PositiveSmallIntegerField(_("phase"), default=1)
    name_fr = models.CharField(_("name (French)"), max_length=150)
    name_en = models.CharField(_("name (English)"), max_length=150)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    committed = models.DecimalField(
        _("committed (EUR)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    cumulative = models.DecimalField(
        _("committed in all (EUR)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
    )
    note_fr = models.TextField(_("note (French)"), blank=True)
    note_en = models.TextField(_("note (English)"), blank=True)
    source = models.CharField(_("source"), max_length=250)
    name = InBothLanguages()
    note = InBothLanguages()

    class Meta:
        verbose_name = _("programme commitment")
        verbose_name_plural = _("programme commitments")
        ordering = ("programme", "phase")
        constraints = (
            models.UniqueConstraint(fields=("programme", "phase"), name="programme_phase_once"),
        )

    def __str__(self) -> str:
        return self.name
