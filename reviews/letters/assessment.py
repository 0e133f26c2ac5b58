"""What the reviews say, as a refusal tells it: points and threshold, reasons by criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Avg, DecimalField, Min

from reviews.letters import figures
from reviews.letters.wording import in_one_line, lines_of, typeset
from reviews.models import (
    REFUSALS,
    AssignmentState,
    CallRubric,
    Decision,
    DecisionKind,
    Rubric,
    Score,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class CriterionResult:
    """One criterion: the mean and the lowest of the reviewers' scores, None where nobody judged."""

    label_fr: str
    label_en: str
    scale_max: int
    floor: int | None
    mean: Decimal | None
    lowest: int | None
    reason: str

    def label(self, language: str) -> str:
        return typeset(in_one_line(self.label_fr if language == "fr" else self.label_en), language)


@dataclass(frozen=True)
class Assessment:
    """The reviews of one submission; without a score where it was not reviewed."""

    score: Decimal | None
    threshold: Decimal | None
    results: Sequence[CriterionResult]

    def values(self, language: str) -> dict[str, str | None]:
        if self.score is None or self.threshold is None:
            return {"score": None, "threshold": None}
        return {
            "score": figures.number(self.score, language),
            "threshold": figures.number(self.threshold, language),
        }

    def score_rows(self, language: str, labels: Mapping[str, str]) -> list[Json]:
        """The total, then each criterion that has a floor of its own: obtained and required."""
        if self.score is None or self.threshold is None:
            return []
        rows = [(labels["total_score"], self.score, self.threshold, 100)]
        rows += [
            (
                f"{result.label(language)} ({labels['lowest_score']})",
                Decimal(result.lowest),
                Decimal(result.floor),
                result.scale_max,
            )
            for result in self.results
            if result.floor is not None and result.lowest is not None
        ]
        return [
            {
                "label": label,
                "obtained": _out_of(obtained, most, language),
                "required": _out_of(required, most, language),
                "reached": obtained >= required,
            }
            for label, obtained, required, most in rows
        ]

    def reason_rows(self, language: str) -> list[Json]:
        """The criteria that the decision gives a reason for, in the order of the grid."""
        return [
            {
                "criterion": result.label(language),
                "score": _out_of(result.mean, result.scale_max, language)
                if result.mean is not None
                else "–",
                "lines": [typeset(line, language) for line in lines_of(result.reason)],
            }
            for result in self.results
            if result.reason
        ]


def _out_of(value: Decimal, most: int, language: str) -> str:
    return f"{figures.number(value, language)}{figures.NO_BREAK}/{figures.NO_BREAK}{most}"


NOTHING = Assessment(None, None, ())


def of(decision: Decision) -> Assessment:
    """The reviews that a refusal after a review explains; nothing for every other kind."""
    if decision.kind not in REFUSALS or decision.kind == DecisionKind.INELIGIBLE:
        return NOTHING
    submission = decision.submission
    used = CallRubric.objects.filter(call_id=submission.call_id, stage=submission.stage)
    grid = used.select_related("rubric").first()
    if grid is None:
        return NOTHING
    return Assessment(submission.score_mean, grid.rubric.threshold, _results(decision, grid.rubric))


def _results(decision: Decision, rubric: Rubric) -> list[CriterionResult]:
    scores = Score.objects.filter(
        sheet__assignment__submission_id=decision.submission_id,
        sheet__assignment__state=AssignmentState.SUBMITTED,
        value__isnull=False,
    )
    grouped = scores.order_by().values("criterion_id")
    mean = Avg("value", output_field=DecimalField())
    scored = {row["criterion_id"]: row for row in grouped.annotate(mean=mean, lowest=Min("value"))}
    reasons = {reason.criterion_id: reason.text for reason in decision.reasons.all()}
    results = []
    for criterion in rubric.criteria.order_by("position"):
        row = scored.get(criterion.pk)
        results.append(
            CriterionResult(
                label_fr=criterion.label_fr,
                label_en=criterion.label_en,
                scale_max=rubric.scale_max,
                floor=criterion.floor,
                mean=round(row["mean"], 1) if row else None,
                lowest=row["lowest"] if row else None,
                reason=reasons.get(criterion.pk, ""),
            )
        )
    return results
