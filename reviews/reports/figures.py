"""The figures of one year: everything that every form of the report is made from.

A fixed number of queries, whatever the number of proposals; `aggregates` holds the SQL, `history`
how published years and the portal's own are joined, `definitions` what each figure means.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Visitor
from applications.models import Call, ClauseVersion, Country, Stage, Term, Vocabulary
from reviews.models import DecisionKind, ProgrammeCommitment
from reviews.reports import aggregates
from reviews.reports.aggregates import LUXEMBOURG, Award, Money, Share
from reviews.reports.definitions import BREAKDOWNS, FIGURES, Definition
from reviews.reports.history import History, YearRow, read_history
from reviews.reports.numbers import (
    NOT_APPLICABLE,
    NOT_PUBLISHED,
    Number,
    Value,
    at_least,
    counted,
)


class NothingKnown(LookupError):
    """There is nothing to report of this year: nothing published, nothing counted."""


@dataclass(frozen=True)
class Figure:
    """One number of the year, with what it means."""

    definition: Definition
    number: Number


@dataclass(frozen=True)
class BreakdownRow:
    code: str
    selected: Number
    awarded: Number


@dataclass(frozen=True)
class Breakdown:
    """The selected projects by one dimension. `known` is false when nothing is."""

    definition: Definition
    known: bool
    rows: tuple[BreakdownRow, ...]


@dataclass(frozen=True)
class AnnualReport:
    """The report of a year, without words: they come with the language. Amounts in EUR."""

    year: int
    made_at: datetime
    figures: dict[str, Figure]
    breakdowns: tuple[Breakdown, ...]
    years: tuple[YearRow, ...]
    calls: tuple[Call, ...]
    clause_since: date | None
    commitments: tuple[ProgrammeCommitment, ...]
    awards: tuple[Award, ...]
    countries: dict[str, Country]
    terms: dict[tuple[str, str], Term]

    @property
    def row(self) -> YearRow:
        return self.years[-1]

    def number(self, key: str) -> Number:
        return self.figures[key].number


def annual_report(year: int, reader: Visitor | None = None) -> AnnualReport:
    """The figures of a year, from 2016 on; the list of awards only as far as `reader` may see.

    Raises NothingKnown. Without a reader it is the facility's own report, all awards included.
    """
    history = read_history()
    if year not in history.known_years:
        raise NothingKnown(
            _("Nothing is known of %(year)s: nothing was published and nothing decided here.")
            % {"year": year}
        )
    years = history.until(year)
    breakdowns = _breakdowns(years[-1])
    awards = tuple(aggregates.awards_of(year, reader))
    return AnnualReport(
        year=year,
        made_at=timezone.now(),
        figures=_figures(history, years[-1]),
        breakdowns=breakdowns,
        years=tuple(years),
        calls=_calls_of(year),
        clause_since=_clause_since(year),
        commitments=_commitments_of(year),
        awards=awards,
        countries=_countries(breakdowns, awards),
        terms=_terms(),
    )


def _figures(history: History, row: YearRow) -> dict[str, Figure]:
    count = row.counted_by_portal
    kinds = count.by_kind
    declined = sum(
        kinds.get(kind, 0) for kind in (DecisionKind.NOT_SHORTLISTED, DecisionKind.NOT_SELECTED)
    )
    days = aggregates.median_days(row.year)
    numbers: dict[str, Number] = {
        "received": row.received,
        "shortlisted": row.shortlisted,
        "selected": row.selected,
        "reserve": history.number_of(row.year, kinds.get(DecisionKind.RESERVE, 0)),
        "declined": history.number_of(row.year, declined),
        "ineligible": history.number_of(row.year, kinds.get(DecisionKind.INELIGIBLE, 0)),
        "cumulative_selected": row.cumulative_selected,
        "requested": history.number_of(row.year, count.requested),
        **_money_numbers(row, aggregates.money_of(row.year)),
        "days_preselection": _days(row, days.get(Stage.PRESELECTION)),
        "days_detailed_proposal": _days(row, days.get(Stage.DETAILED_PROPOSAL)),
    }
    return {definition.key: Figure(definition, numbers[definition.key]) for definition in FIGURES}


def _money_numbers(row: YearRow, money: Money) -> dict[str, Number]:
    """Sums over a part are "at least"; an average over a part says nothing of the whole."""
    complete = row.portal_counted_all

    def summed(value: Value) -> Number:
        return counted(value) if complete else at_least(value)

    def divided(value: Value | None) -> Number:
        if not complete:
            return NOT_PUBLISHED
        if value is None:
            return NOT_PUBLISHED if money.selected else NOT_APPLICABLE
        return counted(value)

    return {
        "luxembourg_led": summed(money.luxembourg_led),
        "eu_led": summed(money.selected - money.luxembourg_led),
        "requested_by_selected": summed(money.requested),
        "awarded": row.awarded if row.awarded.exact else summed(money.awarded),
        "average_grant": divided(money.average),
        "median_grant": divided(money.median),
        "own_per_euro": divided(money.per_euro(money.own)),
        "partners_per_euro": divided(money.per_euro(money.partners)),
    }


def _days(row: YearRow, days: Value | None) -> Number:
    """Known where the portal counted the year; nothing decided at a stage is not zero days."""
    if not row.portal_counted_all or not row.counted_by_portal.decided:
        return NOT_PUBLISHED
    return NOT_APPLICABLE if days is None else counted(days)


def _breakdowns(row: YearRow) -> tuple[Breakdown, ...]:
    complete = row.portal_counted_all
    known = complete or bool(row.counted_by_portal.selected)

    def shown(share: Share) -> BreakdownRow:
        if complete:
            return BreakdownRow(share.code, counted(share.selected), counted(share.awarded))
        return BreakdownRow(share.code, at_least(share.selected), at_least(share.awarded))

    return tuple(
        Breakdown(
            definition,
            known,
            tuple(map(shown, aggregates.shares_of(row.year, definition.key))),
        )
        for definition in BREAKDOWNS
    )


def _calls_of(year: int) -> tuple[Call, ...]:
    """The facility's published calls whose first deadline is in the year, with their rules."""
    return tuple(
        Call.objects.filter(
            facility="bpf",
            published=True,
            deadline_at__gte=datetime(year, 1, 1, tzinfo=LUXEMBOURG),
            deadline_at__lt=datetime(year + 1, 1, 1, tzinfo=LUXEMBOURG),
        )
        .select_related("rule_set")
        .order_by("deadline_at")
    )


