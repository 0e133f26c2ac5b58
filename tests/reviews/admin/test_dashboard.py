"""The first page: what waits for whom, and where the calls stand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Call
from reviews.actions import deciding
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def tasks(client: Client) -> dict[str, int]:
    page = client.get(reverse("admin:index"))
    return {str(task.label): task.count for task in page.context["tasks"]}


@pytest.fixture
def call(reference: None) -> Call:
    return builders.build_call(title_en="The open call", envelope=Decimal("1000000.00"))


def test_an_officer_sees_what_waits_and_the_list_behind_each_number(
    as_user: AsUser, officer: User, approver: User, reviewer: User, call: Call
) -> None:
    builders.build_submission(call=call)
    builders.build_eligible(officer, call=call)
    builders.build_scored(builders.build_assignment(officer, reviewer, call=call))
    unfinished = builders.build_assignment(officer, reviewer, call=call)
    decision = builders.build_decision(officer, reviewer, call=call)
    deciding.confirm_decision(actor=approver, decision_id=decision.pk)
    builders.build_submission(call=call, checked=False)
    client = as_user(officer)
    assert tasks(client) == {
        "findings to decide on": 1,
        "check results to confirm": 1,
        "exclusions that wait for a second look": 0,
        "reviewers to ask": 1,
        "decisions to prepare": 1,
        "decisions sent back": 0,
        "possible conflicts of interest to look at": 0,
        "decisions to publish": 1,
        "messages to answer": 0,
        "due diligence overdue": 0,
        "tasks that failed": 0,
    }
    for task in client.get(reverse("admin:index")).context["tasks"]:
        listed = client.get(task.address).context["table"].page.rows
        assert len(listed) == task.count, task.label
        assert unfinished.submission not in listed


def test_what_an_approver_prepared_as_an_officer_does_not_wait_for_them(
    as_user: AsUser, officer: User, approver: User, reviewer: User, call: Call
) -> None:
    builders.build_decision(officer, reviewer, call=call)
    assert tasks(as_user(approver))["decisions to confirm"] == 1
    officer.role = "approver"
    officer.save()
    assert tasks(as_user(officer))["decisions to confirm"] == 0


def test_a_call_shows_its_pipeline_and_its_money(
    as_user: AsUser, auditor: User, officer: User, call: Call
) -> None:
    builders.build_submission(call=call)
    builders.build_eligible(officer, call=call)
    page = as_user(auditor).get(reverse("admin:index"))
    overview = next(each for each in page.context["overviews"] if each.call == call)
    stage = overview.stages["preselection"]
    assert stage.counts == {"received": 1, "eligible": 1}
    assert stage.requested == Decimal("300000.00")
    html = page.content.decode()
    assert "EUR\u00a01,000,000" in html
    assert page.context["tasks"] == []


def test_an_envelope_that_is_not_known_is_not_published_and_never_nothing(
    as_user: AsUser, auditor: User, reference: None
) -> None:
    builders.build_call(title_en="Without envelope", envelope=None)
    html = as_user(auditor).get(reverse("admin:index")).content.decode()
    article = html.split("Without envelope")[1].split("</article>")[0]
    assert "not published" in article
    assert "<progress" not in article


def test_a_reviewer_sees_due_days_and_progress_of_their_own(
    as_user: AsUser, officer: User, reviewer: User, second_reviewer: User, call: Call
) -> None:
    mine = builders.build_assignment(officer, reviewer, call=call)
    other = builders.build_assignment(officer, second_reviewer, call=call)
    page = as_user(reviewer).get(reverse("admin:index"))
    html = page.content.decode()
    assert mine.submission.reference in html
    assert other.submission.reference not in html
    assert "0 of 7 criteria" in html
    assert "overviews" not in page.context


def test_no_page_lists_database_tables(as_user: AsUser, administrator: User) -> None:
    page = as_user(administrator).get(reverse("admin:index"))
    assert page.context["app_list"] == []


def test_what_the_portal_does_not_hold_is_not_told_as_nothing_awarded(
    officer: User, as_user: Callable[..., Client]
) -> None:
    """The shipped calls of the past have no proposals here: their awards are unknown, not zero."""
    builders.build_call(code="bpf-elsewhere", open_for_days=-5)
    page = as_user(officer).get("/admin/").content.decode()
    assert "The portal holds no proposal of this call." in page
    assert "EUR\u00a00" not in page
