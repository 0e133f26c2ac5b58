"""A dozen answers of somebody who wonders whether to apply, put before the rules of a call.

Pure: answers become a dossier in which everything not asked is empty, and the very rules that a
proposal is checked with judge it. What is not answered is open; it never counts as met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Self

from applications.checks import CheckContext, Dossier, Finding, Outcome, RuleParameters, check
from applications.checks.dossier import (
    Aid,
    Budget,
    DueDiligence,
    GoodStanding,
    Lead,
    Partner,
    Project,
    Turnover,
)
from applications.checks.rules import MultipleBase, TurnoverStatistic

NOTHING = Decimal("0.00")
#: The answer "I have no local partner yet", which is an answer.
NO_PARTNER = "none"
#: Stands for the activities of somebody who said yes without saying which.
ONE_OF_THE_LIST = "one_of_the_list"
#: Stands for a register number that exists: the question is where the partner is registered.
REGISTERED = "registered"


@dataclass(frozen=True, slots=True)
class Answers:
    """None is "not answered". Amounts in EUR; `turnover_1` is that of the year before the
    reference date's, `turnover_2` and `turnover_3` those before it."""

    kind: str | None = None
    country: str | None = None
    registered_on: date | None = None
    employees: int | None = None
    turnover_1: Decimal | None = None
    turnover_2: Decimal | None = None
    turnover_3: Decimal | None = None
    external_funding: Decimal | None = None
    road_haulage: bool | None = None
    de_minimis: Decimal | None = None
    not_insolvent: bool | None = None
    no_conviction: bool | None = None
    taxes_paid: bool | None = None
    social_security_paid: bool | None = None
    partner_country: str | None = None
    project_country: str | None = None
    sector: str | None = None
    duration_months: int | None = None
    excluded_activity: bool | None = None
    requested: Decimal | None = None
    total: Decimal | None = None

    def has(self, question: str) -> bool:
        return getattr(self, question) is not None

    def to_plain(self) -> dict[str, str | int | bool]:
        """What was answered, in a form that survives a session."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: str(value) if isinstance(value, Decimal | date) else value
            for name, value in given.items()
            if value is not None
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        kinds = {each.name: str(each.type) for each in fields(cls)}
        return cls(**{name: _read(kinds[name], v) for name, v in plain.items() if name in kinds})


def _read(kind: str, value: Any) -> Any:
    if kind.startswith("Decimal"):
        return Decimal(value)
    return date.fromisoformat(value) if kind.startswith("date") else value


ALL_QUESTIONS: tuple[str, ...] = tuple(each.name for each in fields(Answers))
STANDING = ("not_insolvent", "no_conviction", "taxes_paid", "social_security_paid")
TURNOVERS = ("turnover_1", "turnover_2", "turnover_3")

#: The rules that answers can settle, in the order of the questions.
_QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "lead.private_company": ("kind",),
    "lead.country": ("country",),
    "lead.registered_years": ("registered_on",),
    "lead.registration_window": ("registered_on",),
    "lead.employees": ("employees",),
    "lead.turnover": ("turnover_1",),
    "lead.external_funding": ("external_funding",),
    "lead.good_standing": STANDING,
    "partnership.local_partner": ("partner_country",),
    "project.country": ("project_country",),
    "project.sector": ("sector",),
    "project.duration": ("duration_months",),
    "project.excluded_activity": ("excluded_activity",),
    "budget.ceiling": ("requested",),
    "budget.rate": ("requested", "total"),
    "aid.de_minimis": ("de_minimis", "requested"),
}
#: Rules that see the rest when a part is open: they say themselves that something is missing, and
#: what fails already fails whatever the rest will be.
_SEE_WHAT_IS_OPEN = frozenset({"lead.good_standing", "lead.turnover"})


@dataclass(frozen=True, slots=True)
class Answered:
    """What one rule says to the answers; `open_questions` are those it still waits for."""

    code: str
    outcome: Outcome
    finding: Finding
    open_questions: tuple[str, ...]


def judge(
    answers: Answers,
    parameters: RuleParameters,
    context: CheckContext,
    partner_name: str = "",
) -> list[Answered]:
    """The rules of the call that the questions can settle, in the order of the questions.

    `partner_name` is what a text calls the local partner. The rules that a rule set leaves empty
    are not there; nor is what nobody asked (documents, the clause, the balance of the budget).
    """
    dossier = as_dossier(answers, parameters, context.reference_date, partner_name)
    found = {each.code: each for each in check(dossier, parameters, context).findings}
    return [
        _answered(found[code], answers, settled_by(code, parameters))
        for code in _QUESTIONS
        if code in found
    ]


def _answered(finding: Finding, answers: Answers, questions: tuple[str, ...]) -> Answered:
    still_open = tuple(each for each in questions if not answers.has(each))
    outcome = finding.outcome
    if still_open and finding.code not in _SEE_WHAT_IS_OPEN:
        outcome = Outcome.MISSING
    return Answered(finding.code, outcome, finding, still_open)


def questions_of(parameters: RuleParameters, context: CheckContext) -> tuple[str, ...]:
    """The questions that some rule of this rule set asks, in order."""
    asked = {
        question
        for answered in judge(Answers(), parameters, context)
        for question in (
            *settled_by(answered.code, parameters),
            *_weighed_by(answered.code, parameters),
        )
    }
    return tuple(question for question in ALL_QUESTIONS if question in asked)


def settled_by(code: str, parameters: RuleParameters) -> tuple[str, ...]:
    """The questions without whose answer the rule is open."""
    if code == "lead.turnover" and parameters.turnover is not None:
        average = parameters.turnover.statistic is TurnoverStatistic.AVERAGE_OF_THREE
        return TURNOVERS if average else TURNOVERS[:1]
    if code == "budget.ceiling" and parameters.grant_ceiling_haulage is not None:
        return ("requested", "road_haulage")
    return _QUESTIONS[code]


def _weighed_by(code: str, parameters: RuleParameters) -> tuple[str, ...]:
    """Questions that the rule asks too, where the others do not settle it."""
    rule = parameters.turnover
    if code == "lead.turnover" and rule is not None and rule.multiple is not None:
        return ("requested",) if rule.base is MultipleBase.REQUESTED else ("total",)
    return ()


def as_dossier(
    answers: Answers, parameters: RuleParameters, reference_date: date, partner_name: str = ""
) -> Dossier:
    """The answers as a dossier that is otherwise empty."""
    return Dossier(
        reference="",
        call="",
        rules="",
        stage="preselection",
        language="en",
        submitted_at=None,
        lead=_lead(answers, parameters, reference_date),
        partners=_partners(answers, parameters, partner_name),
        project=_project(answers),
        budget=Budget(
            lines=(),
            total=answers.total or NOTHING,
            requested=answers.requested or NOTHING,
            own_contribution=NOTHING,
            partners_contribution=NOTHING,
            other_funding=(),
        ),
        due_diligence=DueDiligence(None, None, (), (), (), "", None),
        documents=(),
    )


def _lead(answers: Answers, parameters: RuleParameters, reference_date: date) -> Lead:
    given = (answers.turnover_1, answers.turnover_2, answers.turnover_3)
    return Lead(
        legal_name="",
        kind=answers.kind or "",
        country=answers.country or "",
        registration_number="",
        vat_number="",
        registered_on=answers.registered_on,
        employees=answers.employees,
        annual_turnover=tuple(
            Turnover(reference_date.year - ago, amount)
            for ago, amount in enumerate(given, start=1)
            if amount is not None
        ),
        road_haulage_for_hire=bool(answers.road_haulage),
        external_funding_3y=answers.external_funding,
        good_standing=GoodStanding(*(getattr(answers, name) for name in STANDING)),
        de_minimis_aid=_aid(answers, parameters, reference_date),
        directors=(),
        beneficial_owners=(),
    )


def _aid(answers: Answers, parameters: RuleParameters, reference_date: date) -> tuple[Aid, ...]:
    """The sum asked for is that of the rule's own years and country, so all of it counts."""
    rule = parameters.de_minimis
    if rule is None or not answers.de_minimis:
        return ()
    return (Aid(reference_date, answers.de_minimis, rule.member_state, ""),)


def _partners(
    answers: Answers, parameters: RuleParameters, partner_name: str
) -> tuple[Partner, ...]:
    """As many as the rule set wants, all of the country named: the question is about them all."""
    if answers.partner_country in (None, NO_PARTNER):
        return ()
    one = Partner(
        role="local",
        legal_name=partner_name or str(answers.partner_country),
        kind="company",
        country=str(answers.partner_country),
        registration_number=REGISTERED,
        registered_on=None,
        confirmed_at=None,
    )
    return (one,) * (parameters.min_local_partners or 1)


def _project(answers: Answers) -> Project:
    excluded: tuple[str, ...] | None = None
    if answers.excluded_activity is not None:
        excluded = (ONE_OF_THE_LIST,) if answers.excluded_activity else ()
    return Project(
        title="",
        summary="",
        kind="",
        countries=(answers.project_country,) if answers.project_country else (),
        sectors=(answers.sector,) if answers.sector else (),
        nace="",
        sdgs=(),
        starts_on=None,
        duration_months=answers.duration_months,
        excluded_activities=excluded,
    )
