"""The forms in which a report can be had."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation

from reviews.reports.csv import report_csv
from reviews.reports.figures import AnnualReport
from reviews.reports.html import report_html
from reviews.reports.json import report_json
from reviews.reports.pdf import report_pdf
from reviews.reports.xlsx import report_xlsx

LANGUAGES = ("fr", "en")


@dataclass(frozen=True)
class Form:
    """A form by its short name, which is also the file's extension."""

    name: str
    label: str
    content_type: str
    render: Callable[[AnnualReport], bytes]


def _html(report: AnnualReport) -> bytes:
    return report_html(report).encode()


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("pdf", "PDF", "application/pdf", report_pdf),
        Form(
            "xlsx",
            "Excel (XLSX)",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            report_xlsx,
        ),
        Form("csv", "CSV", "text/csv; charset=utf-8", report_csv),
        Form("json", "JSON", "application/json", report_json),
        Form("html", "HTML", "text/html; charset=utf-8", _html),
    )
}


def render_report(report: AnnualReport, form: str, language: str) -> bytes:
    """The report in one form and language. Raises KeyError for a form there is not."""
    with translation.override(language):
        return FORMS[form].render(report)


def file_name(report: AnnualReport, form: str, language: str) -> str:
    return f"bpf-report-{report.year}-{language}.{form}"
