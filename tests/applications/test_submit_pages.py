"""Handing in: the last look, one submission, the receipt."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call, Proposal, ProposalState, Submission
from tests import builders
from tests.applications.pages import hand_in_data

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def complete(applicant: User, open_call: Call) -> Proposal:
    return builders.build_complete_proposal(applicant, open_call)


def submit_url(proposal: Proposal) -> str:
    return reverse("proposals:submit", args=[proposal.reference])


def receipt_url(proposal: Proposal) -> str:
    return reverse("proposals:receipt", args=[proposal.reference, "preselection"])


def hand_in(client: Client, proposal: Proposal) -> Any:
    """Read the page, declare, and press the button."""
    url = submit_url(proposal)
    return client.post(url, hand_in_data(client.get(url)))


def test_it_works(complete: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    assert complete.title in client.get(submit_url(complete)).content.decode()
    response: Any = hand_in(client, complete)
    assert response.url == receipt_url(complete)
    submission = Submission.objects.get()
    page = client.get(receipt_url(complete)).content.decode()
    for shown in (submission.sha256, complete.reference, "What happens next"):
        assert shown in page
    complete.refresh_from_db()
    assert complete.state == ProposalState.SUBMITTED


def test_a_double_click_makes_one_submission(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    data = hand_in_data(client.get(submit_url(complete)))
    first: Any = client.post(submit_url(complete), data)
    second: Any = client.post(submit_url(complete), data)
    assert first.url == second.url == receipt_url(complete)
    assert Submission.objects.count() == 1


def test_what_is_missing_is_listed_with_links_and_enforced(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    client = as_user(applicant)
    link = reverse("proposals:section", args=[draft.reference, "project"]) + "#id_title"
    assert link in client.get(submit_url(draft)).content.decode()
    response = client.post(submit_url(draft))
    assert response.status_code == 422
    assert link in response.content.decode()
    assert not Submission.objects.exists()


def test_every_link_of_the_missing_list_leads_to_something(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    type(draft.organisation).objects.filter(pk=draft.organisation_id).update(
        country=None,
        registration_number="",
        registered_on=None,
        employees=None,
        taxes_paid=None,
        road_haulage_for_hire=None,
    )
    draft.organisation.annual_turnover.all().delete()
    client = as_user(applicant)
    page: Any = client.get(submit_url(draft))
    gaps = page.context["gaps"]
    assert {gap.section for gap in gaps} == {
        "company", "partners", "project", "budget", "due_diligence", "documents"
    }  # fmt: skip
    for gap in gaps:
        url = reverse("proposals:section", args=[draft.reference, gap.section])
        assert f'id="{gap.anchor}"' in client.get(url).content.decode(), gap


def test_after_the_deadline_it_is_kept_and_marked_late(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    past = timezone.now() - timedelta(hours=1)
    Call.objects.filter(pk=complete.call_id).update(deadline_at=past)
    following = builders.build_call(open_for_days=90, title_en="The edition after")
    Call.objects.exclude(pk__in=[following.pk, complete.call_id]).filter(
        deadline_at__gt=past
    ).update(published=False)
    client = as_user(applicant)
    page = client.get(submit_url(complete)).content.decode()
    assert "The deadline has passed" in page
    assert "The edition after" in page
    assert hand_in(client, complete).status_code == 302
    assert Submission.objects.get().late
    assert "The edition after" in client.get(receipt_url(complete)).content.decode()


def test_a_stranger_finds_nothing(
    complete: Proposal, applicant: User, stranger: User, as_user: SignIn
) -> None:
    hand_in(as_user(applicant), complete)
    client = as_user(stranger)
    assert client.get(submit_url(complete)).status_code == 404
    assert client.post(submit_url(complete)).status_code == 404
    assert client.get(receipt_url(complete)).status_code == 404


def test_a_reader_cannot_hand_in(complete: Proposal, as_user: SignIn) -> None:
    reader = builders.build_user("applicant")
    complete.organisation.memberships.create(user=reader, role="viewer")
    client = as_user(reader)
    assert "Hand in the proposal" not in client.get(submit_url(complete)).content.decode()
    assert client.post(submit_url(complete)).status_code == 403
    assert not Submission.objects.exists()


def test_there_is_no_receipt_before_the_hand_in(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    assert client.get(receipt_url(complete)).status_code == 404
    odd = reverse("proposals:receipt", args=[complete.reference, "no-such-stage"])
    assert client.get(odd).status_code == 404


def test_a_withdrawn_proposal_is_not_handed_in(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    withdraw = reverse("proposals:withdraw", args=[complete.reference])
    assert client.post(withdraw, {"reason": ""}).status_code == 422
    assert client.post(withdraw, {"sure": "on"}).status_code == 302
    client.post(submit_url(complete))
    assert not Submission.objects.exists()
    complete.refresh_from_db()
    assert complete.state == ProposalState.WITHDRAWN


def test_looking_writes_nothing(complete: Proposal, applicant: User, as_user: SignIn) -> None:
    client = as_user(applicant)
    with CaptureQueriesContext(connection) as queries:
        client.get(submit_url(complete))
    written = [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []


def test_half_written_rows_are_asked_for_before_the_hand_in(
    complete: Proposal, applicant: User, as_user: SignIn
) -> None:
    client = as_user(applicant)
    complete.risks.create(label="R2", description="Only begun")
    complete.budget_lines.create(position=9, description="Later", unit_cost=0, amount=0)
    complete.partners.create(legal_name="")
    response: Any = client.post(submit_url(complete))
    assert response.status_code == 422
    gaps = response.context["gaps"]
    assert {gap.anchor for gap in gaps} == {
        "id_risks-1-where",
        "id_risks-1-severity",
        "id_risks-1-likelihood",
        "id_lines-4-category",
        "id_lines-4-unit_cost",
        "id_partners-1-legal_name",
        "id_partners-1-country",
    }
    for gap in gaps:
        url = reverse("proposals:section", args=[complete.reference, gap.section])
        assert f'id="{gap.anchor}"' in client.get(url).content.decode(), gap
