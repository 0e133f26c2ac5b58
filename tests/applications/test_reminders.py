"""Reminders before a deadline: each once, to whom it concerns, whatever stood still meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from applications.actions import drafting, submitting
from applications.actions.reminding import moment_of, newest_step, remind
from applications.models import Call, DueDiligence, Membership, Proposal, Reminder, ReminderStep
from bpf_portal.core.models import OutgoingEmail
from tests import builders

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
LUXEMBOURG = ZoneInfo("Europe/Luxembourg")
#: The end of a day after the clocks went back: between it and seven days before lie 169 hours.
DEADLINE = datetime(2027, 10, 31, 23, 59, 59, tzinfo=LUXEMBOURG)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def call(reference: None) -> Call:
    with time_machine.travel(DEADLINE - 60 * DAY, tick=False):
        return builders.build_call(deadline_at=DEADLINE, title_en="Autumn call")


@pytest.fixture
def draft(call: Call, applicant: User) -> Proposal:
    with time_machine.travel(DEADLINE - 40 * DAY, tick=False):
        company = builders.build_organisation(applicant)
        Membership.objects.filter(organisation=company).update(since=DEADLINE - 50 * DAY)
        return builders.build_draft(applicant, call)


def at(moment: datetime) -> list[str]:
    """The reminders written when the portal asks at this moment, by address, oldest first."""
    before = OutgoingEmail.objects.count()
    with time_machine.travel(moment, tick=False):
        count = remind()
    mails = OutgoingEmail.objects.order_by("pk")[before:]
    assert len(mails) == count
    return [mail.recipient for mail in mails]


def colleague(proposal: Proposal, role: str = "editor", **fields: Any) -> User:
    user = builders.build_user(**fields)
    proposal.organisation.memberships.create(user=user, role=role)
    Membership.objects.filter(user=user).update(since=DEADLINE - 50 * DAY)
    return user


def steps() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("step", flat=True))


def test_it_works(draft: Proposal, applicant: User) -> None:
    """Asked every hour through the last eight days, three mails leave, each at its time."""
    sent = {}
    moment = DEADLINE - 8 * DAY
    while moment <= DEADLINE + DAY:
        if at(moment):
            sent[steps()[-1]] = DEADLINE - moment
        moment += HOUR
    assert {step: round(left / HOUR) for step, left in sent.items()} == {
        "7_days": 168,
        "2_days": 48,
        "6_hours": 6,
    }
    mails = list(OutgoingEmail.objects.about(draft).order_by("pk"))
    assert [mail.recipient for mail in mails] == [applicant.email] * 3
    assert mails[0].subject == f"{draft.reference} is not handed in yet: 7 days left"
    assert mails[2].subject.endswith(": closes today")
    body = mails[1].body
    assert "Sunday 31 October 2027 at 23:59, Luxembourg time (2 days left)" in body
    assert "- the title of the project" in body
    assert reverse("proposals:detail", args=[draft.reference]) in body
    assert f"{settings.PORTAL_URL.rstrip('/')}{reverse('reminders')}" in body


def test_each_is_written_to_in_their_own_language(draft: Proposal) -> None:
    colleague(draft, email="marie@firm.example", language="fr")
    Proposal.objects.filter(pk=draft.pk).update(language="en")
    at(DEADLINE - 2 * DAY)
    (mail,) = OutgoingEmail.objects.filter(recipient="marie@firm.example")
    assert mail.subject == f"{draft.reference} n’est pas encore déposée\u00a0: encore 2 jours"
    assert "dimanche 31 octobre 2027 à 23:59, heure de Luxembourg" in mail.body
    assert "le titre du projet" in mail.body


# --- exactly once -------------------------------------------------------------------------------
def test_after_hours_of_silence_only_the_newest_step_is_sent(draft: Proposal) -> None:
    assert len(at(DEADLINE - 5 * HOUR)) == 1
    assert steps() == ["6_hours"]
    assert at(DEADLINE - 4 * HOUR) == []
    assert at(DEADLINE + timedelta(seconds=1)) == []


def test_a_silence_over_the_deadline_sends_nothing_late(draft: Proposal) -> None:
    assert at(DEADLINE + timedelta(seconds=1)) == []
    assert at(DEADLINE + 3 * DAY) == []


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hours=st.lists(st.integers(-30, 10 * 24), max_size=8))
def test_whenever_it_is_asked_no_step_comes_twice_or_late(
    draft: Proposal, hours: list[int]
) -> None:
    """Any moments, in their order: a mail only for the newest step, once."""
    with transaction.atomic():
        for left in sorted(hours, reverse=True):
            moment = DEADLINE.astimezone(ZoneInfo("UTC")) - left * HOUR
            due = newest_step(DEADLINE, moment)
            fresh = due is not None and due[0] not in steps()
            assert len(at(moment)) == int(fresh)
        assert len(steps()) == len(set(steps()))
        transaction.set_rollback(True)


def test_a_reminder_that_failed_is_sent_the_next_time_and_holds_up_no_other(
    draft: Proposal, applicant: User
) -> None:
    """A draft that cannot be read, as after a broken import."""
    other = builders.build_user()
    with time_machine.travel(DEADLINE - 40 * DAY, tick=False):
        second = builders.build_draft(other, draft.call)
    Membership.objects.update(since=DEADLINE - 50 * DAY)
    DueDiligence.objects.filter(proposal=draft).delete()
    assert at(DEADLINE - DAY) == [other.email]
    DueDiligence.objects.create(proposal=draft)
    assert at(DEADLINE - 23 * HOUR) == [applicant.email]
    assert Reminder.objects.filter(proposal=second).count() == 1


def test_what_was_sent_stays_known(draft: Proposal) -> None:
    at(DEADLINE - DAY)
    for change in (
        lambda: Reminder.objects.all().delete(),
        lambda: Reminder.objects.update(step=""),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- to whom ------------------------------------------------------------------------------------
def test_only_who_can_write_is_reminded_and_only_who_wants_it(
    draft: Proposal, applicant: User
) -> None:
    colleague(draft, "viewer")
    colleague(draft, is_active=False)
    colleague(draft, reminders=False)
    signs = colleague(draft, "legal_representative")
    assert at(DEADLINE - 7 * DAY) == [applicant.email, signs.email]
    assert at(DEADLINE - 6 * DAY) == []


def test_who_joins_after_a_step_gets_the_next_one(draft: Proposal, applicant: User) -> None:
    late = colleague(draft)
    Membership.objects.filter(user=late).update(since=DEADLINE - 5 * DAY)
    assert at(DEADLINE - 4 * DAY) == [applicant.email]
    assert at(DEADLINE - 2 * DAY) == [applicant.email, late.email]


def test_a_draft_begun_after_a_step_is_not_late_for_it(call: Call, applicant: User) -> None:
    with time_machine.travel(DEADLINE - 3 * DAY, tick=False):
        builders.build_draft(applicant, call)
    Membership.objects.update(since=DEADLINE - 50 * DAY)
    assert at(DEADLINE - 70 * HOUR) == []
    assert at(DEADLINE - 47 * HOUR) == [applicant.email]


def test_nothing_for_what_is_handed_in_or_withdrawn(call: Call, applicant: User) -> None:
    with time_machine.travel(DEADLINE - 40 * DAY, tick=False):
        handed_in = builders.build_complete_proposal(applicant, call)
        withdrawn = builders.build_draft(applicant, call)
        submitting.submit(actor=applicant, proposal_id=handed_in.pk)
        drafting.withdraw_proposal(actor=applicant, proposal_id=withdrawn.pk, reason="")
    Membership.objects.update(since=DEADLINE - 50 * DAY)
    for left in (7 * DAY, 2 * DAY, 6 * HOUR):
        assert at(DEADLINE - left) == []


def test_a_shortlisted_company_is_reminded_of_its_second_stage(draft: Proposal) -> None:
    second = DEADLINE + 181 * DAY
    Call.objects.filter(pk=draft.call_id).update(stage_2_deadline_at=second)
    Proposal.objects.filter(pk=draft.pk).update(stage="detailed_proposal")
    assert at(DEADLINE - DAY) == []
    assert len(at(second - DAY)) == 1
    Call.objects.filter(pk=draft.call_id).update(stage_2_deadline_at=None)
    assert at(second - HOUR) == []


# --- when ---------------------------------------------------------------------------------------
def test_when_the_deadline_moves_the_steps_are_those_of_the_new_one(draft: Proposal) -> None:
    assert len(at(DEADLINE - 2 * DAY)) == 1
    moved = DEADLINE + 10 * DAY
    Call.objects.filter(pk=draft.call_id).update(deadline_at=moved)
    assert at(DEADLINE - DAY) == []
    assert at(DEADLINE - HOUR) == []
    assert len(at(moved - 7 * DAY)) == 1
    assert len(at(moved - 2 * DAY)) == 1
    assert steps() == ["2_days", "7_days", "2_days"]


@pytest.mark.parametrize(
    ("deadline", "hours"),
    [
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=LUXEMBOURG), 169),  # winter time begins on 25th
        (datetime(2026, 4, 2, 23, 59, 59, tzinfo=LUXEMBOURG), 167),  # summer time begins on 29th
        (datetime(2026, 4, 30, 23, 59, 59, tzinfo=LUXEMBOURG), 168),
    ],
)
def test_days_are_those_of_the_calendar_in_luxembourg(deadline: datetime, hours: int) -> None:
    utc = deadline.astimezone(ZoneInfo("UTC"))
    step = moment_of(ReminderStep.SEVEN_DAYS, utc)
    assert (utc - step) / HOUR == hours
    assert step.astimezone(LUXEMBOURG).time() == deadline.time()
    assert (utc - moment_of(ReminderStep.SIX_HOURS, utc)) / HOUR == 6
    assert newest_step(utc, step) == (ReminderStep.SEVEN_DAYS, step)
    assert newest_step(utc, step - timedelta(seconds=1)) is None


# --- the switch ---------------------------------------------------------------------------------
def test_a_person_switches_reminders_off_and_on(
    draft: Proposal, applicant: User, as_user: SignIn
) -> None:
    client, page = as_user(applicant), reverse("reminders")
    assert "checked" in client.get(page).content.decode()
    assert reverse("reminders") in client.get(reverse("proposals:list")).content.decode()
    assert client.post(page, {}).status_code == 302
    applicant.refresh_from_db()
    assert not applicant.reminders
    assert "You get no more reminders." in client.get(page).content.decode()
    assert at(DEADLINE - 2 * DAY) == []
    client.post(page, {"reminders": "on"})
    assert at(DEADLINE - 47 * HOUR) == [applicant.email]


def test_the_link_in_the_mail_leads_through_the_sign_in(draft: Proposal) -> None:
    answer = Client().get(reverse("reminders"))
    assert answer.headers["Location"] == f"/accounts/login/?next={reverse('reminders')}"


def test_the_number_of_questions_does_not_grow_where_everybody_was_reminded(
    draft: Proposal, django_assert_num_queries: Any
) -> None:
    for _number in range(20):
        colleague(draft)
    at(DEADLINE - DAY)
    with time_machine.travel(DEADLINE - 23 * HOUR, tick=False), django_assert_num_queries(4):
        assert remind() == 0
