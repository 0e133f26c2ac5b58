"""The reminder before a correction's last day: once, to those who can hand in, until they have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import correcting
from applications.models import CorrectionRequest, Membership, Submission
from applications.tasks import remind
from bpf_portal.core.models import OutgoingEmail
from tests import builders

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def asked(applicant: User, officer: User) -> CorrectionRequest:
    filed = builders.build_submission(applicant)
    joined = timezone.now() - 30 * DAY
    Membership.objects.filter(organisation=filed.organisation_id).update(since=joined)
    return builders.build_correction(officer, filed)


def at(moment: datetime) -> list[str]:
    """To whom reminders are written when the portal asks at this moment."""
    before = OutgoingEmail.objects.count()
    with time_machine.travel(moment, tick=False):
        assert remind() == OutgoingEmail.objects.count() - before
    return [mail.recipient for mail in OutgoingEmail.objects.order_by("pk")[before:]]


def test_it_works(asked: CorrectionRequest, applicant: User) -> None:
    company = asked.submission.organisation
    reader, tired = builders.build_user(), builders.build_user(reminders=False)
    for person, role in ((reader, "viewer"), (tired, "editor")):
        company.memberships.create(user=person, role=role)
    Membership.objects.filter(organisation=company).update(since=timezone.now() - DAY)
    due = asked.last_moment

    assert at(due - 2 * DAY - timedelta(minutes=1)) == []
    assert at(due - 2 * DAY) == [applicant.email]
    assert at(due - DAY) == []

    mail = OutgoingEmail.objects.about(asked.submission.proposal).get(
        subject__endswith="your correction is not handed in yet, 2 days left"
    )
    assert asked.text in mail.body
    assert "at 23:59, Luxembourg time (2 days left)" in mail.body
    for address in (
        reverse("proposals:correction", args=[asked.submission.reference, asked.pk]),
        reverse("reminders"),
    ):
        assert f"{settings.PORTAL_URL.rstrip('/')}{address}" in mail.body


def test_each_is_written_to_in_their_own_language(asked: CorrectionRequest) -> None:
    User.objects.filter(memberships__organisation=asked.submission.organisation_id).update(
        language="fr"
    )
    assert len(at(asked.last_moment - 2 * DAY)) == 1
    mail = OutgoingEmail.objects.latest("pk")
    assert mail.subject.endswith("votre correction n’est pas encore déposée, encore 2 jours")
    assert "Date limite\u00a0:" in mail.body


def answered(asked: CorrectionRequest, applicant: User, _officer: User) -> Submission:
    return builders.answer_correction(applicant, asked)


def withdrawn(asked: CorrectionRequest, _applicant: User, officer: User) -> CorrectionRequest:
    return correcting.withdraw_correction(
        actor=officer, submission_id=asked.submission_id, correction_id=asked.pk, reason="Done."
    )


@pytest.mark.parametrize("close", [answered, withdrawn])
def test_what_is_closed_reminds_nobody(
    close: Callable[..., object], asked: CorrectionRequest, applicant: User, officer: User
) -> None:
    close(asked, applicant, officer)
    assert at(asked.last_moment - 2 * DAY) == []


def test_a_request_for_tomorrow_and_one_that_is_over_remind_nobody(
    applicant: User, officer: User
) -> None:
    filed = builders.build_submission(applicant)
    asked = builders.build_correction(officer, filed, due_on=timezone.localdate() + DAY)
    assert at(timezone.now() + timedelta(minutes=5)) == []
    assert at(asked.ends_at) == []


def test_beside_the_proposal_its_corrections_are_told(
    asked: CorrectionRequest, applicant: User, as_user: Callable[..., Client]
) -> None:
    builders.answer_correction(applicant, asked)
    page = reverse("proposals:detail", args=[asked.submission.reference])
    html = as_user(applicant).get(page).content.decode()
    last_day = f"{asked.due_on.day} {asked.due_on:%B %Y}"
    assert f"The facility asked you to correct something, until {last_day}." in html
    assert f"{applicant} handed the corrected proposal in." in html
