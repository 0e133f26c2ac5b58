"""The report as a workbook: a sheet for each table, cells with their types."""

import io
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from bpf_portal.core.exports import Cell, Column, Sheet, write_workbook
from reviews.reports.definitions import BREAKDOWNS, FIGURES, JOINING, STATUSES, UNITS
from reviews.reports.figures import AnnualReport, Breakdown
from reviews.reports.lines import YEAR_FACTS
from reviews.reports.narrative import difference_of, narrative
from reviews.reports.numbers import Number, published
from reviews.reports.wording import by_size, in_words, name_of, quoted, status_in_words


def report_xlsx(report: AnnualReport) -> bytes:
    """Numbers as numbers; one without a value is told in words; formulas stay text."""
    file = io.BytesIO()
    title = _("Annual selection report %(year)s") % {"year": report.year}
    write_workbook(file, _sheets(report), title=title, made_at=report.made_at)
    return file.getvalue()


def _sheets(report: AnnualReport) -> Iterator[Sheet]:
    yield _figures(report)
    yield Sheet(
        _("The year in words"), (Column(_("Chapter"), 28), Column(_("Text"), 120)), _words(report)
    )
    for part in report.breakdowns:
        yield _breakdown(report, part)
    yield _years(report)
    yield _commitments(report)
    yield _awards(report)
    yield Sheet(
        _("Dictionary"),
        (
            Column(_("Key"), 26),
            Column(_("Name"), 40),
            Column(_("Unit"), 22),
            Column(_("Meaning"), 120),
        ),
        _dictionary(),
    )


def _cell(number: Number, unit: str = "projects") -> Cell:
    """The number itself, or in words why there is none: a cell is never empty or 0 for unknown."""
    return in_words(number, unit) if number.value is None else number.value


def _figures(report: AnnualReport) -> Sheet:
    columns = (
        Column(_("Figure"), 44),
        Column(_("Value"), 20),
        Column(_("Unit"), 24),
        Column(_("Status"), 18),
        Column(_("Key"), 26),
    )
    rows = (
        (
            str(figure.definition.label),
            _cell(figure.number, figure.definition.unit),
            str(UNITS[figure.definition.unit]),
            status_in_words(figure.number.status),
            key,
        )
        for key, figure in report.figures.items()
    )
    return Sheet(_("Figures %(year)s") % {"year": report.year}, columns, rows)


def _words(report: AnnualReport) -> Iterator[tuple[Cell, ...]]:
    for chapter in narrative(report):
        for paragraph in chapter.paragraphs:
            yield chapter.title, paragraph.text


def _breakdown(report: AnnualReport, part: Breakdown) -> Sheet:
    columns = (
        Column(_("Name"), 48),
        Column(_("Projects selected"), 18),
        Column(_("Awarded (EUR)"), 20),
        Column(_("Status"), 18),
        Column(_("Code"), 20),
    )
    key = part.definition.key
    rows: list[tuple[Cell, ...]] = [
        (
            name_of(report, key, row.code),
            _cell(row.selected),
            _cell(row.awarded, "EUR"),
            status_in_words(row.selected.status),
            row.code,
        )
        for row in by_size(report, part)
    ]
    if not part.known:
        rows = [(_("not published"), None, None, _("not published"), None)]
    return Sheet(str(part.definition.label), columns, rows)


def _years(report: AnnualReport) -> Sheet:
    labels = {fact: str(report.figures[fact].definition.label) for fact, _unit in YEAR_FACTS}
    columns = (
        Column(_("Year"), 8),
        Column(_("Edition"), 10),
        *(Column(labels[fact], 20) for fact, unit in YEAR_FACTS),
        Column(_("Note"), 70),
        Column(_("Source"), 50),
    )
    rows = (
        (
            row.year,
            row.edition,
            *(_year_cell(getattr(row, fact), unit) for fact, unit in YEAR_FACTS),
            " ".join(filter(None, (quoted(row.note).text, difference_of(row)))),
            quoted(row.source).text,
        )
        for row in report.years
    )
    return Sheet(_("Years"), columns, rows)


def _year_cell(number: Number, unit: str) -> Cell:
    """In a table without a column for the status, "at least" is written out."""
    return number.value if number.exact else in_words(number, unit)


def _commitments(report: AnnualReport) -> Sheet:
    columns = (
        Column(_("Programme"), 34),
        Column(_("Phase"), 8),
        Column(_("Kind"), 26),
        Column(_("Start"), 12),
        Column(_("End"), 12),
        Column(_("Committed (EUR)"), 20),
        Column(_("Committed in all (EUR)"), 22),
        Column(_("Note"), 80),
        Column(_("Source"), 40),
    )
    rows = (
        (
            row.name,
            row.phase,
            quoted(row.kind).text,
            row.starts_on,
            row.ends_on,
            _cell(published(row.committed), "EUR"),
            _cell(published(row.cumulative), "EUR"),
            row.note,
            quoted(row.source).text,
        )
        for row in report.commitments
    )
    return Sheet(_("Other commitments"), columns, rows)


def _awards(report: AnnualReport) -> Sheet:
    columns = (
        Column(_("Reference"), 22),
        Column(_("Company"), 36),
        Column(_("Company's country"), 18),
        Column(_("Project"), 60),
        Column(_("Countries"), 30),
        Column(_("Awarded (EUR)"), 18),
    )
    rows: list[tuple[str, str, str, str, str, Decimal]] = [
        (
            award.reference,
            award.company,
            name_of(report, "country", award.company_country),
            award.title,
            ", ".join(name_of(report, "country", code) for code in award.countries),
            award.amount,
        )
        for award in report.awards
    ]
    return Sheet(_("Projects selected"), columns, rows)


def _dictionary() -> Iterator[tuple[Cell, ...]]:
    for definition in (*FIGURES, *BREAKDOWNS):
        unit = str(UNITS[definition.unit])
        yield definition.key, str(definition.label), unit, str(definition.meaning)
    for status, (name, meaning) in STATUSES.items():
        yield status.value, str(name), None, str(meaning)
    yield "years", _("How published years and the portal's own are joined"), None, str(JOINING)
