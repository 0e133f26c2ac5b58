"""Which proposals are ranked, in which order, and the money up to each of them."""

from decimal import Decimal

from django.db.models import Case, DecimalField, F, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce

from applications.models import Call, Submission, SubmissionState
from reviews.models import REFUSALS, Decision, DecisionKind

RANKED = (SubmissionState.IN_REVIEW, SubmissionState.DECIDED)
ORDER = (F("score_mean").desc(nulls_last=True), F("id").asc())


def money_of_a_line() -> Case:
    """What a proposal takes of the envelope (EUR).

    It is the amount awarded where that is decided, else what was requested; a refusal and the
    reserve list take nothing.
    """
    return Case(
        When(
            decision__kind__in=(*REFUSALS, DecisionKind.RESERVE),
            then=Value(Decimal(0), output_field=DecimalField()),
        ),
        default=Coalesce("decision__amount", "requested"),
    )


def ranked(rows: QuerySet[Submission], call: Call, stage: str) -> QuerySet[Submission]:
    """In order of the score, not yet scored ones at the end; `cumulative` is the money (EUR) up to
    and including each line.
    """
    return (
        rows.filter(call=call, stage=stage, state__in=RANKED)
        .select_related("decision")
        .defer("document", "search")
        .annotate(cumulative=Window(Sum(money_of_a_line()), order_by=ORDER))
        .order_by(*ORDER)
    )


def envelope_left(call: Call, *, without: int) -> Decimal | None:
    """What is left of the envelope (EUR) after the awards to others than the submission `without`.

    None where the call has no envelope.
    """
    if call.envelope is None:
        return None
    awards = Decision.objects.filter(standing_for__call=call, kind=DecisionKind.SELECTED)
    spent = awards.exclude(standing_for=without).aggregate(Sum("amount"))["amount__sum"]
    return call.envelope - (spent or Decimal(0))
