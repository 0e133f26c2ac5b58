"""Preparing, confirming, sending back, publishing; and the ranking they stand on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Submission
from reviews.actions import deciding
from reviews.models import Decision, LetterBatch
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def page(decision: Decision) -> str:
    return reverse("admin:reviews_decision_change", args=(decision.pk,))


def action(decision: Decision, name: str) -> str:
    return reverse(f"admin:reviews_decision_{name}", args=(decision.pk,))


def preparation(submission: Submission) -> str:
    return reverse("admin:applications_submission_decision", args=(submission.pk,))


@pytest.fixture
def scored(officer: User, reviewer: User) -> Submission:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    return Submission.objects.get(pk=assignment.submission_id)


@pytest.fixture
def prepared(officer: User, reviewer: User) -> Decision:
    return builders.build_decision(officer, reviewer, kind="shortlisted")


def test_an_officer_prepares_with_the_reviewers_words_beside_the_form(
    as_user: AsUser, officer: User, scored: Submission
) -> None:
    client = as_user(officer)
    html = client.get(preparation(scored)).content.decode()
    assert "Convincing and well founded." in html
    assert "Rita Weis" in html

    refused = client.post(preparation(scored), {"kind": "not_shortlisted", "conditions": "Typed"})
    assert refused.status_code == 422
    assert "The company must be told why." in refused.content.decode()
    assert "Typed" in refused.content.decode()

    criterion = refused.context["form"].criteria[0]
    given = {
        "kind": "not_shortlisted",
        "grounds": "Below the threshold.",
        f"reason_{criterion.pk}": "Nothing new.",
    }
    assert client.post(preparation(scored), given).status_code == 302
    decision = Decision.objects.get(submission=scored)
    assert (decision.kind, decision.state) == ("not_shortlisted", "prepared")
    assert decision.reasons.get().text == "Nothing new."


def test_an_award_says_how_much_and_not_more_than_allowed(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    submission = builders.build_eligible(officer, builders.build_stage_2(officer))
    builders.build_scored(builders.build_assignment(officer, reviewer, submission))
    client = as_user(officer)
    for wrong, said in (
        ("", "Say how much is awarded."),
        ("150000.01", "At most EUR"),
        ("abc", "Write a number"),
        ("-5", "Write 0 or more."),
    ):
        answer = client.post(preparation(submission), {"kind": "selected", "amount": wrong})
        assert answer.status_code == 422, wrong
        assert said in answer.content.decode(), wrong
    given = {"kind": "selected", "amount": "150,000.00", "conditions": "Audit at the end"}
    assert client.post(preparation(submission), given).status_code == 302
    assert Decision.objects.get(submission=submission).amount == Decimal("150000.00")


def test_an_ineligible_proposal_can_only_be_told_so(
    as_user: AsUser, officer: User, applicant: User
) -> None:
    submission = builders.build_excluded(officer, builders.build_submission(applicant))
    client = as_user(officer)
    forged = client.post(preparation(submission), {"kind": "shortlisted"})
    assert forged.status_code == 422
    given = {"kind": "ineligible", "grounds": "The company is younger than three years."}
    assert client.post(preparation(submission), given).status_code == 302


def test_nothing_is_decided_before_a_review(
    as_user: AsUser, officer: User, applicant: User
) -> None:
    submission = builders.build_submission(applicant)
    client = as_user(officer)
    assert "There is nothing to decide" in client.get(preparation(submission)).content.decode()
    answer = client.post(preparation(submission), {"kind": "shortlisted"})
    assert answer.status_code in (409, 422)
    assert not Decision.objects.exists()


def test_the_preparer_and_the_officer_cannot_confirm_and_an_approver_can(
    as_user: AsUser, officer: User, approver: User, prepared: Decision
) -> None:
    refused = as_user(officer).post(action(prepared, "confirm"))
    assert refused.status_code == 403
    assert "Only an approver may confirm a decision." in refused.content.decode()
    prepared.refresh_from_db()
    assert prepared.state == "prepared"

    assert as_user(approver).post(action(prepared, "confirm")).status_code == 302
    prepared.refresh_from_db()
    assert (prepared.state, prepared.confirmed_by) == ("confirmed", approver)
    again = as_user(approver).post(action(prepared, "confirm"))
    assert again.status_code == 409


def test_an_approver_cannot_confirm_what_they_prepared_when_they_were_an_officer(
    as_user: AsUser, officer: User, prepared: Decision
) -> None:
    officer.role = "approver"
    officer.save()
    client = as_user(officer)
    assert "Confirm this decision" not in client.get(page(prepared)).content.decode()
    refused = client.post(action(prepared, "confirm"))
    assert refused.status_code == 403
    assert "Somebody else must confirm what you prepared." in refused.content.decode()


def test_sending_back_needs_a_reason_and_the_officer_reads_it(
    as_user: AsUser, officer: User, approver: User, prepared: Decision
) -> None:
    client = as_user(approver)
    assert client.post(action(prepared, "send_back"), {"reason": ""}).status_code == 422
    given = {"reason": "Please name the audit."}
    assert client.post(action(prepared, "send_back"), given).status_code == 302
    form = as_user(officer).get(preparation(prepared.submission)).content.decode()
    assert "Please name the audit." in form
    again = as_user(officer).post(preparation(prepared.submission), {"kind": "shortlisted"})
    assert again.status_code == 302
    prepared.refresh_from_db()
    assert prepared.state == "prepared"


def test_publishing_only_after_confirmation_and_then_the_batch_shows_its_progress(
    as_user: AsUser, officer: User, approver: User, auditor: User, prepared: Decision
) -> None:
    client = as_user(officer)
    assert client.post(action(prepared, "publish")).status_code == 403
    deciding.confirm_decision(actor=approver, decision_id=prepared.pk)
    assert as_user(auditor).post(action(prepared, "publish")).status_code == 403
    assert client.post(action(prepared, "publish")).status_code == 302
    batch = LetterBatch.objects.get()
    html = client.get(reverse("admin:letter_batch", args=(batch.pk,))).content.decode()
    assert "0 of 1 letters are made." in html
    assert "<progress" in html


def test_the_letter_is_read_before_it_is_published_and_not_by_reviewers(
    as_user: AsUser, officer: User, approver: User, reviewer: User, prepared: Decision
) -> None:
    address = reverse("admin:reviews_decision_preview", args=(prepared.pk,))
    answer = as_user(approver).get(address)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert as_user(reviewer).get(address).status_code == 404
    builders.publish(officer, prepared)
    assert as_user(approver).get(address).status_code == 404


def test_ticked_decisions_are_published_and_each_says_what_became_of_it(
    as_user: AsUser, officer: User, approver: User, reviewer: User, prepared: Decision
) -> None:
    other = builders.build_decision(officer, reviewer, call=prepared.submission.call)
    deciding.confirm_decision(actor=approver, decision_id=prepared.pk)
    answer = as_user(officer).post(
        reverse("admin:publish"), {"decision": [prepared.pk, other.pk, "x"]}, follow=True
    )
    said = [str(message) for message in answer.context["messages"]]
    assert f"{prepared.submission.reference}: published" in said
    assert f"{other.submission.reference}: A decision is published after its confirmation." in said
    prepared.refresh_from_db()
    other.refresh_from_db()
    assert (prepared.state, other.state) == ("published", "prepared")


def test_reviewers_and_auditors_publish_nothing(
    as_user: AsUser, approver: User, auditor: User, reviewer: User, prepared: Decision
) -> None:
    deciding.confirm_decision(actor=approver, decision_id=prepared.pk)
    for user in (auditor, reviewer):
        answer = as_user(user).post(reverse("admin:publish"), {"decision": [prepared.pk]})
        assert answer.status_code == 404
    prepared.refresh_from_db()
    assert prepared.state == "confirmed"


def test_the_ranking_is_by_score_with_the_money_up_to_each_line(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    call = builders.build_call(envelope=Decimal("250000.00"))
    for value in (2, 5, 3):
        submission = builders.build_eligible(officer, builders.build_submission(call=call))
        builders.build_scored(builders.build_assignment(officer, reviewer, submission), value)
    address = reverse("admin:ranking", args=(call.code, "preselection"))
    answer = as_user(officer).get(address)
    lines = answer.context["lines"]
    assert [str(line.submission.score_mean) for line in lines] == ["100.00", "60.00", "40.00"]
    assert [line.cumulative for line in lines] == [
        Decimal("150000.00"),
        Decimal("300000.00"),
        Decimal("450000.00"),
    ]
    assert [line.over_envelope for line in lines] == [False, True, True]
    assert [line.under_threshold for line in lines] == [False, False, True]
    assert [line.under_floor for line in lines] == [False, False, True]
    unknown = reverse("admin:ranking", args=(call.code, "nonsense"))
    assert as_user(officer).get(unknown).status_code == 404
