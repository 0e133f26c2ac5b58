"""Those who sign and those who look: an approver's morning, and what an auditor makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from reviews.models import Decision
from tests import builders
from tests.journeys.desk import Desk, expect_text

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def two_prepared(officer: User, reviewer: User) -> list[Decision]:
    return [builders.build_decision(officer, reviewer) for _each in range(2)]


def test_what_one_signs_the_other_can_follow(
    reference: None,
    person: Callable[..., Page],
    officer: User,
    reviewer: User,
    approver: User,
    auditor: User,
) -> None:
    right, wrong = two_prepared(officer, reviewer)
    desk = Desk(person(), approver)
    desk.sign_in()
    page = desk.page
    waiting = page.locator("[aria-labelledby=sign-heading]")
    expect(waiting.locator("tbody tr")).to_have_count(2)
    waiting.get_by_role("link", name=right.submission.reference).click()
    desk.press("Confirm this decision")
    expect(page.locator("#decision-heading")).to_contain_text("confirmed")

    page.goto("/admin/")
    waiting.get_by_role("link", name=wrong.submission.reference).click()
    desk.press("Send back to the officer")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Reason").fill("The grounds do not say what the partner brings.")
    desk.press("Send back to the officer")
    page.goto("/admin/")
    expect(waiting).to_have_count(0)
    assert set(Decision.objects.values_list("state", flat=True)) == {"confirmed", "returned"}

    looking = Desk(person(), auditor)
    looking.sign_in()
    expect_text(looking.page, "The grounds do not say what the partner brings.")
    looking.page.get_by_role("link", name=right.submission.reference).first.click()
    expect_text(looking.page, officer.full_name)
    expect_text(looking.page, approver.full_name)
    writes = looking.page.locator("main form[method=post]")
    expect(writes).to_have_count(0)
    looking.page.get_by_role("link", name="Open the dossier").click()
    expect(looking.page.locator("#history")).to_contain_text("Decision confirmed")
    expect(writes).to_have_count(0)
