"""The report as one tidy list: every number once, with its section, key, unit and status."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reviews.models import ProgrammeCommitment
from reviews.reports.figures import AnnualReport
from reviews.reports.numbers import NOT_PUBLISHED, Number, counted, published
from reviews.reports.wording import by_size, name_of

#: The facts of a year in the table of years, with their units.
YEAR_FACTS = (
    ("received", "proposals"),
    ("shortlisted", "proposals"),
    ("selected", "projects"),
    ("cumulative_selected", "projects"),
    ("awarded", "EUR"),
)


@dataclass(frozen=True)
class Line:
    """One number. Sections: figures, country, sector, sdg, project_kind, lead, years,
    commitments, awards."""

    section: str
    key: str
    label: str
    number: Number
    unit: str


def lines_of(report: AnnualReport) -> Iterator[Line]:
    """All numbers of the report, in the language in force."""
    for figure in report.figures.values():
        key, unit = figure.definition.key, figure.definition.unit
        yield Line("figures", key, str(figure.definition.label), figure.number, unit)
    yield from _breakdowns(report)
    yield from _years(report)
    for commitment in report.commitments:
        yield from _commitment(commitment)
    for award in report.awards:
        label = f"{award.company}: {award.title}"
        yield Line("awards", award.reference, label, counted(award.amount), "EUR")


def _breakdowns(report: AnnualReport) -> Iterator[Line]:
    for part in report.breakdowns:
        section = part.definition.key
        if not part.known:
            yield Line(section, "", str(part.definition.label), NOT_PUBLISHED, "projects")
        for row in by_size(report, part):
            name = name_of(report, section, row.code)
            yield Line(section, f"{row.code}.selected", name, row.selected, "projects")
            yield Line(section, f"{row.code}.awarded", name, row.awarded, "EUR")


def _years(report: AnnualReport) -> Iterator[Line]:
    for row in report.years:
        for fact, unit in YEAR_FACTS:
            label = f"{report.figures[fact].definition.label}, {row.year}"
            yield Line("years", f"{row.year}.{fact}", label, getattr(row, fact), unit)


def _commitment(commitment: ProgrammeCommitment) -> Iterator[Line]:
    key = f"{commitment.programme}-{commitment.phase}"
    committed = _("%(name)s, phase %(phase)s: committed")
    in_all = _("%(name)s: committed in all")
    values = {"name": commitment.name, "phase": commitment.phase}
    amount, whole = published(commitment.committed), published(commitment.cumulative)
    yield Line("commitments", f"{key}.committed", committed % values, amount, "EUR")
    yield Line("commitments", f"{key}.cumulative", in_all % values, whole, "EUR")
