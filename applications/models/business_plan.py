"""What the company expects to earn and to spend: the figures of the business plan."""

from decimal import Decimal

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.proposal import Proposal


@pghistory.track()
class Projection(models.Model):
    """Revenue and costs expected in one year, EUR; None is "not known", which is not 0."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="projections")
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    revenue = models.DecimalField(
        _("revenue (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    costs = models.DecimalField(
        _("costs (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("financial projection")
        verbose_name_plural = _("financial projections")
        ordering = ("year", "id")
        constraints = (
            models.CheckConstraint(
                name="projection_not_negative",
                condition=(Q(revenue=None) | Q(revenue__gte=0)) & (Q(costs=None) | Q(costs__gte=0)),
            ),
        )

    def __str__(self) -> str:
        return str(self.year or "–")

    @property
    def result(self) -> Decimal | None:
        """Revenue less costs, EUR, below 0 for a loss; None while one of them is not known."""
        if self.revenue is None or self.costs is None:
            return None
        return self.revenue - self.costs
