"""Durable jobs: work to do is a row, and Celery only says "now".

A job is taken by one conditional update, so two workers cannot have it at once; the taker holds a
lease, and a job whose lease ran out (its worker was killed) is taken up again by the sweeper.
"""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import kombu.exceptions
import redis
import structlog
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bpf_portal.core.states import TransitionTable

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 5
LONGEST_WAIT = timedelta(minutes=10)
BROKER_AWAY = (kombu.exceptions.OperationalError, redis.RedisError, OSError)


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


#: What a worker does with a job, and what a person may: have it tried again at once, and call off
#: what waits for a chosen time.
JOB_TRANSITIONS: TransitionTable[str, str] = TransitionTable(
    "job",
    {
        ("queued", "claim"): "running",
        ("running", "finish"): "done",
        ("running", "put_back"): "queued",
        ("running", "fail"): "failed",
        ("queued", "call_off"): "done",
        ("queued", "retry"): "queued",
        ("failed", "retry"): "queued",
    },
)


class JobQuerySet(models.QuerySet["JobT"]):
    def left_lying(self) -> Self:
        """Jobs that nobody works on: never begun, or their worker's lease ran out."""
        now = timezone.now()
        return self.filter(
            Q(state=JobState.QUEUED, not_before__lte=now)
            | Q(state=JobState.RUNNING, lease_until__lt=now)
        )

    def claim(self, pk: object, *, lease: timedelta = LEASE) -> "JobT | None":
        """Take the job for this process, or None when it is done, failed or somebody else's."""
        now, token = timezone.now(), uuid.uuid4()
        taken = (
            self.left_lying()
            .filter(pk=pk)
            .update(
                state=JobState.RUNNING,
                claimed_by=token,
                lease_until=now + lease,
                attempts=F("attempts") + 1,
                started_at=now,
            )
        )
        return self.get(pk=pk, claimed_by=token) if taken else None


class Job(models.Model):
    """The columns every durable job has; the subject adds its own."""

    #: The path of a column that names what the job is about, for lists that an officer or auditor
    #: reads: nothing of what a mail says. Empty: the number of the job alone.
    about_path: ClassVar[str] = ""
    #: What the work says on the job itself: written with the job's end, in the same statement.
    result_columns: ClassVar[tuple[str, ...]] = ()

    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    progress_done = models.PositiveIntegerField(_("done"), default=0)
    progress_total = models.PositiveIntegerField(_("to do"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    claimed_by = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_state_has_its_times",
                condition=Q(state="queued", finished_at=None)
                | Q(state="running", lease_until__isnull=False, finished_at=None)
                | Q(state__in=("done", "failed"), finished_at__isnull=False),
            ),
        )
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(
                fields=("not_before",),
                name="%(class)s_open",
                condition=Q(state__in=("queued", "running")),
            ),
            models.Index(
                fields=("created_at",),
                name="%(class)s_failed",
                condition=Q(state="failed"),
            ),
        )

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def percent(self) -> int:
        return 100 * self.progress_done // self.progress_total if self.progress_total else 0

    def report_progress(self, done: int, total: int) -> None:
        """Tell the page how far the work is; also renews the lease. One query."""
        self.progress_done, self.progress_total = done, total
        self.lease_until = timezone.now() + LEASE
        type(self)._default_manager.filter(pk=self.pk, claimed_by=self.claimed_by).update(
            progress_done=done, progress_total=total, lease_until=self.lease_until
        )


JobT = TypeVar("JobT", bound=Job)


def _finish(job: Job, state: JobState, error: str = "") -> bool:
    """End the job if it is still ours: a worker that overran its lease changes nothing."""
    said = job.result_columns if state == JobState.DONE else ()
    return bool(
        type(job)
        ._default_manager.filter(pk=job.pk, claimed_by=job.claimed_by, state=JobState.RUNNING)
        .update(
            state=state,
            finished_at=timezone.now(),
            lease_until=None,
            last_error=error,
            **{column: getattr(job, column) for column in said},
        )
    )


def _try_again(job: Job, error: str) -> None:
    """Put the job back, later each time; after MAX_ATTEMPTS a person has to look."""
    if job.attempts >= MAX_ATTEMPTS:
        _finish(job, JobState.FAILED, error)
        return
    _put_back(job, error)


def _put_back(job: Job, error: str, longest: timedelta = LONGEST_WAIT) -> None:
    # The exponent is bounded too: a job may be put back for weeks.
    wait = min(timedelta(seconds=10 * 2 ** min(job.attempts, 10)), longest)
    type(job)._default_manager.filter(pk=job.pk, claimed_by=job.claimed_by).update(
        state=JobState.QUEUED,
        lease_until=None,
        last_error=error,
        not_before=timezone.now() + wait,
    )


