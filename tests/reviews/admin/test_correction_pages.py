"""Corrections at the desk: asked for, refused with what was typed, withdrawn, and read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import CorrectionRequest, CorrectionState, Submission
from bpf_portal.core.models import OutgoingEmail
from reviews.models import ScoreSheet
from tests import builders
from tests.measuring import counted

pytestmark = pytest.mark.django_db
AsUser = Callable[..., Client]
AT_MOST = 12


def page_of(submission: Submission, part: str = "change") -> str:
    return reverse(f"admin:applications_submission_{part}", args=[submission.pk])


@pytest.fixture
def filed(applicant: User) -> Submission:
    return builders.build_submission(applicant)


def asked(**changes: Any) -> dict[str, Any]:
    due_on = timezone.localdate() + timedelta(days=7)
    return {"sections": ["project"], "text": "Please.", "due_on": due_on.isoformat(), **changes}


def test_it_works(filed: Submission, officer: User, as_user: AsUser) -> None:
    client = as_user(officer)
    assert "Ask the company for a correction" in client.get(page_of(filed)).content.decode()
    answer = client.post(page_of(filed, "correct"), asked(), follow=True)
    assert "The company was asked" in answer.content.decode()
    page = client.get(page_of(filed)).content.decode()
    assert "A correction is asked for" in page
    assert "Confirm as eligible" not in page
    correction = CorrectionRequest.objects.get()
    told = OutgoingEmail.objects.latest("pk")
    assert "Please." in told.body
    assert reverse("proposals:correction", args=[filed.reference, correction.pk]) in told.body


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sections": []}, "Choose the sections"),
        ({"sections": ["work_plan"]}, "Select a valid choice"),
        ({"text": " "}, "Say in words"),
        ({"text": "a" * 10_001}, "at most 10000 characters"),
        ({"text": "null\x00byte"}, "Null characters are not allowed"),
        ({"due_on": ""}, "This field is required"),
        ({"due_on": "2020-01-01"}, "in the past"),
        ({"due_on": "9999-12-31"}, "At most a year"),
        ({"due_on": "soon"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    filed: Submission, officer: User, as_user: AsUser, changes: dict[str, Any], said: str
) -> None:
    typed = asked(**changes)
    answer = as_user(officer).post(page_of(filed, "correct"), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    if "text" not in changes:
        assert "Please.</textarea>" in page
    assert not CorrectionRequest.objects.exists()


def test_a_second_request_is_told_that_there_is_one(
    filed: Submission, officer: User, as_user: AsUser
) -> None:
    builders.build_correction(officer, filed)
    answer = as_user(officer).post(page_of(filed, "correct"), asked())
    assert answer.status_code == 409
    assert "asked for already" in answer.content.decode()


def test_it_is_withdrawn_with_a_reason(filed: Submission, officer: User, as_user: AsUser) -> None:
    correction = builders.build_correction(officer, filed)
    client, url = as_user(officer), page_of(filed, "withdraw_correction")
    for wrong, status in (({"reason": "x"}, 404), ({"correction": correction.pk}, 422)):
        assert client.post(url, wrong).status_code == status
    for odd in ("\x00", "-1", "9" * 40, "²"):
        assert client.post(url, {"correction": odd, "reason": "x"}).status_code == 404
    given = {"correction": correction.pk, "reason": "Known from a letter."}
    assert client.post(url, given).status_code == 302
    assert client.post(url, given).status_code == 409
    correction.refresh_from_db()
    assert correction.state == CorrectionState.WITHDRAWN
    assert "Known from a letter." in client.get(page_of(filed)).content.decode()
    assert "Known from a letter." in OutgoingEmail.objects.latest("pk").body


def test_the_difference_is_read_by_officer_and_reviewer_word_by_word(
    applicant: User, officer: User, reviewer: User, as_user: AsUser
) -> None:
    submission = builders.build_eligible(officer, builders.build_submission(applicant))
    assignment = builders.build_assignment(officer, reviewer, submission)
    builders.build_scored(assignment)
    correction = builders.build_correction(officer, submission)
    before = submission.document["project"]["summary"]
    builders.correct(applicant, submission, before.replace("3 000", "4 000") + " <b>Et plus.</b>")
    as_reviewer, as_officer = as_user(reviewer), as_user(officer)
    own = reverse("admin:reviews_assignment_change", args=[assignment.pk])
    # Until it is handed in again nobody reads the new text.
    for client, url in ((as_reviewer, own), (as_officer, page_of(submission))):
        assert "Et plus." not in client.get(url).content.decode()

    builders.answer_correction_as_written(applicant, correction)

    for client, url in (
        (as_officer, page_of(submission, "difference")),
        (as_reviewer, reverse("admin:reviews_assignment_difference", args=[assignment.pk])),
    ):
        page = client.get(url).content.decode()
        assert "3 </del>" in page or "3 000" in page
        assert "<ins>" in page
        assert "&lt;b&gt;Et " in page
        assert correction.text in page
    # The sheet was submitted on the text before.
    assert "you scored the text before" in as_reviewer.get(own).content.decode()
    assert "scored before the correction" in as_officer.get(page_of(submission)).content.decode()
    assert "Scored before the correction" in as_officer.get(own).content.decode()


def test_a_sheet_that_is_open_remembers_the_text_that_stood_beside_it(
    applicant: User, officer: User, reviewer: User, as_user: AsUser
) -> None:
    submission = builders.build_eligible(officer, builders.build_submission(applicant))
    assignment = builders.build_assignment(officer, reviewer, submission)
    client = as_user(reviewer)
    own = reverse("admin:reviews_assignment_change", args=[assignment.pk])
    assert 'name="revision" value="1"' in client.get(own).content.decode()
    builders.answer_correction(applicant, builders.build_correction(officer, submission))
    save = reverse("admin:reviews_assignment_change", args=[assignment.pk])
    sheet = ScoreSheet.objects.get()
    client.post(save, {"version": sheet.version, "revision": "1", "comment": "Read the first."})
    sheet.refresh_from_db()
    assert (sheet.comment, sheet.revision) == ("Read the first.", 1)
    page = client.get(own).content.decode()
    assert "corrected since you last saved" in page
    client.post(save, {"version": sheet.version, "revision": "2", "comment": "Read both."})
    sheet.refresh_from_db()
    assert sheet.revision == 2


def test_what_the_pages_cost(
    applicant: User, officer: User, reviewer: User, as_user: AsUser
) -> None:
    """One correction or four: the same number of queries."""
    submission = builders.build_eligible(officer, builders.build_submission(applicant))
    builders.build_assignment(officer, reviewer, submission)
    client = as_user(officer)
    builders.answer_correction(applicant, builders.build_correction(officer, submission))
    pages = [page_of(submission), page_of(submission, "difference")]
    few = [counted(client, page).queries for page in pages]
    for number in range(3):
        correction = builders.build_correction(officer, submission)
        builders.correct(applicant, submission, f"Text {number}.")
        builders.answer_correction_as_written(applicant, correction)
    many = [counted(client, page).queries for page in pages]
    assert few == many
    assert max(many) <= AT_MOST
