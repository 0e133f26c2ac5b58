"""A sound dossier of our own, and one way to ask what the checks say when something differs."""

import copy
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from applications.checks import (
    CheckContext,
    ClauseText,
    Dossier,
    Report,
    RiskLevel,
    RuleParameters,
    check,
)
from applications.reference import files

REFERENCE_DATE = date(2024, 4, 30)
DEADLINE = datetime(2024, 4, 30, 23, 59, 59, tzinfo=ZoneInfo("Europe/Luxembourg"))

LEAD = {
    "legal_name": "Brasserie du Moulin S.A.",
    "kind": "company",
    "country": "LU",
    "registration_number": "B98765",
    "vat_number": None,
    "registered_on": "2018-03-01",
    "employees": 12,
    "annual_turnover": [{"year": 2023, "amount": "700000.00"}],
    "road_haulage_for_hire": False,
    "external_funding_3y": None,
    "good_standing": {
        "not_insolvent": True,
        "no_conviction": True,
        "taxes_paid": True,
        "social_security_paid": True,
    },
    "de_minimis_aid": [],
    "directors": [{"name": "Anne Weber"}],
    "beneficial_owners": [],
}
DUE_DILIGENCE = {
    "clause": {
        "version": "2024-1",
        "sha256": "",
        "accepted": True,
        "signatory": "Anne Weber",
        "function": "CEO",
        "legal_representative": True,
        "accepted_at": "2024-04-20T10:00:00+02:00",
    },
    "policy": {
        "dated": "2022-01-15",
        "signed_by_management": True,
        "responsible_person": "Anne Weber",
        "document": "policy.pdf",
    },
    "flags": ["pollution"],
    "risks": [
        {
            "id": "R1",
            "description": "Waste water",
            "where": "own_operations",
            "flag": "pollution",
            "severity": "medium",
            "likelihood": "low",
            "consulted": "Neighbours, March 2024",
        }
    ],
    "measures": [
        {
            "risk": "R1",
            "description": "Filter",
            "owner": "Plant manager",
            "due_on": "2025-06-30",
            "indicator": "mg per litre",
            "rhythm": "monthly",
        }
    ],
    "communication": "Yearly report on the site",
    "remedy": {
        "channel": "Hotline",
        "contact": "+352 000 000",
        "protects_from_reprisal": True,
        "open_to_partner_workers": True,
        "criteria": dict.fromkeys(
            (
                "legitimate",
                "accessible",
                "predictable",
                "equitable",
                "transparent",
                "rights_compatible",
                "continuous_learning",
                "dialogue_based",
            ),
            True,
        ),
    },
}
DOCUMENT: dict[str, Any] = {
    "schema": "bpf-proposal/1",
    "call": "bpf-2024-1",
    "stage": "preselection",
    "language": "en",
    "submitted_at": "2024-04-29T10:00:00+02:00",
    "lead": LEAD,
    "partners": [
        {
            "role": "local",
            "legal_name": "Kigali Malt Ltd",
            "kind": "company",
            "country": "RW",
            "registration_number": "RW-1",
        }
    ],
    "project": {
        "title": "Malt from Musanze",
        "summary": "A malting plant",
        "kind": "pilot",
        "countries": ["RW"],
        "sectors": ["agriculture"],
        "nace": "62.10",
        "sdgs": [8],
        "starts_on": "2025-01-01",
        "duration_months": 18,
        "excluded_activities": [],
    },
    "budget": {
        "lines": [
            {"category": "equipment", "description": "Kiln", "amount": "190000.00"},
            {"category": "audit", "description": "Audit", "amount": "10000.00"},
        ],
        "total": "200000.00",
        "requested": "100000.00",
        "own_contribution": "90000.00",
        "partners_contribution": "10000.00",
        "other_funding": [],
    },
    "due_diligence": DUE_DILIGENCE,
    "documents": [
        {"kind": "application_form", "filename": "a.pdf", "sha256": "0", "scan": "clean"}
    ],
}


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT)


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with the values at dotted paths replaced; a number in a path is an index."""
    result = copy.deepcopy(document)
    for path, value in changes.items():
        *parents, last = path.split(".")
        part: Any = result
        for name in parents:
            part = part[int(name)] if isinstance(part, list) else part[name]
        part[int(last) if isinstance(part, list) else last] = value
    return result


@cache
def parameters_of(code: str) -> RuleParameters:
    item = next(item for item in files.read_json("rule_sets.json") if item["code"] == code)
    return RuleParameters.from_mapping(item["parameters"], item["sources"])


def shipped_context(**given: Any) -> CheckContext:
    """A context from the files that the portal ships, as the rows would give it."""
    return CheckContext(**{**_shipped(), **given})


@cache
def _shipped() -> dict[str, Any]:
    terms = files.read_json("terms.json")
    return {
        "reference_date": REFERENCE_DATE,
        "call_code": "bpf-2024-1",
        "deadlines": {"preselection": DEADLINE},
        "required_documents": {("preselection", "lead"): ("application_form",)},
        "country_lists": {
            listed.code: {entry.iso2: entry.eligible_until for entry in listed.entries}
            for listed in files.read_country_lists()
        },
        "clauses": {
            (clause.version, clause.language): ClauseText(clause.valid_from, clause.sha256)
            for clause in files.read_clauses()
        },
        "labour_worst": frozenset(row.iso2 for row in files.read_ratings() if row.standing),
        "flag_levels": {
            row["code"]: RiskLevel(row["level"])
            for row in terms
            if row["vocabulary"] == "risk_flag"
        },
        "nace_high_prefixes": tuple(
            row["code"] for row in terms if row["vocabulary"] == "nace" and row["level"] == "high"
        ),
    }


Examine = Callable[..., Report]


@pytest.fixture(scope="session")
def examine() -> Examine:
    """`examine({"lead.employees": 4}, rules="bpf-2024", moment=…)` gives the report."""

    def run(
        changes: dict[str, Any] | None = None,
        *,
        rules: str = "bpf-2024",
        parameters: RuleParameters | None = None,
        **context: Any,
    ) -> Report:
        dossier = Dossier.from_document(changed(DOCUMENT, changes or {}))
        return check(dossier, parameters or parameters_of(rules), shipped_context(**context))

    return run


@pytest.fixture(scope="session")
def says(examine: Examine) -> Callable[..., tuple[str, str] | None]:
    """`says("lead.employees", {…})` gives (outcome, reason) of one rule, or None."""

    def run(code: str, changes: dict[str, Any] | None = None, **rest: Any) -> Any:
        finding = examine(changes, **rest).finding(code)
        return None if finding is None else (finding.outcome.value, finding.reason)

    return run
