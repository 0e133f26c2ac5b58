"""What company registers said of the lead partner's numbers: for a person to look at."""

from __future__ import annotations

from rapidfuzz import fuzz

from .context import CheckContext
from .dossier import Dossier
from .findings import Verdict, for_review, passed
from .names import comparable_name
from .register_questions import Register, questions_of
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()

#: Folded names at least so alike (0 to 100) are one name, written differently.
SAME_NAME = 90


@book.rule("lead.vat_register", place="company", source="A:portal")
def vat_register(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    return _said(d, c, Register.VIES)


@book.rule("lead.trade_register", place="company", source="A:portal")
def trade_register(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    return _said(d, c, Register.LBR)


def _said(d: Dossier, c: CheckContext, register: Register) -> Verdict | None:
    """Nothing where nobody asked: no register configured, or no number it could know."""
    question = next((each for each in questions_of(d) if each.register is register), None)
    said = c.register_answers.get(question) if question else None
    if question is None or said is None:
        return None
    number = question.number
    required = "a number that the register knows, under the company's name"
    if not said.answer:
        return for_review("unanswered", observed=number, required=required, number=number)
    if said.answer == "invalid":
        return for_review("invalid", observed=number, required=required, number=number)
    if said.name and not is_same_name(said.name, d.lead.legal_name):
        return for_review(
            "other_name",
            observed=said.name,
            required=d.lead.legal_name,
            number=number,
            registered=said.name,
            given=d.lead.legal_name,
        )
    return passed("valid", observed=number, required=required, number=number)


def is_same_name(registered: str, given: str) -> bool:
    """Whether both name one company: without case, accents, legal form and order of words."""
    one, other = comparable_name(registered), comparable_name(given)
    return bool(one and other) and fuzz.ratio(one, other) >= SAME_NAME
