"""Which register's numbers can be checked by their own arithmetic, and how.

python-stdnum knows the numbers; this says which of them is the company number of a country. Where
none is, nobody can tell from the number alone, and a person looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module


class NumberCheck(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


# One number per company, used by the register itself; any of the modules may accept it.
_REGISTER_MODULES: Mapping[str, tuple[str, ...]] = {
    "AT": ("stdnum.at.businessid",),
    "BE": ("stdnum.be.vat",),
    "BG": ("stdnum.bg.vat",),
    "CR": ("stdnum.cr.cpj",),
    "CZ": ("stdnum.cz.dic",),
    "DK": ("stdnum.dk.cvr",),
    "EE": ("stdnum.ee.registrikood",),
    "ES": ("stdnum.es.cif",),
    "FI": ("stdnum.fi.ytunnus",),
    "FR": ("stdnum.fr.siren", "stdnum.fr.siret", "stdnum.fr.rcs"),
    "HR": ("stdnum.hr.oib",),
    "IT": ("stdnum.it.iva",),
    "LV": ("stdnum.lv.pvn",),
    "PT": ("stdnum.pt.nif",),
    "SE": ("stdnum.se.orgnr",),
    "SI": ("stdnum.si.maticna",),
    "SK": ("stdnum.sk.dph",),
}
# Registers with more than one number in use: a number that does not fit proves nothing.
_NOT_CONCLUSIVE = frozenset({"CR", "HR", "IT", "LV", "PT", "SK"})
_VAT_PREFIXES: Mapping[str, str] = {"GR": "EL"}


@cache
def _module(name: str) -> Any:
    return import_module(name)


def check_register_number(country: str, number: str) -> NumberCheck:
    """Whether a trade-register number can be one of this country."""
    names = _REGISTER_MODULES.get(country, ())
    if any(_accepts(_module(name), number) for name in names):
        return NumberCheck.VALID
    if not names or country in _NOT_CONCLUSIVE:
        return NumberCheck.UNKNOWN
    return NumberCheck.INVALID


def check_vat_number(country: str, number: str) -> NumberCheck:
    """Whether a VAT number is one of this country; the prefix may be left out."""
    compact = "".join(c for c in number.upper() if c.isalnum())
    if country.lower() in eu_vat.MEMBER_STATES:
        prefix = _VAT_PREFIXES.get(country, country)
        given = compact if compact.startswith(prefix) else prefix + compact
        return NumberCheck.VALID if _accepts(eu_vat, given) else NumberCheck.INVALID
    module = _national_vat(country)
    if module is None:
        return NumberCheck.UNKNOWN
    return NumberCheck.VALID if _accepts(module, compact) else NumberCheck.INVALID


@cache
def _national_vat(country: str) -> Any | None:
    return get_cc_module(country.lower(), "vat")


def _accepts(module: Any, number: str) -> bool:
    # stdnum promises ValidationError; odd characters make some modules raise ValueError instead.
    try:
        module.validate(number)
    except (ValidationError, ValueError, IndexError, KeyError):
        return False
    return True
