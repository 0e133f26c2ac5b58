"""One dossier in the committee: taken up, voted on, concluded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call, may_vote
from reviews.actions.convening import quorum
from reviews.actions.deciding import wrong_amount
from reviews.actions.interests import recuse
from reviews.actions.ranking import envelope_left
from reviews.events import ItemConcluded, ItemSetAside, ItemTakenUp, VoteCast
from reviews.models import (
    ABSTAIN,
    ITEM_TRANSITIONS,
    AgendaItem,
    Conflict,
    ItemState,
    Meeting,
    MeetingState,
    Member,
    Outcome,
    Vote,
    outcomes_of,
)


@dataclass(frozen=True)
class Count:
    """The votes on one dossier. `winner` has more than half of those that are no abstention."""

    votes: dict[str, int]
    cast: int
    needed: int
    winner: str

    @property
    def is_quorate(self) -> bool:
        return self.cast >= self.needed


def count_votes(values: Iterable[str], voting: int) -> Count:
    """Of so many members with a vote, recused ones too: nobody can be voted around."""
    votes = Counter(values)
    opinions = sum(count for value, count in votes.items() if value != ABSTAIN)
    winner = next(
        (value for value, count in votes.items() if value != ABSTAIN and 2 * count > opinions), ""
    )
    return Count(dict(votes), sum(votes.values()), quorum(voting), winner)


@transaction.atomic
def take_up(*, actor: User, item_id: int) -> AgendaItem:
    """The committee turns to this dossier; another one must be concluded or set aside before.

    A concluded one is taken up again: its outcome is gone from the row and stays in the history.
    """
    item = _locked(actor, item_id)
    require(may_run_call(actor))
    before, target = item.state, ITEM_TRANSITIONS.target(item.state, "discuss")
    _in_session(item.meeting)
    if item.meeting.items.filter(state=ItemState.OPEN).exists():
        raise ValidationError(_("A proposal is being discussed. Conclude it or set it aside."))
    item.state, item.outcome, item.amount, item.concluded_at = target, "", None, None
    item.save(update_fields=["state", "outcome", "amount", "concluded_at"])
    _record(ItemTakenUp(submission=item.submission_id), item, actor, before)
    return item


@transaction.atomic
def set_aside(*, actor: User, item_id: int) -> AgendaItem:
    """Back to the agenda without an outcome; the votes stay."""
    item = _locked(actor, item_id)
    require(may_run_call(actor))
    before, item.state = item.state, ITEM_TRANSITIONS.target(item.state, "set_aside")
    _in_session(item.meeting)
    item.save(update_fields=["state"])
    _record(ItemSetAside(submission=item.submission_id), item, actor, before)
    return item


@transaction.atomic
def cast_vote(*, actor: User, item_id: int, value: str, comment: str = "") -> Vote:
    """A member's vote on the dossier that is being discussed; it can be changed until the end.

    Raises ValidationError for what cannot be voted, WrongState, NotAllowed.
    """
    item = _locked(actor, item_id)
    member = Member.objects.filter(meeting=item.meeting, user=actor).first()
    require(may_vote(actor, member))
    _in_session(item.meeting)
    if item.state != ItemState.OPEN:
        raise WrongState("agenda item", item.state, "vote")
    if value not in (*outcomes_of(item.meeting.stage), ABSTAIN):
        raise ValidationError({"value": [_("Choose one of these.")]})
    vote, _made = Vote.objects.update_or_create(
        item=item, member=member, defaults={"value": value, "comment": comment.strip()}
    )
    _record(VoteCast(submission=item.submission_id, value=value), item, actor, item.state)
    return vote


@transaction.atomic
def recuse_from_item(*, actor: User, item_id: int, details: str) -> Conflict:
    """A member finds an interest late: the dossier is gone from their pages, and their vote with
    it. Raises ValidationError (no words), WrongState (no member, or concluded).
    """
    item = _locked(actor, item_id)
    member = Member.objects.filter(meeting=item.meeting, user=actor).first()
    if member is None or item.state == ItemState.CONCLUDED:
        raise WrongState("agenda item", item.state, "recuse")
    _in_time(item.meeting)
    conflict = recuse(actor, item.submission.proposal_id, details)
    Vote.objects.filter(item=item, member=member).delete()
    return conflict


@transaction.atomic
def conclude(
    *,
    actor: User,
    item_id: int,
    outcome: str,
    amount: Decimal | None = None,
    discussion: str = "",
) -> AgendaItem:
    """What the majority voted becomes the outcome, with the amount (EUR) of an award.

    Raises ValidationError by field: no quorum, no majority, another outcome than the majority's,
    an amount above what can be awarded or what is left of the envelope; WrongState, NotAllowed.
    """
    item = _locked(actor, item_id)
    require(may_run_call(actor))
    before, target = item.state, ITEM_TRANSITIONS.target(item.state, "conclude")
    _in_session(item.meeting)
    voting = item.meeting.members.filter(votes=True).count()
    count = count_votes(item.votes.values_list("value", flat=True), voting)
    _refuse_outcome(item, count, outcome)
    _refuse_amount(item, outcome, amount)
    item.state, item.outcome, item.amount = target, outcome, amount
    item.discussion, item.concluded_at = discussion.strip(), timezone.now()
    item.save(update_fields=["state", "outcome", "amount", "discussion", "concluded_at"])
    event = ItemConcluded(
        submission=item.submission_id,
        outcome=outcome,
        amount=str(amount or ""),
        votes=count.votes,
    )
    _record(event, item, actor, before)
    return item


def _refuse_outcome(item: AgendaItem, count: Count, outcome: str) -> None:
    if not count.is_quorate:
        text = _("%(cast)s have voted, %(needed)s are needed.")
        raise ValidationError({"outcome": [text % {"cast": count.cast, "needed": count.needed}]})
    if not count.winner:
        raise ValidationError(
            {"outcome": [_("No outcome has more than half of the votes. Discuss and vote again.")]}
        )
    if outcome != count.winner:
        text = _("The majority voted otherwise: %(outcome)s.")
        raise ValidationError({"outcome": [text % {"outcome": Outcome(count.winner).label}]})


def _refuse_amount(item: AgendaItem, outcome: str, amount: Decimal | None) -> None:
    if outcome == Outcome.SELECTED:
        wrong = wrong_amount(item.submission, amount, left=money_left(item))
    else:
        wrong = _("Only an award has an amount.") if amount is not None else ""
    if wrong:
        raise ValidationError({"amount": [wrong]})


def money_left(item: AgendaItem) -> Decimal | None:
    """What is left of the envelope (EUR) after decided awards and this meeting's other ones."""
    left = envelope_left(item.meeting.call, without=item.submission_id)
    if left is None:
        return None
    others = item.meeting.items.exclude(pk=item.pk).filter(submission__decision__isnull=True)
    return left - (others.aggregate(Sum("amount"))["amount__sum"] or Decimal(0))


def _in_session(meeting: Meeting) -> None:
    if meeting.state != MeetingState.OPEN:
        raise WrongState("meeting", meeting.state, "discuss")


def _in_time(meeting: Meeting) -> None:
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN):
        raise WrongState("meeting", meeting.state, "recuse")


def _locked(actor: User, item_id: int) -> AgendaItem:
    """The item, with its meeting locked first: closing waits for a vote, and a vote for closing."""
    seen = AgendaItem.objects.visible_to(actor).values_list("meeting_id", flat=True)
    meeting_id = seen.get(pk=item_id)
    meeting = (
        Meeting.objects.select_for_update(of=("self",)).select_related("call").get(pk=meeting_id)
    )
    item = (
        AgendaItem.objects.select_for_update(of=("self",))
        .select_related("submission__call__rule_set")
        .get(pk=item_id)
    )
    item.meeting = meeting
    return item


def _record(
    event: ItemTakenUp | ItemSetAside | VoteCast | ItemConcluded,
    item: AgendaItem,
    actor: User,
    before: str,
) -> None:
    record(event, about=item, actor=actor, from_state=before, to_state=item.state)
