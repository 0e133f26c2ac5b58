"""The arithmetic of scores."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.scoring import WeightedScore, summarise, weighted_total

answers = st.builds(
    WeightedScore,
    weight=st.integers(1, 100),
    value=st.none() | st.integers(0, 5),
    scale_max=st.just(5),
)


def test_it_works() -> None:
    sheet = [WeightedScore(75, 4, 5), WeightedScore(25, 2, 5)]
    assert weighted_total(sheet) == Decimal("70.00")


def test_not_able_to_judge_is_not_zero() -> None:
    sheet = [WeightedScore(50, 4, 5), WeightedScore(50, None, 5)]
    assert weighted_total(sheet) == Decimal("80.00")


def test_a_sheet_without_any_score_has_no_total() -> None:
    assert weighted_total([WeightedScore(50, None, 5)]) is None


@given(st.lists(answers))
def test_a_total_lies_between_the_lowest_and_the_highest_score(sheet: list[WeightedScore]) -> None:
    total = weighted_total(sheet)
    given_values = [score.value for score in sheet if score.value is not None]
    if not given_values:
        assert total is None
    else:
        assert total is not None
        assert 20 * min(given_values) <= total <= 20 * max(given_values)


@given(st.lists(answers), st.randoms())
def test_the_order_of_the_criteria_does_not_matter(
    sheet: list[WeightedScore], random: Random
) -> None:
    shuffled = list(sheet)
    random.shuffle(shuffled)
    assert weighted_total(shuffled) == weighted_total(sheet)


def test_a_score_outside_its_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match="outside"):
        weighted_total([WeightedScore(10, 6, 5)])


def test_a_summary_says_mean_spread_and_lowest() -> None:
    summary = summarise([Decimal("80.00"), Decimal("55.50")], [4, 2])
    assert (summary.count, summary.mean, summary.spread, summary.lowest_floored) == (
        2,
        Decimal("67.75"),
        Decimal("24.50"),
        Decimal(2),
    )


def test_no_sheets_no_numbers() -> None:
    summary = summarise([], [])
    assert (summary.count, summary.mean, summary.spread) == (0, None, None)
