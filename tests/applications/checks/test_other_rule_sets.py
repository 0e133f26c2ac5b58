"""Rules as another fund may set them: what no shipped rule set asks for."""

from datetime import date
from typing import Any

import pytest

from applications.checks import ClauseText, Finding, Outcome, RuleParameters, render
from applications.checks.calendar_rules import shift_months
from applications.checks.findings import sum_up, sum_up_due_diligence

PASS, FAIL, REVIEW, MISSING = "pass", "fail", "review", "missing"
FLOOR, TIMES = {"floor": "500000.00"}, {"multiple": "3"}
BOTH = {**FLOOR, **TIMES}


@pytest.mark.parametrize(
    ("amounts", "combine", "turnover", "requested", "expected", "required", "wanted"),
    [
        (BOTH, "all", "500000.00", "166666.66", (PASS, "reached"), "and", "all_of"),
        (BOTH, "all", "500000.00", "166666.67", (FAIL, "below_one"), "and", "all_of"),
        (BOTH, "all", "499999.99", "100000.00", (FAIL, "below_one"), "and", "all_of"),
        (BOTH, "all", "500000.00", "0.00", (MISSING, "no_base"), "and", "all_of"),
        (BOTH, "all", "499999.99", "0.00", (FAIL, "below_one"), "and", "all_of"),
        (BOTH, "any", "499999.99", "166666.67", (FAIL, "below_both"), "or", "any_of"),
        (FLOOR, "any", "500000.00", "200000.00", (PASS, "reached"), "", "at_least"),
        (FLOOR, "all", "499999.99", "1.00", (FAIL, "below"), "", "at_least"),
        (TIMES, "any", "300000.00", "100000.00", (PASS, "reached"), "", "at_least"),
        (TIMES, "all", "299999.99", "100000.00", (FAIL, "below"), "", "at_least"),
        (TIMES, "any", "900000.00", "0.00", (MISSING, "no_base"), "", "at_least"),
    ],
)
def test_a_turnover_of_a_floor_a_multiple_or_both(
    examine: Any,
    amounts: dict[str, str],
    combine: str,
    turnover: str,
    requested: str,
    expected: tuple[str, str],
    required: str,
    wanted: str,
) -> None:
    rule = {"base": "requested", "statistic": "last_year", "combine": combine, **amounts}
    finding = examine(
        {
            "lead.annual_turnover": [{"year": 2023, "amount": turnover}],
            "budget.requested": requested,
        },
        parameters=RuleParameters.from_mapping({"turnover": rule}),
    ).finding("lead.turnover")
    assert (finding.outcome, finding.reason, finding.observed) == (*expected, turnover)
    tripled = f"{int(requested.replace('.', '')) * 3 / 100:.2f}"
    parts = [amounts["floor"]] if "floor" in amounts else []
    parts += [tripled] if "multiple" in amounts else []
    assert finding.required == f" {required} ".join(f">= {part}" for part in parts)
    assert finding.values[wanted] == parts
    if finding.reason == "below":
        assert finding.values["threshold"] == parts[0]
    if finding.reason.startswith("below_"):
        assert (finding.values["floor"], finding.values["multiplied"]) == tuple(parts)


@pytest.mark.parametrize(
    ("country", "expected"),
    [("FR", (PASS, "admitted")), ("CR", (PASS, "admitted")), ("CH", (FAIL, "not_listed"))],
)
def test_countries_of_a_list_and_some_more(
    examine: Any, country: str, expected: tuple[str, str]
) -> None:
    both = {"lead_country_list": "eu", "lead_countries": ["CR", "SN"]}
    finding = examine(
        {"lead.country": country}, parameters=RuleParameters.from_mapping(both)
    ).finding("lead.country")
    assert (finding.outcome, finding.reason) == expected
    assert finding.required == "eu or CR or SN"


def test_two_local_partners(examine: Any, says: Any) -> None:
    two = RuleParameters.from_mapping({"min_local_partners": 2, "partner_country_list": "dac-oda"})
    code = "partnership.local_partner"
    finding = examine(parameters=two).finding(code)
    assert (finding.outcome, finding.reason, finding.observed) == (FAIL, "too_few", "1")
    assert finding.required == ">= 2 registered in a country on dac-oda on 2024-04-30"
    assert render(finding, "en").message
    unregistered = {"partners.0.registration_number": None}
    assert examine(unregistered).finding(code).values["names"] == ["Kigali Malt Ltd"]
    nobody = RuleParameters.from_mapping({"min_local_partners": 0, "partner_country_list": "eu"})
    assert says(code, parameters=nobody) is None
    assert says(code, parameters=RuleParameters.from_mapping({"min_local_partners": 1})) is None


def test_a_project_in_named_countries_only(examine: Any) -> None:
    named = RuleParameters.from_mapping({"project_countries": ["RW", "SN"]})
    fine = examine(parameters=named).finding("project.country")
    assert (fine.outcome, fine.required) == (PASS, "RW or SN")
    elsewhere = examine({"project.countries": ["RW", "CR"]}, parameters=named)
    finding = elsewhere.finding("project.country")
    assert (finding.outcome, finding.reason) == (FAIL, "not_named")
    assert (finding.values["countries"], finding.values["targets"]) == (["CR"], ["RW", "SN"])


