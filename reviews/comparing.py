"""How sure a ranking is: agreement, strictness of reviewers, chance to be funded. Pure.

Totals are points of 100 (`reviews.scoring`). Nothing here changes a score or a place: the plain
mean ranks, and what is computed here stands beside it. Floats are for looking at, never stored as
somebody's score.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import krippendorff
import numpy as np

from reviews.scoring import WeightedScore, weighted_total

#: A reviewer's strictness counts as if this many more shared dossiers had shown none [A]: who
#: shares two dossiers with others is moved half of what they show.
PRIOR_DOSSIERS = 2.0
#: Rankings drawn to see how often a dossier comes out above the money line [A].
DRAWS = 2000


@dataclass(frozen=True)
class Sheet:
    """One submitted sheet: whose, on what, its total and its scores by criterion (None: unable)."""

    paper: int
    reader: int
    total: float
    scores: Mapping[int, int | None]


@dataclass(frozen=True)
class Strictness:
    """How far a reviewer's totals lie from the others' on the same dossiers.

    `points` is negative for a strict reviewer, None for one who shares no dossier.
    """

    reader: int
    sheets: int
    shared: int
    mean: float
    points: float | None


@dataclass(frozen=True)
class Standing:
    """A dossier in the order of the ranking: what it asks for (EUR), its mean and its reviews."""

    key: int
    mean: float
    reviews: int
    money: Decimal


def agreement(sheets: Sequence[Sheet], criterion: int | None = None) -> float | None:
    """Krippendorff's alpha (interval) of the totals, or of one criterion's scores.

    1 is perfect, 0 is what chance would give; None where no two reviewers share a dossier or all
    gave the same.
    """
    values: dict[int, dict[int, float]] = defaultdict(dict)
    for sheet in sheets:
        value = sheet.total if criterion is None else sheet.scores.get(criterion)
        if value is not None:
            values[sheet.paper][sheet.reader] = float(value)
    shared = {paper: row for paper, row in values.items() if len(row) > 1}
    readers = {
        reader: at for at, reader in enumerate(sorted({r for row in shared.values() for r in row}))
    }
    if len({value for row in shared.values() for value in row.values()}) < 2:
        return None
    table = np.full((len(readers), len(shared)), np.nan)
    for column, row in enumerate(shared.values()):
        for reader, value in row.items():
            table[readers[reader], column] = value
    return float(krippendorff.alpha(table, level_of_measurement="interval"))


def strictness(sheets: Sequence[Sheet]) -> list[Strictness]:
    """Each reviewer's distance from the others on shared dossiers, by least squares.

    total = dossier + reviewer + chance, where the reviewers' parts are drawn towards zero by
    `PRIOR_DOSSIERS`. A dossier read by one person says nothing about that person.
    """
    by_paper: dict[int, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_paper[sheet.paper].append(sheet)
    readers = sorted({sheet.reader for sheet in sheets})
    at = {reader: position for position, reader in enumerate(readers)}
    normal = np.eye(len(readers)) * PRIOR_DOSSIERS
    right = np.zeros(len(readers))
    shared: dict[int, int] = defaultdict(int)
    for row in by_paper.values():
        if len(row) < 2:
            continue
        mean = sum(sheet.total for sheet in row) / len(row)
        for sheet in row:
            shared[sheet.reader] += 1
            here = at[sheet.reader]
            right[here] += sheet.total - mean
            normal[here, here] += 1
            for other in row:
                normal[here, at[other.reader]] -= 1 / len(row)
    points = np.linalg.solve(normal, right) if readers else right
    totals: dict[int, list[float]] = defaultdict(list)
    for sheet in sheets:
        totals[sheet.reader].append(sheet.total)
    return [
        Strictness(
            reader=reader,
            sheets=len(totals[reader]),
            shared=shared[reader],
            mean=sum(totals[reader]) / len(totals[reader]),
            points=float(points[at[reader]]) if shared[reader] else None,
        )
        for reader in readers
    ]


def calibrated(sheets: Sequence[Sheet], found: Sequence[Strictness]) -> dict[int, float]:
    """Each dossier's mean without its reviewers' strictness, by dossier; from 0 to 100."""
    points = {each.reader: each.points or 0.0 for each in found}
    by_paper: dict[int, list[float]] = defaultdict(list)
    for sheet in sheets:
        by_paper[sheet.paper].append(sheet.total - points[sheet.reader])
    return {paper: min(100.0, max(0.0, sum(row) / len(row))) for paper, row in by_paper.items()}


def residuals(sheets: Sequence[Sheet]) -> np.ndarray:
    """How far apart reviewers of one dossier are: each sheet less its dossier's mean.

    Widened by n / (n - 1), for the mean of few is drawn to each of them. Empty where nobody shares
    a dossier.
    """
    by_paper: dict[int, list[float]] = defaultdict(list)
    for sheet in sheets:
        by_paper[sheet.paper].append(sheet.total)
    return np.array(
        [
            (total - sum(row) / len(row)) * (len(row) / (len(row) - 1)) ** 0.5
            for row in by_paper.values()
            if len(row) > 1
            for total in row
        ]
    )


def chances(
    standings: Sequence[Standing],
    noise: np.ndarray,
    envelope: Decimal,
    threshold: Decimal = Decimal(0),
    *,
    draws: int = DRAWS,
) -> dict[int, float]:
    """How often each dossier lies above the money line when the reviews are drawn again.

    In each draw a dossier's mean is its own plus the mean of as many differences, drawn from
    `noise`, as it has reviews. The line: highest mean first (of equal ones the first given), from
    the threshold up, while the money summed up fits into the envelope (EUR). The same input gives
    the same answer. Empty where `noise` is.
    """
    if not len(noise) or not standings:
        return {}
    generator = np.random.default_rng(len(standings))
    means = np.empty((draws, len(standings)))
    for column, standing in enumerate(standings):
        drawn = generator.choice(noise, size=(draws, max(1, standing.reviews)))
        means[:, column] = np.clip(standing.mean + drawn.mean(axis=1), 0, 100)
    order = np.argsort(-means, axis=1, kind="stable")
    # Whole cents in whole numbers: a sum of floats could miss the envelope by nothing.
    cents = np.array([int(standing.money * 100) for standing in standings])
    passes = np.take_along_axis(means, order, axis=1) >= float(threshold)
    fits = np.cumsum(np.where(passes, cents[order], 0), axis=1) <= int(envelope * 100)
    above = np.empty_like(fits)
    np.put_along_axis(above, order, fits & passes, axis=1)
    return {
        standing.key: float(share)
        for standing, share in zip(standings, above.mean(axis=0), strict=True)
    }


def reweighted(
    sheets: Sequence[Sheet], weights: Mapping[int, int], scale_max: int
) -> dict[int, Decimal]:
    """Each dossier's mean under other weights (by criterion); one that none can judge is missing.

    Raises ValueError for a weight under zero, and where all are zero.
    """
    if any(weight < 0 for weight in weights.values()) or not any(weights.values()):
        raise ValueError("weights are not negative, and one of them is more than zero")
    by_paper: dict[int, list[Decimal]] = defaultdict(list)
    for sheet in sheets:
        total = weighted_total(
            WeightedScore(weight, sheet.scores.get(criterion), scale_max)
            for criterion, weight in weights.items()
            if weight
        )
        if total is not None:
            by_paper[sheet.paper].append(total)
    return {paper: sum(row, Decimal(0)) / len(row) for paper, row in by_paper.items()}


def places(means: Mapping[int, float] | Mapping[int, Decimal]) -> dict[int, int]:
    """The place of each, the highest first; equal ones share the better place."""
    return {key: 1 + sum(other > mean for other in means.values()) for key, mean in means.items()}
