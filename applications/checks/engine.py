"""All the rules over one dossier."""

from __future__ import annotations

from . import budget, company, due_diligence, eligibility, register_answers, screening
from .context import CheckContext
from .dossier import Dossier
from .findings import Finding, Report, sum_up, sum_up_due_diligence
from .registry import Rule
from .rules import RuleParameters

_ELIGIBILITY_RULES: tuple[Rule, ...] = (
    *company.book.rules.values(),
    *register_answers.book.rules.values(),
    *eligibility.book.rules.values(),
    *budget.book.rules.values(),
    *screening.book.rules.values(),
)
_DUE_DILIGENCE_RULES: tuple[Rule, ...] = tuple(due_diligence.book.rules.values())
RULES: tuple[Rule, ...] = _ELIGIBILITY_RULES + _DUE_DILIGENCE_RULES
RULE_CODES: tuple[str, ...] = tuple(rule.code for rule in RULES)


def check(dossier: Dossier, parameters: RuleParameters, context: CheckContext) -> Report:
    """Run every rule the parameters switch on. Pure: the same three values, the same report."""
    level = due_diligence.risk_level(dossier, context)
    scope = (parameters.due_diligence_scope or {}).get(level, frozenset())
    rules = [
        *_ELIGIBILITY_RULES,
        *(rule for rule in _DUE_DILIGENCE_RULES if rule.code in scope),
    ]
    findings: list[Finding] = []
    for rule in rules:
        finding = rule.finding(dossier, parameters, context)
        if finding is not None:
            findings.append(finding)
    return Report(
        findings=tuple(findings),
        outcome=sum_up(findings),
        due_diligence=sum_up_due_diligence(findings),
        risk_level=level,
    )
