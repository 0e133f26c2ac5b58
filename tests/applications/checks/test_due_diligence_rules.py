"""Human-rights due diligence: each step, the risk level, and how it is summed up."""

from datetime import date
from typing import Any

import pytest

from applications.checks import Moment
from applications.reference.files import read_clauses

PASS, FAIL, REVIEW, MISSING = "pass", "fail", "review", "missing"
DD = "due_diligence."
CLAUSE_HASH = next(
    clause.sha256
    for clause in read_clauses()
    if (clause.version, clause.language) == ("2024-1", "en")
)


@pytest.mark.parametrize(
    ("changes", "expected", "whole"),
    [
        ({}, (PASS, "accepted"), "complete"),
        ({"clause": None}, (MISSING, "not_accepted"), "gaps"),
        ({"clause.accepted": False}, (FAIL, "refused"), "refused"),
        ({"clause.version": "2020-1"}, (MISSING, "older_version"), "gaps"),
        ({"clause.version": "2099-1"}, (REVIEW, "other_version"), "refer"),
        ({"clause.legal_representative": False}, (REVIEW, "not_a_representative"), "refer"),
        ({"clause.sha256": CLAUSE_HASH}, (PASS, "accepted"), "complete"),
        ({"clause.sha256": CLAUSE_HASH.upper()}, (PASS, "accepted"), "complete"),
        ({"clause.sha256": "0" * 64}, (REVIEW, "other_text"), "refer"),
        ({"clause.signatory": " "}, (MISSING, "signatory_incomplete"), "gaps"),
    ],
)
def test_the_clause(
    examine: Any, changes: dict[str, Any], expected: tuple[str, str], whole: str
) -> None:
    report = examine({DD + path: value for path, value in changes.items()})
    finding = report.finding("hrdd.clause")
    assert (finding.outcome, finding.reason) == expected
    assert report.due_diligence == whole
    # Due diligence never makes a proposal ineligible.
    assert report.outcome == "to_review"


def test_the_clause_current_on_the_reference_date_counts(says: Any) -> None:
    older = {DD + "clause.version": "2020-1"}
    on = {"reference_date": date(2023, 12, 31)}
    assert says("hrdd.clause", older, rules="bpf-2022", **on) == (PASS, "accepted")
    assert says("hrdd.clause", older, reference_date=date(2024, 1, 1))[1] == "older_version"
    assert says("hrdd.clause", reference_date=date(2019, 12, 31)) is None


def test_the_partner_countersigns_before_the_contract_only(says: Any) -> None:
    assert says("hrdd.clause", moment=Moment.CONTRACT) == (MISSING, "not_countersigned")
    signed = {DD + "clause.partner_countersigned": True}
    assert says("hrdd.clause", signed, moment=Moment.CONTRACT) == (PASS, "accepted")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"policy": None}, (MISSING, "none")),
        ({"policy.signed_by_management": False}, (MISSING, "unsigned")),
        ({"policy.responsible_person": None}, (MISSING, "nobody_named")),
        ({"policy.document": " "}, (MISSING, "no_text")),
        ({"policy.document": None, "policy.url": "https://example.org"}, (PASS, "present")),
        ({"policy.dated": "2021-04-30"}, (PASS, "present")),
        ({"policy.dated": "2021-04-29"}, (REVIEW, "old")),
    ],
)
def test_the_policy(says: Any, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert says("hrdd.policy", {DD + path: v for path, v in changes.items()}) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"risks": [], "flags": []}, (MISSING, "none")),
        ({"flags": ["pollution", "home_workers"]}, (MISSING, "flag_without_risk")),
        ({"risks.0.consulted": " "}, (REVIEW, "nobody_consulted")),
        ({"risks.0.consulted": None, "risks.0.severity": "low"}, (PASS, "described")),
        (
            {"risks.0.consulted": None, "risks.0.severity": "low", "risks.0.likelihood": "high"},
            (REVIEW, "nobody_consulted"),
        ),
    ],
)
def test_the_risks(says: Any, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert says("hrdd.risks", {DD + path: v for path, v in changes.items()}) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"measures": []}, (MISSING, "none")),
        ({"measures": [], "risks.0.severity": "low"}, (PASS, "planned")),
        ({"measures.0.owner": None}, (MISSING, "incomplete")),
        ({"measures.0.due_on": None}, (MISSING, "incomplete")),
        ({"measures.0.risk": "R2"}, (MISSING, "none")),
        ({"measures.0.due_on": "2026-06-30"}, (PASS, "planned")),  # 18 months from 2025-01-01
        ({"measures.0.due_on": "2026-07-01"}, (REVIEW, "after_the_end")),
    ],
)
def test_the_measures(says: Any, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert says("hrdd.measures", {DD + path: v for path, v in changes.items()}) == expected


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("hrdd.tracking", {"measures.0.indicator": ""}, (MISSING, "incomplete")),
        ("hrdd.tracking", {"measures.0.rhythm": None}, (MISSING, "incomplete")),
        ("hrdd.tracking", {"measures": []}, (MISSING, "no_measures")),
        ("hrdd.tracking", {"measures": [], "risks.0.severity": "low"}, (PASS, "tracked")),
        ("hrdd.communication", {"communication": "  "}, (MISSING, "none")),
        ("hrdd.communication", {"communication": None}, (MISSING, "none")),
        ("hrdd.remedy", {"remedy": None}, (MISSING, "none")),
        ("hrdd.remedy", {"remedy.contact": None}, (MISSING, "no_contact")),
        ("hrdd.remedy", {"remedy.criteria.equitable": False}, (MISSING, "criteria_open")),
        ("hrdd.remedy", {"remedy.criteria.equitable": " "}, (MISSING, "criteria_open")),
        ("hrdd.remedy", {"remedy.criteria": {}}, (MISSING, "criteria_open")),
        ("hrdd.remedy", {"remedy.criteria.equitable": "By June"}, (PASS, "open")),
        ("hrdd.remedy", {"remedy.protects_from_reprisal": False}, (REVIEW, "no_protection")),
        ("hrdd.remedy", {"remedy.open_to_partner_workers": False}, (REVIEW, "closed_to_partner")),
    ],
)
def test_the_other_steps(
    says: Any, code: str, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert says(code, {DD + path: v for path, v in changes.items()}) == expected
