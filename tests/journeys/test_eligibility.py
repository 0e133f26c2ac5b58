"""Am I eligible? answers in the browser while one types, and takes the answers along."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from applications.models import Call

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def expect_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [n["html"] for n in each["nodes"]]) for each in found]


def test_the_answer_comes_while_one_types(
    person: Callable[..., Page], open_call: Call, pictures: Path
) -> None:
    page = person("en")
    page.goto("/")
    page.get_by_role("link", name="Am I eligible?").first.click()
    summary = page.locator("#summary")
    expect(summary).to_contain_text("Nothing is answered yet.")
    expect_accessible(page)

    page.get_by_label("How many people does it employ?").press_sequentially("4")
    expect(summary).to_contain_text("1 point would have to change.")
    too_few = page.locator("#answer-leademployees")
    expect(too_few).to_contain_text("would have to change")
    page.get_by_label("How many people does it employ?").fill("5")
    expect(summary).to_contain_text("Nothing speaks against it so far.")

    turnover = page.get_by_label(re.compile("^Turnover of the year"))
    turnover.fill("1.234.56")
    message = page.locator("#id_turnover_1_message")
    expect(message).to_contain_text("Write a number")
    expect(turnover).to_have_attribute("aria-invalid", "true")
    expect(turnover).to_have_value("1.234.56")
    expect_accessible(page)
    page.screenshot(path=pictures / "eligibility-en.png", full_page=True)
    turnover.fill("1.234,56")
    expect(message).to_be_empty()
    expect(turnover).not_to_have_attribute("aria-invalid", "true")

    page.reload()  # the answers stand in the address
    expect(turnover).to_have_value("1.234,56")
    expect(page.get_by_label("How many people does it employ?")).to_have_value("5")
    page.get_by_role("button", name="Begin a proposal with these answers").click()
    expect(page).to_have_url(re.compile(re.escape(reverse("account_login"))))


def test_another_call_asks_its_own_questions_and_keeps_the_answers(
    person: Callable[..., Page], open_call: Call, pictures: Path
) -> None:
    page = person("fr", narrow=True)
    page.goto(f"{reverse('eligibility')}?call=bpf-2022-1&employees=7")
    expect(page.locator("[name^=turnover_]")).to_have_count(3)
    page.locator("#id_call").select_option(open_call.code)
    expect(page.locator("[name^=turnover_]")).to_have_count(1)
    expect(page.locator("#id_employees")).to_have_value("7")
    page.locator("#id_employees").fill("3")
    expect(page.locator("#answer-leademployees")).to_have_attribute("data-outcome", "fail")
    expect_accessible(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.screenshot(path=pictures / "eligibility-fr-narrow.png", full_page=True)
