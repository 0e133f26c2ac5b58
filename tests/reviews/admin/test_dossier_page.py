"""One dossier: read as text, and an officer's actions on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import CheckRun, Submission
from reviews.models import Assignment
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def change(submission: Submission) -> str:
    return reverse("admin:applications_submission_change", args=(submission.pk,))


def action(submission: Submission, name: str) -> str:
    return reverse(f"admin:applications_submission_{name}", args=(submission.pk,))


@pytest.fixture
def submission(applicant: User) -> Submission:
    return builders.build_submission(applicant)


def test_a_dossier_reads_as_words_and_not_as_codes(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    html = as_user(officer).get(change(submission)).content.decode()
    for words in (
        "Prévisions de récolte par satellite",
        "Information and communication technology",
        "Senegal",
        "Coopérative Exemple de Thiès",
        "EUR\u00a0150,000.00",
        "Migrant or seasonal workers",
        "Handed in",
        "SHA-256",
    ):
        assert words in html, words
    assert "{&quot;" not in html
    assert "legal_name" not in html


def test_a_dossier_reads_in_french_too(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    html = as_user(officer, "fr").get(change(submission)).content.decode()
    assert "Sénégal" in html
    assert "Technologies de l’information" in html


def test_findings_stand_worst_first_with_what_to_do_and_their_source(
    as_user: AsUser, officer: User, applicant: User
) -> None:
    submission = builders.build_submission(applicant, countries=["FR"])
    page = as_user(officer).get(change(submission))
    groups, worst_first = page.context["findings"], ["fail", "review", "missing", "pass"].index
    outcomes = [group.outcome for group in groups]
    assert outcomes == sorted(outcomes, key=worst_first)
    for group in groups:
        within = [finding.outcome for finding, _ in (*group.open, *group.met)]
        assert within == sorted(within, key=worst_first)
        assert within[0] == group.outcome
        assert {finding.code.split(".")[0] for finding, _ in (*group.open, *group.met)} == {
            group.subject
        }
    assert groups[0].outcome == "fail"
    worst, _ = groups[0].open[0]
    html = page.content.decode()
    for text in (worst.title, worst.code):
        assert text in html
    assert worst.remedy
    assert worst.source


@pytest.mark.parametrize(
    ("language", "ceiling"),
    [("fr", "au plus 200\u202f000,00\xa0EUR"), ("en", "at most EUR\xa0200,000.00")],
)
def test_what_was_observed_and_is_required_is_in_the_readers_language(
    as_user: AsUser, officer: User, submission: Submission, language: str, ceiling: str
) -> None:
    page = as_user(officer, language).get(change(submission))
    found = {f.code: f for group in page.context["findings"] for f, _ in (*group.open, *group.met)}
    assert found["budget.ceiling"].required.text == ceiling
    facts = [fact for f in found.values() for fact in (f.observed, f.required)]
    assert [fact.text for fact in facts if not fact.translated] == []


def test_every_finding_leads_to_its_place_in_the_dossier(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    page = as_user(officer).get(change(submission))
    html = page.content.decode()
    places = {f.place for group in page.context["findings"] for f, _ in (*group.open, *group.met)}
    assert {"company", "project", "documents"} <= places
    for place in places - {""}:
        assert f'href="#{place}"' in html
        assert f'id="{place}"' in html


def test_each_file_handed_in_has_its_download_link(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    html = as_user(officer).get(change(submission)).content.decode()
    documents = list(submission.documents.all())
    assert documents
    for document in documents:
        assert reverse("proposals:document", args=(document.pk,)) in html


def test_an_officer_confirms_what_needs_a_reason_only_with_one(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    client = as_user(officer)
    refused = client.post(action(submission, "confirm"), {"answer": "eligible", "reason": ""})
    assert refused.status_code == 422
    assert "Say why: the checks came to another result." in refused.content.decode()
    submission.refresh_from_db()
    assert submission.state == "received"

    accepted = client.post(
        action(submission, "confirm"), {"answer": "eligible", "reason": "Looked at by hand."}
    )
    assert accepted.headers["Location"] == change(submission)
    submission.refresh_from_db()
    assert (submission.state, submission.eligibility_reason) == ("eligible", "Looked at by hand.")


def test_what_was_typed_is_kept_when_the_page_is_old(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    client = as_user(officer)
    builders.build_eligible(officer, submission)
    answer = client.post(
        action(submission, "confirm"), {"answer": "ineligible", "reason": "Too young by far"}
    )
    assert answer.status_code == 409
    assert "This was changed in the meantime." in answer.content.decode()
    submission.refresh_from_db()
    assert submission.state == "eligible"


def test_the_question_can_be_opened_again_with_a_reason(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    client = as_user(officer)
    builders.build_eligible(officer, submission)
    assert client.post(action(submission, "reconsider"), {"reason": " "}).status_code == 422
    assert client.post(action(submission, "reconsider"), {"reason": "New file"}).status_code == 302
    submission.refresh_from_db()
    assert submission.state == "received"


def test_checks_run_again_beside_the_earlier_run(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    assert as_user(officer).post(action(submission, "rerun")).status_code == 302
    assert CheckRun.objects.filter(submission=submission).count() == 2
    page = as_user(officer).get(change(submission))
    assert page.context["checks_waiting"]
    assert page.context["findings"]


def test_reviewers_are_asked_and_a_wrong_day_is_said_beside_the_field(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User, submission: Submission
) -> None:
    client = as_user(officer)
    builders.build_eligible(officer, submission)
    past = {"reviewers": [reviewer.pk], "due_on": "2020-01-01"}
    refused = client.post(action(submission, "assign"), past)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "This day is in the past." in html
    assert 'value="2020-01-01"' in html

    soon = (timezone.localdate() + timedelta(days=7)).isoformat()
    nobody = client.post(action(submission, "assign"), {"due_on": soon})
    assert nobody.status_code == 422
    assert "Choose at least one reviewer." in nobody.content.decode()

    no_day = {"reviewers": [reviewer.pk], "due_on": "tomorrow"}
    assert client.post(action(submission, "assign"), no_day).status_code == 422

    due_on = timezone.localdate() + timedelta(days=7)
    both = {"reviewers": [reviewer.pk, second_reviewer.pk], "due_on": due_on.isoformat()}
    assert client.post(action(submission, "assign"), both).status_code == 302
    assert Assignment.objects.filter(submission=submission, due_on=due_on).count() == 2


def test_an_applicant_cannot_be_asked_to_review(
    as_user: AsUser, officer: User, applicant: User, submission: Submission
) -> None:
    builders.build_eligible(officer, submission)
    forged = {"reviewers": [applicant.pk], "due_on": "2099-01-01"}
    assert as_user(officer).post(action(submission, "assign"), forged).status_code == 422
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("name", ["confirm", "reconsider", "rerun", "assign"])
def test_only_officers_act_and_reviewers_do_not_even_find_the_address(
    as_user: AsUser,
    approver: User,
    auditor: User,
    administrator: User,
    reviewer: User,
    submission: Submission,
    name: str,
) -> None:
    soon = (timezone.localdate() + timedelta(days=7)).isoformat()
    given = {"answer": "eligible", "reason": "x", "due_on": soon, "reviewers": reviewer.pk}
    for user in (approver, auditor, administrator):
        answer = as_user(user).post(action(submission, name), given)
        assert answer.status_code == 403, user.role
        assert "Only a programme officer may do this." in answer.content.decode()
    assert as_user(reviewer).post(action(submission, name), given).status_code == 404
    submission.refresh_from_db()
    assert submission.state == "received"


def test_reading_an_address_that_acts_changes_nothing(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    answer = as_user(officer).get(action(submission, "confirm"))
    assert answer.headers["Location"] == change(submission)
    submission.refresh_from_db()
    assert submission.state == "received"


def test_the_list_is_searched_and_filtered(
    as_user: AsUser, officer: User, submission: Submission
) -> None:
    client = as_user(officer)
    address = reverse("admin:applications_submission_changelist")

    def found(query: str) -> bool:
        page = client.get(address + query)
        assert page.status_code == 200
        return submission.reference in page.content.decode()

    assert found("")
    assert found("?q=récolte+satellite")
    assert not found("?q=hydropower")
    assert found(f"?call={submission.call.code}&stage=preselection&state=received&country=SN")
    assert not found("?country=ML")
    assert not found("?state=decided")
    assert found("?outcome=to_review&waiting=confirm")
    assert not found("?waiting=assign")
    assert found("?state=nonsense&page=zero")
    assert not found("?page=7")