def _clause_since(year: int) -> date | None:
    """Since when the contracts carry a due-diligence clause, if they did in the year."""
    return (
        ClauseVersion.objects.filter(valid_from__lte=date(year, 12, 31))
        .order_by("valid_from")
        .values_list("valid_from", flat=True)
        .first()
    )


def _commitments_of(year: int) -> tuple[ProgrammeCommitment, ...]:
    """The chapter's other commitments that were running in the year."""
    return tuple(
        row
        for row in ProgrammeCommitment.objects.filter(starts_on__lte=date(year, 12, 31))
        if row.ends_on is None or row.ends_on >= date(year, 1, 1)
    )


def _countries(breakdowns: tuple[Breakdown, ...], awards: tuple[Award, ...]) -> dict[str, Country]:
    codes = {
        row.code for part in breakdowns if part.definition.key == "country" for row in part.rows
    }
    for award in awards:
        codes.update(award.countries, (award.company_country,))
    return Country.objects.in_bulk(codes)


def _terms() -> dict[tuple[str, str], Term]:
    vocabularies = (Vocabulary.SECTOR, Vocabulary.SDG, Vocabulary.PROJECT_KIND)
    terms = Term.objects.filter(vocabulary__in=vocabularies)
    return {(term.vocabulary, term.code): term for term in terms}
