"""How findings are summed up, and that each of them can be said in both languages."""

import ast
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import applications.checks
from applications.checks import RULE_CODES, Outcome, render
from applications.checks.engine import RULES
from applications.checks.facts import Fact, load_facts, render_required
from applications.checks.findings import Finding, sum_up, sum_up_due_diligence
from applications.checks.rules import PARAMETER_NAMES
from applications.checks.texts import LANGUAGES, format_money, load_texts, render_source
from applications.reference import files

MODULES = ("company", "register_answers", "eligibility", "budget", "due_diligence", "screening")
VERDICTS = {"passed", "failed", "for_review", "missing", "verdict"}


def made(code: str, outcome: Outcome) -> Finding:
    return Finding(code, outcome, "", "", "reason", {}, "", "A:portal")


outcomes = st.sampled_from(list(Outcome))
codes = st.sampled_from(["lead.country", "budget.rate", "hrdd.clause", "hrdd.policy"])
findings = st.lists(st.builds(made, codes, outcomes))


@given(findings)
def test_the_whole_outcome_counts_everything_but_due_diligence(found: list[Finding]) -> None:
    own = {finding.outcome for finding in found if not finding.code.startswith("hrdd.")}
    if Outcome.FAIL in own:
        assert sum_up(found) == "ineligible"
    elif own <= {Outcome.PASS}:
        assert sum_up(found) == "eligible"
    else:
        assert sum_up(found) == "to_review"


@given(findings)
def test_due_diligence_is_refused_only_by_the_clause(found: list[Finding]) -> None:
    own = [(f.code, f.outcome.value) for f in found if f.code.startswith("hrdd.")]
    values = {value for _, value in own}
    whole = sum_up_due_diligence(found)
    assert (whole == "refused") == (("hrdd.clause", "fail") in own)
    assert (whole == "refer") == ("review" in values and whole != "refused")
    assert (whole == "gaps") == ("missing" in values and whole not in ("refused", "refer"))


@given(findings, st.randoms())
def test_the_order_of_findings_does_not_matter(found: list[Finding], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert sum_up(shuffled) == sum_up(found)
    assert sum_up_due_diligence(shuffled) == sum_up_due_diligence(found)


def verdicts_in_code() -> Iterator[tuple[str, str, set[str]]]:
    """Rule code, reason and value names of every verdict that the modules can make."""
    for module in MODULES:
        path = Path(applications.checks.__file__).with_name(f"{module}.py")
        code = ""
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                code = decorator.args[0].value  # type: ignore[attr-defined]
            # A helper of a rule stands below it, so the last code seen is its own.
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") in VERDICTS:
                    names = {k.arg for k in call.keywords if k.arg}
                    for reason in reasons_of(call.args[0], node):
                        yield code, reason, names


def reasons_of(argument: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from reasons_of(argument.body, function)
        yield from reasons_of(argument.orelse, function)
    elif isinstance(argument, ast.Name):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == argument.id:
                yield from reasons_of(node.value, function)


VERDICTS_IN_CODE = list(verdicts_in_code())


def test_the_reading_of_the_code_finds_every_rule() -> None:
    assert {code for code, _, _ in VERDICTS_IN_CODE} == set(RULE_CODES)
    assert len(VERDICTS_IN_CODE) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_text_and_no_text_is_left_over(language: str) -> None:
    texts = load_texts(language)["rules"]
    written = {(code, reason) for code in texts for reason in texts[code]["reasons"]}
    assert written == {(code, reason) for code, reason, _ in VERDICTS_IN_CODE}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "reason", "names"), VERDICTS_IN_CODE)
def test_every_placeholder_has_a_value(
    language: str, code: str, reason: str, names: set[str]
) -> None:
    for text in load_texts(language)["rules"][code]["reasons"][reason]:
        assert placeholders(text) <= names - {"observed", "required"}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


#: Given to every verdict of the rule together, one of them at a time.
WANTED = {"lead.turnover": {"at_least", "any_of", "all_of"}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "reason", "names"), VERDICTS_IN_CODE)
def test_whatever_a_rule_observes_or_requires_has_its_words(
    language: str, code: str, reason: str, names: set[str]
) -> None:
    for side in {"observed", "required"} & names:
        by_reason = load_facts(language)[code][side]
        usable = names - {"observed", "required"} | {side} | WANTED.get(code, set())
        templates = by_reason.get(reason) or by_reason["*"]
        assert any(placeholders(template) <= usable for template in templates)


@pytest.mark.parametrize(
    ("combine", "words"),
    [
        ("any", "at least one of these amounts: EUR\xa0100,000.00; EUR\xa0150,000.00"),
        ("all", "at least each of these amounts: EUR\xa0100,000.00; EUR\xa0150,000.00"),
    ],
)
def test_amounts_say_how_they_count_together(combine: str, words: str) -> None:
    amounts = {f"{combine}_of": ["100000.00", "150000.00"]}
    fact = render_required("lead.turnover", "reached", ">= …", amounts, "en", {})
    assert fact == Fact(words)


def test_a_finding_without_the_value_stays_as_it_was_written() -> None:
    assert render_required("lead.turnover", "reached", ">= 1.00", {}, "fr", {}) == Fact(
        ">= 1.00", translated=False
    )


def test_what_is_wrong_says_what_to_do() -> None:
    for language in LANGUAGES:
        for code, rule in load_texts(language)["rules"].items():
            assert rule["title"], code
            for reason, (message, _) in rule["reasons"].items():
                assert message, (code, reason)
    asks = {
        (code, reason)
        for code, rule in load_texts("fr")["rules"].items()
        for reason, (_, remedy) in rule["reasons"].items()
        if remedy
    }
    in_english = {
        (code, reason)
        for code, rule in load_texts("en")["rules"].items()
        for reason, (_, remedy) in rule["reasons"].items()
        if remedy
    }
    assert asks == in_english


def test_every_source_used_has_words() -> None:
    used = {rule.source for rule in RULES}
    for item in files.read_json("rule_sets.json"):
        used.update(item["sources"].values())
    for language in LANGUAGES:
        assert used <= set(load_texts(language)["sources"])
    assert render_source("A:portal", "en").startswith("[A] ")


def test_money_and_days_are_written_as_the_reader_writes_them(examine: Any) -> None:
    finding = examine({"budget.requested": "1234567.89"}).finding("budget.ceiling")
    assert "1\u202f234\u202f567,89\u00a0EUR" in render(finding, "fr").message
    assert "EUR\u00a01,234,567.89" in render(finding, "en").message
    young = examine({"lead.registered_on": "2021-08-01"}).finding("lead.registered_years")
    assert "1er août 2021" in render(young, "fr").message
    assert "1 August 2021" in render(young, "en").message
    assert format_money(Decimal("0.00"), "fr") == "0,00\u00a0EUR"


def test_labels_take_the_place_of_codes(examine: Any) -> None:
    finding = examine({"project.countries": ["SN", "FR"]}).finding("project.country")
    assert "FR" in render(finding, "fr").message
    assert "Frankreich" in render(finding, "fr", {"country": {"FR": "Frankreich"}}).message


def test_braces_in_an_applicants_words_are_only_words(examine: Any) -> None:
    report = examine({"due_diligence.clause.signatory": "{0.__class__} {money}"})
    assert "{0.__class__} {money}" in render(report.finding("hrdd.clause"), "en").message


def test_the_page_of_rules_names_every_rule_and_parameter() -> None:
    page = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in (*RULE_CODES, *PARAMETER_NAMES) if f"`{name}`" not in page] == []
