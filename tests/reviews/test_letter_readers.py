"""Who reads a letter: its company, and at LuxDev those who run, approve or audit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from applications.models import Submission
from applications.views.outcome import published_outcomes
from bpf_portal.core.models import OutgoingEmail
from reviews.models import (
    Letter,
)
from tests import builders
from tests.reviews.letters import (
    confirmed,
    letter_of,
    publish_only,
)

pytestmark = pytest.mark.django_db


# --- who reads it -------------------------------------------------------------------------------


def test_the_letter_opens_for_its_company_and_the_staff_only(
    officer: User,
    applicant: User,
    stranger: User,
    reviewer: User,
    auditor: User,
    as_user: Callable[[User], Client],
) -> None:
    decision = confirmed(officer, user=applicant)
    publish_only(officer, decision)
    builders.do_waiting_jobs()
    letter = letter_of(decision)
    address = reverse("letters:download", args=[letter.reference])

    answers = {
        user.role + user.email: as_user(user).get(address).status_code
        for user in (applicant, officer, auditor, stranger, reviewer)
    }
    assert list(answers.values()) == [200, 200, 200, 404, 404]
    assert Client().get(address).status_code == 302
    assert as_user(applicant).post(address).status_code == 405

    response = as_user(applicant).get(address)
    assert response["Content-Disposition"] == f'attachment; filename="{letter.reference}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    content = response.getvalue()
    assert hashlib.sha256(content).hexdigest() == letter.sha256


def test_the_company_is_told_by_mail_but_not_what_was_decided(
    officer: User, applicant: User
) -> None:
    decision = confirmed(officer, user=applicant)
    builders.do_waiting_jobs()
    publish_only(officer, decision)
    builders.do_waiting_jobs()

    email = OutgoingEmail.objects.get(recipient=applicant.email, body__contains="/letters/")
    assert f"/proposals/letters/{letter_of(decision).reference}/" in email.body
    assert email.body.count("http") == 1
    assert decision.grounds not in email.body


def test_nothing_is_to_be_seen_before_the_publication(
    officer: User,
    applicant: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    decision = confirmed(officer, user=applicant)
    proposal = Submission.objects.get(pk=decision.submission_id).proposal
    builders.do_waiting_jobs()

    assert published_outcomes(applicant, [proposal]) == {proposal.pk: []}
    assert not Letter.objects.exists()

    publish_only(officer, decision)
    (waiting,) = published_outcomes(applicant, [proposal])[proposal.pk]
    assert (waiting.kind, waiting.letter_url, waiting.favourable) == ("ineligible", "", False)

    builders.do_waiting_jobs()
    drafts = [builders.build_draft(applicant) for _ in range(3)]
    with django_assert_num_queries(1):
        outcomes = published_outcomes(applicant, [proposal, *drafts])
    assert outcomes[proposal.pk][0].letter_url.endswith(f"/{letter_of(decision).reference}/")
    assert [outcomes[draft.pk] for draft in drafts] == [[], [], []]


def test_a_stranger_is_given_no_outcome(officer: User, applicant: User, stranger: User) -> None:
    decision = confirmed(officer, user=applicant)
    publish_only(officer, decision)
    proposal = Submission.objects.get(pk=decision.submission_id).proposal
    assert published_outcomes(stranger, [proposal]) == {proposal.pk: []}
