"""Reminders to a company's people while a proposal is still a draft and its deadline comes nearer.

What is due follows from rows and the clock alone: whoever asks, however often, after however long a
silence, each person gets each step at most once, and of several steps that came due only the
newest. A deadline that moves has steps of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions.completeness import missing, with_everything
from applications.models import (
    Call,
    Membership,
    Proposal,
    ProposalState,
    Reminder,
    ReminderStep,
    Stage,
)
from applications.models.organisation import WRITING_ROLES
from bpf_portal.core import mail
from bpf_portal.core.texts import in_language

log = structlog.get_logger(__name__)

#: Days by the calendar of Luxembourg, hours by the clock; from the first step to the last.
STEPS: Mapping[ReminderStep, timedelta] = {
    ReminderStep.SEVEN_DAYS: timedelta(days=7),
    ReminderStep.TWO_DAYS: timedelta(days=2),
    ReminderStep.SIX_HOURS: timedelta(hours=6),
}
#: A little more than the first step: a day may have 25 hours.
FARTHEST = timedelta(days=7, hours=2)
#: What is missing, as far as a mail lists it.
LISTED = 12


@dataclass(frozen=True)
class Due:
    """A step that has come for the drafts of a call at a stage. `since`: when it came."""

    call_id: int
    stage: str
    deadline: datetime
    step: ReminderStep
    since: datetime


def moment_of(step: ReminderStep, deadline: datetime) -> datetime:
    """When a step comes: seven days before 23:59 is 23:59, also where the clock changes between."""
    before = STEPS[step]
    if before >= timedelta(days=1):
        return (timezone.localtime(deadline) - before).astimezone(UTC)
    return deadline - before


def newest_step(deadline: datetime, now: datetime) -> tuple[ReminderStep, datetime] | None:
    """The last step that came, with its moment; None before the first and after the deadline."""
    if now > deadline:
        return None
    come = [(step, moment_of(step, deadline)) for step in STEPS]
    return next(((step, at) for step, at in reversed(come) if at <= now), None)


def remind(*, now: datetime | None = None) -> int:
    """Send every reminder that is due and was not sent. Returns how many mails were written.

    Each proposal is done in a transaction of its own: one that fails is logged, and tried again
    the next time, without holding up the others.
    """
    now = now or timezone.now()
    sent = 0
    for due in _due(now):
        for proposal_id, people in _waiting(due).items():
            try:
                sent += _remind(proposal_id, people, due, now)
            except Exception:
                log.exception("reminder failed", proposal=proposal_id, step=due.step)
    return sent


def _due(now: datetime) -> Iterable[Due]:
    soon = (now, now + FARTHEST)
    calls = Call.objects.filter(
        Q(deadline_at__range=soon) | Q(stage_2_deadline_at__range=soon), published=True
    )
    for call in calls.order_by("pk"):
        for stage in Stage.values:
            deadline = call.deadline_of(stage)
            come = newest_step(deadline, now) if deadline else None
            if deadline and come:
                yield Due(call.pk, stage, deadline, *come)


def _waiting(due: Due) -> dict[int, list[int]]:
    """The drafts with those of their people who were not reminded yet. Three queries.

    Who began, or joined, after the step had come was not late for it.
    """
    drafts = Proposal.objects.filter(
        call=due.call_id,
        stage=due.stage,
        state=ProposalState.DRAFT,
        created_at__lte=due.since,
    )
    people: dict[int, list[int]] = {}
    writing = Membership.objects.filter(
        organisation__in=drafts.values("organisation"),
        role__in=WRITING_ROLES,
        since__lte=due.since,
        user__is_active=True,
        user__reminders=True,
    )
    for company, person in writing.order_by("user").values_list("organisation", "user"):
        people.setdefault(company, []).append(person)
    sent = set(
        Reminder.objects.filter(
            proposal__call=due.call_id,
            occasion=due.stage,
            step=due.step,
            deadline_at=due.deadline,
        ).values_list("proposal", "person")
    )
    waiting = {
        proposal: [each for each in people.get(company, ()) if (proposal, each) not in sent]
        for proposal, company in drafts.order_by("pk").values_list("pk", "organisation")
    }
    return {proposal: found for proposal, found in waiting.items() if found}


@transaction.atomic
def _remind(proposal_id: int, people: list[int], due: Due, now: datetime) -> int:
    """Remind these people of this draft, which is locked: it cannot be handed in meanwhile."""
    locked = (
        Proposal.objects.select_for_update(of=("self",)).select_related("call").get(pk=proposal_id)
    )
    if not locked.is_draft or locked.stage != due.stage or locked.deadline_at != due.deadline:
        return 0
    proposal = with_everything(proposal_id)
    found = User.objects.filter(
        pk__in=people,
        reminders=True,
        is_active=True,
        memberships__organisation=proposal.organisation_id,
    )
    sent = 0
    for person in found.order_by("pk"):
        _reminder, first = Reminder.objects.get_or_create(
            proposal=proposal,
            person=person,
            occasion=due.stage,
            step=due.step,
            deadline_at=due.deadline,
            defaults={"sent_at": now},
        )
        if first:
            _write(person, proposal, due.deadline)
            sent += 1
    return sent


def _write(person: User, proposal: Proposal, deadline: datetime) -> None:
    with in_language(person.language):
        gaps = missing(proposal)
        context = {
            "reference": proposal.reference,
            "call": proposal.call.title,
            "deadline": deadline,
            "gaps": gaps[:LISTED],
            "more": max(0, len(gaps) - LISTED),
            "link": _address("proposals:detail", proposal.reference),
            "switch": _address("reminders"),
        }
        subject = render_to_string("reminders/mail_subject.txt", context)
        body = render_to_string("reminders/mail_body.txt", context)
    mail.send(to=person.email, subject=subject, body=body, about=proposal)


def _address(name: str, *args: object) -> str:
    return f"{settings.PORTAL_URL.rstrip('/')}{reverse(name, args=args)}"


def choose_reminders(*, actor: User, wanted: bool) -> None:
    """Whether this person wants reminders at all."""
    User.objects.filter(pk=actor.pk).update(reminders=wanted)
    actor.reminders = wanted
