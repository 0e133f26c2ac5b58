"""What company registers said of the lead partner's numbers: for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from .context import CheckContext
from .dossier import Dossier
from .findings import Verdict, for_review, passed
from .names import comparable_name
from .register_questions import Register, RegisterSaid, questions_of
from .registry import Rulebook
from .rules import RuleParameters

book = Rulebook()

#: Folded names at least so alike (0 to 100) are one name, written differently.
SAME_NAME = 90


REQUIRED = "a number that the register knows, under the company's name"


@book.rule("lead.vat_register", place="company", source="A:portal")
def vat_register(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    heard = _heard(d, c, Register.VIES)
    if heard is None:
        return None
    if heard.is_fine:
        return passed("valid", observed=heard.number, required=REQUIRED, number=heard.number)
    reason = "unanswered" if heard.is_open else "other_name" if heard.is_known else "invalid"
    return for_review(
        reason,
        observed=heard.observed,
        required=heard.required,
        number=heard.number,
        registered=heard.said.name,
        given=heard.given,
    )


@book.rule("lead.trade_register", place="company", source="A:portal")
def trade_register(d: Dossier, p: RuleParameters, c: CheckContext) -> Verdict | None:
    heard = _heard(d, c, Register.LBR)
    if heard is None:
        return None
    if heard.is_fine:
        return passed("valid", observed=heard.number, required=REQUIRED, number=heard.number)
    reason = "unanswered" if heard.is_open else "other_name" if heard.is_known else "invalid"
    return for_review(
        reason,
        observed=heard.observed,
        required=heard.required,
        number=heard.number,
        registered=heard.said.name,
        given=heard.given,
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a register said of the lead's number, beside the name that the dossier gives."""

    number: str
    said: RegisterSaid
    given: str

    @property
    def is_open(self) -> bool:
        return not self.said.answer

    @property
    def is_known(self) -> bool:
        return self.said.answer == "valid"

    @property
    def is_fine(self) -> bool:
        """Known, and under the same name where the register tells one."""
        return self.is_known and (not self.said.name or is_same_name(self.said.name, self.given))

    @property
    def observed(self) -> str:
        return self.said.name if self.is_known else self.number

    @property
    def required(self) -> str:
        return self.given if self.is_known else REQUIRED


def _heard(d: Dossier, c: CheckContext, register: Register) -> _Heard | None:
    """None where nobody asked: no register configured, or no number it could know."""
    question = next((each for each in questions_of(d) if each.register is register), None)
    said = c.register_answers.get(question) if question else None
    if question is None or said is None:
        return None
    return _Heard(question.number, said, d.lead.legal_name)


def is_same_name(registered: str, given: str) -> bool:
    """Whether both name one company: without case, accents, legal form and order of words."""
    one, other = comparable_name(registered), comparable_name(given)
    return bool(one and other) and fuzz.ratio(one, other) >= SAME_NAME
