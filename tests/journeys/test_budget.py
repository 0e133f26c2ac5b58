"""The budget in a browser: pasted from a spreadsheet, moved by keyboard, counted as one types."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Page, Response, expect

from accounts.models import User
from applications.forms.amounts import line_amount
from applications.forms.fields import MoneyField
from applications.models import Proposal
from applications.views.budget_figures import BudgetFigures, Cost, Financing, Limits
from bpf_portal.core import money
from tests import builders
from tests.journeys.company import Company

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

#: As Excel copies it: French amounts, a cell of two lines, a category nobody knows, a total.
COPIED = (
    "Catégorie\tDésignation\tQuantité\tCoût unitaire\r\n"
    'Personnel\t"Chef de projet\n(mi-temps)"\t24\t3 250,50\r\n'
    "Travel\tFlights to Dakar\t6\t1,180.00\r\n"
    "Catering\tLunch\t1\t1.234\r\n"
    "Total\t\t\t\r\n"
)
WRITTEN = ["150000", "1.234,56", "1,234.56", "150,000", "1.234", "1 500,5", "-5", "1e3", "€ 9"]


def check(page: Page, pictures: Path, name: str) -> None:
    page.screenshot(path=pictures / f"{name}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{name} is {width} pixels too wide"
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def open_budget(page: Page, applicant: User, proposal: Proposal) -> None:
    Company(page, applicant.email).sign_in(builders.PASSWORD)
    page.goto(reverse("proposals:section", args=[proposal.reference, "budget"]))


def sends(field: str, value: str) -> Callable[[Response], bool]:
    """Whether an answer is that to a save which sent this value."""
    sent = urlencode({field: value})
    return lambda answer: sent in (answer.request.post_data or "")


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


# --- the browser and the server agree -----------------------------------------------------------


def as_python_reads(text: str, language: str) -> str:
    with translation.override(language):
        try:
            amount = MoneyField().clean(text)
        except ValidationError as refused:
            return "invalid" if refused.code in (None, "max_length") else str(refused.code)
    return "none" if amount is None else str(int(amount * 100))


def expect_the_same_reading(page: Page) -> None:
    chance = random.Random(20261124)  # noqa: S311
    alphabet = "0123456789" * 3 + ",.,. '\u00a0\u202f€-R"
    texts = WRITTEN + [
        "".join(chance.choices(alphabet, k=chance.randint(1, 14))) for _text in range(3000)
    ]
    for language in ("fr", "en"):
        read = page.evaluate(
            """([texts, language]) => texts.map((text) => {
                const found = portalAmounts.read(text, 12, language);
                if (found.problem) return found.problem;
                return found.hundredths === null ? "none" : String(found.hundredths);
            })""",
            [texts, language],
        )
        expected = [as_python_reads(text, language) for text in texts]
        differing = [row for row in zip(texts, expected, read, strict=True) if row[1] != row[2]]
        assert not differing, differing[:5]


def expect_the_same_sums(page: Page) -> None:
    chance = random.Random(7)  # noqa: S311
    limits = Limits(Decimal("0.50"), Decimal("200000.00"), "audit")
    rules = {"maxRate": limits.rate_text, "ceiling": limits.ceiling_cents, "audit": "audit"}
    cases = [_a_budget(chance) for _case in range(300)]
    found = page.evaluate(
        """([budgets, rules]) => budgets.map((budget) => {
            const found = portalBudgetFigures(budget, rules, "en");
            const text = (value) => value === null ? null : String(value);
            return {
                total: text(found.total), balance: text(found.balance), rate: text(found.rate),
                most: text(found.most), unfinished: found.unfinished, codes: found.codes,
            };
        })""",
        [[typed for typed, _costs, _financing in cases], rules],
    )
    for (typed, costs, financing), browser in zip(cases, found, strict=True):
        assert browser == _as_python_sums(BudgetFigures(costs, financing, limits)), typed


def _a_budget(chance: random.Random) -> tuple[Any, list[Cost], Financing]:
    """Random lines; often a grant right at the limit, and often financed to the cent."""
    lines = [
        (chance.choice(["", "staff", "audit"]), _cents(chance, 500), _cents(chance, 9_000_000))
        for _line in range(chance.randint(0, 4))
    ]
    costs = [Cost(category, line_amount(q, c)) for category, q, c in lines]
    total = sum((cost.amount for cost in costs), Decimal("0.00"))
    grant = chance.choice([_cents(chance, 21_000_000), total / 2 // money.CENT * money.CENT])
    grant += chance.choice([Decimal(0), money.CENT])
    own = chance.choice([_cents(chance, 9_000_000), max(total - grant, Decimal("0.00"))])
    typed = {
        "lines": [{"category": c, "quantity": f"{q:.2f}", "cost": f"{u:.2f}"} for c, q, u in lines],
        "requested": f"{grant:.2f}",
        "own": f"{own:.2f}",
        "partners": "",
        "others": [],
    }
    return typed, costs, Financing(grant, own)


def _as_python_sums(figures: BudgetFigures) -> dict[str, Any]:
    most = figures.highest_by_rate
    return {
        "total": _plain(figures.total),
        "balance": _plain(figures.balance),
        "rate": None if figures.rate is None else str(int(figures.rate * 10_000)),
        "most": None if most is None else _plain(most),
        "unfinished": figures.unfinished,
        "codes": [remark.code for remark in figures.every_remark if remark.applies],
    }


def _cents(chance: random.Random, most: int) -> Decimal:
    return Decimal(chance.randint(0, most)) / 100


def _plain(amount: Decimal) -> str:
    return str(int(amount * 100))


# --- the page -----------------------------------------------------------------------------------


def test_a_budget_is_pasted_moved_and_counted(
    person: Callable[..., Page], applicant: User, pictures: Path
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    page = person("en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_budget(page, applicant, proposal)
    expect_the_same_reading(page)
    expect_the_same_sums(page)
    check(page, pictures, "budget-en")

    # The limits answer while one types, in words.
    sums = page.locator("[data-budget]")
    grant = page.get_by_label("Grant requested (EUR)")
    expect(sums).to_contain_text("Costs and financing are equal")
    grant.fill("200,000.01")
    expect(sums.locator("[data-limit=ceiling]")).to_have_text("above the limit")
    expect(sums).to_contain_text("at most EUR\u00a0150,000.00")
    grant.fill("150.000")
    expect(sums).to_contain_text("An amount cannot be read.")
    grant.fill("149999,99")
    expect(sums.locator("[data-limit=ceiling]")).to_have_text("within the limit")
    expect(sums).to_contain_text("EUR\u00a00.01 of the costs are not financed yet.")

    # A block of cells becomes lines below the one it is pasted into.
    page.locator("#id_lines-1-description").focus()
    paste(page, COPIED)
    report = page.locator("[data-paste-report]")
    expect(report).to_contain_text("Lines read from the spreadsheet: 3. They stand from line 3 on.")
    expect(report).to_contain_text("“Catering” is none of the categories.")
    expect(report).to_contain_text("“1.234” can be read in two ways.")
    expect(report).to_contain_text("Line 5 of the spreadsheet is a total and was left out.")
    lines = page.locator("tr.budget-line")
    expect(lines.nth(1).locator("[name$=-description]")).to_have_value("Stations météo")
    expect(lines.nth(2).locator("[name$=-description]")).to_have_value("Chef de projet (mi-temps)")
    expect(lines.nth(2).locator("[data-line-amount]")).to_have_text("78,012.00")
    unread = lines.nth(4).locator("[name$=-unit_cost]")
    expect(unread).to_have_attribute("aria-invalid", "true")
    expect(unread).to_have_value("1.234")
    check(page, pictures, "budget-pasted-en")
    unread.fill("1234")
    lines.nth(4).locator("[name$=-category]").select_option("services")

    # By keyboard alone: another line, written, moved up twice.
    page.get_by_role("button", name="Add another line").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Exp")
    page.keyboard.press("Tab")
    page.keyboard.type("Second audit")
    for text in ("2", "500"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Up")
    count = lines.count()
    for _time in range(count - 2):
        page.keyboard.press("Enter")
    expect(page.locator("[data-budget-said]")).to_have_text("The line is now number 1.")
    expect(page.locator(":focus")).to_have_text("Up")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator(".alert-success")).to_contain_text("Saved at")
    expect(lines.first.locator("[name$=-description]")).to_have_value("Second audit")

    # What stood on the page while typing is what the server says of the stored rows.
    proposal = Proposal.objects.get(pk=proposal.pk)
    stored = list(proposal.budget_lines.values_list("category", "description", "amount"))
    assert stored[0] == ("audit", "Second audit", Decimal("1000.00"))
    assert stored[3] == ("staff", "Chef de projet (mi-temps)", Decimal("78012.00"))
    with translation.override("en"):
        figures = BudgetFigures.of(proposal)
        expected = [money.display(figures.total), *figures.remarks]
    for sentence in expected:
        expect(sums).to_contain_text(sentence)

    applicant.language = "fr"
    applicant.save()
    telephone = person("fr", narrow=True)
    open_budget(telephone, applicant, proposal)
    expect(telephone.locator("tr.budget-line").first).to_be_visible()
    check(telephone, pictures, "budget-fr-narrow")
    telephone.goto(reverse("proposals:budget_import", args=[proposal.reference]))
    telephone.fill("#id_text", COPIED)
    check(telephone, pictures, "budget-import-fr-narrow")
    telephone.locator(".buttons button").click()
    expect(telephone.locator("main")).to_contain_text("Catering")
    check(telephone, pictures, "budget-import-read-fr-narrow")


def test_the_detailed_budget_says_whose_work_and_whose_money(
    person: Callable[..., Page], applicant: User, pictures: Path
) -> None:
    applicant.language = "fr"
    applicant.save()
    proposal = builders.build_detailed_draft(applicant)
    proposal.budget_lines.update(work_package=None, partner=None, borne_by_company=False)
    page = person("fr")
    open_budget(page, applicant, proposal)
    page.select_option("#id_lines-0-work_package", label="LT2 – Former les relais")
    # The package is saved as one leaves its field; what counts is the answer to the last change.
    with page.expect_response(sends("lines-0-bearer", str(proposal.partners.get().pk))):
        page.select_option("#id_lines-0-bearer", label="Coopérative Exemple de Thiès")
    shares = page.locator("[data-subtotals=bearer]")
    expect(shares).to_contain_text("144\u00a0000,00\u00a0EUR")
    expect(shares).to_contain_text("Pas encore indiqué")
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    check(page, pictures, "budget-detailed-fr")
    page.set_viewport_size({"width": 390, "height": 844})
    check(page, pictures, "budget-detailed-fr-narrow")
    assert proposal.budget_lines.filter(partner=proposal.partners.get()).count() == 1
