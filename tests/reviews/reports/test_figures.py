"""What the figures count: published decisions only, each in its year, unknown never as zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from reviews.models import Decision, PublishedEdition
from reviews.reports.figures import AnnualReport, NothingKnown, annual_report
from reviews.reports.numbers import (
    NOT_PUBLISHED,
    Number,
    Status,
    at_least,
    counted,
    published,
    total,
)
from tests.reviews.reports.rows import Desk, moment

pytestmark = pytest.mark.django_db


def told(report: AnnualReport, key: str) -> tuple[int | Decimal | None, str]:
    number = report.number(key)
    return number.value, number.status.value


UNKNOWN = (None, "not_published")


def test_it_works_for_2021(history: None) -> None:
    report = annual_report(2021)

    assert told(report, "selected") == (4, "published")
    assert told(report, "cumulative_selected") == (34, "published")
    silent = set(report.figures) - {"selected", "cumulative_selected"}
    assert {told(report, key) for key in silent} == {UNKNOWN}
    assert not any(part.known or part.rows for part in report.breakdowns)
    assert {row.programme for row in report.commitments} == {"EIF", "SATMED"}


def test_2020_knows_what_was_received(history: None) -> None:
    report = annual_report(2020)

    assert told(report, "received") == (19, "published")
    assert told(report, "selected") == (5, "published")
    assert told(report, "cumulative_selected") == (30, "published")
    assert {row.programme for row in report.commitments} == {"EIF"}


def test_a_total_that_was_not_published_is_not_made_up(history: None) -> None:
    assert told(annual_report(2024), "cumulative_selected") == UNKNOWN
    assert told(annual_report(2025), "selected") == UNKNOWN


def test_the_table_begins_in_2016_and_ends_with_the_year(history: None) -> None:
    rows = annual_report(2021).years

    assert [row.year for row in rows] == [2016, 2017, 2018, 2019, 2020, 2021]
    assert rows[0].selected == NOT_PUBLISHED
    assert rows[2].cumulative_selected == published(17)


@pytest.mark.parametrize("year", [2015, 2016, 2017, 2030])
def test_a_year_of_which_nothing_is_known_has_no_report(history: None, year: int) -> None:
    with pytest.raises(NothingKnown, match=str(year)):
        annual_report(year)


def test_a_year_of_the_portal_is_counted(history: None, desk: Desk) -> None:
    desk.decision("selected", amount="100000.00", requested=Decimal("120000.00"))
    desk.decision("selected", amount="200000.00", own="180000.00", partners="20000.00")
    desk.decision("selected", amount="150000.00", lead_country="DE")
    for kind in ("reserve", "not_selected", "shortlisted", "not_shortlisted", "ineligible"):
        desk.decision(kind)

    report = annual_report(2026)

    assert told(report, "received") == (3, "counted")
    assert told(report, "shortlisted") == (1, "counted")
    assert told(report, "selected") == (3, "counted")
    assert told(report, "reserve") == (1, "counted")
    assert told(report, "declined") == (2, "counted")
    assert told(report, "ineligible") == (1, "counted")
    assert told(report, "cumulative_selected") == (53, "calculated")
    assert told(report, "luxembourg_led") == (2, "counted")
    assert told(report, "eu_led") == (1, "counted")


def test_the_money_of_a_year(desk: Desk) -> None:
    desk.decision("selected", amount="100000.00", requested=Decimal("120000.00"))
    desk.decision("selected", amount="200000.01", own="180000.00", partners="20000.00")
    desk.submission(at=moment(2026, 3), requested=Decimal("99.99"))

    report = annual_report(2026)

    assert told(report, "requested") == (Decimal("99.99"), "counted")
    assert told(report, "requested_by_selected") == (Decimal("270000.00"), "counted")
    assert told(report, "awarded") == (Decimal("300000.01"), "counted")
    assert told(report, "average_grant") == (Decimal("150000.01"), "counted")
    assert told(report, "median_grant") == (Decimal("150000.01"), "counted")
    assert told(report, "own_per_euro") == (Decimal("1.00"), "counted")
    assert told(report, "partners_per_euro") == (Decimal("0.17"), "counted")


def test_own_money_that_one_dossier_does_not_tell_is_unknown(desk: Desk) -> None:
    desk.decision("selected")
    desk.decision("selected", own=None)

    report = annual_report(2026)

    assert told(report, "own_per_euro") == UNKNOWN
    assert told(report, "partners_per_euro") == (Decimal("0.20"), "counted")


def test_days_run_from_the_deadline_of_the_stage(desk: Desk) -> None:
    desk.decision("shortlisted", at=moment(2026, 5, 10))
    desk.decision("not_shortlisted", at=moment(2026, 5, 21))
    desk.decision("selected", at=moment(2026, 11, 30))

    report = annual_report(2026)

    assert told(report, "days_preselection") == (Decimal("15.5"), "counted")
    assert told(report, "days_detailed_proposal") == (30, "counted")


def test_who_was_answered_before_the_deadline_did_not_wait_from_it(desk: Desk) -> None:
    desk.decision("shortlisted", at=moment(2026, 3, 10))
    desk.decision("not_shortlisted", at=moment(2026, 5, 21))

    assert told(annual_report(2026), "days_preselection") == (21, "counted")


def test_of_answers_before_the_deadline_alone_no_days_are_told(desk: Desk) -> None:
    desk.decision("shortlisted", at=moment(2026, 3, 10))

    assert told(annual_report(2026), "days_preselection") == (None, "not_applicable")


def test_a_project_counts_in_each_of_its_countries_sectors_and_goals(desk: Desk) -> None:
    desk.decision(
        "selected",
        amount="100000.00",
        countries=["SN", "CV"],
        sectors=["ict", "agriculture"],
        sdgs=[2, 13],
    )
    desk.decision("selected", amount="50000.00", countries=["SN"], sdgs=[], project_kind="scale_up")

    report = annual_report(2026)

    shares = {
        part.definition.key: {
            row.code: (row.selected.value, row.awarded.value) for row in part.rows
        }
        for part in report.breakdowns
    }
    one, other, both = Decimal("100000.00"), Decimal("50000.00"), Decimal("150000.00")
    assert shares["country"] == {"SN": (2, both), "CV": (1, one)}
    assert shares["sector"] == {"ict": (2, both), "agriculture": (1, one)}
    assert shares["sdg"] == {"2": (1, one), "13": (1, one)}
    assert shares["project_kind"] == {"pilot": (1, one), "scale_up": (1, other)}
    assert shares["lead"] == {"luxembourg": (2, both)}


def test_nothing_unpublished_leaves_a_trace(desk: Desk) -> None:
    desk.decision("shortlisted")
    desk.decision("selected", published=False, company="Secret S.A.", countries=["CV"])

    report = annual_report(2026)

    assert told(report, "selected") == (0, "counted")
    assert told(report, "awarded") == (Decimal("0.00"), "counted")
    assert told(report, "average_grant") == (None, "not_applicable")
    assert report.awards == ()
    assert not any(part.rows for part in report.breakdowns)


def test_the_year_is_luxembourgs(desk: Desk) -> None:
    """Half past midnight in Luxembourg is still the old year in Greenwich."""
    desk.decision("selected", at=moment(2027, 1, 1, hour=0))
    desk.decision("selected", at=moment(2026, 12, 31, hour=23))

    assert told(annual_report(2026), "selected") == (1, "counted")
    assert told(annual_report(2027), "selected") == (1, "counted")


def test_a_published_number_stands_and_the_portals_is_not_added(desk: Desk) -> None:
    PublishedEdition.objects.create(
        year=2026, selected=5, cumulative_selected=55, source="annual report 2026"
    )
    for _ in range(2):
        desk.decision("selected", amount="100000.00")

    report = annual_report(2026)

    assert told(report, "selected") == (5, "published")
    assert told(report, "cumulative_selected") == (55, "published")
    assert told(report, "awarded") == (Decimal("200000.00"), "at_least")
    assert told(report, "luxembourg_led") == (2, "at_least")
    assert told(report, "average_grant") == UNKNOWN
    assert told(report, "shortlisted") == UNKNOWN
    countries = report.breakdowns[0]
    assert countries.rows[0].selected == at_least(2)


def test_a_published_year_that_the_portal_counted_whole_has_its_averages(desk: Desk) -> None:
    PublishedEdition.objects.create(year=2026, selected=2, source="annual report 2026")
    desk.decision("selected", amount="100000.00")
    desk.decision("selected", amount="130000.00")

    report = annual_report(2026)

    assert told(report, "selected") == (2, "published")
    assert told(report, "average_grant") == (Decimal("115000.00"), "counted")


def test_an_unknown_year_in_between_makes_the_total_at_least(desk: Desk) -> None:
    PublishedEdition.objects.create(year=2023, cumulative_selected=41, source="a call")
    PublishedEdition.objects.create(year=2025, received=20, source="a call")
    desk.decision("selected")

    report = annual_report(2026)

    assert told(report, "cumulative_selected") == (42, "at_least")


def test_without_any_history_the_total_is_at_least_the_portals(desk: Desk) -> None:
    desk.decision("selected")
    desk.decision("selected", at=moment(2027))

    assert told(annual_report(2027), "cumulative_selected") == (2, "at_least")


def test_a_year_without_an_award_after_the_first_counts_a_true_zero(
    history: None, desk: Desk
) -> None:
    desk.decision("selected")
    desk.decision("selected", at=moment(2028))

    report = annual_report(2028)

    assert report.years[-2].selected == counted(0)
    assert told(report, "cumulative_selected") == (52, "calculated")


def test_the_list_of_awards_is_only_what_the_reader_may_see(
    desk: Desk, auditor: User, reviewer: User
) -> None:
    desk.decision("selected")

    assert len(annual_report(2026, auditor).awards) == 1
    assert len(annual_report(2026, reviewer).awards) == 0
    assert len(annual_report(2026).awards) == 1


def test_three_and_thirty_decisions_need_the_same_queries(history: None, desk: Desk) -> None:
    """Figures are counted in the database: more projects make no more queries, nor more rows."""

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            annual_report(2026)
        return len(captured)

    kinds = ("selected", "shortlisted", "reserve")
    for kind in kinds:
        desk.decision(kind)
    few = queries()
    for _ in range(9):
        for kind in kinds:
            desk.decision(kind)

    assert Decision.objects.count() == 30
    assert queries() == few
    assert few <= 18


numbers = st.one_of(
    st.just(NOT_PUBLISHED),
    st.integers(0, 50).map(published),
    st.integers(0, 50).map(counted),
    st.integers(1, 50).map(at_least),
)


@given(st.lists(numbers, max_size=8))
def test_a_sum_is_exact_only_when_all_its_parts_are(parts: list[Number]) -> None:
    whole = total(parts)
    known = sum(part.value or 0 for part in parts)

    assert whole.exact == (bool(parts) and all(part.exact for part in parts))
    if whole.value is None:
        assert known == 0
    else:
        assert whole.value == known


def test_nothing_known_of_a_whole_is_not_zero() -> None:
    assert at_least(0) == NOT_PUBLISHED
    assert at_least(3) == Number(3, Status.AT_LEAST)
    with pytest.raises(ValueError, match="cannot be"):
        Number(0, Status.NOT_PUBLISHED)
