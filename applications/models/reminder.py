"""Reminders before a deadline that were sent: each once, whatever happens meanwhile."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.proposal import Proposal


class ReminderStep(models.TextChoices):
    """How long before the deadline, or after the day of what is owed all the same."""

    SEVEN_DAYS = "7_days", _("seven days before")
    TWO_DAYS = "2_days", _("two days before")
    SIX_HOURS = "6_hours", _("six hours before")
    WEEK_LATE = "week_late", _("a week after")
    MONTH_LATE = "month_late", _("a month after")


class Reminder(models.Model):
    """One reminder to one person. It belongs to a deadline: a moved one has its own steps."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="reminders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: What is due: the hand-in of a stage, by its name.
    occasion = models.CharField(_("what for"), max_length=40)
    step = models.CharField(_("step"), max_length=10, choices=ReminderStep.choices)
    deadline_at = models.DateTimeField(_("deadline"))
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = (
            models.UniqueConstraint(
                fields=("proposal", "person", "occasion", "step", "deadline_at"),
                name="reminder_sent_once",
            ),
        )
        triggers = (pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.proposal.reference}: {self.get_step_display()}"
