"""A call's submitted score sheets, read once and compared (`reviews.comparing` computes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Call, Submission
from reviews.actions.ranking import ORDER, RANKED, money_of_a_line
from reviews.comparing import (
    Sheet,
    Standing,
    Strictness,
    agreement,
    calibrated,
    chances,
    places,
    residuals,
    reweighted,
    strictness,
)
from reviews.models import Criterion, Rubric, Score, ScoreSheet
from reviews.scoring import DIVERGENCE_POINTS

#: Proposals on one page: the pictures and the draws of more would keep somebody waiting.
AT_MOST = 500


@dataclass(frozen=True)
class Compared:
    """A ranked proposal and what the statistics say of its place. Means are points of 100."""

    submission: Submission
    place: int
    lowest: float
    highest: float
    calibrated: float
    calibrated_place: int
    chance: float | None
    divergent: bool
    other_mean: Decimal | None = None
    other_place: int | None = None

    @property
    def percent(self) -> int | None:
        """The chance in whole percent."""
        return None if self.chance is None else round(self.chance * 100)

    @property
    def width(self) -> float:
        """How far its sheets are apart, in points of 100."""
        return self.highest - self.lowest

    @property
    def move(self) -> int:
        """Places gained under the other weights; lost ones are negative."""
        return self.place - self.other_place if self.other_place is not None else 0


@dataclass(frozen=True)
class Comparison:
    """All that the page shows. `agreements` is by criterion, `overall` that of the totals."""

    lines: list[Compared]
    reviewers: list[tuple[User, Strictness]]
    overall: float | None
    agreements: list[tuple[Criterion, float | None]]
    shared: int
    sheets: int


def compare(
    *,
    actor: User,
    call: Call,
    stage: str,
    rubric: Rubric,
    weights: Mapping[int, int] | None = None,
) -> Comparison:
    """The scored proposals of a call's stage compared, under other `weights` too where given.

    Six queries. Raises ValidationError for more than `AT_MOST` proposals.
    """
    rows = _rows(actor, call, stage)
    sheets = _sheets(actor, rows)
    found = strictness(sheets)
    people = User.objects.in_bulk([each.reader for each in found])
    criteria = list(rubric.criteria.all())
    papers = [sheet.paper for sheet in sheets]
    return Comparison(
        lines=_lines(rows, sheets, found, call, rubric, weights),
        reviewers=sorted(
            ((people[each.reader], each) for each in found),
            key=lambda pair: (pair[1].points is None, pair[1].points or 0, str(pair[0])),
        ),
        overall=agreement(sheets),
        agreements=[(each, agreement(sheets, each.pk)) for each in criteria],
        shared=sum(papers.count(paper) > 1 for paper in set(papers)),
        sheets=len(sheets),
    )


def _rows(actor: User, call: Call, stage: str) -> list[Any]:
    rows = list(
        Submission.objects.visible_to(actor)
        .filter(call=call, stage=stage, state__in=RANKED, score_mean__isnull=False)
        .annotate(money=money_of_a_line())
        .defer("document", "search")
        .order_by(*ORDER)[: AT_MOST + 1]
    )
    if len(rows) > AT_MOST:
        text = _("More than %(most)s proposals are scored, too many to compare on a page.")
        raise ValidationError(text % {"most": AT_MOST})
    return rows


def _sheets(actor: User, rows: list[Any]) -> list[Sheet]:
    submitted = ScoreSheet.objects.visible_to(actor).filter(
        total__isnull=False, assignment__submission__in=[row.pk for row in rows]
    )
    scores: dict[int, dict[int, int | None]] = {}
    given = Score.objects.filter(sheet__in=submitted)
    for sheet, criterion, value in given.values_list("sheet_id", "criterion_id", "value"):
        scores.setdefault(sheet, {})[criterion] = value
    return [
        Sheet(paper, reader, float(total or 0), scores.get(pk, {}))
        for pk, paper, reader, total in submitted.order_by("pk").values_list(
            "pk", "assignment__submission_id", "assignment__reviewer_id", "total"
        )
    ]


def _lines(
    rows: list[Any],
    sheets: list[Sheet],
    found: list[Strictness],
    call: Call,
    rubric: Rubric,
    weights: Mapping[int, int] | None,
) -> list[Compared]:
    without = calibrated(sheets, found)
    likely = _chances(rows, sheets, call, rubric)
    plain = places({row.pk: row.score_mean for row in rows})
    moved = places(without)
    others = reweighted(sheets, weights, rubric.scale_max) if weights else {}
    other_places = places(others)
    totals: dict[int, list[float]] = {}
    for sheet in sheets:
        totals.setdefault(sheet.paper, []).append(sheet.total)
    return [
        Compared(
            submission=row,
            place=plain[row.pk],
            lowest=min(totals[row.pk]),
            highest=max(totals[row.pk]),
            calibrated=without[row.pk],
            calibrated_place=moved[row.pk],
            chance=likely.get(row.pk),
            divergent=row.score_spread is not None and row.score_spread >= DIVERGENCE_POINTS,
            other_mean=others.get(row.pk),
            other_place=other_places.get(row.pk),
        )
        for row in rows
        if row.pk in totals
    ]


def _chances(rows: list[Any], sheets: list[Sheet], call: Call, rubric: Rubric) -> dict[int, float]:
    """The chance to be above the money line; nothing to say where the call has no envelope."""
    if call.envelope is None:
        return {}
    standings = [
        Standing(row.pk, float(row.score_mean), row.review_count, row.money) for row in rows
    ]
    return chances(standings, residuals(sheets), call.envelope, rubric.threshold)
