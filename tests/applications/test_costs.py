"""What the company's and the public pages cost does not grow: queries and rows, at two sizes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call, Proposal, Submission
from applications.views.proposals import PER_PAGE
from applications.views.public import PAST_CALLS_ON_A_PAGE
from reviews.models import Decision
from tests import builders
from tests.applications.pages import hand_in_data
from tests.measuring import Cost, counted
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
AT_MOST = 12
SUBMIT_AT_MOST = 25
#: Besides, the request is closed, and an officer and reviewers are told.
AGAIN_AT_MOST = 31


def costs_the_same(
    client: Client,
    address: str,
    more: Callable[[int], object],
    *,
    page: int = PER_PAGE,
) -> Cost:
    """The page at 3 and at 30 rows beyond one page: the same queries, the same rows fetched."""
    more(page + 2)
    client.get(address)  # what is read once per process is not counted
    small = counted(client, address)
    more(27)
    large = counted(client, address)
    assert small == large
    assert large.queries <= AT_MOST
    return large


def past_calls(like: Call) -> Callable[[int], object]:
    def more(count: int) -> list[Call]:
        begin = Call.objects.count()
        return Call.objects.bulk_create(
            Call(
                code=f"past-{number}",
                title_fr="Appel passé",
                title_en="Past call",
                rule_set=like.rule_set,
                opens_at=timezone.now() - timedelta(days=400 + number),
                deadline_at=timezone.now() - timedelta(days=300 + number),
                published=True,
            )
            for number in range(begin, begin + count)
        )

    return more


@pytest.mark.parametrize("name", ["calls:list", "home"])
def test_public_pages(client: Client, open_call: Call, name: str) -> None:
    costs_the_same(client, reverse(name), past_calls(open_call), page=PAST_CALLS_ON_A_PAGE)


def test_one_call(client: Client, open_call: Call, applicant: User) -> None:
    one = builders.build_submission(applicant, open_call)
    address = reverse("calls:detail", args=[open_call.code])
    costs_the_same(client, address, lambda count: rows.copies(one, count))


def test_the_list_of_proposals_with_what_was_handed_in(
    as_user: AsUser, applicant: User, open_call: Call
) -> None:
    one = builders.build_submission(applicant, open_call)
    costs_the_same(
        as_user(applicant), reverse("proposals:list"), lambda count: rows.copies(one, count)
    )


def test_the_list_of_proposals_with_decisions_and_letters(
    as_user: AsUser, applicant: User, officer: User, reviewer: User, open_call: Call
) -> None:
    one = builders.build_submission(applicant, open_call)
    decision = builders.build_decision(officer, reviewer, kind="ineligible", submission=one)
    builders.publish(officer, decision)
    one.refresh_from_db()
    decision.refresh_from_db()

    def more(count: int) -> None:
        _published_like(decision, rows.copies(one, count))

    costs_the_same(as_user(applicant), reverse("proposals:list"), more)


def _published_like(decision: Decision, submissions: list[Submission]) -> None:
    columns = {
        field.attname: getattr(decision, field.attname)
        for field in Decision._meta.concrete_fields
        if field.name not in ("id", "submission", "standing_for")
    }
    Decision.objects.bulk_create(
        Decision(**columns, submission=each, standing_for=each) for each in submissions
    )


@pytest.mark.parametrize("page", ["detail", "submit", "withdraw", "clause"])
def test_one_draft(as_user: AsUser, applicant: User, open_call: Call, page: str) -> None:
    draft = builders.build_complete_proposal(applicant, open_call)
    one = builders.build_submission(applicant, open_call)
    address = reverse(f"proposals:{page}", args=[draft.reference])
    costs_the_same(as_user(applicant), address, lambda count: rows.copies(one, count))


def test_handing_in_and_again_cost_the_same_with_many_rows(
    as_user: AsUser, applicant: User, officer: User, open_call: Call
) -> None:
    """The whole request, the checks not included: at most 25 queries, whatever lies around."""
    client, costs = as_user(applicant), []
    one = builders.build_submission(applicant, open_call)
    for number in range(2):
        draft = builders.build_complete_proposal(applicant, open_call)
        url = reverse("proposals:submit", args=[draft.reference])
        costs.append(posted(client, url, hand_in_data(client.get(url))))
        if number == 0:
            rows.copies(one, 30)
    assert costs[0] == costs[1] <= SUBMIT_AT_MOST

    builders.build_correction(officer, one)
    builders.correct(applicant, one)
    url = reverse("proposals:submit", args=[one.reference])
    asked = reverse("proposals:correction", args=[one.reference, one.corrections.get().pk])
    for page in (url, asked, reverse("proposals:detail", args=[one.reference])):
        client.get(page)
        assert counted(client, page).queries <= AT_MOST, page
    assert posted(client, url, hand_in_data(client.get(url))) <= AGAIN_AT_MOST
    receipt = reverse("proposals:receipt", args=[one.reference, one.stage])
    assert counted(client, receipt).queries <= AT_MOST


def posted(client: Client, url: str, data: object) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.post(url, data).status_code == 302
    return len(asked)


def test_the_task_list_costs_the_same_with_many_rows_in_every_section(
    as_user: AsUser, applicant: User, open_call: Call
) -> None:
    draft = builders.build_complete_proposal(applicant, open_call)
    client = as_user(applicant)
    address = reverse("proposals:detail", args=[draft.reference])
    client.get(address)
    few = counted(client, address)

    _add_rows(draft, 30)

    many = counted(client, address)
    assert many.queries == few.queries <= AT_MOST


def _add_rows(draft: Proposal, count: int) -> None:
    line = draft.budget_lines.get(position=0)
    partner = draft.partners.get()
    for position in range(count):
        line.pk, line.position = None, 100 + position
        line.save()
        partner.pk = None
        partner.registration_number, partner.legal_name = f"SN-{position}", f"P{position}"
        partner.save()


@pytest.mark.parametrize(("page", "arguments"), [("detail", ()), ("receipt", ("preselection",))])
def test_what_was_handed_in(
    as_user: AsUser, applicant: User, open_call: Call, page: str, arguments: tuple[str, ...]
) -> None:
    one = builders.build_submission(applicant, open_call)
    address = reverse(f"proposals:{page}", args=[one.reference, *arguments])
    costs_the_same(as_user(applicant), address, lambda count: rows.copies(one, count))


@pytest.mark.parametrize(
    "section", ["company", "partners", "project", "budget", "due_diligence", "documents"]
)
def test_each_section(as_user: AsUser, applicant: User, open_call: Call, section: str) -> None:
    draft = builders.build_complete_proposal(applicant, open_call)
    one = builders.build_submission(applicant, open_call)
    address = reverse("proposals:section", args=[draft.reference, section])
    costs_the_same(as_user(applicant), address, lambda count: rows.copies(one, count))
