"""Scores to totals: pure, exact, and "not able to judge" never counts as zero.

Totals are in points of 100; scores run from 0 to the scale's maximum.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")
#: Two totals this far apart (points of 100) are a reason for a third reviewer [A].
DIVERGENCE_POINTS = Decimal(20)


@dataclass(frozen=True)
class WeightedScore:
    """One criterion's answer: `value` is None where the reviewer was not able to judge."""

    weight: int
    value: int | None
    scale_max: int


@dataclass(frozen=True)
class Summary:
    """What a submission's submitted sheets say together. Points of 100, two decimals."""

    count: int
    mean: Decimal | None
    spread: Decimal | None
    lowest_floored: Decimal | None


def _rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def weighted_total(scores: Iterable[WeightedScore]) -> Decimal | None:
    """The weighted mean over the answered criteria, as points of 100; None where none is answered.

    Raises ValueError for a score outside its scale.
    """
    points = Fraction(0)
    weights = 0
    for score in scores:
        if score.value is None:
            continue
        if not 0 <= score.value <= score.scale_max:
            raise ValueError(f"score {score.value} is outside 0 to {score.scale_max}")
        points += Fraction(score.weight * score.value, score.scale_max)
        weights += score.weight
    return _rounded(100 * points / weights) if weights else None


def summarise(totals: Sequence[Decimal], floored: Sequence[int]) -> Summary:
    """Mean and spread (highest less lowest) of totals, and the lowest score under a floor."""
    return Summary(
        count=len(totals),
        mean=_rounded(sum(map(Fraction, totals), Fraction(0)) / len(totals)) if totals else None,
        spread=max(totals) - min(totals) if totals else None,
        lowest_floored=Decimal(min(floored)) if floored else None,
    )
