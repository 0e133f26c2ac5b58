"""Every rule, alone, at both sides of each of its boundaries, in every rule set that has it."""

from __future__ import annotations

from typing import Any

import pytest

from applications.checks import RULE_CODES, Dossier, Finding, check, render
from applications.checks.facts import render_observed, render_required
from applications.checks.texts import LANGUAGES
from applications.reference import files
from tests.applications.checks.conftest import parameters_of
from tests.applications.checks.corpus import ALL, Case, cases_of, context_of, sound, written_rows
from tests.applications.checks.known import known_rows

CASES: dict[str, list[Case]] = {code: [] for code in RULE_CODES}
for each in cases_of([*written_rows(), *known_rows()]):
    CASES[each.code].append(each)

#: The rules that say something of a sound dossier, by rule set.
ALWAYS = (
    "lead.private_company",
    "lead.country",
    "lead.registration_number",
    "lead.vat_number",
    "lead.good_standing",
    "project.country",
    "project.sdg",
    "project.excluded_activity",
    "budget.ceiling",
    "budget.rate",
    "budget.balance",
    "budget.audit",
    "aid.double_funding",
    "documents.complete",
    "call.deadline",
    "screening.sanctions",
    "screening.duplicate",
)
OF_BPF = (
    *ALWAYS,
    "aid.de_minimis",
    "partnership.local_partner",
    "partnership.associated_partners",
    "partnership.size",
)
SIZE = ("lead.registered_years", "lead.turnover", "lead.employees")
# At medium risk, which a country that nobody rated has.
DUE_DILIGENCE = (
    "hrdd.clause",
    "hrdd.policy",
    "hrdd.risks",
    "hrdd.measures",
    "hrdd.tracking",
    "hrdd.communication",
    "hrdd.remedy",
)
CHECKED = {
    "bpf-2018": {*OF_BPF, "project.sector"},
    "bpf-2020": {*OF_BPF, "project.sector", *DUE_DILIGENCE},
    "bpf-2021": {*OF_BPF, "project.sector", *DUE_DILIGENCE},
    "bpf-2022": {*OF_BPF, *SIZE, *DUE_DILIGENCE},
    "bpf-2024": {*OF_BPF, *SIZE, *DUE_DILIGENCE},
    "lcf-2026-cr": {
        *ALWAYS,
        "lead.employees",
        "lead.registration_window",
        "lead.external_funding",
        "project.duration",
        *DUE_DILIGENCE,
    },
}
#: Where in the dossier a page leads from a finding.
PLACES = {
    "lead": "company",
    "aid.de_minimis": "company",
    "partnership": "partners",
    "project": "project",
    "budget": "budget",
    "aid.double_funding": "budget",
    "documents": "documents",
    "call": "",
    "screening.sanctions": "company",
    "screening.duplicate": "project",
    "hrdd": "due_diligence",
}


@pytest.mark.parametrize("code", RULE_CODES)
def test_the_rule_at_its_boundaries(code: str) -> None:
    place = PLACES.get(code) or PLACES[code.partition(".")[0]]
    for case in CASES[code]:
        finding = case.found()
        assert finding is not None, str(case)
        said = (finding.outcome.value, finding.reason, finding.observed.strip(), finding.required)
        assert said == case.expected, str(case)
        assert (finding.code, finding.place) == (code, place)
        for language in LANGUAGES:
            assert_said_in_words(finding, language)


def assert_said_in_words(finding: Finding, language: str) -> None:
    """Every value that its words need is there, for each side in the reader's own language."""
    text = render(finding, language)
    assert text.message
    assert text.remedy or finding.outcome == "pass"
    for say, written in (
        (render_observed, finding.observed),
        (render_required, finding.required),
    ):
        fact = say(finding.code, finding.reason, written, finding.values, language, {})
        assert fact.translated, finding
        assert bool(fact.text) == bool(written)


@pytest.mark.parametrize("rule_set", ALL)
def test_a_sound_dossier_meets_all_rules_of_its_set_and_hears_of_no_other(rule_set: str) -> None:
    report = check(
        Dossier.from_frozen(sound(rule_set)), parameters_of(rule_set), context_of(rule_set)
    )
    assert [f.code for f in report.findings if f.outcome != "pass"] == []
    assert {f.code for f in report.findings} == CHECKED[rule_set]
    assert [f.code for f in report.findings] == [
        code for code in RULE_CODES if code in CHECKED[rule_set]
    ]
    assert (report.outcome, report.due_diligence) == ("eligible", "complete")
    assert report.risk_level == "medium"
    assert report.finding("lead.country") == report.findings[1]
    assert report.finding("lead.shoe_size") is None


@pytest.mark.parametrize("rule_set", ALL)
def test_both_sides_of_every_rule_are_here(rule_set: str) -> None:
    sides: dict[str, set[bool]] = {}
    for code, cases in CASES.items():
        for case in cases:
            if case.rule_set == rule_set:
                sides.setdefault(code, set()).add(case.row.outcome == "pass")
    wanted = CHECKED[rule_set] | ({"hrdd.sign_off"} if rule_set != "bpf-2018" else set())
    if rule_set != "lcf-2026-cr":
        wanted |= {"lead.vat_register", "lead.trade_register"}
    assert sides == {code: {True, False} for code in wanted}


def test_the_source_of_a_finding_is_its_rule_sets() -> None:
    sources: dict[str, Any] = {r["code"]: r["sources"] for r in files.read_json("rule_sets.json")}
    for rule_set, code, parameter in (
        ("bpf-2022", "aid.de_minimis", "de_minimis"),
        ("bpf-2024", "aid.de_minimis", "de_minimis"),
        ("lcf-2026-cr", "lead.private_company", "lead_kinds"),
        ("bpf-2024", "lead.private_company", "lead_kinds"),
    ):
        [first, *_] = [case for case in CASES[code] if case.rule_set == rule_set]
        finding = first.found()
        assert finding is not None
        assert finding.source == sources[rule_set][parameter]
    of_call = CASES["call.deadline"][0].found()
    assert of_call is not None
    assert of_call.source == "S:bpf"
