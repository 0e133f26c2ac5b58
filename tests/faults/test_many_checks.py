"""Checks of many proposals while everything beneath them fails in turn: each is done, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import checking
from applications.models import CheckRun, Moment
from applications.tasks import run_check
from bpf_portal.core import jobs
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event
from bpf_portal.core.tasks import sweep
from tests import builders
from tests.processes import OwnRedis, Worker, wait_until
from tests.reviews.admin import rows

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[..., Worker]
#: Tables in the order in which a check comes to them, from its first reading to its last writing.
POINTS = (
    "applications_submission",
    "applications_countrylist",
    "applications_countrylistentry",
    "applications_documentrequirement",
    "applications_clauseversion",
    "applications_countryrating",
    "applications_term",
    "applications_finding",
    "applications_findingdecision",
    "core_event",
)
MANY = 200


@contextmanager
def table_held(table: str) -> Iterator[None]:
    """Whoever comes to this table has to wait."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        other.rollback()
        other.close()


def waiting_for_a_table() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND wait_event = 'relation'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def drop_connections() -> None:
    """What everybody else sees of a database that is restarted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def let_leases_end() -> None:
    past = timezone.now() - timedelta(seconds=1)
    CheckRun.objects.filter(state=JobState.RUNNING).update(lease_until=past)


def test_a_check_killed_at_ten_points_is_done_once(
    applicant: User, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    submission = builders.build_submission(applicant, checked=False)  # nobody is told of it
    run = submission.check_runs.get()
    own_redis.start()
    worker = start_worker(forking=True)
    for number, table in enumerate(POINTS, start=1):
        with table_held(table):
            run_check.delay(run.pk)
            wait_until(waiting_for_a_table, f"the check comes to {table}")
            worker.kill_children()
        wait_until(lambda: not waiting_for_a_table(), "the database noticed")
        run.refresh_from_db()
        assert (run.state, run.attempts) == (JobState.RUNNING, number), table
        assert not run.findings.exists()
        let_leases_end()

    for _ in range(5):
        run_check.delay(run.pk)
    wait_until(lambda: CheckRun.objects.get().state == JobState.DONE, "the check is done")
    run.refresh_from_db()
    assert run.attempts == len(POINTS) + 1
    codes = list(run.findings.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) > 20
    assert Event.objects.filter(name="Checked").count() == 1


def test_two_hundred_checks_are_each_done_once_whatever_fails_meanwhile(
    applicant: User, own_redis: OwnRedis, start_worker: StartWorker, as_user: Callable[..., Client]
) -> None:
    first = builders.build_submission(applicant, checked=False)
    others = rows.copies(first, MANY - 1)
    client = as_user(applicant)

    def order(several: list) -> None:  # type: ignore[type-arg]
        for submission in several:
            checking.request_check(submission=submission, moment=Moment.SUBMISSION)
        assert client.get(reverse("proposals:detail", args=[first.reference])).status_code == 200

    order(others[:70])  # before there is a Redis
    own_redis.start()
    worker = start_worker(forking=True)
    order(others[70:110])
    wait_until(lambda: CheckRun.objects.filter(state=JobState.DONE).exists(), "the worker works")
    own_redis.stop()  # while it works
    order(others[110:150])
    own_redis.forget_everything()
    own_redis.start()
    order(others[150:])
    drop_connections()
    assert client.get(reverse("readyz")).json()["ready"]
    worker.kill_children()

    def sweep_here() -> int:
        try:
            return jobs.sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two_sweepers:
        sent = [two_sweepers.submit(sweep_here) for _ in range(2)]
        assert all(each.result() for each in sent)

    def is_all_done() -> bool:
        if own_redis.waiting_messages() == 0:
            let_leases_end()  # of what was in the hands of those that were killed
            sweep.delay()
        return not CheckRun.objects.exclude(state=JobState.DONE).exists()

    wait_until(is_all_done, "all checks are done")
    for pk in CheckRun.objects.values_list("pk", flat=True)[:5]:
        for _ in range(5):
            run_check.delay(pk)
    wait_until(lambda: own_redis.waiting_messages() == 0, "all messages are dealt with")
    checked = Counter(Event.objects.filter(name="Checked").values_list("aggregate_id", flat=True))
    assert len(checked) == MANY
    assert set(checked.values()) == {1}
    assert CheckRun.objects.count() == MANY
