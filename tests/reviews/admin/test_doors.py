"""Who gets in: every page with every role, signing in, and the admin's own policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import ClauseVersion, Country, RuleSet, Submission
from reviews.models import Assignment, Decision, LetterTemplate, Rubric
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
STAFF = ("officer", "approver", "auditor", "administrator")
EVERYBODY = (*STAFF, "reviewer")


@pytest.fixture
def people(
    officer: User, approver: User, auditor: User, administrator: User, reviewer: User
) -> dict[str, User]:
    return {
        "officer": officer,
        "approver": approver,
        "auditor": auditor,
        "administrator": administrator,
        "reviewer": reviewer,
    }


@pytest.fixture
def decision(officer: User, second_reviewer: User) -> Decision:
    return builders.build_decision(officer, second_reviewer, kind="shortlisted")


def pages(decision: Decision) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every page of the admin with the roles that may open it."""
    submission: Submission = decision.submission
    assignment = Assignment.objects.get(submission=submission)
    people_readers = ("officer", "auditor", "administrator")
    yield reverse("admin:index"), EVERYBODY
    yield reverse("admin:applications_submission_changelist"), STAFF
    yield reverse("admin:applications_submission_change", args=(submission.pk,)), STAFF
    yield reverse("admin:applications_submission_decision", args=(submission.pk,)), ("officer",)
    yield reverse("admin:reviews_assignment_changelist"), EVERYBODY
    yield reverse("admin:reviews_assignment_change", args=(assignment.pk,)), STAFF
    yield reverse("admin:reviews_decision_changelist"), STAFF
    yield reverse("admin:reviews_decision_change", args=(decision.pk,)), STAFF
    yield reverse("admin:ranking_index"), STAFF
    yield reverse("admin:ranking", args=(submission.call.code, "preselection")), STAFF
    for name, row in (
        ("applications_call", submission.call),
        ("applications_ruleset", RuleSet.objects.first()),
        ("applications_clauseversion", ClauseVersion.objects.first()),
        ("applications_country", Country.objects.first()),
        ("reviews_rubric", Rubric.objects.first()),
        ("reviews_lettertemplate", LetterTemplate.objects.first()),
    ):
        assert row is not None
        yield reverse(f"admin:{name}_changelist"), STAFF
        yield reverse(f"admin:{name}_change", args=(row.pk,)), STAFF
    yield reverse("admin:accounts_user_changelist"), people_readers
    yield reverse("admin:accounts_user_change", args=(decision.prepared_by_id,)), people_readers


def test_each_role_opens_its_pages_and_no_others(
    as_user: AsUser, people: dict[str, User], decision: Decision
) -> None:
    wrong = []
    for role, user in people.items():
        client = as_user(user)
        for address, roles in pages(decision):
            expected = 200 if role in roles else 404
            answer = client.get(address).status_code
            if answer != expected:
                wrong.append((role, address, answer, expected))
    assert wrong == []


def test_a_signed_in_applicant_finds_nothing_and_is_not_sent_to_sign_in_again(
    as_user: AsUser, applicant: User, decision: Decision
) -> None:
    client = as_user(applicant)
    for address, _roles in pages(decision):
        assert client.get(address).status_code == 404, address
    assert client.get(reverse("admin:login")).status_code == 404


def test_a_visitor_is_sent_to_the_portals_own_sign_in_page(client: Client, reference: None) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    address, _status = answer.redirect_chain[-1]
    assert address == f"{reverse('account_login')}?next=%2Fadmin%2F"


def test_signing_out_is_the_portals_own_page(as_user: AsUser, officer: User) -> None:
    answer = as_user(officer).post(reverse("admin:logout"))
    assert answer.headers["Location"] == reverse("account_logout")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/search/?s=a",
        "/admin/autocomplete/",
        "/admin/password_change/",
        "/admin/r/1/1/",
        "/admin/applications/",
        "/admin/applications/submission/add/",
        "/admin/applications/submission/1/delete/",
        "/admin/applications/submission/1/history/",
    ],
)
def test_djangos_other_pages_do_not_exist(as_user: AsUser, administrator: User, path: str) -> None:
    assert as_user(administrator).get(path).status_code == 404


def test_what_is_not_there_is_a_plain_404(as_user: AsUser, officer: User) -> None:
    client = as_user(officer)
    for name in ("applications_submission", "reviews_assignment", "reviews_decision"):
        assert client.get(reverse(f"admin:{name}_change", args=(999_999,))).status_code == 404


def test_the_admin_has_its_own_policy_and_the_public_side_keeps_the_strict_one(
    as_user: AsUser, officer: User
) -> None:
    client = as_user(officer)
    admin = client.get(reverse("admin:index")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in admin
    assert "unsafe-inline" not in admin
    assert "default-src 'none'" in admin
    assert "unsafe" not in client.get(reverse("home")).headers["Content-Security-Policy"]


def test_pages_of_the_admin_carry_no_inline_script_or_style(
    as_user: AsUser, officer: User, decision: Decision
) -> None:
    client = as_user(officer)
    for address, _roles in pages(decision):
        html = client.get(address).content.decode()
        assert "<style" not in html, address
        assert "<script>" not in html, address
        assert ' style="' not in html, address


def test_the_navigation_names_only_what_the_role_may_open(
    as_user: AsUser, people: dict[str, User]
) -> None:
    for user in people.values():
        client = as_user(user)
        page = client.get(reverse("admin:index"))
        links = [
            item["link"] for group in page.context["sidebar_navigation"] for item in group["items"]
        ]
        assert links
        for link in links:
            assert client.get(link).status_code == 200, (user.role, link)


def test_every_row_leads_back_to_its_list(
    as_user: AsUser, officer: User, decision: Decision
) -> None:
    client = as_user(officer)
    for address, _roles in pages(decision):
        if address.endswith("/change/"):
            back = client.get(address).context["way_back"]
            assert address.startswith(back["link"]), address
    ranking = reverse("admin:ranking", args=(decision.submission.call.code, "preselection"))
    assert client.get(ranking).context["way_back"]["link"] == reverse("admin:ranking_index")
