"""All dossiers of the corpus through the whole check, and what holds whatever a dossier says."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from applications.checks import Dossier, Report, check, read_document
from applications.checks.document_schema import validate
from tests.applications.checks.conftest import changed, parameters_of
from tests.applications.checks.corpus import ALL, Case, cases_of, context_of, sound, written_rows
from tests.applications.checks.known import known_rows

CASES = list(cases_of([*written_rows(), *known_rows()]))
OPEN = [case for case in CASES if case.row.outcome == "missing"]
sets = st.sampled_from(ALL)


def report_on(document: dict[str, Any], case: Case) -> Report:
    return check(Dossier.from_frozen(document), case.parameters, case.context)


def says(report: Report) -> dict[str, tuple[str, str]]:
    return {f.code: (f.outcome.value, f.reason) for f in report.findings}


@pytest.mark.parametrize("rule_set", ALL)
def test_the_whole_check_says_what_each_rule_says(rule_set: str) -> None:
    for case in CASES:
        if case.rule_set != rule_set:
            continue
        document = case.document
        if rule_set == case.row.rule_sets[0]:
            validate(document)  # once for each row: it takes longer than the check
        report = report_on(document, case)
        finding = report.finding(case.code)
        assert finding is not None, str(case)
        assert (finding.outcome, finding.reason) == case.expected[:2], str(case)
        assert_sums_up(report)
        again = report_on(read_document(json.dumps(document).encode()), case)
        assert json.dumps(asdict(again)) == json.dumps(asdict(report))


def assert_sums_up(report: Report) -> None:
    own = {f.outcome.value for f in report.findings if not f.code.startswith("hrdd.")}
    careful = {f.outcome.value for f in report.findings if f.code.startswith("hrdd.")}
    refused = ("hrdd.clause", "fail") in {(f.code, f.outcome.value) for f in report.findings}
    if "fail" in own:
        assert report.outcome == "ineligible"
    else:
        assert report.outcome == ("eligible" if own == {"pass"} else "to_review")
    if refused:
        assert report.due_diligence == "refused"
    elif "review" in careful:
        assert report.due_diligence == "refer"
    else:
        assert report.due_diligence == ("gaps" if "missing" in careful else "complete")


def shuffled(value: Any, random: Any) -> Any:
    if isinstance(value, dict):
        return {name: shuffled(item, random) for name, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item, random) for item in value]
        random.shuffle(items)
        return items
    return value


@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_the_order_of_lists_never_matters(case: Case, random: Any) -> None:
    before = report_on(case.document, case)
    after = report_on(shuffled(case.document, random), case)
    assert says(after) == says(before)
    assert (after.outcome, after.due_diligence, after.risk_level) == (
        before.outcome,
        before.due_diligence,
        before.risk_level,
    )


def touches(paths: Any, path: str) -> bool:
    """Whether one of the paths is this one, lies in it or holds it."""
    return any(f"{path}.".startswith(f"{p}.") or f"{p}.".startswith(f"{path}.") for p in paths)


@cache
def others_in(rule_set: str) -> list[Case]:
    return [case for case in CASES if case.rule_set == rule_set and case.row.changes]


@given(st.sampled_from(OPEN), st.data())
def test_what_is_missing_stays_missing_whatever_else_is_said(
    case: Case, data: st.DataObject
) -> None:
    """Until the thing itself is given: telling more elsewhere never makes it a pass, nor silent."""
    other = data.draw(st.sampled_from(others_in(case.rule_set)))
    ours = case.changes
    assume(not any(touches(ours, path) for path in other.row.changes))
    # A risk that is low after all needs no measure: that is an answer.
    needs_none = case.code in ("hrdd.measures", "hrdd.tracking")
    assume(not (needs_none and touches(other.row.changes, "due_diligence.risks")))
    told = changed(other.document, ours)
    finding = report_on(told, case).finding(case.code)
    assert finding is not None
    assert finding.outcome != "pass"


cents = st.integers(0, 40_000_000)


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


@given(sets, cents, st.lists(cents, max_size=4))
def test_amounts_are_compared_to_the_cent(rule_set: str, asked: int, received: list[int]) -> None:
    """Against whole numbers of cents, which cannot be inexact."""
    parameters, context = parameters_of(rule_set), context_of(rule_set)
    aid = [
        {"granted_on": str(context.reference_date), "amount": money(each), "member_state": "LU"}
        for each in received
    ]
    document = changed(
        sound(rule_set), {"budget.requested": money(asked), "lead.de_minimis_aid": aid}
    )
    found = says(check(Dossier.from_frozen(document), parameters, context))
    assert parameters.grant_ceiling is not None
    assert (found["budget.ceiling"][0] == "pass") == (asked <= int(parameters.grant_ceiling * 100))
    if parameters.de_minimis is None:
        assert "aid.de_minimis" not in found
    else:
        within = asked + sum(received) <= int(parameters.de_minimis.ceiling * 100)
        assert (found["aid.de_minimis"][0] == "pass") == within


@given(st.lists(cents, min_size=3, max_size=3), st.integers(1, 40_000_000))
def test_the_turnover_is_compared_to_the_cent(years: list[int], base: int) -> None:
    for rule_set, statistic, path in (
        ("bpf-2022", sum(years), "budget.total"),  # of three years: all of it is tripled
        ("bpf-2024", 3 * years[0], "budget.requested"),
    ):
        context = context_of(rule_set)
        rows = [
            {"year": context.reference_date.year - back, "amount": money(each)}
            for back, each in enumerate(years, 1)
        ]
        document = changed(sound(rule_set), {"lead.annual_turnover": rows, path: money(base)})
        found = says(check(Dossier.from_frozen(document), parameters_of(rule_set), context))
        reached = statistic >= 3 * 50_000_000 or statistic >= 3 * 3 * base
        assert (found["lead.turnover"][0] == "pass") == reached


def test_a_report_leaves_the_document_as_it_was() -> None:
    for rule_set in ALL:
        document = sound(rule_set)
        before = copy.deepcopy(document)
        check(Dossier.from_frozen(document), parameters_of(rule_set), context_of(rule_set))
        assert document == before
        assert Dossier.from_frozen(document).budget.total == Decimal("200000.00")
