"""The first page: what waits for whom, and where the calls stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Call
from bpf_portal.core.models import OutgoingEmail
from reviews.actions import deciding, interests
from reviews.models import Assignment, ReviewPhase
from tests import builders
from tests.reviews.test_committee import build_committee

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def make_late(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(
        due_on=timezone.localdate() - timedelta(days=2)
    )


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
    make_late(unfinished)
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
        "late reviews": 1,
        "possible conflicts of interest to look at": 0,
        "decisions to publish": 1,
        "messages to answer": 0,
        "due diligence overdue": 0,
        "tasks that failed": 0,
    }
    for task in client.get(reverse("admin:index")).context["tasks"]:
        listed = client.get(task.address).context["table"].page.rows
        assert len(listed) == task.count, task.label
        if task.label == "late reviews":
            assert listed == [unfinished]
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


# --- each role's own ----------------------------------------------------------------------------


def test_nothing_of_a_withheld_proposal_is_counted_and_its_letters_are_not_there(
    as_user: AsUser, officer: User, approver: User, reviewer: User, call: Call
) -> None:
    kept, other = (builders.build_submission(call=call) for _each in range(2))
    decision = builders.build_decision(officer, reviewer, kind="ineligible", submission=kept)
    builders.publish(officer, decision)
    decision.refresh_from_db()
    letters = reverse("admin:letter_batch", args=(decision.letter_batch_id,))
    client = as_user(approver)
    assert client.get(letters).status_code == 200
    interests.recuse_oneself(actor=approver, submission_id=kept.pk, details="A cousin.")
    assert client.get(letters).status_code == 404
    overviews = client.get(reverse("admin:index")).context["overviews"]
    stage = next(each for each in overviews if each.call == call).stages["preselection"]
    assert stage.counts == {other.state: 1}


def test_late_reviewers_are_reminded_once_a_day(
    as_user: AsUser, officer: User, reviewer: User, call: Call
) -> None:
    for _each in range(2):
        make_late(builders.build_assignment(officer, reviewer, call=call))
    client = as_user(officer)
    address = reverse("admin:assignments", args=(call.code, "preselection"))
    sent = OutgoingEmail.objects.filter(recipient=reviewer.email, subject__startswith="Reminder")
    assert "2 reviews are late" in client.get(reverse("admin:index")).content.decode()
    assert client.post(address, {"do": "remind"}).status_code == 302
    (mail,) = sent
    references = Assignment.objects.values_list("submission__reference", flat=True)
    assert all(reference in mail.body for reference in references)
    again = client.post(address, {"do": "remind"})
    assert again.status_code == 422
    assert "reminded today already" in again.content.decode()
    Assignment.objects.update(reminded_on=timezone.localdate() - timedelta(days=1))
    ReviewPhase.objects.filter(call=call).delete()
    assert "No phase lets reviewers" in client.post(address, {"do": "remind"}).content.decode()
    assert sent.count() == 1


def test_a_reviewer_is_led_to_the_next_review(
    as_user: AsUser, officer: User, reviewer: User, call: Call
) -> None:
    builders.build_scored(builders.build_assignment(officer, reviewer, call=call))
    builders.build_assignment(officer, reviewer, call=call)
    urgent = builders.build_assignment(officer, reviewer, call=call)
    make_late(urgent)
    page = as_user(reviewer).get(reverse("admin:index"))
    assert page.context["next"]["assignment"] == urgent
    html = page.content.decode()
    assert "1 of your 3 reviews are submitted" in html
    assert "1 is late" in html


def test_an_approver_finds_what_waits_for_a_signature_and_not_their_own(
    as_user: AsUser, officer: User, approver: User, reviewer: User, call: Call
) -> None:
    decision = builders.build_decision(officer, reviewer, call=call)
    assert as_user(approver).get(reverse("admin:index")).context["to_sign"] == [decision]
    officer.role = "approver"
    officer.save()
    assert as_user(officer).get(reverse("admin:index")).context["to_sign"] == []


def test_an_auditor_sees_the_latest_decisions_conflicts_and_what_people_decided(
    as_user: AsUser, officer: User, auditor: User, reviewer: User, call: Call
) -> None:
    decision = builders.build_decision(officer, reviewer, call=call)
    other = builders.build_submission(call=call)
    conflict = interests.recuse_oneself(
        actor=builders.build_user("officer"), submission_id=other.pk, details="A cousin."
    )
    context = as_user(auditor).get(reverse("admin:index")).context
    assert [each for each, _badge in context["decisions"]] == [decision]
    assert [each for each, _badge in context["conflicts"]] == [conflict]
    newest = context["happenings"][0]
    assert newest.submission.pk == decision.submission_id
    assert newest.happening.what == "Decision prepared: shortlisted"


def test_an_administrator_reaches_the_tables_in_one_click(
    as_user: AsUser, administrator: User, officer: User
) -> None:
    address = reverse("admin:tables")
    assert address in as_user(administrator).get(reverse("admin:index")).content.decode()
    html = as_user(administrator).get(address).content.decode()
    assert "reviews_assignment" in html
    assert address not in as_user(officer).get(reverse("admin:index")).content.decode()


def test_a_member_finds_the_meeting_and_what_is_still_to_be_signed(
    as_user: AsUser, officer: User, reviewer: User
) -> None:
    committee = build_committee(officer, reviewer)
    voter, stranger = committee.members[0], builders.build_user("reviewer")
    address = reverse("admin:reviews_meeting_change", args=(committee.meeting.pk,))
    waiting = as_user(voter).get(reverse("admin:index")).content.decode()
    assert address in waiting
    assert "sign before you read" in waiting
    committee.discuss()
    in_session = as_user(voter).get(reverse("admin:index")).content.decode()
    assert "sign before you read" not in in_session
    assert "in session now" in in_session
    assert address not in as_user(stranger).get(reverse("admin:index")).content.decode()
