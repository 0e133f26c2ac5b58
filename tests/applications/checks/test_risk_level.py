"""The risk level of a dossier, what it comes from, and how much is looked at for it."""

from typing import Any

import pytest

from applications.checks import Dossier, RiskLevel
from applications.checks.due_diligence import LevelReason, level_reasons
from tests.applications.checks.conftest import DOCUMENT, changed, shipped_context

DD = "due_diligence."

FLAG: dict[str, Any] = {DD + "flags": [], DD + "risks.0.flag": None}


@pytest.mark.parametrize(
    ("changes", "ratings", "level"),
    [
        ({}, {}, "medium"),  # unknown never counts as low
        ({}, {"RW": RiskLevel.LOW}, "low"),
        ({"project.countries": ["RW", "BD"]}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.countries": []}, {"RW": RiskLevel.LOW}, "low"),  # the partner's country
        ({"project.countries": [], "partners": []}, {}, "medium"),
        ({"partners.0.country": "TN"}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": "01.13"}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": "A01.13"}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": "16.10"}, {"RW": RiskLevel.LOW}, "low"),
        ({"project.nace": "15.20"}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": "53.10"}, {"RW": RiskLevel.LOW}, "low"),
        ({"project.nace": "78"}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": " h 49.41 "}, {"RW": RiskLevel.LOW}, "high"),
        ({"project.nace": "v62"}, {"RW": RiskLevel.LOW}, "low"),
        ({"project.nace": "62"}, {"RW": RiskLevel.LOW}, "low"),
        ({"project.nace": "6"}, {"RW": RiskLevel.LOW}, "medium"),
        ({"project.nace": "6x"}, {"RW": RiskLevel.LOW}, "medium"),
        ({"project.nace": "²²"}, {"RW": RiskLevel.LOW}, "medium"),
        ({"project.nace": None}, {"RW": RiskLevel.LOW}, "medium"),
        ({DD + "flags": ["land_acquisition"]}, {"RW": RiskLevel.LOW}, "high"),
        ({DD + "flags": ["home_workers"]}, {"RW": RiskLevel.LOW}, "medium"),
        ({DD + "flags": ["something_new"]}, {"RW": RiskLevel.LOW}, "medium"),
    ],
)
def test_the_risk_level_is_the_highest_of_all(
    examine: Any, changes: dict[str, Any], ratings: dict[str, RiskLevel], level: str
) -> None:
    assert examine({**FLAG, **changes}, officer_ratings=ratings).risk_level == level


def codes_at(examine: Any, changes: dict[str, Any], **context: Any) -> set[str]:
    return {
        finding.code
        for finding in examine({**FLAG, **changes}, **context).findings
        if finding.is_due_diligence
    }


def test_the_checks_are_proportionate(examine: Any) -> None:
    low = codes_at(examine, {}, officer_ratings={"RW": RiskLevel.LOW})
    medium = codes_at(examine, {})
    high = codes_at(examine, {"project.countries": ["BD"]})
    assert low == {"hrdd.clause", "hrdd.policy", "hrdd.risks", "hrdd.remedy"}
    assert medium == low | {"hrdd.measures", "hrdd.tracking", "hrdd.communication"}
    assert high == medium | {"hrdd.sign_off"}
    assert codes_at(examine, {}, rules="bpf-2018") == set()


def test_a_high_risk_waits_for_a_signature(examine: Any) -> None:
    high = {"project.countries": ["BD"]}
    assert examine(high).due_diligence == "refer"
    assert examine(high, signed_off=True).due_diligence == "complete"


def test_everything_that_counts_is_named_and_what_is_not_given_too() -> None:
    context = shipped_context(officer_ratings={"SN": RiskLevel.LOW})
    given = {
        "project.countries": ["TN", "SN"],
        "partners.0.country": "RW",
        "project.nace": "01",
        DD + "flags": ["pollution", "security_forces", "unheard_of"],
    }
    low, medium, high = RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH
    assert level_reasons(Dossier.from_frozen(changed(DOCUMENT, given)), context) == (
        LevelReason("country", "RW", medium),
        LevelReason("country", "SN", low),
        LevelReason("country", "TN", high),
        LevelReason("activity", "01", high),
        LevelReason("flag", "pollution", medium),
        LevelReason("flag", "security_forces", high),
        LevelReason("flag", "unheard_of", medium),
    )
    nothing: dict[str, Any] = {
        "project.countries": [],
        "partners": [],
        "project.nace": None,
        DD + "flags": [],
    }
    assert level_reasons(Dossier.from_frozen(changed(DOCUMENT, nothing)), context) == (
        LevelReason("country", "", medium),
        LevelReason("activity", "", medium),
    )
