"""The whole way in a browser: from a company's registration to its letter and the year's report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from tests import builders
from tests.journeys.company import Company
from tests.journeys.desk import Desk, expect_text, keep
from tests.processes import Worker

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

TITLE = "Prévisions de récolte par satellite"


def fill_in(company: Company, code: str, pictures: Path) -> None:
    company.register("Claire Exemple")
    company.enter_company("Exemple Données S.à r.l.", "b 123 456")
    company.begin(code)
    company.describe_company()
    company.describe_partners()
    company.describe_project(TITLE)
    company.describe_budget()
    company.page.screenshot(path=pictures / "task-list.png")
    company.describe_due_diligence()
    company.accept_clause()
    company.send_documents()


def judge(reference: str, officer: Desk, reviewers: list[Desk], pictures: Path) -> None:
    """The officer confirms and assigns; each reviewer declares and scores."""
    officer.open_dossier(reference)
    wait_for_checks(officer.page)
    officer.page.screenshot(path=pictures / "dossier.png")
    officer.confirm_eligible()
    officer.ask(*(each.user for each in reviewers))
    for each in reviewers:
        each.open_review(reference)
        expect(each.page.locator("body")).not_to_contain_text("Travail saisonnier")
        each.declare_no_conflict()
        expect_text(each.page, "Travail saisonnier")
        each.score(4)


def wait_for_checks(page: Page) -> None:
    """The worker is quick; whoever is quicker reloads the page."""
    for _ in range(40):
        if page.get_by_text("a person must look").or_(page.get_by_text("met", exact=True)).count():
            return
        page.wait_for_timeout(250)
        page.reload()
    pytest.fail("the checks were not done within ten seconds")


def decide(reference: str, officer: Desk, approver: Desk, kind: str, **words: str) -> None:
    """The officer prepares; somebody else confirms; the officer publishes."""
    officer.open_dossier(reference)
    officer.prepare(kind, **words)
    approver.open_decision()
    approver.press("Confirm this decision")
    officer.open_decision()
    officer.press("Publish this decision")


def test_the_whole_way(
    person: Callable[..., Page],
    worker: Worker,
    officer: User,
    approver: User,
    reviewer: User,
    second_reviewer: User,
    pictures: Path,
    tmp_path: Path,
) -> None:
    call = builders.build_call(code="bpf-journey")
    company = Company(person("en"), "claire@example.org")
    fill_in(company, call.code, pictures)
    company.hand_in()
    desk = {user: Desk(person("en"), user) for user in (officer, approver)}
    reviewers = [Desk(person("en"), user) for user in (reviewer, second_reviewer)]
    for each in (*desk.values(), *reviewers):
        each.sign_in()

    judge(company.reference, desk[officer], reviewers, pictures)
    before = company.look()
    assert "shortlisted" not in before
    decide(company.reference, desk[officer], desk[approver], "shortlisted")
    assert "shortlisted" in company.look()

    company.describe_business_plan()
    company.describe_work_plan()
    company.describe_results()
    company.send_documents()
    company.hand_in()
    judge(company.reference, desk[officer], reviewers, pictures)
    expect_text(desk[officer].page, "Stations et messages")
    decide(
        company.reference,
        desk[officer],
        desk[approver],
        "selected",
        amount="140,000.00",
        conditions="Half-yearly reports",
    )

    letter = PdfReader(download_award(company, tmp_path))
    text = " ".join(page.extract_text() for page in letter.pages)
    assert company.reference in text
    assert "140\u00a0000,00" in text.replace("\u202f", "\u00a0")
    assert "Half-yearly reports" in text
    assert "diligence raisonnable" in text

    report = desk[officer].download_report(2021, "Excel (XLSX)", tmp_path)
    cells = [
        cell.value
        for sheet in load_workbook(report).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert 4 in cells
    assert 34 in cells
    assert "not published" in cells


def download_award(company: Company, folder: Path) -> Path:
    """The newest decision stands first; its letter's link appears once the worker has made it."""
    for _ in range(60):
        company.look()
        link = company.page.locator("[aria-labelledby=decision-1]").get_by_role("link")
        if link.count():
            break
        company.page.wait_for_timeout(250)
    with company.page.expect_download() as waiting:
        link.click()
    return keep(waiting.value, folder)
