"""The report as PDF: the same page, with contents, page numbers and bookmarks."""

from bpf_portal.core.pdf import render_pdf
from reviews.reports.figures import AnnualReport
from reviews.reports.html import report_html


def report_pdf(report: AnnualReport) -> bytes:
    """In the language in force."""
    return render_pdf(report_html(report))
