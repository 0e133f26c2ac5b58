"""Two hundred hand-ins on the evening of a deadline, while everything fails that can."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from applications.actions import submitting
from applications.models import Call, CheckRun, Moment, Proposal, Receipt
from applications.tasks import run_check
from bpf_portal.core import jobs
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event
from tests import builders
from tests.processes import OwnRedis, Worker, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[[], Worker]
PROPOSALS = 200
#: How often the sweepers come round until the last is done: minutes, on a day like this.
ROUNDS = 6
#: Pages of PDF are not what this is about: they wait until tomorrow.
TOMORROW = timedelta(days=1)


def hand_in(author: User, proposals: Sequence[Proposal]) -> None:
    for each in proposals:
        with transaction.atomic():
            submission = submitting.submit(actor=author, proposal_id=each.pk)
            Receipt.objects.filter(revision__submission=submission).update(
                not_before=timezone.now() + TOMORROW
            )


def restart_the_database() -> None:
    """What its clients see of it: every connection ends in the middle of what it did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def let_time_pass() -> None:
    """Leases of workers that lost their connection end, and pauses after an error are over."""
    past = timezone.now() - timedelta(seconds=1)
    runs = CheckRun.objects.exclude(state=JobState.DONE)
    runs.filter(state=JobState.RUNNING).update(lease_until=past)
    runs.filter(state=JobState.QUEUED).update(not_before=past)


def two_sweepers() -> None:
    """Both at the same moment, as when somebody started beat twice."""

    def sweep() -> None:
        try:
            start.wait(timeout=10)
            jobs.sweep()
        finally:
            connection.close()

    start = threading.Barrier(2)
    threads = [threading.Thread(target=sweep) for _each in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def lose_redis(redis: OwnRedis) -> None:
    redis.stop()
    redis.forget_everything()


def done() -> int:
    return CheckRun.objects.filter(state=JobState.DONE).count()


def test_each_has_exactly_one_finished_run(
    applicant: User, open_call: Call, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    drafts = [builders.build_complete_proposal(applicant, open_call) for _each in range(PROPOSALS)]
    before, during, after = drafts[:60], drafts[60:130], drafts[130:]

    hand_in(applicant, before)  # Redis is not there at all
    own_redis.start()
    start_worker()
    start_worker()
    hand_in(applicant, during[:35])
    lose_redis(own_redis)
    hand_in(applicant, during[35:])
    own_redis.start()
    hand_in(applicant, after)
    restart_the_database()
    two_sweepers()
    wait_until(lambda: done() > PROPOSALS // 4, "the workers are at it")
    restart_the_database()
    lose_redis(own_redis)
    own_redis.start()

    first = CheckRun.objects.earliest("pk")
    for _each in range(5):
        run_check.delay(first.pk)
    rounds = 0
    while CheckRun.objects.exclude(state=JobState.DONE).exists():
        rounds += 1
        assert rounds <= ROUNDS, f"{done()} of {PROPOSALS} are checked"
        let_time_pass()
        two_sweepers()
        wait_until(lambda: not own_redis.waiting_messages(), "the workers did what was sent")

    runs = CheckRun.objects.filter(moment=Moment.SUBMISSION).values_list("submission", flat=True)
    assert len(runs) == len(set(runs)) == PROPOSALS
    # Proposals so much alike make others be checked again: of those too, each is done once.
    told = Event.objects.filter(name="Checked").values_list("details__check_run", flat=True)
    assert sorted(told) == sorted(CheckRun.objects.values_list("pk", flat=True))
