"""The selection committee: a meeting, its members, one dossier after another, their votes."""

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Visitor, reads_everything
from applications.models import Call, Stage, Submission
from bpf_portal.core.states import TransitionTable
from reviews.models.decision import KINDS_BY_STAGE
from reviews.models.interest import proposals_kept_from

#: Voting members that a committee has (domain.md, section 2: the sister fund's rule).
VOTING_MEMBERS = (3, 5)
#: The committee cannot tell yet: the company is asked first.
ASK = "ask"
ABSTAIN = "abstain"


class MeetingState(models.TextChoices):
    PLANNED = "planned", _("planned")
    OPEN = "open", _("in session")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


MEETING_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "meeting",
    {
        ("planned", "open"): "open",
        ("planned", "cancel"): "cancelled",
        ("open", "close"): "closed",
    },
)


class ItemState(models.TextChoices):
    WAITING = "waiting", _("to come")
    OPEN = "open", _("being discussed")
    CONCLUDED = "concluded", _("concluded")


ITEM_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "agenda item",
    {
        ("waiting", "discuss"): "open",
        ("open", "conclude"): "concluded",
        ("open", "set_aside"): "waiting",
        ("concluded", "discuss"): "open",
    },
)


class Outcome(models.TextChoices):
    """What a committee can say; the values are those of `DecisionKind`, and "ask"."""

    SHORTLISTED = "shortlisted", _("shortlist")
    NOT_SHORTLISTED = "not_shortlisted", _("do not shortlist")
    SELECTED = "selected", _("select")
    RESERVE = "reserve", _("reserve list")
    NOT_SELECTED = "not_selected", _("do not select")
    ASK = ASK, _("ask the company first")


#: What a member can vote: an outcome, or no opinion.
VOTES = [*Outcome.choices, (ABSTAIN, _("abstain"))]


def outcomes_of(stage: str) -> list[Outcome]:
    """What can come out of a discussion at this stage."""
    return [Outcome(kind.value) for kind in KINDS_BY_STAGE[stage]] + [Outcome.ASK]


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Visitor) -> Self:
        """All for those who run, approve or audit; their own for members, unless cancelled."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if reads_everything(user):
            return self
        return self.filter(members__user=user).exclude(state=MeetingState.CANCELLED)


@pghistory.track()
class Meeting(models.Model):
    """A committee's meeting on one stage of a call.

    `record` is what the minutes say, frozen when the meeting is closed, with its SHA-256.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="meetings")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED
    )
    held_on = models.DateField(_("day"))
    convened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    convened_at = models.DateTimeField(_("convened"), auto_now_add=True)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    remarks = models.TextField(_("remarks for the minutes"), blank=True)
    record = models.JSONField(null=True, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("committee meeting")
        verbose_name_plural = _("committee meetings")
        ordering = ("-held_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("call", "stage"),
                condition=Q(state__in=("planned", "open")),
                name="one_meeting_at_a_time",
            ),
            models.CheckConstraint(
                name="meeting_state_has_its_dates",
                condition=Q(
                    state__in=("planned", "cancelled"), opened_at=None, closed_at=None, record=None
                )
                | Q(state="open", opened_at__isnull=False, closed_at=None, record=None)
                | Q(
                    state="closed",
                    opened_at__isnull=False,
                    closed_at__isnull=False,
                    record__isnull=False,
                ),
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="minutes_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="closed"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} {self.held_on}"


@pghistory.track()
class Member(models.Model):
    """Somebody on a committee. Nothing of the dossiers is shown before `signed_at`: they then have
    promised confidentiality, and named the dossiers in which they have an interest.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_memberships"
    )
    votes = models.BooleanField(_("votes"), default=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)

    class Meta:
        verbose_name = _("committee member")
        verbose_name_plural = _("committee members")
        ordering = ("-votes", "id")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "user"), name="member_once_per_meeting"),
        )

    def __str__(self) -> str:
        return str(self.user)


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of one's meetings, once signed; never one in which the person has an interest."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        free = self.exclude(submission__proposal__in=proposals_kept_from(user))
        if reads_everything(user):
            return free
        mine = Member.objects.filter(user=user, signed_at__isnull=False).exclude(
            meeting__state=MeetingState.CANCELLED
        )
        return free.filter(meeting__in=mine.values("meeting"))


@pghistory.track()
class AgendaItem(models.Model):
    """One dossier on the agenda, and what the committee said of it. `amount` is in EUR."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="agenda_items"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    state = models.CharField(
        _("state"), max_length=10, choices=ItemState.choices, default=ItemState.WAITING
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices, blank=True)
    amount = models.DecimalField(
        _("amount (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    discussion = models.TextField(_("what was said, for the minutes"), blank=True)
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ("meeting", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "submission"), name="dossier_once_on_agenda"
            ),
            models.UniqueConstraint(
                fields=("meeting",), condition=Q(state="open"), name="one_dossier_at_a_time"
            ),
            models.CheckConstraint(
                name="agenda_item_state_has_its_outcome",
                condition=Q(state="concluded", concluded_at__isnull=False) & ~Q(outcome="")
                | Q(state__in=("waiting", "open"), outcome="", concluded_at=None, amount=None),
            ),
            models.CheckConstraint(
                name="agenda_item_award_has_its_amount",
                condition=Q(outcome="selected", amount__gt=0)
                | (~Q(outcome="selected") & Q(amount=None)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.submission.reference}"


@pghistory.track()
class Vote(models.Model):
    """A member's vote on one dossier; its history is kept."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="cast")
    value = models.CharField(_("vote"), max_length=20, choices=VOTES)
    comment = models.TextField(_("comment"), blank=True)
    cast_at = models.DateTimeField(_("cast"), auto_now=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ("item", "member")
        constraints = (
            models.UniqueConstraint(fields=("item", "member"), name="one_vote_per_member"),
        )

    def __str__(self) -> str:
        return f"{self.member}: {self.get_value_display()}"
