"""Letters are issued once each and numbered without a gap, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bpf_portal.core.models import Event, OutgoingEmail
from bpf_portal.core.tasks import sweep
from reviews.actions import deciding
from reviews.models import Letter, LetterBatch
from reviews.tasks import issue_letters
from tests import builders
from tests.processes import OwnRedis, Worker, row_held, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[[], Worker]
DECISIONS = 3


def waits_for_the_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%\"reviews_decision\"%'"
        )
        return cursor.fetchone() is not None


def published_batch(officer: User, reviewer: User, approver: User) -> LetterBatch:
    call = builders.build_call()
    decisions = [
        builders.build_decision(
            officer, reviewer, kind="ineligible", submission=builders.build_submission(call=call)
        )
        for _ in range(DECISIONS)
    ]
    for decision in decisions:
        deciding.confirm_decision(actor=approver, decision_id=decision.pk)
    (batch,) = deciding.publish_decisions(
        actor=officer, decision_ids=[decision.pk for decision in decisions]
    )
    return batch


def is_done(batch: LetterBatch) -> bool:
    batch.refresh_from_db()
    return batch.state == "done"


def test_a_worker_killed_between_two_letters_is_replaced_and_each_letter_issued_once(
    officer: User,
    reviewer: User,
    approver: User,
    own_redis: OwnRedis,
    start_worker: StartWorker,
) -> None:
    own_redis.start()
    batch = published_batch(officer, reviewer, approver)
    first, second, third = batch.decisions.order_by("pk")
    with row_held(second):
        worker = start_worker()
        wait_until(waits_for_the_row, "the worker is at the second letter")
        worker.kill()
    wait_until(lambda: not waits_for_the_row(), "the database noticed")
    assert list(Letter.objects.values_list("decision", flat=True)) == [first.pk]
    issued = Letter.objects.get()

    start_worker()
    LetterBatch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.delay()
    wait_until(lambda: is_done(batch), "the sweeper had the letters finished")

    for _ in range(3):
        issue_letters.delay(batch.pk)
    wait_until(lambda: own_redis.waiting_messages() <= 1, "all messages are dealt with")
    letters = Letter.objects.order_by("number")
    assert [letter.number for letter in letters] == [1, 2, 3]
    assert {letter.decision_id for letter in letters} == {first.pk, second.pk, third.pk}
    assert letters[0].sha256 == issued.sha256
    assert Event.objects.filter(name="LetterIssued").count() == DECISIONS
    told = OutgoingEmail.objects.filter(body__contains=issued.reference)
    assert told.count() == 1
