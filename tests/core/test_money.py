"""Exact cents, whatever the amount."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bpf_portal.core import money

amounts = st.decimals(0, Decimal("9999999999.99"), places=2)


@given(amounts)
def test_an_amount_survives_the_dossier(amount: Decimal) -> None:
    assert money.from_text(money.as_text(amount)) == amount


@given(st.decimals(0, 1000, places=3).filter(lambda d: d != d.quantize(money.CENT)))
def test_fractions_of_a_cent_are_refused_and_never_rounded(amount: Decimal) -> None:
    with pytest.raises(ValueError, match="fractions of a cent"):
        money.as_text(amount)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1.005", "1,00"])
def test_what_is_not_an_amount_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        money.from_text(text)


def test_people_read_amounts_in_their_language() -> None:
    with translation.override("en"):
        assert money.display(Decimal("150000")) == "EUR\u00a0150,000.00"
    with translation.override("fr"):
        assert money.display(Decimal("150000")) == "150\u00a0000,00\u00a0EUR"
