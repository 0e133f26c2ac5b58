"""The queue as people see it: what waits, runs and failed of every kind of job, in one query each.

Nothing is known here of what a kind is about but the column that its `about_path` names.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F, Min, Q, QuerySet, Value
from django.db.models.functions import Cast, Left

from bpf_portal.core import jobs
from bpf_portal.core.jobs import Job, JobState

#: What is not over well: the states that the queue shows, those that need a person first.
SHOWN = (JobState.FAILED, JobState.QUEUED, JobState.RUNNING)
#: As much of an error as a list shows, in characters.
SHOWN_ERROR = 300
_LOCAL_PART = re.compile(r"[^\s<>'\"(\[{:;,@]+(?=@)")


@dataclass(frozen=True)
class Standing:
    """How much of one kind waits, runs and failed; `oldest_at` is since when the oldest waits."""

    model: type[Job]
    waiting: int
    running: int
    failed: int
    oldest_at: datetime | None

    @property
    def key(self) -> str:
        return key_of(self.model)

    @property
    def name(self) -> str:
        return str(self.model._meta.verbose_name_plural)


def key_of(model: type[Job]) -> str:
    """The kind as it stands in an address."""
    return model._meta.model_name or ""


def model_of(key: str) -> type[Job] | None:
    return next((model for model in jobs.kinds() if key_of(model) == key), None)


def standings() -> list[Standing]:
    """Every kind, those with failures first. One query, whatever the number of jobs and kinds."""
    branches = [_counted(model) for model in jobs.kinds()]
    rows = branches[0].union(*branches[1:], all=True)
    found = [
        Standing(
            model_of(row["kind"]) or Job,
            *(row[name] for name in ("waiting", "running", "failed", "oldest_at")),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.failed, -each.waiting - each.running, each.name))


def failed_count() -> int:
    """How many jobs of all kinds failed. One query."""
    return sum(each.failed for each in standings())


def jobs_shown(models_: Iterable[type[Job]], states: Sequence[str]) -> QuerySet[Any, Any]:
    """The jobs of these kinds in these states as dictionaries, failed ones first, then the oldest:
    kind, number, about, state, attempts, error, created_at, not_before, started_at and progress.
    One query; sliced, it fetches no more than the slice."""
    branches = [_listed(model, states) for model in models_]
    return branches[0].union(*branches[1:], all=True).order_by("state", "created_at", "number")


def without_addresses(error: str) -> str:
    """An error's text as an officer reads it: whose mailbox a server named stays private."""
    return _LOCAL_PART.sub("…", error)


def _of_kind(model: type[Job]) -> QuerySet[Any]:
    return model._default_manager.order_by().annotate(
        kind=Value(key_of(model), output_field=models.CharField())
    )


def _counted(model: type[Job]) -> QuerySet[Any, Any]:
    queued = Q(state=JobState.QUEUED)
    rows = _of_kind(model).filter(state__in=SHOWN).values("kind")
    return rows.annotate(
        waiting=Count("pk", filter=queued),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
        oldest_at=Min("created_at", filter=queued),
    )


def _listed(model: type[Job], states: Sequence[str]) -> QuerySet[Any, Any]:
    text = models.TextField()
    nothing = Value("", output_field=text)
    about = Cast(F(model.about_path), text) if model.about_path else nothing
    columns = ("kind", "state", "attempts", "created_at", "not_before", "started_at")
    rows = _of_kind(model).filter(state__in=states).values(*columns)
    return rows.annotate(
        number=F("pk"),
        about=about,
        error=Left("last_error", SHOWN_ERROR),
        done=F("progress_done"),
        total=F("progress_total"),
    )
