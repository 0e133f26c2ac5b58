"""Redis may be away, frozen or emptied at any moment: nothing is lost, and pages answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import CheckRun, Proposal, Submission
from bpf_portal.core import jobs
from bpf_portal.core.models import Event
from bpf_portal.core.tasks import sweep
from tests import builders
from tests.applications.pages import hand_in_data
from tests.processes import OwnRedis, Worker, wait_until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[[], Worker]
AsUser = Callable[[User], Client]


def hand_in(client: Client, proposal: Proposal) -> Submission:
    """Press the button; the page that follows must answer too."""
    url = reverse("proposals:submit", args=[proposal.reference])
    response = client.post(url, hand_in_data(client.get(url)), follow=True)
    assert response.redirect_chain == [
        (reverse("proposals:receipt", args=[proposal.reference, proposal.stage]), 302)
    ]
    assert response.status_code == 200
    return Submission.objects.get(proposal=proposal)


def is_done(run: CheckRun) -> bool:
    run.refresh_from_db()
    return run.state == jobs.JobState.DONE


def times_checked(submission: Submission) -> int:
    return Event.objects.filter(
        name="Checked", aggregate="submission", aggregate_id=submission.pk
    ).count()


def test_redis_away_keeps_the_submission_and_the_sweeper_has_it_checked_later(
    applicant: User, as_user: AsUser, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    proposal = builders.build_complete_proposal(applicant)

    submission = hand_in(as_user(applicant), proposal)

    run = submission.check_runs.get()
    assert (run.state, run.attempts) == (jobs.JobState.QUEUED, 0)
    assert jobs.sweep() == 0  # still away; asking does no harm

    own_redis.start()
    start_worker()
    sweep.delay()

    wait_until(lambda: is_done(run), "the check is done")
    assert (run.attempts, times_checked(submission)) == (1, 1)


def test_a_redis_that_accepts_and_never_answers_keeps_nobody_from_handing_in(
    applicant: User, as_user: AsUser, own_redis: OwnRedis
) -> None:
    proposal = builders.build_complete_proposal(applicant)
    own_redis.start()
    own_redis.freeze()

    submission = hand_in(as_user(applicant), proposal)

    assert submission.check_runs.get().state == jobs.JobState.QUEUED


def test_the_portal_says_that_redis_is_away_and_stays_ready(
    own_redis: OwnRedis, client: Client
) -> None:
    answer = client.get(reverse("readyz"))
    assert answer.status_code == 200
    assert answer.json()["redis"]["ok"] is False

    own_redis.start()
    assert client.get(reverse("readyz")).json()["redis"]["ok"] is True


def test_a_redis_that_came_back_empty_loses_no_check(
    applicant: User, as_user: AsUser, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    own_redis.start()
    proposal = builders.build_complete_proposal(applicant)
    submission = hand_in(as_user(applicant), proposal)
    assert own_redis.waiting_messages() == 3  # the check, the receipt and its mail

    own_redis.stop()
    own_redis.forget_everything()
    own_redis.start()
    assert own_redis.waiting_messages() == 0

    start_worker()
    sweep.delay()
    run = submission.check_runs.get()
    wait_until(lambda: is_done(run), "the check is done")
    assert (run.attempts, times_checked(submission)) == (1, 1)


def test_a_worker_goes_on_when_redis_comes_back(
    applicant: User, as_user: AsUser, own_redis: OwnRedis, start_worker: StartWorker
) -> None:
    own_redis.start()
    start_worker()
    client = as_user(applicant)
    first = hand_in(client, builders.build_complete_proposal(applicant))
    wait_until(lambda: is_done(first.check_runs.get()), "the worker works")

    own_redis.stop()
    own_redis.forget_everything()
    own_redis.start()

    second = hand_in(client, builders.build_complete_proposal(applicant))
    wait_until(lambda: is_done(second.check_runs.get()), "the same worker does the next check")