def test_a_list_that_is_not_there_has_no_country(says: Any) -> None:
    unknown = RuleParameters.from_mapping({"lead_country_list": "moon"})
    assert says("lead.country", parameters=unknown) == (FAIL, "not_listed")


def test_registers_of_several_sections(examine: Any) -> None:
    sections = {"LU": {"pattern": "[A-Z][0-9]+", "sections": ["B", "E"]}}
    parameters = RuleParameters.from_mapping({"register_formats": sections})
    number = {"lead.registration_number": "F1"}
    finding = examine(number, parameters=parameters).finding("lead.registration_number")
    assert (finding.required, finding.values["section"]) == ("[A-Z][0-9]+, section B or E", "F")


def test_a_part_of_a_cent_in_a_requirement_rounds_up(examine: Any) -> None:
    rule = {"base": "requested", "statistic": "last_year", "combine": "any", "multiple": "0.333"}
    finding = examine(
        {"budget.requested": "100.01"}, parameters=RuleParameters.from_mapping({"turnover": rule})
    ).finding("lead.turnover")
    assert finding.required == ">= 33.31"  # 33.30333


def test_the_clause_counts_from_its_first_day(says: Any) -> None:
    since = {"reference_date": date(2024, 1, 1)}
    assert says("hrdd.clause", **since) == (PASS, "accepted")
    older = {"due_diligence.clause.version": "2020-1"}
    french_only = {("2030-1", "fr"): ClauseText(date(2020, 1, 1), "")}
    assert says("hrdd.clause", older, clauses=french_only) is None
    same_day = {
        (version, "en"): ClauseText(date(2024, 4, 30), "") for version in ("2020-1", "2024-1")
    }
    assert says("hrdd.clause", older, clauses=same_day) == (MISSING, "older_version")


def test_the_sectors_of_the_call_go_before_those_of_the_rules(examine: Any) -> None:
    finding = examine(
        {"project.sectors": ["ict"]}, rules="bpf-2018", call_sectors=frozenset(("space", "a"))
    ).finding("project.sector")
    assert (finding.outcome, finding.required) == (FAIL, "a or space")


def test_the_only_ceiling_is_the_hauliers(says: Any) -> None:
    only = RuleParameters.from_mapping({"grant_ceiling_haulage": "1.00"})
    assert says("budget.ceiling", parameters=only) is None
    haulier = {"lead.road_haulage_for_hire": True}
    assert says("budget.ceiling", haulier, parameters=only) == (FAIL, "above_haulage")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 2, date(2024, 3, 31)),
        (date(2024, 10, 31), 2, date(2024, 12, 31)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(9999, 12, 1), 1, date.max),
        (date(1, 1, 31), -1, date.min),
    ],
)
def test_months_end_where_they_end(day: date, months: int, later: date) -> None:
    assert shift_months(day, months) == later


def test_what_is_wanting_says_of_which_years_and_days(examine: Any) -> None:
    none: dict[str, Any] = {"lead.annual_turnover": []}
    for rules, years in (("bpf-2022", 3), ("bpf-2024", 1)):
        assert examine(none, rules=rules).finding("lead.turnover").values["years_wanted"] == years
    twice = [{"year": 2023, "amount": amount} for amount in ("1.00", "2.00")]
    finding = examine({"lead.annual_turnover": twice}).finding("lead.turnover")
    assert finding.values["year"] == "2023"
    assert examine().finding("aid.de_minimis").values["after"] == "2021-04-30"
    goals = examine({"project.sdgs": [3, 18]}).finding("project.sdg")
    assert goals.values["goals"] == ["18"]


def test_what_is_too_much_says_how_much_would_do(examine: Any) -> None:
    rate = examine({"budget.requested": "80.00", "budget.total": "100.01"}).finding("budget.rate")
    assert rate.values["highest"] == "50.00"
    gaps = examine({"budget.total": "200000.01"}).finding("budget.balance")
    assert (gaps.values["costs_gap"], gaps.values["financing_gap"]) == ("0.01", "0.01")


@pytest.mark.parametrize(
    ("outcomes", "whole", "due_diligence"),
    [
        ({}, "eligible", "complete"),
        ({"a": PASS, "hrdd.clause": PASS}, "eligible", "complete"),
        ({"a": MISSING, "hrdd.clause": PASS}, "to_review", "complete"),
        ({"a": REVIEW, "hrdd.policy": MISSING}, "to_review", "gaps"),
        ({"a": REVIEW, "b": FAIL, "hrdd.policy": REVIEW}, "ineligible", "refer"),
        ({"a": PASS, "hrdd.policy": REVIEW, "hrdd.risks": MISSING}, "eligible", "refer"),
        ({"a": PASS, "hrdd.clause": FAIL, "hrdd.risks": REVIEW}, "eligible", "refused"),
        ({"a": PASS, "hrdd.policy": FAIL}, "eligible", "complete"),
    ],
)
def test_how_findings_sum_up(outcomes: dict[str, str], whole: str, due_diligence: str) -> None:
    findings = [
        Finding(code, Outcome(outcome), "", "", "", {}, "", "A:portal")
        for code, outcome in outcomes.items()
    ]
    assert (sum_up(findings), sum_up_due_diligence(findings)) == (whole, due_diligence)
