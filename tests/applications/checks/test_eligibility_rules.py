"""Partnership, project, budget, documents, deadline and screening, at each boundary."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.checks import ListedName, NextEdition, SanctionsList, SimilarProposal
from applications.checks.calendar_rules import full_years, in_rolling_window, shift_years
from applications.checks.names import comparable_name

PASS, FAIL, REVIEW, MISSING = "pass", "fail", "review", "missing"
CENT = Decimal("0.01")


def partner(role: str, country: str, number: str | None = "1") -> dict[str, Any]:
    return {
        "role": role,
        "legal_name": f"{role} {country}",
        "kind": "company",
        "country": country,
        "registration_number": number,
    }


@pytest.mark.parametrize(
    ("partners", "expected"),
    [
        ([], (FAIL, "none")),
        ([partner("associated", "FR")], (FAIL, "none")),
        ([partner("local", "RW")], (PASS, "present")),
        ([partner("local", "RW", None)], (MISSING, "no_registration")),
        ([partner("local", "CH")], (FAIL, "country_not_listed")),
        ([partner("local", "CH"), partner("local", "XK")], (PASS, "present")),
        ([partner("local", "NA")], (PASS, "present")),
        ([partner("local", "PS")], (PASS, "present")),
    ],
)
def test_one_local_partner_registered_in_an_eligible_country(
    says: Any, partners: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    assert says("partnership.local_partner", {"partners": partners}) == expected


@pytest.mark.parametrize(("country", "outcome"), [("FR", PASS), ("GB", FAIL), ("RW", FAIL)])
def test_associated_partners_are_from_the_union(says: Any, country: str, outcome: str) -> None:
    changes = {"partners": [partner("local", "RW"), partner("associated", country)]}
    assert says("partnership.associated_partners", changes)[0] == outcome


@pytest.mark.parametrize(("others", "outcome"), [(3, PASS), (4, REVIEW)])
def test_more_than_four_partners_is_a_remark(says: Any, others: int, outcome: str) -> None:
    changes = {"partners": [partner("local", "RW")] * others}
    assert says("partnership.size", changes)[0] == outcome


@pytest.mark.parametrize(
    ("countries", "day", "expected"),
    [
        (["NR"], date(2025, 12, 31), (PASS, "listed")),  # Nauru's last day
        (["NR"], date(2026, 1, 1), (FAIL, "not_listed")),
        (["RW", "NA", "XK", "PS"], date(2024, 4, 30), (PASS, "listed")),
        (["RW", "LU"], date(2024, 4, 30), (FAIL, "not_listed")),
        ([], date(2024, 4, 30), (MISSING, "not_given")),
    ],
)
def test_the_project_is_in_countries_eligible_at_the_reference_date(
    says: Any, countries: list[str], day: date, expected: tuple[str, str]
) -> None:
    changes = {"project.countries": countries}
    assert says("project.country", changes, reference_date=day) == expected


@pytest.mark.parametrize(
    ("sectors", "expected"),
    [
        (["ict"], (PASS, "admitted")),
        (["tourism"], (FAIL, "outside")),
        (["ict", "tourism"], (REVIEW, "partly")),
        ([], (MISSING, "not_given")),
    ],
)
def test_before_2022_the_sector_decides(
    says: Any, sectors: list[str], expected: tuple[str, str]
) -> None:
    changes = {"project.sectors": sectors}
    assert says("project.sector", changes, rules="bpf-2018") == expected
    assert says("project.sector", changes, rules="bpf-2024") is None


def test_covid_is_a_sector_of_2021_only(says: Any) -> None:
    changes = {"project.sectors": ["covid19"]}
    assert says("project.sector", changes, rules="bpf-2021")[0] == PASS
    assert says("project.sector", changes, rules="bpf-2020")[0] == FAIL


@pytest.mark.parametrize(
    ("goals", "outcome"),
    [([1], PASS), ([17], PASS), ([0], FAIL), ([18], FAIL), ([3, 18], FAIL), ([], MISSING)],
)
def test_goals_are_one_to_seventeen(says: Any, goals: list[int], outcome: str) -> None:
    assert says("project.sdg", {"project.sdgs": goals})[0] == outcome


@pytest.mark.parametrize(
    ("declared", "expected"),
    [(None, (MISSING, "unanswered")), ([], (PASS, "none")), (["tobacco"], (FAIL, "declared"))],
)
def test_excluded_activities(
    says: Any, declared: list[str] | None, expected: tuple[str, str]
) -> None:
    assert says("project.excluded_activity", {"project.excluded_activities": declared}) == expected


@pytest.mark.parametrize(
    ("requested", "haulage", "expected"),
    [
        ("200000.00", False, (PASS, "within")),
        ("200000.01", False, (FAIL, "above")),
        ("100000.00", True, (PASS, "within")),
        ("100000.01", True, (FAIL, "above_haulage")),
    ],
)
def test_the_ceiling_is_lower_for_road_haulage(
    says: Any, requested: str, haulage: bool, expected: tuple[str, str]
) -> None:
    changes = {"budget.requested": requested, "lead.road_haulage_for_hire": haulage}
    assert says("budget.ceiling", changes) == expected


def test_one_cent_over_half_fails(examine: Any) -> None:
    finding = examine({"budget.requested": "100000.01"}).finding("budget.rate")
    assert finding.outcome == FAIL
    assert finding.values["ratio"] > "0.5"  # never shown as 50 %
    assert finding.values["highest"] == "100000.00"
    assert examine({"budget.requested": "100000.00"}).finding("budget.rate").outcome == PASS
    assert examine({"budget.total": "0.00"}).finding("budget.rate").outcome == MISSING


amounts = st.decimals(min_value=CENT, max_value=Decimal("9999999.99"), places=2)


@given(requested=amounts, total=amounts)
def test_the_rate_is_compared_in_whole_cents(says: Any, requested: Decimal, total: Decimal) -> None:
    changes = {"budget.requested": str(requested), "budget.total": str(total)}
    cents, all_cents = int(requested * 100), int(total * 100)
    assert (says("budget.rate", changes)[0] == PASS) == (2 * cents <= all_cents)


@given(
    lines=st.lists(amounts, min_size=1, max_size=6),
    others=st.lists(amounts, max_size=3),
    slip=st.sampled_from([Decimal(0), CENT]),
)
def test_the_budget_balances_to_the_cent(
    says: Any, lines: list[Decimal], others: list[Decimal], slip: Decimal
) -> None:
    total = sum(lines, Decimal(0))
    funding = [
        {"source": "Bank", "amount": str(a), "luxembourg_cooperation": False} for a in others
    ]
    requested = max(total - sum(others, Decimal(0)), Decimal("0.00"))
    balanced = requested + sum(others, Decimal(0)) == total and not slip
    changes = {
        "budget.lines": [
            {"category": "staff", "description": "x", "amount": str(amount)} for amount in lines
        ],
        "budget.total": str(total),
        "budget.requested": str(requested + slip),
        "budget.own_contribution": "0.00",
        "budget.partners_contribution": "0.00",
        "budget.other_funding": funding,
    }
    assert (says("budget.balance", changes)[0] == PASS) == balanced


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"budget.lines.0.amount": "190000.01"}, (FAIL, "costs_differ")),
        ({"budget.own_contribution": "90000.01"}, (FAIL, "financing_differs")),
        ({"budget.total": "200000.01"}, (FAIL, "neither")),
        ({"budget.lines": []}, (FAIL, "costs_differ")),
        ({"budget.lines": [], "budget.total": "0.00"}, (MISSING, "empty")),
    ],
)
def test_what_does_not_balance_is_named(
    says: Any, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert says("budget.balance", changes) == expected


def test_an_audit_line_is_expected(says: Any) -> None:
    assert says("budget.audit")[0] == PASS
    assert says("budget.audit", {"budget.lines.1.category": "staff"}) == (REVIEW, "no_line")


def test_another_grant_of_the_cooperation_is_looked_at(says: Any) -> None:
    other = {"source": "NGO desk", "amount": "5.00", "luxembourg_cooperation": True}
    assert says("aid.double_funding", {"budget.other_funding": [other]}) == (REVIEW, "declared")
    other["luxembourg_cooperation"] = False
    assert says("aid.double_funding", {"budget.other_funding": [other]})[0] == PASS


@pytest.mark.parametrize("scan", ["pending", "infected", "unscanned"])
def test_a_document_must_be_there_and_clean(says: Any, scan: str) -> None:
    assert says("documents.complete") == (PASS, "complete")
    assert says("documents.complete", {"documents": []}) == (MISSING, "absent")
    assert says("documents.complete", {"documents.0.scan": scan}) == (MISSING, "not_clean")


def test_documents_are_asked_by_stage_and_role(says: Any) -> None:
    of_partner = {("preselection", "local"): ("letter",)}
    assert says("documents.complete", required_documents=of_partner)[0] == MISSING
    later = {("detailed_proposal", "lead"): ("plan",)}
    assert says("documents.complete", required_documents=later) is None
    on = {"rules": "lcf-2026-cr", "required_documents": of_partner}
    assert says("documents.complete", {"partners": []}, **on) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-04-30T23:59:59+02:00", (PASS, "in_time")),
        ("2024-04-30T23:59:59.999+02:00", (PASS, "in_time")),
        ("2024-04-30T21:59:59Z", (PASS, "in_time")),
        ("2024-05-01T00:00:00+02:00", (REVIEW, "late")),
        ("2024-04-30T22:00:00Z", (REVIEW, "late")),
        (None, (MISSING, "not_submitted")),
    ],
)
def test_the_deadline_counts_to_the_second_in_luxembourg(
    says: Any, moment: str | None, expected: tuple[str, str]
) -> None:
    assert says("call.deadline", {"submitted_at": moment}) == expected


def test_a_late_proposal_is_offered_the_next_edition(examine: Any) -> None:
    following = NextEdition("bpf-2024-2", datetime.fromisoformat("2024-10-31T23:59:59+01:00"))
    report = examine({"submitted_at": "2024-05-01T00:00:00+02:00"}, next_edition=following)
    finding = report.finding("call.deadline")
    assert (finding.outcome, finding.reason) == (REVIEW, "late_next_edition")
    assert finding.values["next_call"] == "bpf-2024-2"
    assert report.outcome == "to_review"


def sanctions(*names: str) -> tuple[SanctionsList, ...]:
    entries = tuple(ListedName(f"EU.{i}", (name,)) for i, name in enumerate(names))
    return (SanctionsList("EU", date(2024, 4, 1), "00", entries),)


def test_nothing_loaded_is_never_a_pass(says: Any) -> None:
    assert says("screening.sanctions") == (REVIEW, "not_screened")
    assert says("screening.sanctions", sanctions_lists=sanctions()) == (REVIEW, "not_screened")
    assert says("screening.sanctions", sanctions_lists=sanctions("Ivan Petrov")) == (PASS, "clear")


@pytest.mark.parametrize("listed", ["WEBER, Anne", "Anné Weber", "Anne Webers"])
def test_a_name_is_found_in_any_order_and_spelling(examine: Any, listed: str) -> None:
    finding = examine(sanctions_lists=sanctions("Ivan Petrov", listed)).finding(
        "screening.sanctions"
    )
    assert (finding.outcome, finding.reason) == (REVIEW, "candidates")
    assert "EU.1" in finding.observed
    assert "EU.0" not in finding.observed


def test_names_without_letters_match_nothing() -> None:
    assert comparable_name("Élan, S.A.") == comparable_name("s a ELAN")
    assert comparable_name(" .-_ ") == ""


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (None, None),
        ((), (PASS, "unique")),
        ((SimilarProposal("P-1", True, Decimal("0.10")),), (REVIEW, "same_lead")),
        ((SimilarProposal("P-1", False, Decimal("0.85")),), (REVIEW, "alike")),
        ((SimilarProposal("P-1", False, Decimal("0.84")),), (PASS, "unique")),
    ],
)
def test_duplicates_are_shown_not_judged(says: Any, others: Any, expected: Any) -> None:
    assert says("screening.duplicate", similar_proposals=others) == expected


days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))


@given(day=days, end=days, years=st.integers(1, 10))
def test_the_window_is_the_days_after_the_same_day_years_earlier(
    day: date, end: date, years: int
) -> None:
    inside = in_rolling_window(day, end=end, years=years)
    assert inside == (day <= end and full_years(day, end) < years)


@given(day=days, years=st.integers(1, 20))
def test_an_anniversary_completes_the_year_and_the_day_before_does_not(
    day: date, years: int
) -> None:
    anniversary = shift_years(day, years)
    assert full_years(day, anniversary) == years
    assert full_years(day, date.fromordinal(anniversary.toordinal() - 1)) == years - 1
