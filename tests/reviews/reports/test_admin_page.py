"""The report in the admin: read on the page, taken along as a file, by those who read all."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.reviews.reports.rows import Desk

pytestmark = pytest.mark.django_db
AsUser = Callable[..., Client]


def page(**choice: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in choice.items())
    return f"{reverse('admin:annual_report')}?{query}"


def download(form: str, year: int = 2021, language: str = "en") -> str:
    return reverse("admin:annual_report_download", args=(year, language, form))


@pytest.mark.parametrize("role", ["officer", "approver", "auditor", "administrator"])
def test_it_works(
    history: None, as_user: AsUser, request: pytest.FixtureRequest, role: str
) -> None:
    response = as_user(request.getfixturevalue(role)).get(page(year=2021, language="en"))

    assert response.status_code == 200
    told = " ".join(response.content.decode().split())
    assert "In 2021, 4 projects were selected" in told
    assert "That makes 34 projects since the facility began in 2016." in told
    assert "not published" in told
    for form in ("pdf", "xlsx", "csv", "json", "html"):
        assert download(form) in told


@pytest.mark.parametrize("role", ["reviewer", "applicant"])
def test_for_others_it_is_not_there(
    history: None, as_user: AsUser, request: pytest.FixtureRequest, role: str
) -> None:
    client = as_user(request.getfixturevalue(role))

    assert client.get(page(year=2021)).status_code == 404
    assert client.get(download("csv")).status_code == 404


def test_a_visitor_is_asked_to_sign_in(history: None, client: Client) -> None:
    response = client.get(page())

    assert response.status_code == 302
    assert "login" in response["Location"]


def test_the_newest_year_is_shown_at_first(history: None, desk: Desk, as_user: AsUser) -> None:
    desk.decision("selected", company="Moulins de l'Alzette")

    response = as_user(desk.officer).get(page())

    shown = response.context_data or {}
    assert shown["year"] == 2026
    assert shown["years"][:3] == [2026, 2025, 2024]
    assert b"Moulins de l&#x27;Alzette" in response.content


@pytest.mark.parametrize(
    "choice", [{"year": 2016}, {"year": "x"}, {"year": 2021, "language": "de"}]
)
def test_a_year_or_language_there_is_not_is_not_found(
    history: None, officer: User, as_user: AsUser, choice: dict[str, object]
) -> None:
    assert as_user(officer).get(page(**choice)).status_code == 404


@pytest.mark.parametrize(
    ("form", "year", "language"), [("iati", 2021, "en"), ("csv", 2016, "en"), ("csv", 2021, "de")]
)
def test_a_file_there_is_not_is_not_found(
    history: None, officer: User, as_user: AsUser, form: str, year: int, language: str
) -> None:
    assert as_user(officer).get(download(form, year, language)).status_code == 404


def test_with_nothing_known_the_page_says_what_to_do(officer: User, as_user: AsUser) -> None:
    response = as_user(officer).get(page())

    assert response.status_code == 200
    assert b"import_editions" in response.content


def test_the_workbook_is_read_back(history: None, officer: User, as_user: AsUser) -> None:
    response = as_user(officer).get(download("xlsx"))

    assert 'filename="bpf-report-2021-en.xlsx"' in response["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    figures = {row[4]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    assert (figures["selected"], figures["awarded"]) == (4, "not published")


def test_the_pdf_is_read_back(history: None, officer: User, as_user: AsUser) -> None:
    response = as_user(officer).get(download("pdf"))

    assert response["Content-Type"] == "application/pdf"
    first = pypdf.PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    assert "Annual selection report 2021" in first


def test_the_page_carries_no_inline_style_or_script_of_ours(
    history: None, desk: Desk, as_user: AsUser
) -> None:
    desk.decision("selected")

    content = as_user(desk.officer).get(page(year=2026, language="en")).content.decode()

    report = content[content.index('<article class="annual-report">') :]
    report = report[: report.index("</article>")]
    assert "<svg" in report
    assert "style=" not in report
    assert "<style" not in report
    assert "<script" not in report


def test_the_page_asks_as_often_for_thirty_projects_as_for_three(
    history: None, desk: Desk, as_user: AsUser
) -> None:
    client = as_user(desk.officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(year=2026)).status_code == 200
        return len(captured)

    for _ in range(3):
        desk.decision("selected")
    client.get(page(year=2026))
    few = queries()
    for _ in range(27):
        desk.decision("selected")

    assert queries() == few
