"""The statistics beside the ranking, against published examples and by brute force."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.comparing import (
    PRIOR_DOSSIERS,
    Sheet,
    Standing,
    agreement,
    calibrated,
    chances,
    places,
    residuals,
    reweighted,
    strictness,
)
from reviews.scoring import WeightedScore, weighted_total


def sheets_of(table: dict[int, dict[int, float]]) -> list[Sheet]:
    """From totals by dossier and reviewer; criterion 1 holds the total as a score."""
    return [
        Sheet(paper, reader, total, {1: int(total)})
        for paper, row in table.items()
        for reader, total in row.items()
    ]


tables = st.dictionaries(
    st.integers(1, 6),
    st.dictionaries(st.integers(1, 4), st.integers(0, 100).map(float), min_size=1),
    min_size=1,
)


def test_alpha_is_that_of_the_worked_example() -> None:
    """K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D: 0.849."""
    coders = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    sheets = [
        Sheet(unit, coder, float(value), {1: int(value)})
        for coder, row in enumerate(coders)
        for unit, value in enumerate(row.split())
        if value != "."
    ]
    assert agreement(sheets) == pytest.approx(0.849, abs=0.0005)
    assert agreement(sheets, criterion=1) == pytest.approx(0.849, abs=0.0005)


def test_where_nobody_shares_a_dossier_there_is_no_agreement_to_speak_of() -> None:
    assert agreement(sheets_of({1: {1: 50}, 2: {2: 70}})) is None
    assert agreement(sheets_of({1: {1: 50, 2: 50}})) is None
    assert agreement([]) is None


@given(tables)
def test_strictness_is_the_least_square_solution(table: dict[int, dict[int, float]]) -> None:
    """Against the same model written out: a column for each dossier, a row for each prior."""
    sheets = sheets_of(table)
    papers = sorted(table)
    readers = sorted({sheet.reader for sheet in sheets})
    rows = []
    right = []
    for sheet in sheets:
        row = [0.0] * (len(papers) + len(readers))
        row[papers.index(sheet.paper)] = 1
        row[len(papers) + readers.index(sheet.reader)] = 1
        rows.append(row)
        right.append(sheet.total)
    for position in range(len(readers)):
        row = [0.0] * (len(papers) + len(readers))
        row[len(papers) + position] = PRIOR_DOSSIERS**0.5
        rows.append(row)
        right.append(0.0)
    solution = np.linalg.lstsq(np.array(rows), np.array(right))[0][len(papers) :]

    for found, expected in zip(strictness(sheets), solution, strict=True):
        assert (found.points or 0.0) == pytest.approx(expected, abs=1e-6)


def test_who_always_gives_less_is_strict_and_the_calibrated_mean_takes_it_out() -> None:
    sheets = sheets_of({paper: {1: 60.0 + paper, 2: 40.0 + paper} for paper in range(20)})
    sheets.append(Sheet(99, 2, 50.0, {}))
    kind, strict = strictness(sheets)
    assert kind.points == pytest.approx(-(strict.points or 0))
    assert strict.points == pytest.approx(-10 * 20 / 22)
    assert (strict.sheets, strict.shared) == (21, 20)
    assert calibrated(sheets, [kind, strict])[99] == pytest.approx(50 + 10 * 20 / 22)


def test_of_one_who_shares_no_dossier_nothing_is_said() -> None:
    (alone,) = strictness(sheets_of({1: {7: 80.0}}))
    assert (alone.points, alone.shared) == (None, 0)


def test_the_chance_is_that_of_all_draws_counted() -> None:
    """Two dossiers with one review each, money for one: all pairs of differences by hand."""
    noise = np.array([-6.0, 0.0, 6.0])
    first, second = 62.0, 60.0
    wins = sum(first + a >= second + b for a, b in product(noise, noise)) / 9
    found = chances(
        [Standing(1, first, 1, Decimal(100)), Standing(2, second, 1, Decimal(100))],
        noise,
        Decimal(100),
        draws=20_000,
    )
    assert found[1] == pytest.approx(wins, abs=0.02)
    assert found[1] + found[2] == pytest.approx(1)


def test_far_apart_dossiers_are_sure_and_the_threshold_counts() -> None:
    noise = np.array([-2.0, 2.0])
    standings = [
        Standing(1, 90, 2, Decimal("0.10")),
        Standing(2, 80, 2, Decimal("0.20")),
        Standing(3, 70, 2, Decimal("0.01")),
    ]
    assert chances(standings, noise, Decimal("0.30")) == {1: 1.0, 2: 1.0, 3: 0.0}
    assert chances(standings, noise, Decimal(1), Decimal(95)) == {1: 0.0, 2: 0.0, 3: 0.0}
    assert chances(standings, np.array([]), Decimal(1)) == {}


@given(tables)
def test_a_chance_is_a_share_and_the_same_input_gives_the_same(
    table: dict[int, dict[int, float]],
) -> None:
    standings = [
        Standing(paper, sum(row.values()) / len(row), len(row), Decimal(10))
        for paper, row in table.items()
    ]
    noise = residuals(sheets_of(table))
    found = chances(standings, noise, Decimal(20), draws=50)
    assert found == chances(standings, noise, Decimal(20), draws=50)
    assert all(0 <= share <= 1 for share in found.values())
    assert sum(found.values()) <= 2 + 1e-9


def test_differences_are_widened_by_the_few_that_made_the_mean() -> None:
    found = residuals(sheets_of({1: {1: 60.0, 2: 40.0}, 2: {1: 90.0}}))
    assert sorted(found) == pytest.approx([-(200**0.5), 200**0.5])


def test_other_weights_give_the_totals_that_a_sheet_would_have_had() -> None:
    sheets = [Sheet(1, 1, 0, {1: 5, 2: 0}), Sheet(1, 2, 0, {1: 5, 2: None})]
    expected = (weighted_total([WeightedScore(3, 5, 5), WeightedScore(1, 0, 5)]) or 0) + Decimal(
        100
    )
    assert reweighted(sheets, {1: 3, 2: 1}, 5) == {1: expected / 2}
    assert reweighted(sheets, {2: 1}, 5) == {1: Decimal(0)}
    with pytest.raises(ValueError, match="zero"):
        reweighted(sheets, {1: 0, 2: 0}, 5)
    with pytest.raises(ValueError, match="zero"):
        reweighted(sheets, {1: 2, 2: -1}, 5)


def test_equal_means_share_the_better_place() -> None:
    assert places({1: 70.0, 2: 80.0, 3: 70.0, 4: 60.0}) == {2: 1, 1: 2, 3: 2, 4: 4}
