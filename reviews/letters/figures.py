"""Amounts, shares and days as a letter writes them, in its own language whatever the visitor's."""

from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django.utils import formats, timezone
from django.utils.translation import override
from num2words import num2words

from bpf_portal.core import money

NO_BREAK = "\u00a0"
_MILLION = 1_000_000


def amount(value: Decimal, language: str) -> str:
    """`150 000,00 EUR` or `EUR 150,000.00`, never broken over two lines."""
    with override(language):
        return money.display(value)


def amount_in_words(value: Decimal, language: str) -> str:
    """The amount (EUR) in words with its cents: `cent cinquante mille euros et dix centimes`.

    Raises ValueError for fractions of a cent or a negative amount.
    """
    euros, cents = (int(part) for part in money.as_text(value).split("."))
    if value < 0:
        raise ValueError(f"{value} is not an amount to be paid")
    parts = [_euros(euros, language)] if euros or not cents else []
    if cents:
        parts.append(_cents(cents, language))
    return (" et " if language == "fr" else " and ").join(parts)


def _euros(number: int, language: str) -> str:
    words = num2words(number, lang=language)
    if language == "fr":
        # A round million is a noun and takes "de": un million d'euros.
        link = " d'" if number and number % _MILLION == 0 else " "
        return f"{words}{link}{'euro' if number < 2 else 'euros'}"
    return f"{words} {'euro' if number == 1 else 'euros'}"


def _cents(number: int, language: str) -> str:
    unit = "centime" if language == "fr" else "cent"
    return f"{num2words(number, lang=language)} {unit}{'s' if number > 1 else ''}"


def number(value: Decimal, language: str, places: int = 2) -> str:
    """The number without trailing zeros: `62,5` or `62.5`."""
    rounded = round(value, places).normalize()
    shown = max(0, -int(rounded.as_tuple().exponent))
    with override(language):
        return formats.number_format(rounded, decimal_pos=shown, use_l10n=True)


def share(part: Decimal, whole: Decimal, language: str) -> str:
    """`50 %`, cut after two decimals: never more than the true share. `whole` is above zero."""
    percent = (100 * part / whole).quantize(money.CENT, ROUND_DOWN)
    return (
        f"{number(percent, language)}{NO_BREAK}%"
        if language == "fr"
        else (f"{number(percent, language)}%")
    )


def day(value: date, language: str) -> str:
    """`23 November 2026`, `1er mai 2026`; the day stays beside its month."""
    with override(language):
        month_and_year = formats.date_format(value, "F Y")
    first = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{first}{NO_BREAK}{month_and_year}"


def moment(value: datetime, language: str) -> str:
    """The day and the time of Luxembourg, with its name."""
    local = timezone.localtime(value)
    if language == "fr":
        clock = f"{local:%H}{NO_BREAK}h{NO_BREAK}{local:%M}"
        return f"{day(local.date(), language)} à {clock} (heure de Luxembourg)"
    return f"{day(local.date(), language)} at {local:%H:%M} (Luxembourg time)"
