"""A draft of new rules, and what it would have changed last year: somebody is thinking about it."""

from accounts.models import User
from applications.actions.rule_sets import RuleSetText, draft_version, revise_draft
from applications.actions.trying_rules import try_rules
from applications.models import Call, RuleSet

CHANGES = {"min_employees": 10, "grant_ceiling": "150000.00"}
SOURCE = "S:données de démonstration / demonstration data"


def think_about_rules(officer: User, call: Call) -> RuleSet:
    """The draft, tried on that call."""
    draft = draft_version(actor=officer, rule_set_id=call.rule_set_id)
    text = RuleSetText(
        code=draft.code,
        title_fr="Règlement de démonstration, brouillon",
        title_en="Demonstration rules, a draft",
        valid_from=draft.valid_from,
        parameters={**draft.parameters, **CHANGES},
        sources={**draft.sources, **dict.fromkeys(CHANGES, SOURCE)},
        assumed=draft.assumed,
    )
    draft = revise_draft(actor=officer, rule_set_id=draft.pk, revision=draft.revision, text=text)
    try_rules(actor=officer, rule_set_id=draft.pk, call_codes=[call.code])
    return draft
