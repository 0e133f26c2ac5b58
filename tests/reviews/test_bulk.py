"""One action on many: each asked for again, with its result; nothing twice, nothing half hidden."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.models import Submission
from bpf_portal.core import jobs
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from bpf_portal.core.states import WrongState
from reviews.actions import bulk, deciding, interests
from reviews.models import BulkAction, BulkItem, Decision, LetterBatch
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]


def results(action: BulkAction) -> list[tuple[str, str]]:
    return list(action.items.values_list("result", "why"))


def do(action: BulkAction) -> BulkAction:
    assert jobs.run(BulkAction, action.pk, bulk.perform)
    return BulkAction.objects.get(pk=action.pk)


def prepared(officer: User, **fields: Any) -> Decision:
    return builders.build_decision(officer, builders.build_user("reviewer"), **fields)


def confirmed(officer: User) -> Decision:
    decision = prepared(officer, kind="not_shortlisted")
    deciding.confirm_decision(actor=builders.build_user("approver"), decision_id=decision.pk)
    return decision


def test_it_works(officer: User) -> None:
    first, second = builders.build_submission(), builders.build_submission()
    builders.do_waiting_jobs()
    builders.build_eligible(officer, second)

    action = bulk.begin_bulk(
        actor=officer,
        kind="confirm_eligible",
        chosen=[first.pk, second.pk],
        options={"reason": "Checked by hand."},
    )
    assert Submission.objects.get(pk=first.pk).state == "received"
    action = do(action)

    assert (action.state, action.progress_done, action.progress_total) == ("done", 2, 2)
    assert Submission.objects.get(pk=first.pk).state == "eligible"
    done, refused = results(action)
    assert done == ("done", "")
    assert refused[0] == "refused"
    assert "changed in the meantime" in refused[1]


def test_a_worker_killed_in_the_middle_does_nothing_twice(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = [builders.build_submission() for _ in range(3)]
    builders.do_waiting_jobs()
    action = bulk.begin_bulk(actor=officer, kind="rerun", chosen=[each.pk for each in filed])
    before = [each.check_runs.count() for each in filed]

    report = BulkAction.report_progress

    def killed(self: BulkAction, done: int, total: int) -> None:
        report(self, done, total)
        if done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(BulkAction, "report_progress", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(BulkAction, action.pk, bulk.perform)
    monkeypatch.undo()
    assert [result for result, _ in results(action)] == ["done", "done", "waiting"]

    BulkAction.objects.filter(pk=action.pk).update(lease_until=timezone.now() - timedelta(1))
    do(action)
    assert [each.check_runs.count() for each in filed] == [count + 1 for count in before]


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_action_do_each_once(reference: None) -> None:
    officer = builders.build_user("officer")
    filed = [builders.build_submission() for _ in range(2)]
    builders.do_waiting_jobs()
    action = bulk.begin_bulk(
        actor=officer,
        kind="confirm_eligible",
        chosen=[each.pk for each in filed],
        options={"reason": "Checked by hand."},
    )
    start, errors = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait(timeout=10)
            bulk.perform(BulkAction.objects.get(pk=action.pk))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert results(action) == [("done", "")] * 2
    assert Event.objects.filter(name="EligibilityConfirmed").count() == 2


def test_the_same_decision_is_prepared_for_many(officer: User) -> None:
    ready = builders.build_eligible(officer)
    builders.build_scored(
        builders.build_assignment(officer, builders.build_user("reviewer"), ready)
    )
    withdrawn = builders.build_submission()
    Submission.objects.filter(pk=withdrawn.pk).update(state="withdrawn")

    action = do(
        bulk.begin_bulk(
            actor=officer,
            kind="prepare",
            chosen=[ready.pk, withdrawn.pk],
            options={"decision": "not_shortlisted", "grounds": "Below the threshold."},
        )
    )

    assert [result for result, _ in results(action)] == ["done", "refused"]
    assert Decision.objects.get().grounds == "Below the threshold."


def test_four_eyes_hold_for_many_too(officer: User) -> None:
    decision, other = prepared(officer), prepared(builders.build_user("officer"))
    officer.role = "approver"
    officer.save()
    action = bulk.begin_bulk(actor=officer, kind="confirm", chosen=[decision.pk, other.pk])
    assert results(do(action)) == [
        ("refused", "Somebody else must confirm what you prepared."),
        ("done", ""),
    ]


def test_the_right_is_asked_for_again_when_it_is_done(officer: User) -> None:
    filed = builders.build_submission()
    builders.do_waiting_jobs()
    action = bulk.begin_bulk(actor=officer, kind="confirm_eligible", chosen=[filed.pk])
    interests.recuse(officer, filed.proposal_id, "A cousin.")
    do(action)
    assert results(action) == [("refused", "You do not see this proposal any more.")]
    assert not BulkAction.objects.visible_to(officer).exists()


@pytest.mark.parametrize(
    ("kind", "role"),
    [("confirm_eligible", "approver"), ("confirm", "officer"), ("publish", "auditor")],
)
def test_a_role_begins_only_what_is_its_own(kind: str, role: str, officer: User) -> None:
    with pytest.raises(NotAllowed):
        bulk.begin_bulk(actor=builders.build_user(role), kind=kind, chosen=[1])


# --- publishing at a chosen time ----------------------------------------------------------------


def test_decisions_are_published_together_at_the_chosen_time(officer: User) -> None:
    decisions = [confirmed(officer), confirmed(officer)]
    at = timezone.now() + timedelta(days=2)
    action = bulk.begin_bulk(
        actor=officer, kind="publish", chosen=[each.pk for each in decisions], at=at
    )
    builders.do_waiting_jobs()
    assert not Decision.objects.published().exists()
    assert not jobs.run(BulkAction, action.pk, bulk.perform)

    back = deciding.send_back_decision
    back(actor=builders.build_user("approver"), decision_id=decisions[1].pk, reason="Wait.")
    with time_machine.travel(at + timedelta(seconds=1)):
        assert BulkAction.objects.left_lying().get() == action  # the sweeper finds it
        do(action)

    (published,) = Decision.objects.published()
    assert published == decisions[0]
    assert [result for result, _ in results(action)] == ["done", "refused"]


def test_one_batch_of_letters_a_call(officer: User) -> None:
    decisions = [confirmed(officer) for _ in range(2)]
    calls = {each.submission.call_id for each in decisions}
    chosen = [each.pk for each in decisions]
    do(bulk.begin_bulk(actor=officer, kind="publish", chosen=chosen))
    assert LetterBatch.objects.count() == len(calls)
    assert Decision.objects.published().count() == 2


def test_before_its_time_it_can_be_called_off(officer: User) -> None:
    decision = confirmed(officer)
    at = timezone.now() + timedelta(days=2)
    action = bulk.begin_bulk(actor=officer, kind="publish", chosen=[decision.pk], at=at)
    bulk.call_off_bulk(actor=officer, bulk_id=action.pk)
    with time_machine.travel(at + timedelta(days=1)):
        assert not jobs.run(BulkAction, action.pk, bulk.perform)
    assert results(action) == [("left", "")]
    with pytest.raises(WrongState):
        bulk.call_off_bulk(actor=officer, bulk_id=action.pk)


@pytest.mark.parametrize("days", [-1, 400])
def test_a_moment_that_is_over_or_far_away_is_no_time(days: int, officer: User) -> None:
    at = timezone.now() + timedelta(days=days)
    decision = confirmed(officer)
    with pytest.raises(ValidationError) as refusal:
        bulk.begin_bulk(actor=officer, kind="publish", chosen=[decision.pk], at=at)
    assert set(refusal.value.message_dict) == {"at"}


# --- the pages ----------------------------------------------------------------------------------


def test_rows_are_chosen_in_the_list_and_each_has_its_line(as_user: AsUser, officer: User) -> None:
    filed = [builders.build_submission() for _ in range(2)]
    builders.do_waiting_jobs()
    client = as_user(officer)
    listed = client.get(reverse("admin:applications_submission_changelist")).content.decode()
    assert f'name="chosen" value="{filed[0].pk}"' in listed

    sent = {
        "target": "submission",
        "kind": "confirm_eligible",
        "chosen": [each.pk for each in filed],
    }
    asked = client.post(reverse("admin:bulk_begin"), sent)
    assert asked.status_code == 200
    assert filed[1].reference in asked.content.decode()
    assert not BulkAction.objects.exists()

    begun = client.post(
        reverse("admin:bulk_begin"), {**sent, "sure": "1", "reason": "Checked by hand."}
    )
    action = BulkAction.objects.get()
    assert begun["Location"] == reverse("admin:reviews_bulkaction_change", args=(action.pk,))
    do(action)
    page = client.get(begun["Location"]).content.decode()
    assert "2 of 2 proposals." in page
    assert filed[0].reference in page


def test_nothing_chosen_or_nothing_known_leads_back_to_the_list(
    as_user: AsUser, officer: User
) -> None:
    client = as_user(officer)
    for sent in (
        {"target": "decision", "kind": "publish"},
        {"target": "decision", "kind": "nonsense", "chosen": "1"},
        {"target": "decision", "kind": "rerun", "chosen": "1"},
    ):
        answer = client.post(reverse("admin:bulk_begin"), sent)
        assert answer["Location"] == reverse("admin:reviews_decision_changelist")
    unknown = {"target": "decision", "kind": "publish", "chosen": ["x", "9" * 40, "999999"]}
    assert client.post(reverse("admin:bulk_begin"), unknown).status_code == 404


def test_a_chosen_time_is_typed_shown_and_called_off(as_user: AsUser, officer: User) -> None:
    decision = confirmed(officer)
    client = as_user(officer)
    sent = {"target": "decision", "kind": "publish", "chosen": decision.pk, "sure": "1"}
    refused = client.post(reverse("admin:bulk_begin"), {**sent, "at": "2020-01-01T10:00"})
    assert refused.status_code == 422
    assert "still to come" in refused.content.decode()

    at = timezone.localtime() + timedelta(days=3)
    client.post(reverse("admin:bulk_begin"), {**sent, "at": at.strftime("%Y-%m-%dT%H:%M")})
    action = BulkAction.objects.get()
    assert abs(action.not_before - at) < timedelta(minutes=1)
    page = reverse("admin:reviews_bulkaction_change", args=(action.pk,))
    assert "Call it off" in client.get(page).content.decode()
    client.post(reverse("admin:reviews_bulkaction_call_off", args=(action.pk,)))
    assert BulkItem.objects.get().result == "left"


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("send_back", {"reason": "x" * 10_001}),
        ("publish", {"at": "tomorrow"}),
        ("publish", {"at": "9999-12-31T23:59"}),
        ("publish", {"at": "0001-01-01T00:00"}),
    ],
)
def test_what_cannot_be_taken_is_said_and_begins_nothing(
    kind: str, typed: dict[str, str], as_user: AsUser, officer: User, approver: User
) -> None:
    decision = prepared(officer)
    sent = {"target": "decision", "kind": kind, "chosen": decision.pk, "sure": "1", **typed}
    answer = as_user(approver).post(reverse("admin:bulk_begin"), sent)
    assert answer.status_code == 422
    assert not BulkAction.objects.exists()


@pytest.mark.parametrize("decision", ["", "selected", "nonsense"])
def test_no_award_is_prepared_for_many(decision: str, as_user: AsUser, officer: User) -> None:
    filed = builders.build_submission()
    sent = {"target": "submission", "kind": "prepare", "chosen": filed.pk, "sure": "1"}
    answer = as_user(officer).post(reverse("admin:bulk_begin"), {**sent, "decision": decision})
    assert answer.status_code == 422
    assert not BulkAction.objects.exists()
