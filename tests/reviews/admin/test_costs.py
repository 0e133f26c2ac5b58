"""What pages cost does not grow with the table: queries and rows, at two sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Submission
from reviews.actions import planning
from reviews.admin.lists import PER_PAGE
from reviews.admin.simulation import SHOWN_TRIALS
from tests import builders
from tests.measuring import counted
from tests.reviews.admin import rows

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
AT_MOST = 12


@pytest.fixture
def one(applicant: User) -> Submission:
    return builders.build_submission(applicant)


def costs_the_same(client: Client, address: str, more: Callable[[int], object]) -> None:
    """The page at 3 and at 30 rows beyond one page: the same queries, the same rows fetched."""
    more(PER_PAGE + 2)
    small = counted(client, address)
    more(27)
    large = counted(client, address)
    assert small == large
    assert large.queries <= AT_MOST


def test_the_list_of_proposals(as_user: AsUser, officer: User, one: Submission) -> None:
    address = reverse("admin:applications_submission_changelist")
    costs_the_same(as_user(officer), address, lambda count: rows.copies(one, count))


def test_searching_the_list(as_user: AsUser, officer: User, one: Submission) -> None:
    address = reverse("admin:applications_submission_changelist") + "?q=satellite&waiting=confirm"
    costs_the_same(as_user(officer), address, lambda count: rows.copies(one, count))


def test_the_reviewers_list_and_dashboard(
    as_user: AsUser, officer: User, reviewer: User, one: Submission
) -> None:
    def more(count: int) -> None:
        rows.assignments(rows.copies(one, count), reviewer, officer)

    address = reverse("admin:reviews_assignment_changelist")
    costs_the_same(as_user(reviewer), address, more)
    assert counted(as_user(reviewer), reverse("admin:index")).queries <= AT_MOST


def test_the_list_of_decisions(as_user: AsUser, officer: User, one: Submission) -> None:
    def more(count: int) -> None:
        rows.decisions(rows.copies(one, count), officer)

    costs_the_same(as_user(officer), reverse("admin:reviews_decision_changelist"), more)


@pytest.mark.parametrize("address", ["admin:work", "admin:index"])
def test_the_work_in_hand_and_what_of_it_failed(
    as_user: AsUser, officer: User, one: Submission, address: str
) -> None:
    def more(count: int) -> None:
        rows.jobs(one, count)

    costs_the_same(as_user(officer), reverse(address), more)


def test_the_list_of_running_projects(as_user: AsUser, officer: User, one: Submission) -> None:
    def more(count: int) -> None:
        rows.agreements(rows.copies(one, count), officer)

    costs_the_same(as_user(officer), reverse("admin:reviews_agreement_changelist"), more)


def test_the_ranking(as_user: AsUser, officer: User, one: Submission) -> None:
    one = builders.build_eligible(officer, one)

    def more(count: int) -> None:
        rows.copies(one, count)
        rows.scored(one.call)

    address = reverse("admin:ranking", args=(one.call.code, "preselection"))
    costs_the_same(as_user(officer), address, more)


def test_who_reviews_what_and_a_plan_of_it(as_user: AsUser, officer: User, one: Submission) -> None:
    """Whoever plans looks at the whole stage, in as many queries for one dossier as for fifty."""
    one = builders.build_eligible(officer, one)
    client, stage = as_user(officer), [one.call.code, "preselection"]
    pages = [reverse("admin:assignments", args=stage)]
    pages.append(reverse("admin:assignment_dossier", args=[*stage, one.pk]))
    sizes = []
    for _size in range(2):
        rows.reviewers(4)
        rows.copies(one, 5)
        plan = planning.make_plan(
            actor=officer,
            call_id=one.call_id,
            stage="preselection",
            way="optimised",
            wanted=3,
            most=9,
            parameters={"favour": "balanced"},
        )
        planned = reverse("admin:assignment_plan", args=[plan.pk])
        change = reverse("admin:assignment_plan_dossier", args=[plan.pk, one.pk])
        costs = [counted(client, each) for each in (*pages, planned, change)]
        assert max(cost.queries for cost in costs) <= AT_MOST, costs
        sizes.append([cost.queries for cost in costs])
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("role", ["officer", "approver", "auditor", "administrator"])
def test_the_dashboard(as_user: AsUser, officer: User, one: Submission, role: str) -> None:
    client = as_user(builders.build_user(role))
    costs_the_same(
        client,
        reverse("admin:index"),
        lambda count: rows.decisions(rows.copies(one, count), officer),
    )


def test_one_dossier_with_everything_beside_it(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User
) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    builders.build_scored(assignment)
    builders.build_assignment(officer, second_reviewer, assignment.submission)
    submission = Submission.objects.get(pk=assignment.submission_id)
    address = reverse("admin:applications_submission_change", args=(submission.pk,))
    costs_the_same(as_user(officer), address, lambda count: rows.copies(submission, count))


def test_a_score_sheet_and_saving_it(as_user: AsUser, officer: User, reviewer: User) -> None:
    assignment = builders.build_assignment(officer, reviewer)
    address = reverse("admin:reviews_assignment_change", args=(assignment.pk,))
    submission = assignment.submission
    costs_the_same(as_user(reviewer), address, lambda count: rows.copies(submission, count))


def test_what_rules_would_change_and_their_own_pages(
    as_user: AsUser, officer: User, one: Submission
) -> None:
    """A result costs the same however many proposals were tried, a list however many results."""
    client, page = as_user(officer), reverse("admin:simulation")
    rules = builders.build_rules(grant_ceiling="1.00")
    chosen = {"rules": rules.pk, "calls": [one.call.code]}
    results = [client.post(page, chosen)["Location"] for _ in range(SHOWN_TRIALS + 1)]
    small = counted(client, page), counted(client, results[0])
    rows.copies(one, 30)
    results += [client.post(page, chosen)["Location"] for _ in range(3)]
    assert (counted(client, page), counted(client, results[-1])) == small
    assert max(cost.queries for cost in small) <= AT_MOST
    for name in ("change", "compare"):
        address = reverse(f"admin:applications_ruleset_{name}", args=(rules.pk,))
        assert counted(client, address).queries <= AT_MOST
    assert counted(client, reverse("admin:applications_ruleset_changelist")).queries <= AT_MOST
