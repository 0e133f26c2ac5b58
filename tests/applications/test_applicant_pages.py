"""The company's own pages: the list, beginning a proposal, the task list, giving one up."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions.completeness import sections_of
from applications.models import Call, Membership, Proposal
from tests import builders

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]

LIST = "/proposals/"


def detail_url(proposal: Proposal) -> str:
    return reverse("proposals:detail", args=[proposal.reference])


def queries_of(client: Client, url: str) -> int:
    client.get(url)  # what is cached once per process is not counted
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_it_works(applicant: User, open_call: Call, as_user: SignIn) -> None:
    company = builders.build_organisation(applicant)
    client = as_user(applicant)
    url = reverse("proposals:begin", args=[open_call.code])
    assert client.get(url).status_code == 200
    response = client.post(url, {"organisation": company.pk, "language": "en"})
    proposal = Proposal.objects.get()
    assert response.url == detail_url(proposal)  # type: ignore[attr-defined]
    assert proposal.language == "en"
    page = client.get(detail_url(proposal)).content.decode()
    for section in sections_of(proposal.stage):
        assert reverse("proposals:section", args=[proposal.reference, section]) in page
    assert f"Last saved by {applicant.full_name}" in page
    assert proposal.reference in client.get(LIST).content.decode()


def test_without_a_company_the_list_says_what_to_do_first(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    client = as_user(applicant)
    assert reverse("organisations:create") in client.get(LIST).content.decode()
    begin = client.get(reverse("proposals:begin", args=[open_call.code])).content.decode()
    assert f"{reverse('organisations:create')}?call={open_call.code}" in begin


def test_visitors_sign_in_first(applicant: User, open_call: Call) -> None:
    draft = builders.build_draft(applicant, open_call)
    for url in (LIST, detail_url(draft), reverse("organisations:create")):
        response: Any = Client().get(url)
        assert response.status_code == 302
        assert "/accounts/login/" in response.url


def test_a_stranger_finds_nothing(
    applicant: User, stranger: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    client = as_user(stranger)
    assert client.get(detail_url(draft)).status_code == 404
    assert client.get(reverse("proposals:withdraw", args=[draft.reference])).status_code == 404
    assert draft.reference not in client.get(LIST).content.decode()


def test_staff_read_submissions_not_drafts(
    applicant: User, officer: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    assert as_user(officer).get(detail_url(draft)).status_code == 404


def test_a_second_proposal_only_on_purpose(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    client = as_user(applicant)
    url = reverse("proposals:begin", args=[open_call.code])
    data: dict[str, Any] = {"organisation": draft.organisation_id, "language": "fr"}
    response = client.post(url, data)
    assert response.status_code == 422
    assert detail_url(draft) in response.content.decode()
    assert client.post(url, {**data, "another": "on"}).status_code == 302
    assert Proposal.objects.count() == 2


@pytest.mark.parametrize(
    "data", [{}, {"organisation": "x"}, {"organisation": "0", "language": "de"}]
)
def test_a_proposal_is_not_begun_from_wrong_data(
    data: dict[str, str], applicant: User, open_call: Call, as_user: SignIn
) -> None:
    builders.build_organisation(applicant)
    url = reverse("proposals:begin", args=[open_call.code])
    assert as_user(applicant).post(url, data).status_code == 422
    assert not Proposal.objects.exists()


def test_a_proposal_of_another_company_is_not_begun(
    applicant: User, stranger: User, open_call: Call, as_user: SignIn
) -> None:
    builders.build_organisation(applicant)
    theirs = Membership.objects.get(user=stranger).organisation_id
    url = reverse("proposals:begin", args=[open_call.code])
    data: dict[str, Any] = {"organisation": theirs, "language": "fr"}
    assert as_user(applicant).post(url, data).status_code == 422


def test_a_closed_call_takes_no_new_proposal(applicant: User, as_user: SignIn) -> None:
    company = builders.build_organisation(applicant)
    closed = builders.build_call(open_for_days=-1)
    url = reverse("proposals:begin", args=[closed.code])
    client = as_user(applicant)
    assert "This call is not open" in client.get(url).content.decode()
    client.post(url, {"organisation": company.pk, "language": "fr"})
    assert not Proposal.objects.exists()


def test_a_reader_sees_the_list_of_tasks_and_no_button(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    draft = builders.build_draft(applicant, open_call)
    reader = builders.build_user("applicant")
    draft.organisation.memberships.create(user=reader, role="viewer")
    client = as_user(reader)
    page = client.get(detail_url(draft)).content.decode()
    assert "Check and hand in" not in page
    data: dict[str, Any] = {"sure": "on"}
    withdraw = reverse("proposals:withdraw", args=[draft.reference])
    assert client.post(withdraw, data).status_code == 403


def test_nothing_shows_of_what_luxdev_does_before_it_is_published(
    applicant: User, officer: User, reviewer: User, open_call: Call, as_user: SignIn
) -> None:
    """The page after the hand-in and the page after a decision was prepared are the same."""
    submission = builders.build_submission(applicant, open_call, checked=False)
    client = as_user(applicant)
    url = detail_url(submission.proposal)

    def seen() -> list[str]:
        pages = (client.get(url), client.get(LIST))
        return [
            "\n".join(line for line in page.content.decode().splitlines() if "csrf" not in line)
            for page in pages
        ]

    before = seen()
    assert "being examined" in before[0]
    builders.do_waiting_jobs()
    builders.build_decision(officer, reviewer, kind="not_shortlisted", submission=submission)
    assert seen() == before


def test_what_was_handed_in_is_shown_not_the_draft(
    applicant: User, open_call: Call, as_user: SignIn
) -> None:
    submission = builders.build_submission(applicant, open_call, checked=False)
    Proposal.objects.filter(pk=submission.proposal_id).update(summary="Changed behind")
    page = as_user(applicant).get(detail_url(submission.proposal)).content.decode()
    assert submission.document["project"]["summary"] in page
    assert "Changed behind" not in page
    assert "EUR\u00a0150,000.00" in page


def test_both_languages(applicant: User, open_call: Call, as_user: SignIn) -> None:
    submission = builders.build_submission(applicant, open_call, checked=False)
    client = as_user(applicant, language="fr")
    page = client.get(detail_url(submission.proposal)).content.decode()
    assert "Sénégal" in page
    assert "150\u00a0000,00\u00a0EUR" in page.replace("\u202f", "\u00a0")


@pytest.mark.parametrize("handed_in", [False, True])
def test_pages_cost_the_same_with_3_and_30_proposals(
    handed_in: bool, applicant: User, open_call: Call, as_user: SignIn
) -> None:
    client = as_user(applicant)
    proposal = (
        builders.build_submission(applicant, open_call, checked=False).proposal
        if handed_in
        else builders.build_complete_proposal(applicant, open_call)
    )
    counts = []
    for more in (2, 27):
        for _number in range(more):
            builders.build_draft(applicant, open_call)
        Proposal.objects.filter(pk=proposal.pk).update(updated_at=timezone.now())
        counts.append((queries_of(client, LIST), queries_of(client, detail_url(proposal))))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12, counts


def test_the_list_has_pages(applicant: User, open_call: Call, as_user: SignIn) -> None:
    for _number in range(21):
        builders.build_draft(applicant, open_call)
    client = as_user(applicant)
    first = client.get(LIST).content.decode()
    assert "?page=2" in first
    assert client.get(f"{LIST}?page=2").status_code == 200
    assert client.get(f"{LIST}?page=no").status_code == 200


def test_a_published_decision_shows_with_its_letter(
    applicant: User, officer: User, reviewer: User, open_call: Call, as_user: SignIn
) -> None:
    submission = builders.build_submission(applicant, open_call)
    decision = builders.build_decision(officer, reviewer, kind="shortlisted", submission=submission)
    builders.publish(officer, decision)
    client = as_user(applicant)
    url = detail_url(submission.proposal)
    page = client.get(url).content.decode()
    assert "/proposals/letters/" in page
    assert "You are invited to write the detailed proposal." in client.get(LIST).content.decode()
    assert queries_of(client, url) <= 12
