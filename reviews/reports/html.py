"""The report as a page: the body for the admin, and a file of its own that needs nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reviews.reports.aggregates import Award
from reviews.reports.charts import Chart, charts_of
from reviews.reports.definitions import BREAKDOWNS, FIGURES, JOINING, STATUSES, UNITS
from reviews.reports.figures import AnnualReport
from reviews.reports.lines import YEAR_FACTS
from reviews.reports.narrative import difference_of, narrative
from reviews.reports.numbers import Number, published
from reviews.reports.wording import Quoted, by_size, in_words, name_of, quoted, status_in_words

STYLESHEET = "reports/report.css"
#: The figures shown large at the beginning.
HEADLINES = ("selected", "cumulative_selected", "received", "awarded")


@dataclass(frozen=True)
class Shown:
    """A number as the page shows it; `known` is false where words stand in its place."""

    text: str
    known: bool


@dataclass(frozen=True)
class ShownFigure:
    key: str
    label: str
    shown: Shown
    unit: str
    status: str


@dataclass(frozen=True)
class ShownBreakdown:
    key: str
    title: str
    meaning: str
    known: bool
    rows: Sequence[tuple[str, Shown, Shown]]


@dataclass(frozen=True)
class ShownYear:
    year: int
    current: bool
    edition: str
    facts: Sequence[Shown]
    note: Quoted
    source: Quoted
    remark: str


@dataclass(frozen=True)
class ShownCommitment:
    name: str
    phase: int
    kind: Quoted
    starts_on: date
    ends_on: date | None
    committed: Shown
    cumulative: Shown
    note: str
    source: Quoted


def report_html(report: AnnualReport) -> str:
    """A whole HTML document in the language in force, with its style and pictures inside."""
    return render_to_string(
        "reports/report.html",
        {**body_context(report), "style": _stylesheet(), "language": get_language()},
    )


def body_context(report: AnnualReport) -> dict[str, object]:
    """What `reports/body.html` shows."""
    breakdowns = list(_breakdowns(report))
    return {
        "report": report,
        "title": _("Annual selection report %(year)s") % {"year": report.year},
        "headlines": [_headline(report, key) for key in HEADLINES],
        "chapters": narrative(report),
        "charts": {chart.key: (chart, _inline(chart)) for chart in charts_of(report)},
        "figures": [_figure(report, key) for key in report.figures],
        "breakdowns": breakdowns,
        "without_rows": [part for part in breakdowns if not part.rows],
        "awards": [
            (award, name_of(report, "country", award.company_country), _countries(report, award))
            for award in report.awards
        ],
        "year_headings": [str(report.figures[fact].definition.label) for fact, _unit in YEAR_FACTS],
        "years": list(_years(report)),
        "commitments": list(_commitments(report)),
        "definitions": [
            (definition.label, UNITS[definition.unit], definition.meaning)
            for definition in (*FIGURES, *BREAKDOWNS)
        ],
        "statuses": list(STATUSES.values()),
        "joining": JOINING,
    }


def _stylesheet() -> SafeString:
    """Our own file, so safe to stand inside a style element."""
    path = finders.find(STYLESHEET)
    if not isinstance(path, str):
        raise FileNotFoundError(STYLESHEET)
    with open(path, encoding="utf-8") as file:
        return mark_safe(file.read())  # noqa: S308


def _inline(chart: Chart) -> SafeString:
    """The drawing with its alternative as title, which screen readers and PDF readers speak.

    Drawn by us from numbers; the drawing library escapes the names in it.
    """
    opening, rest = chart.svg.split(">", 1)
    opening = opening.replace("<svg ", '<svg role="img" ', 1)
    title = escape(chart.alternative)
    return mark_safe(f"{opening}><title>{title}</title>{rest}")  # noqa: S308


def _shown(number: Number, unit: str = "projects") -> Shown:
    return Shown(in_words(number, unit), number.value is not None)


def _figure(report: AnnualReport, key: str) -> ShownFigure:
    figure = report.figures[key]
    definition, number = figure.definition, figure.number
    unit = "" if definition.unit == "EUR" or number.value is None else str(UNITS[definition.unit])
    return ShownFigure(
        key,
        str(definition.label),
        _shown(number, definition.unit),
        unit,
        status_in_words(number.status),
    )


def _headline(report: AnnualReport, key: str) -> tuple[str, Shown]:
    figure = report.figures[key]
    words = in_words(figure.number, figure.definition.unit, cents=False)
    return str(figure.definition.label), Shown(words, figure.number.value is not None)


def _breakdowns(report: AnnualReport) -> Iterator[ShownBreakdown]:
    for part in report.breakdowns:
        key = part.definition.key
        rows = [
            (name_of(report, key, row.code), _shown(row.selected), _shown(row.awarded, "EUR"))
            for row in by_size(report, part)
        ]
        yield ShownBreakdown(
            key, str(part.definition.label), str(part.definition.meaning), part.known, rows
        )


def _countries(report: AnnualReport, award: Award) -> str:
    return ", ".join(name_of(report, "country", code) for code in award.countries)


def _years(report: AnnualReport) -> Iterator[ShownYear]:
    for row in report.years:
        yield ShownYear(
            year=row.year,
            current=row.year == report.year,
            edition=row.edition,
            facts=[_shown(getattr(row, fact), unit) for fact, unit in YEAR_FACTS],
            note=quoted(row.note),
            source=_source(row.source, counted=row.counted_by_portal.decided),
            remark=difference_of(row),
        )


def _source(source: str, *, counted: bool) -> Quoted:
    if source or not counted:
        return quoted(source)
    return Quoted(_("this portal"), get_language() or "en")


def _commitments(report: AnnualReport) -> Iterator[ShownCommitment]:
    for row in report.commitments:
        yield ShownCommitment(
            name=row.name,
            phase=row.phase,
            kind=quoted(row.kind),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            committed=_shown(published(row.committed), "EUR"),
            cumulative=_shown(published(row.cumulative), "EUR"),
            note=row.note,
            source=quoted(row.source),
        )
