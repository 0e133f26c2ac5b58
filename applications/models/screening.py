"""Sanctions lists as they were published, and what people said about names that are like theirs."""

import uuid
from typing import Self, TypeVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models.check_run import CheckRun
from applications.models.organisation import Organisation
from applications.models.submission import Submission
from applications.models.withholding import of_withheld_companies
from bpf_portal.core.jobs import Job, JobQuerySet
from bpf_portal.core.states import TransitionTable


class ListSource(models.TextChoices):
    """Whose list it is. The code is how findings name it."""

    EU = "EU", _("European Union, consolidated list")
    UN = "UN", _("United Nations, consolidated list")


RowT = TypeVar("RowT", bound=models.Model)


class StaffQuerySet(models.QuerySet[RowT]):
    """Rows about several companies: only for those who run or audit the facility."""

    def visible_to(self, user: Visitor) -> Self:
        return self if reads_everything(user) else self.none()


class NameMatchQuerySet(models.QuerySet["NameMatch"]):
    def visible_to(self, user: Visitor) -> Self:
        """As above, but for the companies behind proposals that are kept from them."""
        if not reads_everything(user):
            return self.none()
        return self.exclude(of_withheld_companies(user))


class SanctionsListQuerySet(StaffQuerySet["SanctionsList"]):
    def living(self) -> Self:
        """Those that names are compared with: of each source the newest that was loaded."""
        return self.filter(replaced_at=None)


