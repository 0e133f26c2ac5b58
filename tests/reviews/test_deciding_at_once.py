"""Two people decide at the same moment: one effect, and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import User
from applications.models import Submission
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from bpf_portal.core.states import WrongState
from reviews.actions import deciding
from reviews.models import Decision
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)

TOLD = (WrongState, NotAllowed, ValidationError)


def at_once(*attempts: Callable[[], object]) -> list[str]:
    """What each met with: "done", or the name of its refusal."""
    start, met = threading.Barrier(len(attempts)), []

    def run(attempt: Callable[[], object]) -> None:
        try:
            start.wait(timeout=10)
            attempt()
            met.append("done")
        except TOLD as error:
            met.append(type(error).__name__)
        except Exception as error:
            met.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(each,)) for each in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(met)


def events(name: str) -> int:
    return Event.objects.filter(name=name).count()


def scored() -> Submission:
    officer, reviewer = builders.build_user("officer"), builders.build_user("reviewer")
    submission = builders.build_eligible(officer)
    builders.build_scored(builders.build_assignment(officer, reviewer, submission))
    return submission


def officers(number: int = 2) -> Sequence[User]:
    return [builders.build_user("officer") for _ in range(number)]


def test_two_officers_decide_the_same_dossier(reference: None) -> None:
    submission = scored()
    met = at_once(
        *(
            lambda officer=officer, kind=kind: deciding.prepare_decision(
                actor=officer, submission_id=submission.pk, kind=kind, grounds="Below."
            )
            for officer, kind in zip(officers(), ("shortlisted", "not_shortlisted"), strict=True)
        )
    )
    assert met == ["WrongState", "done"]
    assert Decision.objects.count() == events("DecisionPrepared") == 1


def test_two_approvers_confirm(reference: None) -> None:
    decision = builders.build_decision(
        builders.build_user("officer"), builders.build_user("reviewer")
    )
    approvers = [builders.build_user("approver") for _ in range(2)]
    met = at_once(
        *(
            lambda approver=approver: deciding.confirm_decision(
                actor=approver, decision_id=decision.pk
            )
            for approver in approvers
        )
    )
    assert met == ["WrongState", "done"]
    assert events("DecisionConfirmed") == 1