class TryLater(Exception):
    """Raised by a job's work when what it needs is away: nothing is wrong with the job itself, so
    it is put back however often that happens, after pauses that grow up to `longest`."""

    def __init__(self, reason: str, *, longest: timedelta = LONGEST_WAIT) -> None:
        super().__init__(reason)
        self.longest = longest


def run(model: type[JobT], pk: object, work: Callable[[JobT], Any]) -> bool:
    """Do the job once: claim it, work in one transaction with its end, or leave it for later.

    Returns whether this call did the work. An error in `work` rolls its writes back, is stored with
    the job and logged; it is not raised, since nobody waits for it. Work registered as `in_steps`
    commits each step by itself: its progress is seen, and the next attempt goes on from there.
    """
    job = model._default_manager.claim(pk)  # type: ignore[attr-defined]
    if job is None:
        return False
    in_steps = model in _workers and _workers[model].in_steps
    try:
        with nullcontext() if in_steps else transaction.atomic():
            work(job)
            if not _finish(job, JobState.DONE):
                raise LeaseLost(f"{model.__name__} {pk} was taken over by another worker")
    except TryLater as error:
        log.warning("job put back", job=model.__name__, pk=str(pk), reason=str(error))
        _put_back(job, str(error), error.longest)
        return False
    except Exception as error:
        log.exception("job failed", job=model.__name__, pk=str(pk), attempt=job.attempts)
        _try_again(job, f"{type(error).__name__}: {error}")
        return False
    return True


class LeaseLost(RuntimeError):
    """This worker was too slow and another took the job over; its own writes are rolled back."""


class Worker(NamedTuple):
    """How one kind of job is sent (usually a Celery task's `delay`) and what doing it means."""

    send: Callable[[Any], object]
    work: Callable[[Any], object]
    in_steps: bool = False


#: Who works on which kind of job; the tasks modules enter themselves here.
_workers: dict[type[Job], Worker] = {}


def register(
    model: type[JobT],
    *,
    send: Callable[[Any], object],
    work: Callable[[JobT], object],
    in_steps: bool = False,
) -> None:
    """Enter who works on a kind of job. `in_steps`: the work has transactions of its own and can be
    taken up in the middle."""
    _workers[model] = Worker(send, work, in_steps)


def kinds() -> tuple[type[Job], ...]:
    """Every kind of job there is."""
    return tuple(_workers)


def send_after_commit(job: Job) -> None:
    """Say "now" to Celery once the row is committed; if Redis is away the sweeper finds the row."""
    model, pk = type(job), job.pk
    # The change is committed: whatever is wrong with the sending, its request has succeeded.
    transaction.on_commit(lambda: _send(model, pk), robust=True)


def _send(model: type[Job], pk: object) -> bool:
    try:
        _workers[model].send(pk)
    except BROKER_AWAY as error:
        log.warning("broker away", job=model.__name__, pk=str(pk), error=str(error))
        return False
    return True


def retry(model: type[JobT], pk: object) -> JobT:
    """Put a job that failed, or waits for its next attempt, in line again at once, with all its
    attempts; in the caller's transaction. Why it failed stays readable until it is done.

    Raises WrongState for one that runs or is done, DoesNotExist.
    """
    job: JobT = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    job.state = JOB_TRANSITIONS.target(job.state, "retry")
    job.attempts, job.not_before, job.finished_at = 0, timezone.now(), None
    job.save(update_fields=["state", "attempts", "not_before", "finished_at"])
    send_after_commit(job)
    return job


def sweep(*, at_most: int = 500) -> int:
    """Send every job that was left lying, of every kind. Returns how many were sent."""
    sent = 0
    for model in _workers:
        for pk in model._default_manager.left_lying().values_list("pk", flat=True)[:at_most]:  # type: ignore[attr-defined]
            sent += _send(model, pk)
    return sent


def work_off() -> int:
    """Do every waiting job in this process, new ones included, for commands that must not depend
    on a worker. Returns how many were done; one that fails is left for later as always."""
    done = 0
    while before := [
        (model, pk)
        for model in _workers
        for pk in model._default_manager.left_lying().values_list("pk", flat=True)  # type: ignore[attr-defined]
    ]:
        done += sum(run(model, pk, _workers[model].work) for model, pk in before)
    return done


def oldest_waiting_seconds() -> float:
    """Age in seconds of the oldest job that should have been begun; 0.0 when none waits."""
    now = timezone.now()
    oldest = [
        model._default_manager.left_lying().aggregate(at=models.Min("not_before"))["at"]  # type: ignore[attr-defined]
        for model in _workers
    ]
    return max(((now - at).total_seconds() for at in oldest if at), default=0.0)
