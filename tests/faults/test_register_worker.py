"""A worker killed while a register is asked: the next one asks again; the answer counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from applications.models import CheckRun, RegisterAnswer
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import Event
from bpf_portal.core.tasks import sweep
from tests import builders
from tests.processes import PATIENCE_SECONDS, OwnRedis, Worker, wait_until
from tests.registers import RegisterServer, running_register

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def register(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegisterServer]:
    """For this process and for the workers that it starts."""
    with running_register() as server:
        settings.LBR_URL = server.url
        monkeypatch.setenv("LBR_URL", server.url)
        yield server


def test_a_worker_killed_while_it_asks_is_replaced(
    applicant: User,
    own_redis: OwnRedis,
    start_worker: Callable[[], Worker],
    register: RegisterServer,
) -> None:
    own_redis.start()
    register.may_answer.clear()
    submission = builders.build_submission(applicant, checked=False)
    first = start_worker()
    assert register.asked.acquire(timeout=PATIENCE_SECONDS), "the worker asked the register"
    first.kill()
    register.may_answer.set()
    answer = RegisterAnswer.objects.get()
    assert (answer.state, answer.verdict) == (JobState.RUNNING, "")

    RegisterAnswer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    CheckRun.objects.filter(state="running").update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    start_worker()
    sweep.delay()
    wait_until(lambda: RegisterAnswer.objects.get().is_over, "the next worker has the answer")
    assert RegisterAnswer.objects.get().verdict == "valid"
    assert Event.objects.filter(name="RegisterAnswered").count() == 1
    assert CheckRun.objects.filter(submission=submission, moment="register").count() == 1
