"""A correction that an officer asks of a company: some sections open again until a day."""

from datetime import datetime, time, timedelta
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor
from applications.models.submission import Submission
from bpf_portal.core.states import TransitionTable


class CorrectionState(models.TextChoices):
    OPEN = "open", _("being corrected")
    ANSWERED = "answered", _("handed in again")
    WITHDRAWN = "withdrawn", _("request withdrawn")
    LAPSED = "lapsed", _("date passed")


class CorrectionPurpose(models.TextChoices):
    CORRECTION = "correction", _("correction")
    RENEWAL = "renewal", _("renewal of the due diligence")


#: `withdraw`: by an officer, or with the whole proposal by its company; `lapse`: the day is over.
CORRECTION_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "correction request",
    {
        ("open", "answer"): "answered",
        ("open", "withdraw"): "withdrawn",
        ("open", "lapse"): "lapsed",
    },
)


class CorrectionQuerySet(models.QuerySet["CorrectionRequest"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of the submissions one may see."""
        return self.filter(submission__in=Submission.objects.visible_to(user).values("pk"))

    def open(self) -> Self:
        return self.filter(state=CorrectionState.OPEN)

    def overdue(self) -> Self:
        """Open corrections whose last day is over in Luxembourg. A renewal is owed all the same."""
        late = self.open().filter(due_on__lt=timezone.localdate())
        return late.exclude(purpose=CorrectionPurpose.RENEWAL)


@pghistory.track()
class CorrectionRequest(models.Model):
    """What is to be corrected, where, and until which day (to its end, Luxembourg).

    Only the named sections open. What was handed in stands until the company hands in again.
    The due diligence of a running project is renewed the same way, but for the day: it stays open
    when that is over, and is listed as overdue.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="corrections")
    sections = ArrayField(models.CharField(max_length=20), verbose_name=_("sections"))
    purpose = models.CharField(
        _("purpose"),
        max_length=10,
        choices=CorrectionPurpose.choices,
        default=CorrectionPurpose.CORRECTION,
    )
    text = models.TextField(_("what to correct"))
    due_on = models.DateField(_("until"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=CorrectionState.choices,
        default=CorrectionState.OPEN,
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("asked"), default=timezone.now)
    #: Nobody closes a request that lapses.
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction request")
        verbose_name_plural = _("correction requests")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("submission",),
                condition=Q(state="open"),
                name="one_open_correction_per_submission",
            ),
            models.CheckConstraint(
                name="correction_state_has_its_times",
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="lapsed", closed_at__isnull=False, closed_by=None)
                | Q(
                    state__in=("answered", "withdrawn"),
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="correction_names_its_sections",
                condition=Q(sections__len__gt=0) & ~Q(text=""),
            ),
        )
        indexes = (
            models.Index(fields=("due_on",), name="corrections_open", condition=Q(state="open")),
        )

    def __str__(self) -> str:
        return f"{self.submission.reference} #{self.pk}"

    @property
    def ends_at(self) -> datetime:
        """The first moment that is too late: midnight in Luxembourg after the last day."""
        midnight = datetime.combine(self.due_on + timedelta(days=1), time())
        return timezone.make_aware(midnight)

    @property
    def last_moment(self) -> datetime:
        """The last minute in time, as people read it: 23:59 of the last day."""
        return self.ends_at - timedelta(minutes=1)

    @property
    def is_renewal(self) -> bool:
        return self.purpose == CorrectionPurpose.RENEWAL

    @property
    def is_late(self) -> bool:
        """Whether the day is over and nothing was handed in."""
        return self.state == CorrectionState.OPEN and timezone.now() >= self.ends_at

    def is_over(self, moment: datetime | None = None) -> bool:
        """Whether it can no longer be answered for its day."""
        return not self.is_renewal and (moment or timezone.now()) >= self.ends_at
