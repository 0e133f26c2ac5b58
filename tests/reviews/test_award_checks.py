"""Checks before an award: as of today, and what they find waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications.actions import checking, fresh_checks
from applications.models import Moment, Submission
from bpf_portal.core.states import WrongState
from reviews.actions import deciding
from reviews.models import Decision
from tests import builders

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Client]
#: The call's deadline lies a month ahead; by now it is long over.
LATER = timedelta(days=120)


def prepare(officer: User, submission: Submission) -> Decision:
    return deciding.prepare_decision(
        actor=officer, submission_id=submission.pk, kind="selected", amount=Decimal("150000.00")
    )


def why_refused(officer: User, submission: Submission) -> str:
    with pytest.raises(ValidationError) as refusal:
        prepare(officer, submission)
    (said,) = refusal.value.message_dict["kind"]
    return str(said)


@pytest.fixture
def reviewed(applicant: User, officer: User, reviewer: User) -> Submission:
    """At its detailed stage, scored. Much aid is granted after the deadline: the window of the
    deadline does not hold it, that of the award does."""
    builders.build_organisation(applicant).de_minimis_aid.create(
        granted_on=timezone.localdate() + timedelta(days=60),
        amount=Decimal("299000.00"),
        granted_by="Ministry of the Economy",
        member_state_id="LU",
    )
    submission = builders.build_eligible(officer, builders.build_stage_2(officer, applicant))
    builders.build_scored(builders.build_assignment(officer, reviewer, submission))
    submission.refresh_from_db()  # it is being reviewed since
    return submission


def test_an_award_stands_on_checks_of_these_days(
    as_user: AsUser, officer: User, approver: User, reviewed: Submission
) -> None:
    page = reverse("admin:applications_submission_decision", args=(reviewed.pk,))
    button = reverse("admin:applications_submission_award_check", args=(reviewed.pk,))
    with time_machine.travel(timezone.now() + LATER):
        client = as_user(officer)
        assert why_refused(officer, reviewed) == str(fresh_checks.TOO_OLD)
        assert button in client.get(page).content.decode()

        assert client.post(button).status_code == 302
        client.post(button)  # a second click asks for nothing more
        run = reviewed.check_runs.get(moment=Moment.AWARD)
        assert run.reference_date == timezone.localdate()
        assert why_refused(officer, reviewed) == str(fresh_checks.STILL_RUNNING)

        builders.do_waiting_jobs()
        assert builders.finding_of(reviewed, "aid.de_minimis").outcome == "fail"
        assert "minimis" in why_refused(officer, reviewed)
        assert "minimis" in client.get(page).content.decode()
        builders.decide(officer, reviewed, "aid.de_minimis", "overrule")
        assert "it can be awarded" in client.get(page).content.decode()
        decision = prepare(officer, reviewed)

    with time_machine.travel(timezone.now() + LATER + timedelta(days=30)):
        with pytest.raises(ValidationError, match="as of an earlier day"):
            deciding.confirm_decision(actor=approver, decision_id=decision.pk)
        # Any later check is as of its own day too; what was decided on the same aid stands.
        again = checking.request_check(submission=reviewed, moment=Moment.RERUN)
        assert again.reference_date == timezone.localdate()
        builders.do_waiting_jobs()
        deciding.confirm_decision(actor=approver, decision_id=decision.pk)

    submitted = builders.build_submission()
    with pytest.raises(WrongState):
        fresh_checks.check_before_award(actor=officer, submission_id=submitted.pk)
