"""A partner confirms on a telephone, without an account; the lead sees what it corrected."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.actions import partnering
from applications.models import Partner
from bpf_portal.core.models import OutgoingEmail
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen; a picture is left."""
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def mailed_path(email: str) -> str:
    body = OutgoingEmail.objects.filter(recipient=email).latest("pk").body
    link = re.search(r"https?://[^/\s]+(/partner/\S+)", body)
    assert link, body
    return link.group(1)


def test_a_partner_confirms_from_a_telephone(
    person: Callable[..., Page], applicant: User, pictures: Path
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    Partner.objects.filter(proposal=proposal).update(
        contact_email="awa@example.org", contact_name="Awa Ndiaye", language="fr"
    )
    partner = proposal.partners.get()
    lead = Company(person("en"), applicant.email)
    lead.sign_in(builders.PASSWORD)
    section = reverse("proposals:section", args=[proposal.reference, "partners"])
    lead.page.goto(section)
    check(lead.page, pictures, "partners-not-asked")
    lead.page.get_by_role("button", name="Ask for the confirmation").click()
    expect(lead.page.locator("main")).to_contain_text("no answer yet")

    telephone = person("fr", narrow=True)
    telephone.goto(mailed_path("awa@example.org"))
    expect(telephone.locator("html")).to_have_attribute("lang", "fr")
    check(telephone, pictures, "partner-telephone")
    telephone.locator("button[value=confirm]").click()
    expect(telephone.locator("#id_contribution")).to_have_attribute("aria-invalid", "true")
    check(telephone, pictures, "partner-telephone-errors")
    telephone.fill("#id_legal_name", "Coopérative de Thiès SCOOPS")
    telephone.fill("#id_contribution", "Nous exploitons les stations météo.")
    telephone.fill("#id_contribution_amount", "30 000,00")
    telephone.check("#id_human_rights_commitment_0")
    telephone.fill("#id_answered_by_function", "Directrice")
    telephone.locator("button[value=confirm]").click()
    telephone.wait_for_url("**/answered/")
    check(telephone, pictures, "partner-telephone-thanks")
    telephone.goto(mailed_path("awa@example.org"))
    check(telephone, pictures, "partner-telephone-closed")

    lead.page.goto(section)
    main = lead.page.locator("main")
    expect(main).to_contain_text("EUR\u00a030,000.00")
    expect(main).to_contain_text("By Awa Ndiaye, Directrice")
    check(lead.page, pictures, "partners-confirmed")
    lead.page.get_by_role("button", name="Take the partner's words").click()
    expect(lead.page.locator("#id_partners-0-legal_name")).to_have_value(
        "Coopérative de Thiès SCOOPS"
    )
    partner.refresh_from_db()
    assert partner.confirmed_at is not None
    again = person("fr", narrow=True)
    again.goto("/partner/" + "a" * 43 + "/")
    assert not again.locator("form[action^='/partner/']").count()


def test_a_partner_declines_and_the_lead_reads_why(
    person: Callable[..., Page], applicant: User, pictures: Path
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    Partner.objects.filter(proposal=proposal).update(contact_email="awa@example.org", language="en")
    partner = proposal.partners.get()
    partnering.ask_partner(actor=applicant, proposal_id=proposal.pk, partner_id=partner.pk)
    telephone = person("en", narrow=True, dark=True)
    telephone.goto(mailed_path("awa@example.org"))
    telephone.get_by_text("You do not take part").click()
    check(telephone, pictures, "partner-telephone-declining")
    telephone.fill("#id_decline-reason", "Nobody asked us.")
    telephone.fill("#id_decline-answered_by", "Awa Ndiaye")
    telephone.get_by_role("button", name="Decline").click()
    expect(telephone.locator("main")).to_contain_text("Your refusal")
    lead = Company(person("en", narrow=True), applicant.email)
    lead.sign_in(builders.PASSWORD)
    lead.page.goto(reverse("proposals:section", args=[proposal.reference, "partners"]))
    expect(lead.page.locator("main")).to_contain_text("Nobody asked us.")
    check(lead.page, pictures, "partners-declined-telephone")
