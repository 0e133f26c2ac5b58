"""Reading amounts as people write them: never a guess."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from applications.forms.amounts import line_amount, read_number
from applications.forms.fields import MoneyField


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("150000", "150000.00"),
        ("150 000,00", "150000.00"),
        ("150\u00a0000,00", "150000.00"),
        ("150\u202f000,5", "150000.50"),
        ("150,000.00", "150000.00"),
        ("150.000,00", "150000.00"),
        ("1,250,000", "1250000.00"),
        ("1.250.000", "1250000.00"),
        ("1'250'000.10", "1250000.10"),
        ("0,5", "0.50"),
        ("12.3", "12.30"),
        ("€ 99", "99.00"),
        ("99,90 EUR", "99.90"),
        ("0", "0.00"),
    ],
)
def test_both_habits_are_read(language: str, text: str, amount: str) -> None:
    with translation.override(language):
        assert read_number(text) == Decimal(amount)


def test_english_thousands_are_read_in_english_only() -> None:
    with translation.override("en"):
        assert read_number("150,000") == Decimal("150000.00")
    with translation.override("fr"), pytest.raises(ValidationError) as refused:
        read_number("150,000")
    assert refused.value.code == "ambiguous"


@pytest.mark.parametrize("text", ["150.000", "1.234"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_point_before_three_digits_is_never_guessed(language: str, text: str) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        read_number(text)
    assert refused.value.code == "ambiguous"


@pytest.mark.parametrize(
    "text",
    ["abc", "1,2,3", "12,34,567", "1.2.3,4", "1 2 3", "150 00,00", "-5", "1e3", "1.234,5,6",
     "٣٤", "0,500", "1500,000", "12.345.67", "NaN", "1 500,000", ",", "."],
)  # fmt: skip
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_no_amount_is_refused(language: str, text: str) -> None:
    with translation.override(language), pytest.raises(ValidationError):
        read_number(text)


@given(cents=st.integers(min_value=0, max_value=999_999_999_999), language=st.sampled_from("fe"))
def test_what_is_shown_is_read_back_to_the_cent(cents: int, language: str) -> None:
    amount = Decimal(cents) / 100
    field = MoneyField()
    with translation.override("fr" if language == "f" else "en"):
        assert field.clean(field.prepare_value(amount.quantize(Decimal("0.01")))) == amount


@given(quantity=st.decimals(0, 99_999_999, places=2), unit=st.decimals(0, 9_999_999_999, places=2))
def test_a_line_is_rounded_half_up_to_the_cent(quantity: Decimal, unit: Decimal) -> None:
    exact = int(quantity * 100) * int(unit * 100)  # in ten-thousandths of a euro
    assert line_amount(quantity, unit) == Decimal((exact + 50) // 100) / 100


def test_a_number_beyond_the_column_is_refused() -> None:
    with pytest.raises(ValidationError):
        MoneyField().clean("99999999999")
