"""A committee in a room: an officer, three members and an observer, each in front of a screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Submission
from reviews.models import AgendaItem, Meeting, Vote
from tests import builders
from tests.journeys.desk import Desk, expect_text

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

BRIEFLY = 10_000


def two_scored(officer: User, reviewer: User) -> list[Submission]:
    """Two dossiers of one call, the better one first."""
    call = builders.build_call(code="bpf-room")
    applicant = builders.build_user("applicant")
    found = []
    for value in (5, 3):
        submission = builders.build_eligible(officer, builders.build_submission(applicant, call))
        builders.build_scored(builders.build_assignment(officer, reviewer, submission), value)
        found.append(submission)
    return found


def convene(officer: Desk, members: list[User], observer: User) -> Meeting:
    page = officer.page
    page.goto("/admin/ranking/bpf-room/preselection/")
    page.get_by_role("link", name="Convene a committee").click()
    page.get_by_label("Day of the meeting").fill(timezone.localdate().isoformat())
    for user in members:
        page.locator(f"[name=voting][value='{user.pk}']").check()
    page.locator(f"[name=observers][value='{observer.pk}']").check()
    officer.press("Convene the committee")
    return Meeting.objects.get()


def arrive(desk: Desk, *, interest_in: AgendaItem | None = None) -> None:
    """Sign in, find the meeting, promise; perhaps with an interest in one of the dossiers."""
    desk.sign_in()
    desk.page.goto("/admin/reviews/meeting/")
    desk.page.locator("main table a").first.click()
    if interest_in:
        desk.page.locator(f"[name=interest_{interest_in.pk}]").fill("My sister works there.")
    desk.page.get_by_label("I keep what I read").check()
    desk.press("Sign")
    expect_text(desk.page, "You can read the dossiers now.")


def follow(page: Page, reference: str) -> None:
    """To the dossier that is being discussed, which this page was told of."""
    page.get_by_role("link", name=reference, exact=True).first.click()
    page.wait_for_load_state()


def test_five_people_in_five_sessions(
    reference: None, person: Callable[..., Page], officer: User, reviewer: User
) -> None:
    first, second = two_scored(officer, reviewer)
    members = [builders.build_user("reviewer", f"Member {at}") for at in "ABC"]
    onlooker = builders.build_user("auditor", "Olga Thill")
    chair = Desk(person(), officer)
    chair.sign_in()
    meeting = convene(chair, members, onlooker)
    items = {each.submission_id: each for each in meeting.items.all()}
    a, b, c = (Desk(person(), user) for user in members)
    observer = Desk(person(), onlooker)
    for desk in (a, b, observer):
        arrive(desk)
    arrive(c, interest_in=items[second.pk])
    for page in (a.page, b.page, c.page):
        page.evaluate("window.sameDocument = true")

    chair.page.reload()
    chair.press("Open the meeting")
    expect(a.page.locator("#live-head")).to_contain_text("in session", timeout=BRIEFLY)
    chair.page.get_by_role("link", name=first.reference).first.click()
    chair.press("Discuss this proposal now")

    for desk in (a, b, c):
        expect(desk.page.locator("#live-head")).to_contain_text("Being discussed now")
        assert desk.page.evaluate("window.sameDocument"), "told without a reload"
        follow(desk.page, first.reference)
    expect_text(observer.page, "Being discussed now")
    follow(observer.page, first.reference)
    expect(observer.page.get_by_label("Comment")).to_have_count(0)

    c.page.get_by_label("Comment", exact=True).fill("I am not yet sure of the partner.")
    for desk in (a, b):
        desk.page.get_by_label("shortlist", exact=True).check()
        desk.press("Vote")
    expect(c.page.locator("#live-votes")).to_contain_text("2 cast, 2 needed")
    expect(c.page.locator("#live")).to_contain_text("What you have typed is still here.")
    expect(c.page.get_by_label("Comment", exact=True)).to_have_value(
        "I am not yet sure of the partner."
    )
    c.page.get_by_label("do not shortlist", exact=True).check()
    c.press("Vote")
    expect(chair.page.locator("#live-votes")).to_contain_text("3 cast, 2 needed")
    expect(chair.page.get_by_role("radio", name="shortlist", exact=True)).to_be_checked()
    chair.page.get_by_label("What was said").fill("A sound plan.")
    chair.press("Conclude")
    expect(b.page.locator("#live-votes")).to_contain_text("Outcome")
    assert Vote.objects.count() == 3

    chair.page.get_by_role("link", name=second.reference).first.click()
    chair.press("Discuss this proposal now")
    expect(b.page.locator("#live-now")).to_contain_text(second.reference)
    c.page.goto(f"/admin/reviews/meeting/{meeting.pk}/change/")
    expect(c.page.locator("#live-agenda")).to_contain_text(first.reference)
    expect(c.page.locator("body")).not_to_contain_text(second.reference)
    address = f"/admin/reviews/agendaitem/{items[second.pk].pk}/change/"
    answer = c.page.request.get(address)
    assert answer.status == 404
    chair.press("Set it aside")

    chair.page.goto(f"/admin/reviews/meeting/{meeting.pk}/change/")
    chair.page.get_by_label("Remarks for the minutes").fill("The second one meets again in March.")
    chair.press("Close the meeting")
    expect(a.page.locator("#live-now")).to_be_attached()
    with chair.page.expect_download() as waiting:
        chair.page.get_by_role("link", name="English (PDF)").click()
    assert waiting.value.suggested_filename.endswith(".pdf")
    assert a.page.request.get(f"/admin/reviews/meeting/{meeting.pk}/minutes/").status == 404
