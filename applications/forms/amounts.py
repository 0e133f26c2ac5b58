"""Reading amounts as people write them, without ever guessing."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.money import CENT

_SPACES = " \u00a0\u202f\u2009'\u2019"
_CURRENCY = re.compile(r"^(?:€|EUR)\s*|\s*(?:€|EUR)$", re.IGNORECASE)
_PLAIN = re.compile(r"\d+", re.ASCII)

NOT_A_NUMBER = _("Write a number, such as 150000 or 150000.50.")
AMBIGUOUS = _(
    "“%(text)s” can be read in two ways. Write it without thousands separators, such as %(plain)s."
)
TOO_PRECISE = _("Write at most two decimals.")
NEGATIVE = _("Write 0 or more.")


def read_number(text: str) -> Decimal:
    """The number that was written, with at most two decimals. Raises ValidationError.

    Read in every language: `150000`, `150 000,00`, `150,000.00`, `150.000,00`, `1,250,000`,
    `150000.5`. A single separator before exactly three digits is thousands only where the language
    in force writes thousands so (`150,000` in English); elsewhere it is ambiguous and refused.
    """
    figure = _CURRENCY.sub("", text.strip()).strip()
    if figure.startswith(("-", "−", "–")):
        raise ValidationError(NEGATIVE, code="negative")
    whole, decimals = _split(figure, text)
    if not _PLAIN.fullmatch(whole) or (decimals and not _PLAIN.fullmatch(decimals)):
        raise ValidationError(NOT_A_NUMBER, code="invalid")
    if len(decimals) > 2:
        raise ValidationError(TOO_PRECISE, code="too_precise")
    # Written out, not rounded to: `quantize` raises on more digits than the context has.
    return Decimal(f"{whole}.{decimals:0<2}")


def _split(figure: str, text: str) -> tuple[str, str]:
    """The whole part without separators, and the decimals."""
    marks = [mark for mark in figure if mark in ",."]
    if not marks:
        return _ungrouped(figure, ""), ""
    last = marks[-1]
    if len(set(marks)) == 2:
        # The last of the two kinds stands before the decimals and occurs once.
        whole, _mark, decimals = figure.rpartition(last)
        if last in whole:
            raise ValidationError(NOT_A_NUMBER, code="invalid")
        return _ungrouped(whole, marks[0]), decimals
    if len(marks) > 1:
        return _ungrouped(figure, last), ""
    return _split_at_the_only_mark(figure, last, text)


def _split_at_the_only_mark(figure: str, mark: str, text: str) -> tuple[str, str]:
    whole, _mark, after = figure.partition(mark)
    spaced = any(space in whole for space in _SPACES)
    if len(after) != 3 or spaced or not re.fullmatch(r"[1-9]\d{0,2}", whole, re.ASCII):
        return _ungrouped(whole, ""), after
    if mark == _thousands_mark():
        return whole + after, ""
    raise ValidationError(
        AMBIGUOUS, code="ambiguous", params={"text": text, "plain": whole + after}
    )


def _thousands_mark() -> str:
    return str(formats.get_format("THOUSAND_SEPARATOR", lang=get_language(), use_l10n=True))


def _ungrouped(whole: str, mark: str) -> str:
    """The digits, after checking that separators stand between groups of three."""
    separators = [c for c in whole if c in _SPACES or c == mark]
    if not separators:
        return whole
    if len(set(separators)) > 1:
        raise ValidationError(NOT_A_NUMBER, code="invalid")
    first, *groups = whole.split(separators[0])
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise ValidationError(NOT_A_NUMBER, code="invalid")
    return first + "".join(groups)


def line_amount(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """Quantity times unit cost, rounded half up to the cent, EUR."""
    return (quantity * unit_cost).quantize(CENT, rounding=ROUND_HALF_UP)