@pghistory.track()
class SanctionsList(models.Model):
    """One version of a list, read from one file. It stays for the record when a newer replaces it.

    Nothing of it ever changes but that it is replaced.
    """

    source = models.CharField(_("source"), max_length=2, choices=ListSource.choices)
    dated = models.DateField(_("date of the list"))
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    filename = models.CharField(_("file name"), max_length=200)
    entry_count = models.PositiveIntegerField(_("entries"))
    name_count = models.PositiveIntegerField(_("names"))
    #: Empty where the command line loaded it.
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("loaded by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = SanctionsListQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanctions list")
        verbose_name_plural = _("sanctions lists")
        ordering = ("-loaded_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("source",),
                name="one_living_list_per_source",
                condition=Q(replaced_at=None),
            ),
            models.CheckConstraint(
                name="sanctions_list_is_not_empty",
                condition=Q(entry_count__gt=0, name_count__gt=0),
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(name="as_published", exclude=["replaced_at"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.dated.isoformat()}"


class SanctionsEntry(models.Model):
    """A person or an organisation on a list, with every name it is listed under."""

    sanctions_list = models.ForeignKey(
        SanctionsList, on_delete=models.PROTECT, related_name="entries"
    )
    #: The list's own number, the same from one version to the next.
    reference = models.CharField(_("number"), max_length=60)
    label = models.CharField(_("reference"), max_length=60, blank=True)
    is_person = models.BooleanField(_("person"))
    names = ArrayField(models.TextField(), verbose_name=_("names"))
    #: The names as they are compared, in the same order.
    folded = ArrayField(models.TextField())
    #: What tells this entry from namesakes: dates of birth, countries, remarks.
    details = ArrayField(models.TextField(), verbose_name=_("details"), default=list)
    #: Of names and details: another one asks people again.
    fingerprint = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("entry of a sanctions list")
        verbose_name_plural = _("entries of sanctions lists")
        constraints = (
            models.UniqueConstraint(
                fields=("sanctions_list", "reference"), name="sanctions_entry_once_per_list"
            ),
            models.CheckConstraint(
                name="sanctions_entry_has_names",
                condition=Q(names__len__gt=0) & Q(folded__len=models.F("names__len")),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="as_published", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.label or self.reference}: {self.names[0]}"


def random_name(job: "SanctionsImport", filename: str) -> str:
    return f"sanctions/{uuid.uuid4().hex}"


class SanctionsImport(Job):
    """A durable job that reads an uploaded file into a list, whole or not at all."""

    file = models.FileField(_("file"), upload_to=random_name, max_length=120)
    filename = models.CharField(_("file name"), max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    #: The officer knows that the new list has less than half of the entries of the old one.
    accept_shorter = models.BooleanField(default=False)
    sanctions_list = models.ForeignKey(
        SanctionsList, on_delete=models.PROTECT, related_name="imports", null=True, blank=True
    )
    #: Whether this file had been loaded before.
    known = models.BooleanField(default=False)
    #: Why the file was not taken: a key of `REFUSALS` and its values.
    refusal = models.JSONField(default=dict, blank=True)

    about_path = "filename"

    objects = JobQuerySet["SanctionsImport"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("import of a sanctions list")
        verbose_name_plural = _("imports of sanctions lists")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.filename


class Rescreening(Job):
    """A durable job that compares all living proposals with a list that was loaded."""

    sanctions_list = models.OneToOneField(
        SanctionsList, on_delete=models.PROTECT, related_name="rescreening"
    )
    #: The last submission that was compared; the next attempt goes on after it.
    done_up_to = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(_("proposals to be looked at again"), default=0)

    about_path = "sanctions_list__filename"

    objects = JobQuerySet["Rescreening"].as_manager()

    class Meta(Job.Meta):
        verbose_name = _("renewed screening")
        verbose_name_plural = _("renewed screenings")
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.sanctions_list)


#: As much of a name as an answer is remembered by.
NAME_LENGTH = 250


class MatchState(models.TextChoices):
    OPEN = "open", _("to be looked at")
    CLEARED = "cleared", _("somebody else")
    CONFIRMED = "confirmed", _("the listed one")


MATCH_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "name match",
    {
        ("open", "clear"): "cleared",
        ("open", "confirm"): "confirmed",
        ("cleared", "reopen"): "open",
        ("confirmed", "reopen"): "open",
    },
)


@pghistory.track()
class NameMatch(models.Model):
    """A name of a company's dossiers that is like an entry, for a person to clear or confirm.

    Once per company, name and entry: what was answered holds for the company's other proposals and
    for newer versions of the list, until the entry says something else.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="name_matches"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    folded = models.CharField(max_length=NAME_LENGTH)
    capacity = models.CharField(_("capacity"), max_length=20)
    source = models.CharField(_("source"), max_length=2, choices=ListSource.choices)
    reference = models.CharField(_("number"), max_length=60)
    fingerprint = models.CharField(max_length=64)
    entry = models.ForeignKey(SanctionsEntry, on_delete=models.PROTECT, related_name="matches")
    listed_as = models.TextField(_("listed as"))
    score = models.DecimalField(_("likeness"), max_digits=3, decimal_places=2)
    found_at = models.DateTimeField(_("found"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=10, choices=MatchState.choices, default=MatchState.OPEN
    )
    reason = models.TextField(_("reason"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = NameMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("name to clear")
        verbose_name_plural = _("names to clear")
        ordering = ("-found_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "folded", "source", "reference", "fingerprint"),
                name="name_match_asked_once",
            ),
            models.CheckConstraint(
                name="name_match_answer_has_its_person",
                condition=Q(state="open", answered_by=None, answered_at=None)
                | (
                    Q(state__in=("cleared", "confirmed"))
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(reason="")
                ),
            ),
        )
        indexes = (models.Index(fields=("state", "-id"), name="name_match_state"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.source} {self.reference}"


class Screening(models.Model):
    """That a submission was compared with these lists: in a check run, or anew with a new list."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="screenings")
    #: Empty where a new list changed nothing.
    check_run = models.OneToOneField(
        CheckRun, on_delete=models.PROTECT, related_name="screening", null=True
    )
    at = models.DateTimeField(auto_now_add=True)
    lists = models.ManyToManyField(SanctionsList, related_name="screenings")
    matches = models.ManyToManyField(NameMatch, related_name="screenings")

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.submission_id} {self.at:%Y-%m-%d}"
