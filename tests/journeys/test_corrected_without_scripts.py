"""Scripts switched off: errors beside fields, a file replaced, a late hand-in, a withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Call, Proposal
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def correct_an_amount(page: Page, proposal: Proposal) -> None:
    """What is wrong stands beside its field, and the rest of the page is as it was typed."""
    page.goto(reverse("proposals:section", args=[proposal.reference, "budget"]))
    page.fill("#id_lines-0-description", "Two people")
    page.fill("#id_lines-0-unit_cost", "six")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".error-summary a[href='#id_lines-0-unit_cost']")).to_be_visible()
    expect(page.locator("#id_lines-0-unit_cost_error")).to_be_visible()
    expect(page.locator("#id_lines-0-unit_cost")).to_have_value("six")
    expect(page.locator("#id_lines-0-description")).to_have_value("Two people")
    page.fill("#id_lines-0-unit_cost", "6,000.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".alert-success")).to_contain_text("Saved at")


def replace_a_document(page: Page, proposal: Proposal) -> None:
    page.goto(reverse("proposals:section", args=[proposal.reference, "documents"]))
    place = page.locator("[data-place]").first
    place.locator("input[type=file]").set_input_files(
        {"name": "Signed.pdf", "mimeType": "application/pdf", "buffer": builders.pdf_bytes("new")}
    )
    page.get_by_role("button", name="Send the files", exact=True).click()
    expect(place).to_contain_text("Signed.pdf")


def hand_in_late(page: Page, proposal: Proposal) -> None:
    page.goto(reverse("proposals:submit", args=[proposal.reference]))
    expect(page.locator("[data-after-deadline]")).to_be_hidden()
    Call.objects.filter(pk=proposal.call_id).update(
        deadline_at=timezone.now() - timedelta(minutes=1)
    )
    boxes = page.locator("[name^=declare_]")
    boxes.first.check()
    page.get_by_role("button", name="Hand in the proposal").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[data-after-deadline]")).to_contain_text("You can still hand in")
    expect(boxes.first).to_be_checked()
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="Hand in the proposal").click()
    page.wait_for_url("**/receipt/**")
    expect(page.locator("main")).to_contain_text("marked as late")


def withdraw(page: Page, proposal: Proposal) -> None:
    page.goto(reverse("proposals:withdraw", args=[proposal.reference]))
    page.locator("[name=reason]").fill("We try again next year.")
    page.get_by_role("button", name="Withdraw the proposal").click()
    expect(page.locator(".error-summary a[href='#id_sure']")).to_be_visible()
    expect(page.locator("[name=reason]")).to_have_value("We try again next year.")
    page.check("#id_sure")
    page.get_by_role("button", name="Withdraw the proposal").click()
    page.wait_for_url(f"**/proposals/{proposal.reference}/")


def test_what_goes_wrong_is_put_right_without_scripts(
    person: Callable[..., Page], applicant: User
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    page = person("en", scripts=False)
    Company(page, applicant.email).sign_in(builders.PASSWORD)
    correct_an_amount(page, proposal)
    replace_a_document(page, proposal)
    hand_in_late(page, proposal)
    assert proposal.submissions.get().late
    withdraw(page, proposal)
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"
