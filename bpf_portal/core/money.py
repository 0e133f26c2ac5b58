"""Euro amounts: exact cents, never a float."""

from decimal import Decimal, InvalidOperation

from django.utils import formats
from django.utils.translation import get_language

CENT = Decimal("0.01")
#: Digits of an amount column: up to EUR 9,999,999,999.99.
MAX_DIGITS = 12


def as_text(amount: Decimal) -> str:
    """The amount as the dossier's schema writes it: `1040000.00`. EUR.

    Raises ValueError when the amount has fractions of a cent: nothing is rounded silently.
    """
    exact = amount.quantize(CENT)
    if exact != amount:
        raise ValueError(f"{amount} has fractions of a cent")
    return f"{exact:f}"


def from_text(text: str) -> Decimal:
    """The amount that `as_text` wrote; raises ValueError for anything else."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount") from error
    if not amount.is_finite() or amount != amount.quantize(CENT):
        raise ValueError(f"{text!r} is not an amount in euros and cents")
    return amount.quantize(CENT)


def display(amount: Decimal) -> str:
    """The amount for people, in the language in force: `150 000,00 EUR` or `EUR 150,000.00`."""
    return in_euros(figures(amount))


def in_euros(figure: str) -> str:
    """The figure with its currency, which French writes after it; never broken over two lines."""
    if (get_language() or "").startswith("fr"):
        return f"{figure}\u00a0EUR"
    return f"EUR\u00a0{figure}"


def figures(amount: Decimal) -> str:
    """The amount without its currency, for a column whose heading names it."""
    return formats.number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)
