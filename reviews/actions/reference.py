"""Writing the shipped scoring grid into rows; a grid that was scored with never changes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.actions.reference import (
    LoadReport,
    ReferenceConflict,
    differing,
    lock_reference_data,
)
from applications.models import Call, Stage
from reviews.actions.phasing import give_all_calls_phases
from reviews.models import CallRubric, Criterion, CriterionLevel, Rubric, ScoreSheet
from reviews.reference.files import read_rubrics

_CRITERION_FIELDS = (
    "code",
    "weight",
    "floor",
    "label_fr",
    "label_en",
    "question_fr",
    "question_en",
    "concerns",
)
_LEVEL_FIELDS = ("value", "text_fr", "text_en")
DEFAULT_RUBRIC = "bpf-example"


@transaction.atomic
def load_review_reference() -> LoadReport:
    """Put in the shipped grids, and the example grid for calls that have none.

    Raises ReferenceConflict when a grid's file changed under a version already scored with.
    """
    lock_reference_data()
    report = LoadReport()
    for item in read_rubrics():
        _load_rubric(item, report)
    _give_calls_a_rubric(report)
    report.created["review phases"] += give_all_calls_phases()
    return report


def _load_rubric(item: dict[str, Any], report: LoadReport) -> None:
    wanted = {name: item[name] for name in ("title_fr", "title_en", "scale_max", "assumed")}
    wanted["threshold"] = Decimal(item["threshold"])
    wanted["reviews_required"] = item["reviews_required"]
    row = Rubric.objects.filter(code=item["code"], version=item["version"]).first()
    if row is None:
        row = Rubric.objects.create(code=item["code"], version=item["version"], **wanted)
        _write_criteria(row, item)
        report.created["scoring grids"] += 1
        return
    if not (differing(row, wanted) or _stored_criteria(row) != item["criteria"]):
        return
    if ScoreSheet.objects.filter(rubric=row).exists():
        if _only_marks_differ(row, wanted, item):
            return
        raise ReferenceConflict(
            f"scoring grid {row.code} v{row.version} differs from the file, but proposals were"
            " scored with this version; give the new grid a new version"
        )
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    row.criteria.all().delete()
    _write_criteria(row, item)
    report.updated["scoring grids"] += 1


def _only_marks_differ(row: Rubric, wanted: dict[str, Any], item: dict[str, Any]) -> bool:
    """Another apostrophe makes no other grid: what was scored with stays as it was read."""
    stored = {name: getattr(row, name) for name in wanted}
    same_fields = _plain(stored) == _plain(wanted)
    return same_fields and _plain(_stored_criteria(row)) == _plain(item["criteria"])


def _plain(value: Any) -> Any:
    """Texts with the apostrophes and spaces of a typewriter."""
    if isinstance(value, str):
        return value.replace("’", "'").replace("\u00a0", " ")
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _stored_criteria(rubric: Rubric) -> list[dict[str, Any]]:
    """The criteria as the file writes them, to compare the two."""
    return [
        {
            **{name: getattr(criterion, name) for name in _CRITERION_FIELDS},
            "levels": [
                {name: getattr(level, name) for name in _LEVEL_FIELDS}
                for level in criterion.levels.all()
            ],
        }
        for criterion in rubric.criteria.prefetch_related("levels").order_by("position")
    ]


def _write_criteria(rubric: Rubric, item: dict[str, Any]) -> None:
    for position, given in enumerate(item["criteria"], start=1):
        criterion = Criterion.objects.create(
            rubric=rubric,
            position=position,
            **{name: given[name] for name in _CRITERION_FIELDS},
        )
        CriterionLevel.objects.bulk_create(
            CriterionLevel(criterion=criterion, **level) for level in given["levels"]
        )


def _give_calls_a_rubric(report: LoadReport) -> None:
    """Of the calls, each stage that has no grid gets the newest version of the example."""
    rubric = Rubric.objects.filter(code=DEFAULT_RUBRIC).order_by("-version").first()
    taken = set(CallRubric.objects.values_list("call_id", "stage"))
    calls = Call.objects.order_by("pk").values_list("pk", flat=True)
    rows = [
        CallRubric(call_id=call, stage=stage, rubric=rubric)
        for call in calls
        for stage in Stage.values
        if rubric is not None and (call, stage) not in taken
    ]
    report.created["grids of calls"] += len(CallRubric.objects.bulk_create(rows))
