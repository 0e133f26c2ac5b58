"""Fields of the form of rules: numbers that are never rounded, countries as people name them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from applications.forms.amounts import read_number
from applications.forms.choices import alphabetical
from applications.forms.fields import LineField, NumberField
from applications.models import Country

#: As many decimals as a rule set holds.
_PLAIN = re.compile(r"(\d{1,9})(?:[.,](\d{1,6}))?", re.ASCII)
NOT_WHOLE = _("Write a whole number, 0 or more.")
#: Literal signs, digits and ranges, each a bounded number of times: nothing that could make the
#: check of a number endless.
_SIMPLE_PATTERN = re.compile(
    r"(?:(?:\[[A-Za-z0-9-]{1,20}\]|\\d|[A-Za-z0-9 /-]|\\\.)(?:\{\d{1,2}(?:,\d{1,2})?\}|\?)?){1,20}",
    re.ASCII,
)


class ExactField(NumberField):
    """A number as it was written, with up to six decimals."""

    def clean(self, value: Any) -> Decimal | None:
        text = forms.CharField.clean(self, value)
        if not text:
            return None
        if plain := _PLAIN.fullmatch(text):
            whole, decimals = plain.groups()
            return Decimal(f"{whole}.{decimals}" if decimals else whole)
        number = read_number(text)
        if number >= self.limit:
            raise ValidationError(_("This number is too large."), code="too_large")
        return number

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        places = max(0, -int(value.as_tuple().exponent))
        return formats.number_format(value, places, use_l10n=True)


class ShareField(ExactField):
    """A part of the whole, from 0 to 1."""

    def clean(self, value: Any) -> Decimal | None:
        share = super().clean(value)
        if share is not None and share > 1:
            raise ValidationError(_("At most 1: 50 percent is written 0.50."), code="too_large")
        return share


class WholeField(NumberField):
    """A whole number, small enough for its meaning (years, people, months)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=8, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValidationError(NOT_WHOLE, code="invalid")
        return int(number)

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value


class PatternField(LineField):
    """How a country writes its register's numbers, in a small part of the regular expressions."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text and not _is_simple_pattern(text):
            raise ValidationError(
                _("Use letters, digits, [A-Z], \\d and how often, such as [A-Z]\\d{1,6}."),
                code="pattern",
            )
        return text


def _is_simple_pattern(text: str) -> bool:
    if not _SIMPLE_PATTERN.fullmatch(text):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def split_list(text: str) -> list[str]:
    """What stands between commas, semicolons or line breaks, once each."""
    return list(dict.fromkeys(each for part in re.split(r"[,;\n]", text) if (each := part.strip())))


class CountriesField(LineField):
    """Countries by name in either language or by their two letters; the value is their letters."""

    def __init__(self, *, countries: Iterable[Country] = (), **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)
        self.countries = list(countries)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        known = {
            alphabetical(name): country.iso2
            for country in self.countries
            for name in (country.iso2, country.name_fr, country.name_en)
        }
        wanted = split_list(text)
        if unknown := [each for each in wanted if alphabetical(each) not in known]:
            raise ValidationError(
                _("These are no countries that the portal knows: %(names)s."),
                code="unknown",
                params={"names": ", ".join(each[:60] for each in unknown[:5])},
            )
        return sorted({known[alphabetical(each)] for each in wanted})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return value
        # Some names hold a comma themselves; their letters do not.
        names = {row.iso2: row.name for row in self.countries if "," not in row.name}
        return ", ".join(names.get(code, code) for code in map(str, value))
