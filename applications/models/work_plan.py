"""The work of the detailed proposal, in packages with months."""

import re

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.partner import Partner
from applications.models.proposal import Proposal


@pghistory.track()
class WorkPackage(models.Model):
    """A piece of the work. Months count from the project's start: the first is month 1."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="work_packages")
    #: Its place in the list, from 1; other rows refer to the row, so it may move.
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    #: Who leads it: the company itself, or one of the partners; neither is "not answered".
    led_by_company = models.BooleanField(_("led by the company"), default=False)
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("led by the partner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="work_packages",
    )
    first_month = models.PositiveSmallIntegerField(_("first month"), null=True, blank=True)
    last_month = models.PositiveSmallIntegerField(_("last month"), null=True, blank=True)
    deliverables = models.TextField(_("deliverables"), blank=True)

    class Meta:
        verbose_name = _("work package")
        verbose_name_plural = _("work packages")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "number"),
                name="work_package_number_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="work_package_has_one_leader",
                condition=Q(led_by_company=False) | Q(partner=None),
            ),
            models.CheckConstraint(
                name="work_package_months_in_order",
                condition=(Q(first_month=None) | Q(first_month__gte=1))
                & (Q(last_month=None) | Q(last_month__gte=1))
                & (Q(first_month=None) | Q(last_month=None) | Q(last_month__gte=F("first_month"))),
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()

    @property
    def code(self) -> str:
        """How a document names it, whatever the language: WP2."""
        return f"WP{self.number}"

    @property
    def label(self) -> str:
        """How people name it: WP2, in French LT2."""
        return package_label(self.code)


def package_label(code: str) -> str:
    """A document's code of a work package as people of the language in force say it; one that is
    not of our making stays as it is."""
    ours = re.fullmatch(r"WP([0-9]+)", code)
    return _("WP%(number)s") % {"number": ours[1]} if ours else code
