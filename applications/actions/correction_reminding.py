"""Reminders of a correction, or of the renewal of a due diligence, that was not handed in yet.

As for a draft (`reminding`), what is due follows from rows and the clock alone, and each person
gets it once.
"""

from collections.abc import Mapping
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
    CorrectionPurpose,
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

#: A correction has days, not months: one reminder is enough. A renewal is owed after its day too.
STEPS: Mapping[str, tuple[ReminderStep, ...]] = {
    CorrectionPurpose.CORRECTION: (ReminderStep.TWO_DAYS,),
    CorrectionPurpose.RENEWAL: (
        ReminderStep.SEVEN_DAYS,
        ReminderStep.TWO_DAYS,
        ReminderStep.WEEK_LATE,
        ReminderStep.MONTH_LATE,
    ),
}
LATE: Mapping[ReminderStep, timedelta] = {
    ReminderStep.WEEK_LATE: timedelta(days=7),
    ReminderStep.MONTH_LATE: timedelta(days=30),
}
#: A little more than the first step: days end at midnight, and the clock may change.
FARTHEST = timedelta(days=8)


def remind(*, now: datetime | None = None) -> int:
    """Send every reminder that is due and was not sent. Returns how many mails were written.

    Each request is done in a transaction of its own, as each draft in `reminding.remind`.
    """
    now = now or timezone.now()
    sent = 0
    for asked, step in _due(now):
        if not _not_reminded(asked, step).exists():
            continue
        try:
            sent += _remind(asked.pk, now)
        except Exception:
            log.exception("reminder failed", correction=asked.pk)
    return sent


def _due(now: datetime) -> list[tuple[CorrectionRequest, ReminderStep]]:
    """The open requests of which a step has come, with the newest that has."""
    soon = CorrectionRequest.objects.open().filter(due_on__lte=timezone.localdate(now) + FARTHEST)
    found = [(each, newest_step(each, now)) for each in soon.select_related("submission")]
    return [(asked, step) for asked, step in found if step is not None]


def newest_step(asked: CorrectionRequest, now: datetime) -> ReminderStep | None:
    """The last step that came since it was asked; None before the first, and once a correction
    can no longer be handed in."""
    if asked.is_over(now):
        return None
    steps = STEPS[asked.purpose]
    come = [step for step in steps if asked.requested_at <= _moment(step, asked) <= now]
    return come[-1] if come else None


def _moment(step: ReminderStep, asked: CorrectionRequest) -> datetime:
    late = LATE.get(step)
    return moment_of(step, asked.last_moment) if late is None else asked.last_moment + late


def _not_reminded(asked: CorrectionRequest, step: ReminderStep) -> QuerySet[User]:
    """Who may hand in again, wants reminders and has not had this one. Who joined after the step
    had come was not late for it."""
    reminded = Reminder.objects.filter(
        proposal=asked.submission.proposal_id,
        occasion=_occasion(asked),
        step=step,
        deadline_at=asked.last_moment,
    )
    return (
        User.objects.filter(
            is_active=True,
            reminders=True,
            memberships__organisation=asked.submission.organisation_id,
            memberships__role__in=WRITING_ROLES,
            memberships__since__lte=_moment(step, asked),
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
    step = newest_step(asked, now) if asked.state == CorrectionState.OPEN else None
    if step is None:
        return 0
    people = list(_not_reminded(asked, step))
    for person in people:
        Reminder.objects.create(
            proposal=proposal,
            person=person,
            occasion=_occasion(asked),
            step=step,
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
        "late": asked.is_late,
        "link": link("proposals:correction", asked.submission.reference, asked.pk),
        "switch": link("reminders"),
    }
    with in_language(person.language):
        name = "renewal" if asked.is_renewal else "correction"
        subject = render_to_string(f"reminders/{name}_subject.txt", context)
        body = render_to_string(f"reminders/{name}_body.txt", context)
    mail.send(to=person.email, subject=subject, body=body, about=proposal)
