"""axe looks once at each page of visitors and applicants, errors shown included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests import builders
from tests.journeys.company import Company
from tests.journeys.looking import faults

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

VISITORS = (
    "/", "/calls/", "/eligibility/", "/accounts/login/", "/accounts/signup/",
    "/accounts/password/reset/", "/nowhere/",
)  # fmt: skip
DRAFTS = (
    "",
    "company/",
    "project/",
    "partners/",
    "budget/",
    "due_diligence/",
    "documents/",
    "clause/",
    "submit/",
)
FILED = ("", "timeline/", "messages/", "withdraw/", "receipt/preselection/")


def complaints_of(page: Page) -> list[str]:
    return [f"{page.url}: {fault}" for fault in faults(page)]


def send_empty(page: Page) -> None:
    """Sends the page's form past what the browser itself would stop."""
    form = page.locator("main form[method=post]:not(.language-switch)").first
    form.evaluate("form => { form.noValidate = true }")
    with page.expect_navigation():
        form.evaluate("form => form.requestSubmit()")


def test_axe_finds_nothing_on_the_company_side(
    person: Callable[..., Page], applicant: User
) -> None:
    draft = builders.build_draft(applicant)
    filed = builders.build_submission(applicant, builders.build_call()).proposal
    visitors = person("fr", narrow=True), person("en", dark=True)
    found: list[str] = []
    for turn, path in enumerate(VISITORS):
        page = visitors[turn % 2]
        page.goto(path)
        found += complaints_of(page)
    for page, path in zip(visitors, ("/accounts/signup/", "/accounts/login/"), strict=True):
        page.goto(path)
        send_empty(page)
        found += complaints_of(page)
    for page in visitors:
        Company(page, applicant.email).sign_in(builders.PASSWORD)
    owned = [f"{draft.reference}/{each}" for each in DRAFTS]
    owned += [f"{filed.reference}/{each}" for each in FILED]
    for turn, path in enumerate(("", *owned)):
        page = visitors[turn % 2]
        answer = page.goto(f"/proposals/{path}")
        assert answer
        assert (answer.status, page.url.endswith(f"/proposals/{path}")) == (200, True), path
        found += complaints_of(page)
    assert not found, "\n".join(found)
