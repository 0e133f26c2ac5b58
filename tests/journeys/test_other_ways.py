"""The applicant's whole way with nothing but the keyboard, and with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from applications.actions.messaging import write_to_company
from applications.models import Proposal
from tests import builders
from tests.journeys.company import Company
from tests.journeys.hands import Keyboard

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

TITLE = "Prévisions de récolte par satellite"


def apply(company: Company, code: str) -> None:
    """From an account of one's own to the receipt."""
    company.register("Claire Exemple")
    company.enter_company("Exemple Données S.à r.l.", "b 123 456")
    company.begin(code)
    company.describe_company()
    company.describe_partners()
    company.describe_project(TITLE)
    company.describe_budget()
    company.describe_due_diligence()
    company.accept_clause()


def skip_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def follow_the_summary_to(field: Locator) -> None:
    """What was refused is read first, and its first link leads to the field."""
    page = field.page
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    expect(summary.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()


def put_a_refused_save_right(company: Company) -> None:
    page, hand = company.page, company.hand
    company.open("project")
    skip_to_the_content(page)
    duration = page.get_by_label("Duration in months")
    hand.fill(duration, "-3")
    hand.press(page.get_by_role("button", name="Save and back to the list"))
    follow_the_summary_to(duration)
    hand.fill(duration, "24")
    company.save()


def try_without_the_declarations(company: Company) -> None:
    page = company.page
    page.goto(f"/proposals/{company.reference}/submit/")
    company.hand.press(page.get_by_role("button", name="Hand in the proposal"))
    follow_the_summary_to(page.locator("[name^=declare_]").first)


def test_the_keyboard_alone_is_enough(person: Callable[..., Page], reference: None) -> None:
    call = builders.build_call(code="bpf-keyboard")
    company = Company(person("en"), "claire@example.org", works_with=Keyboard)
    apply(company, call.code)
    put_a_refused_save_right(company)
    company.send_documents()
    try_without_the_declarations(company)
    company.hand_in()
    proposal = Proposal.objects.get(reference=company.reference)
    assert proposal.state == "submitted"


def talk(company: Company, officer: User, proposal: Proposal) -> None:
    """A question with a file, and the answer to it."""
    company.write("May the audit be in French?", filename="Offer.pdf")
    write_to_company(actor=officer, proposal_id=proposal.pk, text="Yes, it may.")
    company.page.reload()
    answer = company.page.locator(".letter-facility")
    expect(answer).to_contain_text("Yes, it may.")
    expect(answer).to_contain_text("new")
    question = company.page.locator(".letter-company")
    expect(question).to_contain_text("May the audit be in French?")
    expect(question).to_contain_text("Offer.pdf")
    company.page.get_by_role("button", name="Mark as read").click()
    expect(company.page.locator(".letter-new")).to_have_count(0)


def test_scripts_are_not_needed(
    person: Callable[..., Page], officer: User, reviewer: User, reference: None
) -> None:
    call = builders.build_call(code="bpf-no-scripts")
    company = Company(person("en", scripts=False), "claire@example.org")
    apply(company, call.code)
    company.send_each_document()
    company.hand_in()
    proposal = Proposal.objects.get(reference=company.reference)
    assert proposal.state == "submitted"
    talk(company, officer, proposal)

    builders.do_waiting_jobs()
    submission = proposal.submissions.get()
    builders.publish(officer, builders.build_decision(officer, reviewer, submission=submission))
    company.describe_business_plan()
    company.describe_work_plan()
    company.describe_results()
    company.describe_who_bears_the_costs()
    company.send_each_document()
    company.hand_in()
    extra = proposal.submissions.latest("pk").document["extra"]
    assert extra["budget"]["lines"][0]["work_package"] == extra["work_plan"][0]["code"]
