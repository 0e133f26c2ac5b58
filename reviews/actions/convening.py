"""A committee's meeting as a whole: convened, signed for, opened, cancelled or closed."""

from collections.abc import Collection, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import STAFF_ROLES, User
from applications.models import Call, Submission, SubmissionState
from bpf_portal.core import mail
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from bpf_portal.core.texts import in_language
from reviews.access import may_run_call, may_sign_for_meeting
from reviews.actions.interests import look_for_conflicts, recuse
from reviews.actions.minutes import frozen_minutes
from reviews.actions.ranking import ORDER
from reviews.events import (
    MeetingCancelled,
    MeetingClosed,
    MeetingConvened,
    MeetingOpened,
    MemberSigned,
)
from reviews.models import (
    MEETING_TRANSITIONS,
    VOTING_MEMBERS,
    AgendaItem,
    ItemState,
    Meeting,
    MeetingState,
    Member,
)


def proposals_to_discuss(actor: User, call: Call, stage: str) -> list[Submission]:
    """What an agenda is made of: reviewed, not decided, in the order of the ranking."""
    rows = Submission.objects.visible_to(actor).filter(
        call=call,
        stage=stage,
        state=SubmissionState.IN_REVIEW,
        score_mean__isnull=False,
        decision__isnull=True,
    )
    return list(rows.defer("search").order_by(*ORDER))


@transaction.atomic
def convene_meeting(
    *,
    actor: User,
    call: Call,
    stage: str,
    held_on: date,
    voting_ids: Collection[int],
    observer_ids: Collection[int] = (),
) -> Meeting:
    """A meeting on all that is to be decided at this stage; everybody is told by mail.

    Raises ValidationError by field (`held_on`, `voting`, `observers`), or without one where there
    is nothing to discuss or another meeting is under way; NotAllowed.
    """
    require(may_run_call(actor))
    # Two officers at once: the second waits here, and finds the first one's meeting.
    Call.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if Meeting.objects.filter(
        call=call, stage=stage, state__in=(MeetingState.PLANNED, MeetingState.OPEN)
    ).exists():
        raise ValidationError(_("A meeting on this stage is planned or in session already."))
    proposals = proposals_to_discuss(actor, call, stage)
    if not proposals:
        raise ValidationError(_("No scored proposal of this stage waits for a decision."))
    people = _people(held_on, voting_ids, observer_ids)
    meeting = Meeting.objects.create(call=call, stage=stage, held_on=held_on, convened_by=actor)
    members = Member.objects.bulk_create(
        Member(meeting=meeting, user=user, votes=votes) for user, votes in people
    )
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, submission=each, position=position)
        for position, each in enumerate(proposals, 1)
    )
    record(
        MeetingConvened(
            call=call.code,
            stage=stage,
            held_on=str(held_on),
            members=[str(each.user.email) for each in members if each.votes],
            observers=[str(each.user.email) for each in members if not each.votes],
            proposals=[each.reference for each in proposals],
        ),
        about=meeting,
        actor=actor,
        to_state=meeting.state,
    )
    for member in members:
        look_for_conflicts(member.user, proposals)
        _invite(member)
    return meeting


def _people(
    held_on: date, voting_ids: Collection[int], observer_ids: Collection[int]
) -> list[tuple[User, bool]]:
    found = User.objects.filter(is_active=True, role__in=STAFF_ROLES).in_bulk(
        [*voting_ids, *observer_ids]
    )
    problems: dict[str, list[object]] = {}
    if held_on < timezone.localdate():
        problems["held_on"] = [_("This day is in the past.")]
    if len(set(voting_ids)) not in VOTING_MEMBERS:
        problems["voting"] = [_("A committee has 3 or 5 members with a vote.")]
    elif not found.keys() >= set(voting_ids):
        problems["voting"] = [_("One of these people has no access any more.")]
    if not found.keys() >= set(observer_ids):
        problems["observers"] = [_("One of these people has no access any more.")]
    elif set(voting_ids) & set(observer_ids):
        problems["observers"] = [_("Somebody with a vote is no observer.")]
    if problems:
        raise ValidationError(problems)
    return [(user, user.pk in set(voting_ids)) for user in found.values()]


def _invite(member: Member) -> None:
    with in_language(member.user.language) as say:
        mail.send(
            to=member.user.email,
            subject=say(_("A committee meeting of the Business Partnership Facility")),
            body=say(
                _(
                    "Good day,\n\nyou are a member of the committee that meets on %(day)s on the"
                    " call “%(call)s”. Please sign in before: you promise confidentiality and say"
                    " in which proposals you have an interest; then you can read the dossiers."
                    "\n\nBusiness Partnership Facility"
                )
            )
            % {
                "day": formats.date_format(member.meeting.held_on, "d.m.Y"),
                "call": member.meeting.call.title,
            },
        )


