"""The report as PDF: the same page, with contents, page numbers and bookmarks."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bpf_portal.core.pdf import render_pdf
from reviews.reports.figures import AnnualReport
from reviews.reports.html import report_html


def report_pdf(report: AnnualReport) -> bytes:
    """PDF/UA in the language in force."""
    title = _("Annual selection report %(year)s") % {"year": report.year}
    return render_pdf(report_html(report), title=title, language=get_language() or "fr")
