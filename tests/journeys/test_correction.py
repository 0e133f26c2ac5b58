"""An officer asks for a correction, the company corrects one section, the officer sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from applications.models import Submission
from tests import builders
from tests.journeys.company import Company
from tests.journeys.desk import Desk, expect_text

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def check(page: Page, pictures: Path, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, on a telephone and on a desk."""
    for size, label in ((NARROW, "390"), (WIDE, "1280")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.screenshot(path=pictures / f"{name}-{label}.png", full_page=True)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{name} at {label} is {width} pixels too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def hand_in(company: Company, pictures: Path) -> None:
    """The whole proposal to read, every declaration to tick, one button; then the receipt."""
    page = company.page
    page.goto(f"/proposals/{company.reference}/submit/")
    check(page, pictures, "last-look")
    page.get_by_role("button", name="Déposer la proposition").click()
    expect(page.locator(".error-summary")).to_contain_text("Cochez cette case")
    check(page, pictures, "not-declared")
    for box in page.locator("[name^=declare_]").all():
        box.check()
    page.get_by_role("button", name="Déposer la proposition").click()
    page.wait_for_url("**/receipt/**")
    builders.do_waiting_jobs()
    page.reload()
    check(page, pictures, "receipt")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Accusé de réception (PDF)").click()
    assert waiting.value.suggested_filename.endswith(".pdf")


def ask(officer: Desk, reference: str, pictures: Path) -> None:
    page = officer.page
    officer.open_dossier(reference)
    page.get_by_text("Ask the company for a correction").click()
    officer.press("Ask for this correction")
    expect_text(page, "Choose the sections that open again.")
    check(page, pictures, "desk-ask-refused")
    page.get_by_role("checkbox", name="Project").check()
    page.get_by_label("What is to be corrected?").fill("How many growers take part?")
    due_on = timezone.localdate() + timedelta(days=12)
    page.get_by_label("Until the end of").fill(due_on.isoformat())
    officer.press("Ask for this correction")
    expect_text(page, "The company was asked for the correction.")
    check(page, pictures, "desk-asked")


def correct(company: Company, pictures: Path) -> None:
    """One section is open, saved by itself, and handed in again; the others stay closed."""
    page = company.page
    page.goto(f"/proposals/{company.reference}/")
    check(page, pictures, "asked-to-correct")
    page.get_by_role("link", name="Voir ce qui est à corriger").click()
    page.goto(f"/proposals/{company.reference}/budget/")
    page.wait_for_url(f"**/proposals/{company.reference}/")
    page.get_by_role("link", name="Voir ce qui est à corriger").click()
    check(page, pictures, "correction-open")
    page.locator(".task-list a").click()
    page.locator("#id_summary").fill("Des prévisions pour 3 200 maraîchers.")
    page.get_by_role("button", name="Enregistrer et revenir à la liste").click()
    page.wait_for_url(f"**/proposals/{company.reference}/")
    page.goto(f"/proposals/{company.reference}/submit/")
    expect(page.locator("ins").first).to_contain_text("prévisions")
    check(page, pictures, "last-look-corrected")
    for box in page.locator("[name^=declare_]").all():
        box.check()
    page.get_by_role("button", name="Déposer la proposition corrigée").click()
    page.wait_for_url("**/receipt/**")
    check(page, pictures, "receipt-corrected")


def test_a_correction_from_the_question_to_the_difference(
    person: Callable[..., Page], applicant: User, officer: User, pictures: Path
) -> None:
    applicant.language = "fr"
    applicant.save()
    draft = builders.build_complete_proposal(applicant)
    company = Company(person("fr"), applicant.email, draft.reference)
    company.sign_in(builders.PASSWORD)
    desk = Desk(person("en"), officer)
    desk.sign_in()

    hand_in(company, pictures)
    ask(desk, draft.reference, pictures)
    correct(company, pictures)
    builders.do_waiting_jobs()

    desk.open_dossier(draft.reference)
    desk.page.get_by_role("link", name="See what was corrected").click()
    expect(desk.page.locator("del").first).to_be_visible()
    expect(desk.page.locator("ins").first).to_contain_text("prévisions")
    check(desk.page, pictures, "desk-difference")
    submission = Submission.objects.get()
    assert submission.revision == 2
    company.page.goto(reverse("proposals:withdraw", args=[draft.reference]))
    check(company.page, pictures, "withdraw")