@transaction.atomic
def sign_for_meeting(
    *, actor: User, meeting_id: int, confidential: bool, conflicts: Mapping[int, str]
) -> Member:
    """A member's promise, with the dossiers they have an interest in: details by item id.

    Raises ValidationError (no promise, an interest without its details, not on this agenda),
    WrongState once the meeting is over or signed for, NotAllowed, Meeting.DoesNotExist.
    """
    meeting = _locked(actor, meeting_id)
    require(may_sign_for_meeting(actor, meeting))
    member = Member.objects.select_for_update().get(meeting=meeting, user=actor)
    if meeting.state not in (MeetingState.PLANNED, MeetingState.OPEN) or member.signed_at:
        raise WrongState("meeting", meeting.state, "sign")
    if not confidential:
        raise ValidationError({"confidential": [_("Without this promise nothing can be shown.")]})
    items = AgendaItem.objects.select_related("submission").in_bulk(list(conflicts))
    if any(each.meeting_id != meeting.pk for each in items.values()) or len(items) < len(conflicts):
        raise ValidationError({"conflicts": [_("One of these is not on this agenda.")]})
    if not all(text.strip() for text in conflicts.values()):
        raise ValidationError({"details": [_("Say in a few words what your interest is.")]})
    for pk, item in items.items():
        recuse(actor, item.submission.proposal_id, conflicts[pk])
    member.signed_at = timezone.now()
    member.save(update_fields=["signed_at"])
    record(
        MemberSigned(conflicts=[each.submission.reference for each in items.values()]),
        about=meeting,
        actor=actor,
        from_state=meeting.state,
        to_state=meeting.state,
    )
    return member


@transaction.atomic
def open_meeting(*, actor: User, meeting_id: int) -> Meeting:
    """The session begins, once enough members with a vote have signed.

    Raises ValidationError for a missing quorum, WrongState, NotAllowed.
    """
    meeting = _locked(actor, meeting_id)
    require(may_run_call(actor))
    target = MEETING_TRANSITIONS.target(meeting.state, "open")
    voting = meeting.members.filter(votes=True)
    signed = voting.filter(signed_at__isnull=False).count()
    if signed < quorum(voting.count()):
        text = _("%(signed)s members with a vote have signed, %(needed)s are needed.")
        raise ValidationError(text % {"signed": signed, "needed": quorum(voting.count())})
    before, meeting.state, meeting.opened_at = meeting.state, target, timezone.now()
    meeting.save(update_fields=["state", "opened_at"])
    record(MeetingOpened(), about=meeting, actor=actor, from_state=before, to_state=target)
    return meeting


def quorum(voting: int) -> int:
    """How many of so many members with a vote must take part: more than half of them [A]."""
    return voting // 2 + 1


@transaction.atomic
def cancel_meeting(*, actor: User, meeting_id: int, reason: str) -> Meeting:
    """A planned meeting that does not take place."""
    meeting = _locked(actor, meeting_id)
    require(may_run_call(actor))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    before = meeting.state
    meeting.state = MEETING_TRANSITIONS.target(before, "cancel")
    meeting.save(update_fields=["state"])
    record(
        MeetingCancelled(reason=reason.strip()),
        about=meeting,
        actor=actor,
        from_state=before,
        to_state=meeting.state,
    )
    return meeting


@transaction.atomic
def close_meeting(*, actor: User, meeting_id: int, remarks: str = "") -> Meeting:
    """The session ends: what was said is frozen with its hash, and nobody changes it any more.

    A dossier that was not reached stays as it is, for another meeting. Raises ValidationError
    while one is being discussed, WrongState, NotAllowed.
    """
    meeting = _locked(actor, meeting_id)
    require(may_run_call(actor))
    before, target = meeting.state, MEETING_TRANSITIONS.target(meeting.state, "close")
    if meeting.items.filter(state=ItemState.OPEN).exists():
        raise ValidationError(_("A proposal is being discussed. Conclude it or set it aside."))
    meeting.state, meeting.closed_at, meeting.remarks = target, timezone.now(), remarks.strip()
    meeting.record, meeting.sha256 = frozen_minutes(meeting)
    meeting.save(update_fields=["state", "closed_at", "remarks", "record", "sha256"])
    record(
        MeetingClosed(sha256=meeting.sha256),
        about=meeting,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return meeting


def _locked(actor: User, meeting_id: int) -> Meeting:
    rows = Meeting.objects.visible_to(actor).select_for_update(of=("self",))
    # The door joins the members, which cannot be locked with it: the row's own key once more.
    return rows.select_related("call").get(pk=meeting_id)
