"""A worker killed while a new list is compared: each proposal is screened once at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from applications.checks.screening import SANCTIONS
from applications.models import (
    CheckRun,
    Finding,
    Rescreening,
    SanctionsList,
    Screening,
    Submission,
)
from applications.tasks import rescreen
from bpf_portal.core.tasks import sweep
from tests import builders, sanctions
from tests.processes import OwnRedis, Worker, wait_until
from tests.reviews.admin import rows

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

#: More than one step of the job.
OTHERS = 110


@contextmanager
def no_new_check_runs() -> Iterator[None]:
    """Whoever would ask for a check has to wait; reading goes on."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute(f"LOCK TABLE {CheckRun._meta.db_table} IN SHARE MODE")
            yield
    finally:
        other.rollback()
        other.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"applications_checkrun\"%'"
        )
        return cursor.fetchone() is not None


def checked_copies(original: Submission) -> list[Submission]:
    """More proposals whose checks said of their names what the original's said; but for the last
    one, whose names were never compared."""
    copies = rows.copies(original, OTHERS)
    run = original.check_runs.get()
    said = run.findings.get(code=SANCTIONS)
    runs = CheckRun.objects.bulk_create(
        CheckRun(
            submission=each,
            rule_set_id=run.rule_set_id,
            moment="submission",
            reference_date=run.reference_date,
            state="done",
            finished_at=run.finished_at,
        )
        for each in copies
    )
    findings = [
        Finding(
            check_run=each,
            position=0,
            code=SANCTIONS,
            outcome=said.outcome,
            reason=said.reason,
            values=said.values,
        )
        for each in runs
    ]
    findings[-1].outcome, findings[-1].reason = "review", "not_screened"
    Finding.objects.bulk_create(findings)
    return copies


def screened(listed: SanctionsList) -> Counter[int]:
    """By submission, how often its names were compared with this list; but for the checks that
    the copies, all of one company, ask of each other."""
    found = Screening.objects.filter(lists=listed).exclude(check_run__moment="similar")
    return Counter(found.values_list("submission", flat=True))


def test_a_worker_killed_in_the_middle_is_replaced_and_nobody_is_screened_twice(
    applicant: User, own_redis: OwnRedis, start_worker: Callable[[], Worker]
) -> None:
    sanctions.load(sanctions.eu_file({"1": ("Zoltan Karovic",)}))
    submission = builders.build_submission(applicant)
    living = [submission, *checked_copies(submission)]
    own_redis.start()
    newer = sanctions.eu_file(
        {"1": ("Zoltan Karovic",), "2": ("Orsolya Belgur",)}, dated=date(2024, 4, 2)
    )
    listed = sanctions.load(newer).sanctions_list
    job = Rescreening.objects.get(sanctions_list=listed)
    with no_new_check_runs():
        worker = start_worker()
        wait_until(somebody_waits, "the worker is at the end of the second step")
        worker.kill()
    wait_until(lambda: not somebody_waits(), "the database noticed")
    assert len(screened(listed)) == 100  # the first step is kept, nothing of the second
    job.refresh_from_db()
    assert (job.state, job.progress_done, job.progress_total) == ("running", 100, OTHERS + 1)

    start_worker()
    Rescreening.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.delay()
    for _ in range(3):
        rescreen.delay(job.pk)
    wait_until(lambda: len(screened(listed)) == OTHERS + 1, "everybody is screened")
    wait_until(lambda: own_redis.waiting_messages() <= 1, "all messages are dealt with")
    assert screened(listed) == Counter(each.pk for each in living)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.changed) == ("done", 2, 1)
    assert job.progress_done == job.progress_total == OTHERS + 1
    again = CheckRun.objects.get(moment="screening")
    assert (again.submission_id, again.state) == (living[-1].pk, "done")
