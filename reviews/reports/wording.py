"""How numbers and names are written for people, in the language in force."""

import csv
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bpf_portal.core import money
from reviews.reports.definitions import LEADS, STATUSES
from reviews.reports.figures import AnnualReport, Breakdown, BreakdownRow
from reviews.reports.numbers import Number, Status, Value

PUBLISHED_TEXTS = Path(__file__).resolve().parent.parent / "reference" / "published_texts.csv"
MONEY_UNITS = ("EUR", "EUR/EUR")


class Quoted(NamedTuple):
    """A text from a source, with the language it is really in."""

    text: str
    language: str


def value_in_words(value: Value, unit: str, *, cents: bool = True) -> str:
    if unit in MONEY_UNITS and not cents and value == int(value):
        return money.in_euros(formats.number_format(int(value), force_grouping=True))
    if unit in MONEY_UNITS:
        return money.display(Decimal(value))
    places = 1 if value != int(value) else 0
    return formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def in_words(number: Number, unit: str = "projects", *, cents: bool = True) -> str:
    """The number, or in words why there is none: unknown is never written as zero.

    Without `cents` an amount shows them only where there are any.
    """
    if number.value is None:
        return str(STATUSES[number.status][0])
    written = value_in_words(number.value, unit, cents=cents)
    if number.status == Status.AT_LEAST:
        return _("at least %(number)s") % {"number": written}
    return written


def status_in_words(status: Status) -> str:
    return str(STATUSES[status][0])


def name_of(report: AnnualReport, dimension: str, code: str) -> str:
    """A country, sector, goal, kind or place of a lead by its name; the code where unknown."""
    if dimension == "country":
        country = report.countries.get(code)
        return country.name if country else code
    if dimension == "lead":
        return str(LEADS.get(code, code))
    term = report.terms.get((dimension, code))
    if term is None:
        return code
    return f"{code}. {term.label}" if dimension == "sdg" else term.label


def by_size(report: AnnualReport, part: Breakdown) -> list[BreakdownRow]:
    """The largest first; as many projects: goals by their number, the others by their name."""

    def order(row: BreakdownRow) -> tuple[Value, int, str]:
        place = int(row.code) if row.code.isdecimal() else 0
        return (-(row.selected.value or 0), place, name_of(report, part.definition.key, row.code))

    return sorted(part.rows, key=order)


@cache
def _french() -> dict[str, str]:
    with PUBLISHED_TEXTS.open(encoding="utf-8", newline="") as file:
        return {row["en"]: row["fr"] for row in csv.DictReader(file)}


def quoted(text: str) -> Quoted:
    """A note or source, which is stored in English: in French where we have it, else as it is."""
    language = get_language() or "en"
    if language == "fr" and text in _french():
        return Quoted(_french()[text], "fr")
    return Quoted(text, "en")
