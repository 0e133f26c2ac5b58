"""A reminder before the last day of a correction, while the proposal was not handed in again.

As for a draft (`reminding`), what is due follows from rows and the clock alone, and each person
gets it once.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from applications.actions.proposal_mails import link
from applications.actions.reminding import moment_of
from applications.models import (
    CorrectionRequest,
    CorrectionState,
    Proposal,
    Reminder,
    ReminderStep,
)
from applications.models.organisation import WRITING_ROLES
from bpf_portal.core import mail
from bpf_portal.core.texts import in_language

log = structlog.get_logger(__name__)

#: A correction has days, not months: one reminder is enough.
STEP = ReminderStep.TWO_DAYS
#: A little more than the step: days end at midnight, and the clock may change.
FARTHEST = timedelta(days=3)


def remind(*, now: datetime | None = None) -> int:
    """Send every reminder that is due and was not sent. Returns how many mails were written.

    Each request is done in a transaction of its own, as each draft in `reminding.remind`.
    """
    now = now or timezone.now()
    sent = 0
    for asked in _due(now):
        if not _not_reminded(asked).exists():
            continue
        try:
            sent += _remind(asked.pk, now)
        except Exception:
            log.exception("reminder failed", correction=asked.pk)
    return sent


def _due(now: datetime) -> list[CorrectionRequest]:
    """The open requests whose step has come, and which were asked before it came."""
    today = timezone.localdate(now)
    soon = CorrectionRequest.objects.open().filter(due_on__range=(today, today + FARTHEST))
    return [each for each in soon.select_related("submission") if _has_come(each, now)]


def _has_come(asked: CorrectionRequest, now: datetime) -> bool:
    return asked.requested_at <= moment_of(STEP, asked.last_moment) <= now < asked.ends_at


def _not_reminded(asked: CorrectionRequest) -> QuerySet[User]:
    """Who may hand in again, wants reminders and has not had this one. Who joined after the step
    had come was not late for it."""
    reminded = Reminder.objects.filter(
        proposal=asked.submission.proposal_id,
        occasion=_occasion(asked),
        step=STEP,
        deadline_at=asked.last_moment,
    )
    return (
        User.objects.filter(
            is_active=True,
            reminders=True,
            memberships__organisation=asked.submission.organisation_id,
            memberships__role__in=WRITING_ROLES,
            memberships__since__lte=moment_of(STEP, asked.last_moment),
        )
        .exclude(pk__in=reminded.values("person"))
        .order_by("pk")
    )


def _occasion(asked: CorrectionRequest) -> str:
    return f"correction {asked.pk}"


@transaction.atomic
def _remind(correction_id: int, now: datetime) -> int:
    """Locked from the proposal to the request: it cannot be handed in or withdrawn meanwhile."""
    known = CorrectionRequest.objects.select_related("submission").get(pk=correction_id)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=known.submission.proposal_id)
    asked = (
        CorrectionRequest.objects.select_for_update(of=("self",))
        .select_related("submission")
        .get(pk=correction_id)
    )
    if asked.state != CorrectionState.OPEN or not _has_come(asked, now):
        return 0
    people = list(_not_reminded(asked))
    for person in people:
        Reminder.objects.create(
            proposal=proposal,
            person=person,
            occasion=_occasion(asked),
            step=STEP,
            deadline_at=asked.last_moment,
            sent_at=now,
        )
        _write(person, asked, proposal)
    return len(people)


def _write(person: User, asked: CorrectionRequest, proposal: Proposal) -> None:
    context = {
        "reference": asked.submission.reference,
        "title": asked.submission.title,
        "text": asked.text,
        "deadline": asked.last_moment,
        "link": link("proposals:correction", asked.submission.reference, asked.pk),
        "switch": link("reminders"),
    }
    with in_language(person.language):
        subject = render_to_string("reminders/correction_subject.txt", context)
        body = render_to_string("reminders/correction_body.txt", context)
    mail.send(to=person.email, subject=subject, body=body, about=proposal)
