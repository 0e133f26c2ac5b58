"""The budget of a proposal, to the cent."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.partner import Partner
from applications.models.proposal import Proposal
from applications.models.work_plan import WorkPackage


@pghistory.track()
class BudgetLine(models.Model):
    """A cost, EUR. The amount is quantity times unit cost, rounded half up to the cent."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="budget_lines")
    position = models.PositiveSmallIntegerField(default=0)
    category = models.CharField(_("category"), max_length=30)
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=2, default=1)
    unit_cost = models.DecimalField(_("unit cost (EUR)"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("amount (EUR)"), max_digits=12, decimal_places=2)
    #: In the detailed proposal: the work it is for, and who bears the cost; neither is "not said".
    work_package = models.ForeignKey(
        WorkPackage,
        verbose_name=_("work package"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="budget_lines",
    )
    borne_by_company = models.BooleanField(_("borne by the company"), default=False)
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("borne by the partner"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="budget_lines",
    )

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                name="budget_line_not_negative",
                condition=Q(quantity__gte=0, unit_cost__gte=0, amount__gte=0),
            ),
            models.CheckConstraint(
                name="budget_line_has_one_bearer",
                condition=Q(borne_by_company=False) | Q(partner=None),
            ),
        )

    def __str__(self) -> str:
        return self.description


@pghistory.track()
class OtherFunding(models.Model):
    """Money from elsewhere in the project's financing, EUR."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="other_funding")
    source = models.CharField(_("from whom"), max_length=150)
    amount = models.DecimalField(_("amount (EUR)"), max_digits=12, decimal_places=2)
    luxembourg_cooperation = models.BooleanField(
        _("a grant of the Luxembourg cooperation"), default=False
    )

    class Meta:
        verbose_name = _("other funding")
        verbose_name_plural = _("other funding")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(name="other_funding_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return self.source
