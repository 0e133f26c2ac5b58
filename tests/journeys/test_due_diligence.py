"""Due diligence in a browser: the steps follow what one ticks, with no reload and no loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import CountryRating, Proposal
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SEASONAL, LAND = "migrant_or_seasonal_workers", "land_acquisition"


@pytest.fixture
def draft(applicant: User) -> Proposal:
    """At low risk: programming, in a country that an officer rated low."""
    CountryRating.objects.create(country_id="SN", level="low", source="A report of 2026")
    proposal = builders.build_draft(applicant, builders.build_call())
    proposal.countries, proposal.nace = ["SN"], "62"
    proposal.save()
    return proposal


def steps(page: Page) -> list[str]:
    return [each.inner_text() for each in page.locator(".step-list a:visible").all()]


def test_the_steps_follow_what_one_ticks(
    person: Callable[..., Page], draft: Proposal, applicant: User, pictures: Path
) -> None:
    page = person("en", narrow=True)
    company = Company(page, applicant.email, draft.reference)
    company.sign_in(builders.PASSWORD)
    company.open("due_diligence")
    level, reporting = (
        page.locator(".risk-level h3 .status:visible"),
        page.locator("#step-communication"),
    )
    expect(level).to_have_text("low")
    expect(reporting).to_be_hidden()
    assert len(steps(page)) == 5
    assert not page.locator("[data-measures]:visible").count()

    page.locator(f"input[name=flags][value={SEASONAL}]").check()
    expect(level).to_have_text("medium")
    expect(reporting).to_be_visible()
    expect(page.locator("#step-clause h2")).to_contain_text("Step 6 of 6")
    expect(page.locator("[data-level-reasons] li:visible")).to_have_text(
        ["Warning sign “Migrant or seasonal workers”: medium."]
    )
    expect(page.locator("#id_risks-0-flag")).to_have_value(SEASONAL)
    page.locator(f"input[name=flags][value={LAND}]").check()
    expect(level).to_have_text("high")
    expect(
        page.get_by_text("signs it off before a decision").locator("visible=true")
    ).to_be_visible()
    expect(page.locator("#id_risks-1-flag")).to_have_value(LAND)
    expect(page.locator(f"input[name=flags][value={LAND}]")).to_be_focused()

    page.locator("#id_communication").fill("Every March on our website.")
    page.locator("#id_risks-0-description").fill("Day labourers without a contract")
    page.locator("#id_risks-0-severity").select_option("low")
    expect(page.locator("#risks-0 [data-measures]")).to_be_visible()
    page.locator("#id_risks-0-likelihood").select_option("low")
    expect(page.locator("#risks-0 [data-measures]")).to_be_hidden()
    page.screenshot(path=pictures / "due-diligence-live.png", full_page=True)
    problems = Axe().run(page)
    assert not problems.response["violations"], problems.generate_report()

    for flag in (SEASONAL, LAND):
        page.locator(f"input[name=flags][value={flag}]").uncheck()
    expect(level).to_have_text("low")
    expect(reporting).to_be_hidden()
    expect(page.locator("#id_risks-1-flag")).to_have_value("")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".alert-success")).to_contain_text("Saved at")
    page.goto("about:blank")
    draft.due_diligence.refresh_from_db()
    assert draft.due_diligence.communication == "Every March on our website."
    assert [risk.flag for risk in draft.risks.all()] == [SEASONAL]
