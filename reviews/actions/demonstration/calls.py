"""The calls of the demonstration: last year's, closed; this year's, open; and the next one."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.actions.reference import document_requirements, questions
from applications.models import Call, DocumentRequirement, Question, RuleSet, Stage
from reviews.actions.demonstration.dates import LUXEMBOURG, end_of, set_values
from reviews.actions.demonstration.files import Json, read
from reviews.actions.phasing import give_phases
from reviews.actions.reference import DEFAULT_RUBRIC
from reviews.models import CallRubric, ReviewPhase, Rubric

#: No shipped call begins with it.
CODE_PREFIX = "bpf-demo-"
_YEARS = {"last_year": -1, "open": 0, "coming": 1}


def create_calls() -> dict[str, Call]:
    """The three calls. Last year's is still open: its drafts are begun first, then `close` it."""
    year = timezone.localdate().year
    return {given["key"]: _create(given, year + _YEARS[given["key"]]) for given in read("calls")}


def _create(given: Json, year: int) -> Call:
    titles: dict[str, Any] = {
        name: given[name].format(year=year) for name in ("title_fr", "title_en")
    }
    call = Call.objects.create(
        code=f"{CODE_PREFIX}{year}",
        **titles,
        summary_fr=given["summary_fr"],
        summary_en=given["summary_en"],
        rule_set=RuleSet.objects.in_force().filter(code="bpf-2024").latest("version"),
        envelope=Decimal(given["envelope"]),
        published=True,
        assumed=["deadline_at", "stage_2_deadline_at", "envelope"],
        source="données de démonstration / demonstration data",
        **_dates(given["key"], year),
    )
    DocumentRequirement.objects.bulk_create(document_requirements(call))
    Question.objects.bulk_create(questions(call))
    rubric = Rubric.objects.filter(code=DEFAULT_RUBRIC).latest("version")
    for stage in Stage.values:
        CallRubric.objects.create(call=call, stage=stage, rubric=rubric)
    return call


def _dates(key: str, year: int) -> dict[str, datetime]:
    now = timezone.now()
    opens, deadline = {
        "last_year": (datetime(year, 2, 1, 9, tzinfo=LUXEMBOURG), end_of(now + timedelta(days=1))),
        "open": (now - timedelta(days=50), end_of(now + timedelta(days=24))),
        "coming": (now + timedelta(days=75), end_of(now + timedelta(days=165))),
    }[key]
    return {
        "opens_at": opens,
        "deadline_at": deadline,
        "stage_2_deadline_at": end_of(deadline + timedelta(days=180)),
    }


def close(call: Call, year: int) -> None:
    """Give last year's call its own deadlines, now that its drafts are begun."""
    set_values(
        call,
        deadline_at=datetime(year, 4, 30, 23, 59, 59, tzinfo=LUXEMBOURG),
        stage_2_deadline_at=datetime(year, 10, 31, 23, 59, 59, tzinfo=LUXEMBOURG),
    )


def end_reviews(call: Call) -> None:
    """Give last year's call the phases that follow its own deadlines: they are over."""
    ReviewPhase.objects.filter(call=call).delete()
    give_phases(call)
