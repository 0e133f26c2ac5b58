"""Which register is asked about which number, and what it said: plain values, no network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stdnum.eu import vat as eu_vat

from .dossier import Dossier, Lead
from .registers import NumberCheck, check_vat_number

_VIES_PREFIXES = {"GR": "EL"}


class Register(StrEnum):
    VIES = "vies"
    LBR = "lbr"


@dataclass(frozen=True, slots=True)
class RegisterQuestion:
    """One number for one register. `country` is the prefix that the register knows (EL for
    Greece); `number` has neither prefix nor spaces or points."""

    register: Register
    country: str
    number: str


@dataclass(frozen=True, slots=True)
class RegisterSaid:
    """`answer` is "valid", "invalid", or empty while the register has not answered. `name` is the
    one it keeps, empty where it tells none."""

    answer: str = ""
    name: str = ""


def questions_of(dossier: Dossier) -> tuple[RegisterQuestion, ...]:
    """What there is to ask about the lead partner.

    A number of the wrong form is not asked about: the check of its form says so already.
    """
    asked = (_vat_question(dossier.lead), _trade_question(dossier.lead))
    return tuple(question for question in asked if question is not None)


def _vat_question(lead: Lead) -> RegisterQuestion | None:
    if not lead.vat_number or lead.country.lower() not in eu_vat.MEMBER_STATES:
        return None
    if check_vat_number(lead.country, lead.vat_number) is not NumberCheck.VALID:
        return None
    prefix = _VIES_PREFIXES.get(lead.country, lead.country)
    return RegisterQuestion(Register.VIES, prefix, _compact(lead.vat_number).removeprefix(prefix))


def _trade_question(lead: Lead) -> RegisterQuestion | None:
    number = _compact(lead.registration_number)
    if lead.country != "LU" or not _is_trade_number(number):
        return None
    return RegisterQuestion(Register.LBR, "LU", number)


def _is_trade_number(number: str) -> bool:
    """A letter and one to six digits, as the Luxembourg register writes its numbers."""
    section, digits = number[:1], number[1:]
    return "A" <= section <= "Z" and digits.isascii() and digits.isdigit() and len(digits) <= 6


def _compact(number: str) -> str:
    return "".join(c for c in number.upper() if c.isascii() and c.isalnum())
