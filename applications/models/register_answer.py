"""What company registers said about companies' numbers, and what they have not said yet."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models.organisation import Organisation
from applications.models.withholding import of_withheld_companies
from bpf_portal.core.jobs import Job, JobQuerySet, JobState


class RegisterName(models.TextChoices):
    VIES = "vies", _("VIES (VAT numbers)")
    LBR = "lbr", _("Luxembourg trade and companies register")


class RegisterVerdict(models.TextChoices):
    VALID = "valid", _("known")
    INVALID = "invalid", _("not known")


class RegisterAnswerQuerySet(JobQuerySet["RegisterAnswer"]):
    def visible_to(self, user: Visitor) -> "RegisterAnswerQuerySet":
        """For those who run or audit the facility, but for companies kept from them."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(of_withheld_companies(user))


@pghistory.track(
    exclude=["lease_until", "progress_done", "progress_total", "claimed_by", "started_at"]
)
class RegisterAnswer(Job):
    """A durable job that asks one register about one number of one company, until it answers.

    The row is the answer too. `not_before` is when it is asked next, `last_error` why not before.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="register_answers"
    )
    register = models.CharField(_("register"), max_length=4, choices=RegisterName.choices)
    country = models.CharField(_("country"), max_length=2)
    number = models.CharField(_("number"), max_length=30)
    #: Empty while nobody has answered.
    verdict = models.CharField(
        _("answer"), max_length=7, choices=RegisterVerdict.choices, blank=True
    )
    name = models.CharField(_("name in the register"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    #: Where a person wrote down what the register said.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.TextField(_("reason"), blank=True)

    about_path = "number"

    objects = RegisterAnswerQuerySet.as_manager()

    class Meta(Job.Meta):
        verbose_name = _("answer of a register")
        verbose_name_plural = _("answers of registers")
        ordering = ("-id",)
        constraints = (
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=("organisation", "register", "country", "number"),
                name="register_asked_once",
            ),
            models.CheckConstraint(
                name="register_answer_is_whole",
                condition=Q(verdict="", answered_at=None, recorded_by=None)
                | (
                    Q(verdict__in=("valid", "invalid"), answered_at__isnull=False)
                    & (Q(recorded_by=None) | ~Q(reason=""))
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.register} {self.country} {self.number}"

    @property
    def is_unreachable(self) -> bool:
        """Asked at least once, and still without an answer."""
        return not self.verdict and bool(self.last_error)

    @property
    def is_waiting(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)
