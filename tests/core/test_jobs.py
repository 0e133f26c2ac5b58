"""Durable jobs: done once, whatever happens to Celery, Redis or the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from bpf_portal.core import jobs, mail
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import OutgoingEmail
from bpf_portal.core.tasks import clear_sessions

pytestmark = pytest.mark.django_db


def waiting_mail() -> OutgoingEmail:
    return OutgoingEmail.objects.create(recipient="a@example.org", subject="Good day", body="Text")


def test_it_works(mailoutbox: list[EmailMessage]) -> None:
    email = waiting_mail()

    assert jobs.run(OutgoingEmail, email.pk, mail.deliver)

    email.refresh_from_db()
    assert (email.state, email.attempts) == (JobState.DONE, 1)
    assert [message.to for message in mailoutbox] == [["a@example.org"]]


def test_a_job_is_done_once_however_often_it_is_sent(mailoutbox: list[EmailMessage]) -> None:
    email = waiting_mail()
    assert jobs.run(OutgoingEmail, email.pk, mail.deliver)

    assert not jobs.run(OutgoingEmail, email.pk, mail.deliver)

    assert len(mailoutbox) == 1


def test_a_running_job_belongs_to_its_worker_until_the_lease_ends() -> None:
    email = waiting_mail()
    assert OutgoingEmail.objects.claim(email.pk) is not None
    assert OutgoingEmail.objects.claim(email.pk) is None

    OutgoingEmail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    again = OutgoingEmail.objects.claim(email.pk)
    assert again is not None
    assert again.attempts == 2


def test_an_error_leaves_nothing_behind_but_its_reason_and_a_later_try() -> None:
    email = waiting_mail()

    def fail_after_writing(job: OutgoingEmail) -> None:
        OutgoingEmail.objects.create(recipient="b@example.org", subject="half", body="done")
        raise ConnectionRefusedError("the mail server is away")

    assert not jobs.run(OutgoingEmail, email.pk, fail_after_writing)

    email.refresh_from_db()
    assert OutgoingEmail.objects.count() == 1
    assert email.state == JobState.QUEUED
    assert email.last_error == "ConnectionRefusedError: the mail server is away"
    assert email.not_before > timezone.now()


def test_after_five_attempts_a_person_has_to_look() -> None:
    email = waiting_mail()

    def fail(job: OutgoingEmail) -> None:
        raise ValueError("never works")

    for _ in range(jobs.MAX_ATTEMPTS):
        OutgoingEmail.objects.update(not_before=timezone.now())
        jobs.run(OutgoingEmail, email.pk, fail)

    email.refresh_from_db()
    assert (email.state, email.attempts) == (JobState.FAILED, jobs.MAX_ATTEMPTS)
    assert not OutgoingEmail.objects.left_lying().exists()


def test_a_worker_that_overran_its_lease_changes_nothing() -> None:
    email = waiting_mail()

    def lose_the_lease(job: OutgoingEmail) -> None:
        OutgoingEmail.objects.create(recipient="slow@example.org", subject="x", body="y")
        OutgoingEmail.objects.filter(pk=job.pk).update(claimed_by=None)

    assert not jobs.run(OutgoingEmail, email.pk, lose_the_lease)
    assert not OutgoingEmail.objects.filter(recipient="slow@example.org").exists()


def test_no_mail_leaves_for_what_was_rolled_back(mailoutbox: list[EmailMessage]) -> None:
    with transaction.atomic():
        mail.send(to="c@example.org", subject="Decision", body="…")
        transaction.set_rollback(True)

    assert not OutgoingEmail.objects.exists()


def test_a_subject_of_two_lines_cannot_add_a_header() -> None:
    email = mail.send(to="d@example.org", subject="Hello\nBcc: everyone@example.org", body="…")
    assert email.subject == "Hello Bcc: everyone@example.org"


def test_what_a_session_held_goes_when_it_has_ended() -> None:
    ended, living = SessionStore(), SessionStore()
    for session, age in ((ended, -1), (living, 3600)):
        session["kept"] = "typed"
        session.set_expiry(age)
        session.save()

    clear_sessions()

    assert list(Session.objects.values_list("pk", flat=True)) == [living.session_key]
    scheduled = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    assert clear_sessions.name in scheduled
