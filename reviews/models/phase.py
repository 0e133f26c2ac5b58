"""When reviewers may do what with the proposals of a call: phases, one after the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Case, Deferrable, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call, Stage
from bpf_portal.core.texts import InBothLanguages


@dataclass(frozen=True)
class Rights:
    """What reviewers may do at one moment. `scores` and `names`: those of the others."""

    see: bool = False
    score: bool = False
    discuss: bool = False
    scores: bool = False
    names: bool = False


#: Outside of every phase.
NO_RIGHTS = Rights()
RIGHTS = ("see", "score", "discuss", "scores", "names")


class ReviewPhaseQuerySet(models.QuerySet["ReviewPhase"]):
    def at(self, moment: datetime) -> Self:
        """Those in force at that moment: of one call and stage, at most one."""
        begun = Q(starts_at=None) | Q(starts_at__lte=moment)
        return self.filter(begun, Q(ends_at=None) | Q(ends_at__gt=moment))

    def of(self, submission: str) -> Self:
        """Those of the stage of an outer query's submission, at this path ("" for itself)."""
        path = f"{submission}__" if submission else ""
        return self.filter(call=OuterRef(f"{path}call"), stage=OuterRef(f"{path}stage"))

    def held(self, call_id: int, stage: str, moment: datetime) -> "Rights":
        """The rights at that moment, which nobody changes until this transaction ends.

        Reviewers hold the row together; who changes the phases waits for them, or they for it.
        """
        for _try in range(2):
            # A row that was deleted while we waited for it may have its successor by now.
            rows = self.model._default_manager.raw(
                "SELECT * FROM reviews_reviewphase WHERE call_id = %s AND stage = %s"
                " AND (starts_at IS NULL OR starts_at <= %s) AND (ends_at IS NULL OR ends_at > %s)"
                " FOR SHARE",
                [call_id, stage, moment, moment],
            )
            for row in rows:
                return row.rights
        return NO_RIGHTS


def rights_now(submission: str) -> ArraySubquery:
    """An annotation that `rights_in` reads: the rights in force on a row's submission."""
    now = ReviewPhase.objects.of(submission).at(timezone.now())
    return ArraySubquery(now.values(told=JSONObject(**{name: name for name in RIGHTS})))


def rights_in(annotated: list[dict[str, Any]]) -> Rights:
    return Rights(**annotated[0]) if annotated else NO_RIGHTS


def _alone(value: Any, function: str) -> Func:
    """A number as a range of itself: ranges have an operator for "the same" in plain PostgreSQL."""
    return Func(value, value, Value("[]"), function=function)


_STAGE_NUMBER = Case(
    *(When(stage=stage, then=Value(number)) for number, stage in enumerate(Stage.values)),
    output_field=models.IntegerField(),
)


@pghistory.track()
class ReviewPhase(models.Model):
    """One phase of a stage: from a moment, included, to a moment, excluded; empty is unlimited.

    Each right implies seeing the dossier. Two phases of one stage never overlap.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="review_phases")
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    name_fr = models.CharField(_("name (French)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    see = models.BooleanField(_("read the proposals"), default=True)
    score = models.BooleanField(_("score"), default=False)
    discuss = models.BooleanField(_("discuss"), default=False)
    scores = models.BooleanField(_("see the others’ scores"), default=False)
    names = models.BooleanField(_("see the others’ names"), default=False)
    assumed = models.BooleanField(_("assumed"), default=False)
    #: The stage's deadline when the phase was set: another one means that they lie apart since.
    counted_from = models.DateTimeField(null=True, blank=True, editable=False)
    name = InBothLanguages()

    objects = ReviewPhaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("review phase")
        verbose_name_plural = _("review phases")
        ordering = ("call", "stage", F("starts_at").asc(nulls_first=True), "id")
        constraints = (
            models.CheckConstraint(
                name="review_phase_ends_after_it_starts",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="review_phase_rights_need_sight",
                condition=Q(see=True) | Q(score=False, discuss=False, scores=False, names=False),
            ),
            ExclusionConstraint(
                name="review_phases_follow_each_other",
                expressions=[
                    (_alone(F("call"), "int8range"), RangeOperators.OVERLAPS),
                    (_alone(_STAGE_NUMBER, "int4range"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                # Many move at once: they are looked at together, at the end.
                deferrable=Deferrable.DEFERRED,
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rights(self) -> Rights:
        return Rights(**{name: getattr(self, name) for name in RIGHTS})
