"""The parameters of a rule set: what is read, and what is refused by its name."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from applications.checks import InvalidParameter, RiskLevel, RuleParameters
from applications.checks.rules import (
    PARAMETER_NAMES,
    Combine,
    DeMinimisRule,
    MonthRange,
    MultipleBase,
    RegisterFormat,
    RegistrationWindow,
    TurnoverRule,
    TurnoverStatistic,
)


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"min_yaers": 3}, "min_yaers"),
        ({"min_years": "3"}, "min_years"),
        ({"min_years": True}, "min_years"),
        ({"min_years": -1}, "min_years"),
        ({"max_rate": 0.5}, "max_rate"),
        ({"max_rate": "half"}, "max_rate"),
        ({"max_rate": "50"}, '"0.50"'),
        ({"max_rate": "1.01"}, "max_rate"),
        ({"lead_kinds": "company"}, "lead_kinds"),
        ({"turnover": {"floor": "1"}}, "turnover.base"),
        ({"turnover": {"floor": "1", "flor": "2"}}, "turnover.flor"),
        ({"registration_window": {"first": "2025-01-01", "last": "2024-01-01"}}, "registration_w"),
        ({"duration_months": {"shortest": 12}}, "duration_months.longest"),
        ({"register_formats": {"LU": {"pattern": "["}}}, "register_formats.LU"),
        ({"due_diligence_scope": {"low": []}}, "due_diligence_scope.medium"),
    ],
)
def test_a_wrong_parameter_is_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidParameter, match=name):
        RuleParameters.from_mapping(parameters)


def test_an_empty_rule_set_switches_off_all_it_can(examine: Any) -> None:
    empty = RuleParameters.from_mapping(dict.fromkeys(PARAMETER_NAMES))
    always = {
        "lead.registration_number",
        "lead.vat_number",
        "lead.good_standing",
        "project.sdg",
        "budget.balance",
        "aid.double_funding",
        "documents.complete",
        "call.deadline",
    }
    assert {finding.code for finding in examine(parameters=empty).findings} == always


TEXT, WHOLE = "must be text", "must be a whole number, 0 or more"
NUMBER = 'must be a number written as text, such as "0.50"'
DAYS = "must hold days such as 2024-04-30"
TURNOVER = {"floor": "1", "base": "requested", "combine": "any", "statistic": "last_year"}
AID = {"ceiling": "1", "years": 3, "member_state": "LU"}
SCOPE: dict[str, list[str]] = {"low": [], "medium": [], "high": []}
SPAN, MONTHS = {"first": "2024-01-01", "last": "2024-01-01"}, {"shortest": 12, "longest": 12}


@pytest.mark.parametrize(
    ("name", "value", "place", "reason"),
    [
        ("lead_country_list", 1, "", TEXT),
        ("lead_country_list", " ", "", TEXT),
        ("lead_kinds", "company", "", "must be a list of texts"),
        ("lead_kinds", ["company", 1], "", TEXT),
        ("lead_kinds", ["company", " "], "", TEXT),
        ("min_years", True, "", WHOLE),
        ("min_years", -1, "", WHOLE),
        ("grant_ceiling", "1,00", "", NUMBER),
        ("grant_ceiling", "01", "", NUMBER),
        ("grant_ceiling", "0.0000001", "", NUMBER),
        ("grant_ceiling", 1, "", NUMBER),
        ("max_rate", "1.000001", "", 'must be at most 1: 50 percent is "0.50"'),
        ("turnover", "1", "", "must be an object"),
        ("turnover", {**TURNOVER, "zero": 1, "flor": 1}, ".flor", "is not known"),
        ("turnover", {**TURNOVER, "floor": None}, "", "needs a floor or a multiple"),
        ("turnover", {**TURNOVER, "floor": 1}, ".floor", NUMBER),
        ("turnover", {**TURNOVER, "multiple": "x"}, ".multiple", NUMBER),
        ("turnover", {**TURNOVER, "base": None}, ".base", "is required"),
        ("turnover", {**TURNOVER, "base": "x"}, ".base", "must be one of requested, project_total"),
        ("turnover", {**TURNOVER, "combine": None}, ".combine", "is required"),
        ("turnover", {**TURNOVER, "combine": "x"}, ".combine", "must be one of any, all"),
        ("turnover", {**TURNOVER, "statistic": None}, ".statistic", "is required"),
        (
            "turnover",
            {**TURNOVER, "statistic": "x"},
            ".statistic",
            "must be one of last_year, average_of_three",
        ),
        ("registration_window", {**SPAN, "day": 1}, ".day", "is not known"),
        ("registration_window", {**SPAN, "first": None}, ".first", "is required"),
        ("registration_window", {**SPAN, "last": None}, ".last", "is required"),
        ("registration_window", {**SPAN, "first": "1.1.2024"}, ".first", DAYS),
        ("registration_window", {**SPAN, "last": "2024-02-30"}, ".last", DAYS),
        ("registration_window", {**SPAN, "first": "2024-01-02"}, "", "ends before it begins"),
        ("duration_months", {**MONTHS, "mean": 1}, ".mean", "is not known"),
        ("duration_months", {**MONTHS, "shortest": None}, ".shortest", "is required"),
        ("duration_months", {**MONTHS, "longest": None}, ".longest", "is required"),
        ("duration_months", {**MONTHS, "shortest": "1"}, ".shortest", WHOLE),
        ("duration_months", {**MONTHS, "longest": "1"}, ".longest", WHOLE),
        ("duration_months", {**MONTHS, "longest": 11}, "", "ends before it begins"),
        ("de_minimis", {**AID, "state": "LU"}, ".state", "is not known"),
        ("de_minimis", {**AID, "ceiling": None}, ".ceiling", "is required"),
        ("de_minimis", {**AID, "ceiling": 1}, ".ceiling", NUMBER),
        ("de_minimis", {**AID, "years": None}, ".years", "is required"),
        ("de_minimis", {**AID, "years": "3"}, ".years", WHOLE),
        ("de_minimis", {**AID, "member_state": None}, ".member_state", "is required"),
        ("de_minimis", {**AID, "member_state": 1}, ".member_state", TEXT),
        ("register_formats", ["LU"], "", "must be an object by country"),
        ("register_formats", {"LU": "B"}, ".LU", "must be an object"),
        ("register_formats", {"LU": {"sections": []}}, ".LU.pattern", "is required"),
        ("register_formats", {"LU": {"pattern": "B", "x": 1}}, ".LU.x", "is not known"),
        ("register_formats", {"LU": {"pattern": 1}}, ".LU", TEXT),
        ("register_formats", {"LU": {"pattern": "["}}, ".LU", "has a pattern that cannot be read"),
        (
            "register_formats",
            {"LU": {"pattern": "B", "sections": "B"}},
            ".LU",
            "must be a list of texts",
        ),
        ("due_diligence_scope", {**SCOPE, "none": []}, ".none", "is not known"),
        ("due_diligence_scope", {**SCOPE, "high": None}, ".high", "is required"),
        ("due_diligence_scope", {**SCOPE, "high": [1]}, ".high", TEXT),
        ("speed", 1, "", "is not a parameter of the rules"),
    ],
)
def test_a_refusal_says_where_and_why(name: str, value: object, place: str, reason: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        RuleParameters.from_mapping({name: value})
    assert (refusal.value.name, refusal.value.reason) == (name + place, reason)
    assert str(refusal.value) == f"parameter {name + place!r}: {reason}"


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ({"speed": "S:x"}, "has a source but is not a parameter"),
        ({"max_rate": "X:y"}, "has a source that is neither S: nor A:"),
        ({"max_rate": 5}, "has a source that is neither S: nor A:"),
    ],
)
def test_a_source_is_public_or_assumed(sources: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        RuleParameters.from_mapping({}, sources)
    assert (refusal.value.name, refusal.value.reason) == (next(iter(sources)), reason)


def test_every_parameter_is_read_as_it_is_meant() -> None:
    """The widest that each takes, and nothing where nothing is given."""
    read = RuleParameters.from_mapping(
        {
            "turnover": {**TURNOVER, "multiple": "2.5"},
            "registration_window": SPAN,
            "duration_months": MONTHS,
            "de_minimis": {**AID, "ceiling": "999999999999999.999999", "years": 0},
            "register_formats": {
                "LU": {"pattern": r"\d"},
                "FR": {"pattern": "x", "sections": ["A"]},
            },
            "due_diligence_scope": {**SCOPE, "high": ["hrdd.clause"]},
            "max_rate": "1",
            "min_years": 0,
            "lead_kinds": [],
            "lead_countries": ["CR", "LU"],
            "lead_country_list": "",
        },
        {"max_rate": "S:guichet", "min_years": "A:portal"},
    )
    assert read == RuleParameters(
        turnover=TurnoverRule(
            floor=Decimal(1),
            multiple=Decimal("2.5"),
            base=MultipleBase.REQUESTED,
            combine=Combine.ANY,
            statistic=TurnoverStatistic.LAST_YEAR,
        ),
        registration_window=RegistrationWindow(date(2024, 1, 1), date(2024, 1, 1)),
        duration_months=MonthRange(12, 12),
        de_minimis=DeMinimisRule(Decimal("999999999999999.999999"), 0, "LU"),
        register_formats={
            "LU": RegisterFormat(re.compile(r"\d", re.ASCII), ()),
            "FR": RegisterFormat(re.compile("x", re.ASCII), ("A",)),
        },
        due_diligence_scope={
            RiskLevel.LOW: frozenset(),
            RiskLevel.MEDIUM: frozenset(),
            RiskLevel.HIGH: frozenset(["hrdd.clause"]),
        },
        max_rate=Decimal(1),
        min_years=0,
        lead_countries=("CR", "LU"),
        sources={"max_rate": "S:guichet", "min_years": "A:portal"},
    )
