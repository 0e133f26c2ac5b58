"""People's answers applied to findings: to the same ones only, and never more than they say."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.checks.decided import Answers, counted, facts_of, standing

OUTCOMES = ("pass", "fail", "review", "missing")
CODES = ("lead.turnover", "budget.rate", "hrdd.clause", "hrdd.measures")


@dataclass(frozen=True)
class Row:
    """A finding as it is stored."""

    code: str
    outcome: str
    reason: str = "short"
    observed: str = "1"
    required: str = "2"
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    code: str
    facts: str
    verdict: str


rows = st.builds(
    Row,
    code=st.sampled_from(CODES),
    outcome=st.sampled_from(OUTCOMES),
    reason=st.sampled_from(("short", "unknown")),
    observed=st.sampled_from(("1", "2")),
    values=st.fixed_dictionaries(
        {
            "years": st.integers(1, 2),
            "lists": st.sampled_from(("a", "b")),
            "reference_date": st.sampled_from(("2024-04-30", "2024-05-01")),
        }
    ),
)
runs = st.lists(rows, unique_by=lambda row: row.code, max_size=4)
verdicts = st.sampled_from(("confirmed", "overruled", "cleared", "taken_back"))


def identity(row: Row) -> tuple[Any, ...]:
    return (row.code, row.outcome, row.reason, row.observed, row.required, row.values["years"])


@given(runs, runs, st.lists(st.tuples(st.integers(0, 3), verdicts), max_size=6))
def test_an_answer_carries_over_to_the_same_finding_and_to_no_other(
    before: list[Row], after: list[Row], given_in_turn: list[tuple[int, str]]
) -> None:
    oldest_first = [
        Said(before[place].code, facts_of(before[place]), verdict)
        for place, verdict in given_in_turn
        if place < len(before)
    ]
    answers = Answers(oldest_first[::-1])
    same = {identity(row): row for row in before}
    for row in after:
        in_force = answers.in_force(row.code, facts_of(row))
        if identity(row) not in same:
            assert in_force is None
            continue
        said = [each for each in oldest_first if each.code == row.code]
        last = said[-1].verdict if said else "taken_back"
        assert (in_force.verdict if in_force else "taken_back") == last
        assert answers.on_other_facts(row.code, facts_of(row)) is None
    fresh = {row.code for row in after if identity(row) not in same}
    for each in standing(after, answers).findings:
        assert not (each.code in fresh and each.by_person)


@given(runs, st.lists(st.tuples(st.sampled_from(CODES), verdicts), max_size=6))
def test_only_what_a_person_said_is_held_against_a_proposal(
    found: list[Row], said: list[tuple[str, str]]
) -> None:
    facts = {row.code: facts_of(row) for row in found}
    answers = Answers([Said(code, facts.get(code, ""), verdict) for code, verdict in said])
    stands = standing(found, answers)
    by_code = {each.code: each for each in stands.findings}
    for row in found:
        answer = answers.in_force(row.code, facts[row.code])
        ground = by_code[row.code].is_ground
        assert not (ground and (answer is None or row.code.startswith("hrdd.")))
        assert not (ground and row.outcome != "pass" and answer and answer.verdict == "overruled")
        if answer is None:
            assert by_code[row.code].outcome == row.outcome
    if stands.grounds:
        assert stands.outcome == "ineligible"
    if stands.outcome == "eligible":
        assert stands.open == 0


@pytest.mark.parametrize(
    ("code", "outcome", "verdict", "counts_as"),
    [
        ("budget.rate", "fail", "confirmed", "fail"),
        ("budget.rate", "review", "confirmed", "fail"),
        ("budget.rate", "missing", "overruled", "pass"),
        ("budget.rate", "fail", "cleared", "pass"),
        ("budget.rate", "pass", "overruled", "fail"),
        ("hrdd.measures", "missing", "confirmed", "missing"),
        ("hrdd.measures", "pass", "overruled", "review"),
        ("hrdd.clause", "fail", "confirmed", "fail"),
    ],
)
def test_how_a_finding_counts_after_an_answer(
    code: str, outcome: str, verdict: str, counts_as: str
) -> None:
    assert counted(code, outcome, verdict).outcome == counts_as


def test_a_newer_list_that_says_the_same_is_no_other_fact() -> None:
    row = Row("screening.sanctions", "review", values={"lists": ["EU 2024"], "matches": ["x"]})
    assert facts_of(row) == facts_of(replace(row, values={**row.values, "lists": ["EU 2025"]}))
    assert facts_of(row) != facts_of(replace(row, values={**row.values, "matches": ["y"]}))
