"""The deadline passes while somebody writes, and while somebody is about to hand in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Call, Proposal, Submission
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def proposal(applicant: User) -> Proposal:
    proposal = builders.build_complete_proposal(applicant)
    end_call(proposal, timedelta(hours=1))
    return proposal


def end_call(proposal: Proposal, later: timedelta) -> None:
    Call.objects.filter(pk=proposal.call_id).update(deadline_at=timezone.now() + later)


def open_page(page: Page, proposal: Proposal, name: str, *more: str) -> Page:
    page.clock.install()
    page.goto(reverse(f"proposals:{name}", args=[proposal.reference, *more]))
    return page


def test_the_deadline_passes_while_the_pages_are_open(
    person: Callable[..., Page], applicant: User, proposal: Proposal, pictures: Path
) -> None:
    writing = person("en")
    Company(writing, applicant.email).sign_in(builders.PASSWORD)
    sending = open_page(writing.context.new_page(), proposal, "submit")
    open_page(writing, proposal, "section", "project")
    notice = writing.locator("[data-deadline]")
    expect(notice).to_be_hidden()
    expect(sending.locator("[data-before-deadline]")).to_be_visible()

    end_call(proposal, timedelta(minutes=-1))
    for page in (writing, sending):
        page.clock.fast_forward("02:00:00")
    expect(notice).to_contain_text("it is then marked late")
    expect(sending.locator("[data-after-deadline]")).to_be_visible()
    expect(sending.locator("[data-before-deadline]")).to_be_hidden()
    sending.screenshot(path=pictures / "deadline-passed.png", full_page=True)

    writing.get_by_label("Title of the project").fill("Written after the deadline")
    writing.get_by_role("button", name="Save", exact=True).click()
    expect(writing.locator(".alert-success")).to_contain_text("Saved at")

    # What stands there now is not what the open page shows: it is shown before it is sent.
    declare_and_hand_in(sending)
    expect(sending.locator("main")).to_contain_text("Written after the deadline")
    assert not Submission.objects.exists()
    declare_and_hand_in(sending)
    sending.wait_for_url("**/receipt/**")
    expect(sending.locator("main")).to_contain_text("late")
    filed = Submission.objects.get()
    assert filed.late
    assert filed.document["project"]["title"] == "Written after the deadline"


def declare_and_hand_in(page: Page) -> None:
    for box in page.locator("[name^=declare_]").all():
        box.check()
    page.get_by_role("button", name="Hand in the proposal").click()


def test_without_scripts_the_answer_says_it(
    person: Callable[..., Page], applicant: User, proposal: Proposal
) -> None:
    page = person("en", scripts=False)
    Company(page, applicant.email).sign_in(builders.PASSWORD)
    page.goto(reverse("proposals:section", args=[proposal.reference, "project"]))
    end_call(proposal, timedelta(minutes=-1))
    page.get_by_label("Title of the project").fill("Written after the deadline")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-deadline]")).to_contain_text("it is then marked late")
    expect(page.get_by_label("Title of the project")).to_have_value("Written after the deadline")
