"""People's answers applied to findings: to the same ones only, and never more than they say."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.checks.decided import Answers, Standing, counted, facts_of, standing

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


def test_answers_change_how_findings_count_until_they_are_taken_back() -> None:
    """What the properties above say of any answers, on one submission."""
    rate, turnover = Row("budget.rate", "fail"), Row("lead.turnover", "review")
    clause, fine = Row("hrdd.clause", "fail"), Row("lead.country", "pass")
    found = [rate, turnover, clause, fine]

    def after(*said: tuple[Row, str]) -> Standing:
        """What stands once this was said, the oldest first."""
        rows = [Said(row.code, facts_of(row), verdict) for row, verdict in said]
        return standing(found, Answers(rows[::-1]))

    none = after()
    assert [(f.code, f.outcome.value, f.by_person) for f in none.findings] == [
        ("budget.rate", "fail", False),
        ("lead.turnover", "review", False),
        ("hrdd.clause", "fail", False),
        ("lead.country", "pass", False),
    ]
    assert (none.outcome, none.due_diligence) == ("ineligible", "refused")
    assert (none.open, none.grounds) == (2, frozenset())
    one = after((rate, "overruled"), (clause, "confirmed"))
    assert (one.outcome, one.due_diligence, one.open) == ("to_review", "refused", 1)
    assert one.grounds == frozenset()
    both = after((rate, "overruled"), (turnover, "cleared"), (clause, "overruled"))
    assert (both.outcome, both.due_diligence, both.open) == ("eligible", "complete", 0)
    against = after((rate, "cleared"), (turnover, "confirmed"), (fine, "overruled"))
    assert (against.outcome, against.open) == ("ineligible", 0)
    assert against.grounds == {"lead.turnover", "lead.country"}
    back = after((turnover, "confirmed"), (turnover, "taken_back"))
    assert (back.grounds, back.open) == (frozenset(), 2)


def test_an_answer_on_other_facts_is_shown_and_does_not_count() -> None:
    before = Row("budget.rate", "fail", values={"rate": "0.51"})
    now = replace(before, values={"rate": "0.52"})
    said = Said("budget.rate", facts_of(before), "confirmed")
    older = Said("budget.rate", facts_of(before), "overruled")
    answers = Answers([said, older])
    assert answers.all_on("budget.rate") == [said, older]
    assert list(answers.all_on("lead.country")) == []
    assert answers.in_force("budget.rate", facts_of(before)) is said
    assert answers.in_force("budget.rate", facts_of(now)) is None
    assert answers.in_force("lead.country", facts_of(before)) is None
    assert answers.on_other_facts("budget.rate", facts_of(now)) is said
    assert answers.on_other_facts("budget.rate", facts_of(before)) is None
    assert answers.on_other_facts("lead.country", facts_of(now)) is None
    taken_back = Answers([replace(said, verdict="taken_back"), said])
    assert taken_back.in_force("budget.rate", facts_of(before)) is None
    assert taken_back.on_other_facts("budget.rate", facts_of(now)) is None
    # Every part of a finding is a fact of it.
    for name in ("code", "outcome", "reason", "observed", "required"):
        other: dict[str, Any] = {name: "x"}
        assert facts_of(replace(before, **other)) != facts_of(before)
    assert facts_of(Row("a", "fail", values={"b": 1, "c": 2})) == facts_of(
        Row("a", "fail", values={"c": 2, "b": 1})
    )
