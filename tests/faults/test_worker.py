"""A check is done once, whatever happens to the worker: with a real worker, Redis and database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from applications.models import CheckRun, Finding, Submission
from applications.tasks import run_check
from bpf_portal.core import jobs
from bpf_portal.core.models import Event
from bpf_portal.core.tasks import sweep
from tests import builders
from tests.processes import OwnRedis, Worker, row_held, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[[], Worker]


def waiting_backends() -> list[int]:
    """Database processes that wait for the row: their worker is in the middle of a check."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%\"applications_submission\"%'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def is_alive(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() is not None


def is_done(run: CheckRun) -> bool:
    run.refresh_from_db()
    return run.state == jobs.JobState.DONE


def times_checked(submission: Submission) -> int:
    return Event.objects.filter(
        name="Checked", aggregate="submission", aggregate_id=submission.pk
    ).count()


def only_the_lost_message_is_left(own_redis: OwnRedis) -> bool:
    """Redis gives back what a dead worker had taken an hour later; the job's row knows better."""
    return own_redis.waiting_messages() == 1


def test_a_check_is_sent_after_the_commit_and_done(
    applicant: User, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    own_redis.start()
    with transaction.atomic():
        submission = builders.build_submission(applicant, checked=False)
        assert own_redis.waiting_messages() == 0
    assert own_redis.waiting_messages() == 3  # the check, the receipt and its mail

    start_worker()

    run = submission.check_runs.get()
    wait_until(lambda: is_done(run), "the check is done")
    submission.refresh_from_db()
    assert (run.attempts, submission.outcome) == (1, run.outcome)
    assert run.findings.count() > 20


def test_nothing_is_sent_for_what_was_rolled_back(applicant: User, own_redis: OwnRedis) -> None:
    own_redis.start()
    with transaction.atomic():
        builders.build_submission(applicant, checked=False)
        transaction.set_rollback(True)

    assert own_redis.waiting_messages() == 0
    assert not CheckRun.objects.exists()


def test_a_worker_killed_in_the_middle_of_a_check_is_replaced_and_the_check_done_once(
    applicant: User, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    own_redis.start()
    submission = builders.build_submission(applicant, checked=False)
    run = submission.check_runs.get()
    with row_held(submission):
        first = start_worker()
        wait_until(waiting_backends, "the worker is in the middle of the check")
        (backend,) = waiting_backends()
        first.kill()
    wait_until(lambda: not is_alive(backend), "the database noticed")

    run.refresh_from_db()
    assert (run.state, run.attempts) == (jobs.JobState.RUNNING, 1)
    assert not Finding.objects.filter(check_run=run).exists()

    start_worker()
    sweep.delay()
    run_check.delay(run.pk)
    wait_until(lambda: only_the_lost_message_is_left(own_redis), "both messages are dealt with")
    run.refresh_from_db()
    assert (run.state, run.attempts) == (jobs.JobState.RUNNING, 1)  # its lease has not ended

    CheckRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.delay()
    wait_until(lambda: is_done(run), "the sweeper had the check finished")

    for _ in range(3):
        sweep.delay()
        run_check.delay(run.pk)
    wait_until(lambda: only_the_lost_message_is_left(own_redis), "all messages are dealt with")
    run.refresh_from_db()
    assert (run.state, run.attempts, run.last_error) == (jobs.JobState.DONE, 2, "")
    assert times_checked(submission) == 1
    codes = list(run.findings.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) > 20


def test_two_workers_and_many_messages_do_a_check_once(
    applicant: User, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    own_redis.start()
    submission = builders.build_submission(applicant, checked=False)
    run = submission.check_runs.get()
    for _ in range(10):
        run_check.delay(run.pk)

    start_worker()
    start_worker()

    wait_until(lambda: own_redis.waiting_messages() == 0, "all messages are dealt with")
    assert is_done(run)
    assert run.attempts == 1
    assert times_checked(submission) == 1
