"""What the detailed proposal promises to measure."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.proposal import Proposal


@pghistory.track()
class Indicator(models.Model):
    """A figure that the project changes. An empty value is "not known", which is not 0."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="indicators")
    #: Its place in the list, from 1.
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("indicator"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    baseline = models.DecimalField(
        _("value at the start"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    target = models.DecimalField(
        _("target"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    #: The month by which the target is reached: its first day stands for it.
    due_month = models.DateField(_("reached by"), null=True, blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "number"),
                name="indicator_number_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def code(self) -> str:
        """How texts name it, e.g. I2."""
        return f"I{self.number}"
