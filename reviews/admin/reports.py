"""The annual report in the admin: choose year and language, read it, take it along."""

from django.contrib.admin.sites import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import reads_everything
from reviews.reports.figures import AnnualReport, NothingKnown, annual_report
from reviews.reports.forms import FORMS, LANGUAGES, file_name, render_report
from reviews.reports.history import read_history
from reviews.reports.html import body_context

LANGUAGE_NAMES = (("fr", "Français"), ("en", "English"))


def report_urls(site: AdminSite) -> list[URLPattern]:
    """`admin:annual_report` and `admin:annual_report_download`, for the site's `get_urls`."""

    def page(request: HttpRequest) -> HttpResponse:
        return report_page(request, site)

    return [
        path("report/", site.admin_view(page), name="annual_report"),
        path(
            "report/<int:year>/<str:language>/<str:form>/",
            site.admin_view(report_download),
            name="annual_report_download",
        ),
    ]


def report_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The report of the chosen year, the newest known one at first."""
    _require_reader(request)
    years = read_history().known_years
    context = {**site.each_context(request), "title": _("Annual report"), "years": years}
    if years:
        year = _chosen_year(request, years)
        language = _language(request.GET.get("language") or translation.get_language() or "fr")
        context |= {
            "year": year,
            "language": language,
            "languages": LANGUAGE_NAMES,
            "downloads": _downloads(year, language),
            "body": _body(_report(request, year), language),
        }
    return TemplateResponse(request, "reports/admin_page.html", context)


def report_download(request: HttpRequest, year: int, language: str, form: str) -> HttpResponse:
    """The report as a file."""
    _require_reader(request)
    if form not in FORMS:
        raise Http404
    report = _report(request, year)
    content = render_report(report, form, _language(language))
    name = file_name(report, form, language)
    return HttpResponse(
        content,
        content_type=FORMS[form].content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _require_reader(request: HttpRequest) -> None:
    """Officers, approvers, auditors and administrators; for others the page is not there."""
    if not reads_everything(request.user):
        raise Http404


def _report(request: HttpRequest, year: int) -> AnnualReport:
    try:
        return annual_report(year, request.user)
    except NothingKnown as error:
        raise Http404(str(error)) from error


def _chosen_year(request: HttpRequest, years: list[int]) -> int:
    wanted = request.GET.get("year")
    if not wanted:
        return years[0]
    if wanted not in map(str, years):
        raise Http404
    return int(wanted)


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise Http404
    return code


def _downloads(year: int, language: str) -> list[tuple[str, str]]:
    return [
        (form.label, reverse("admin:annual_report_download", args=(year, language, form.name)))
        for form in FORMS.values()
    ]


def _body(report: AnnualReport, language: str) -> str:
    with translation.override(language):
        return render_to_string("reports/body.html", {**body_context(report), "embedded": True})
