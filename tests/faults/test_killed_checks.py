"""A check killed wherever it happens to be: it is done, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from applications.models import CheckRun
from applications.tasks import run_check
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event
from tests import builders
from tests.processes import OwnRedis, Worker, wait_until

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
