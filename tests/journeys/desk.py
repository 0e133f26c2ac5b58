"""What LuxDev's people do in the admin, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Download, Page, expect

from accounts.models import User
from tests.builders import PASSWORD


@dataclass
class Desk:
    """One of LuxDev's people in front of the admin."""

    page: Page
    user: User

    def sign_in(self) -> None:
        self.page.goto("/admin/")
        self.page.fill("[name=login]", self.user.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/admin/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    # --- the officer ----------------------------------------------------------------------------
    def open_dossier(self, reference: str) -> None:
        """By the list's search; the newest stage comes first."""
        self.page.goto(f"/admin/applications/submission/?q={reference}")
        self.page.get_by_role("link", name=reference).first.click()
        self.page.wait_for_load_state()

    def confirm_eligible(self) -> None:
        self.page.get_by_label("Reason", exact=True).first.fill("The lists were read by hand.")
        self.press("Confirm as eligible")

    def ask(self, *reviewers: User) -> None:
        for reviewer in reviewers:
            self.page.get_by_label(reviewer.full_name).check()
        due = timezone.localdate() + timedelta(days=14)
        self.page.get_by_label("Due on").fill(due.isoformat())
        self.press("Ask these reviewers")

    def prepare(self, kind: str, *, amount: str = "", conditions: str = "") -> None:
        self.page.get_by_role("link", name="Prepare the decision").click()
        self.page.get_by_label(kind, exact=True).check()
        if amount:
            self.page.locator("[name=amount]").fill(amount)
        if conditions:
            self.page.locator("[name=conditions]").fill(conditions)
        self.press("Prepare this decision")

    def open_decision(self) -> None:
        self.page.goto("/admin/reviews/decision/")
        self.page.locator("main a[href*='/admin/reviews/decision/']").first.click()
        self.page.wait_for_load_state()

    # --- a reviewer -----------------------------------------------------------------------------
    def open_review(self, reference: str) -> None:
        self.page.goto("/admin/reviews/assignment/")
        waiting = self.page.locator("[aria-labelledby=undeclared-heading] a")
        if waiting.count():
            waiting.first.click()
            self.page.get_by_label("I keep to myself").check()
            self.press("Declare")
        self.page.locator("tr", has_text=reference).filter(
            has_text="declaration awaited"
        ).get_by_role("link", name=reference).click()
        self.page.wait_for_load_state()

    def declare_no_conflict(self) -> None:
        self.press("I have no conflict of interest")

    def score(self, value: int) -> None:
        for criterion in self.page.locator("textarea[name^=why_]").all():
            number = (criterion.get_attribute("name") or "").removeprefix("why_")
            self.page.check(f"#scoreform_score_{number}_{value}")
            criterion.fill("Well founded, with figures and letters of the partner.")
        self.press("Submit the scores")

    # --- the report -----------------------------------------------------------------------------
    def download_report(self, year: int, form: str, folder: Path) -> Path:
        self.page.goto(f"/admin/report/?year={year}&language=en")
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=form, exact=True).click()
        return keep(waiting.value, folder)


def keep(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def expect_text(page: Page, text: str) -> None:
    expect(page.locator("body")).to_contain_text(text)
