"""Decisions: two people, within the limits, and no trace before they are published."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from applications.models import Proposal
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import Event
from bpf_portal.core.states import WrongState
from reviews.actions import deciding
from reviews.models import Decision, LetterBatch
from tests import builders

pytestmark = pytest.mark.django_db


def test_it_works(officer: User, approver: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer, kind="selected")
    deciding.confirm_decision(actor=approver, decision_id=decision.pk)

    (batch,) = deciding.publish_decisions(actor=officer, decision_ids=[decision.pk])

    decision.refresh_from_db()
    assert decision.state == "published"
    assert decision.letter_batch == batch
    assert decision.submission.state == "decided"
    assert decision.submission.proposal.state == "concluded"


def test_a_shortlisted_company_writes_its_detailed_proposal(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer, kind="shortlisted")
    builders.publish(officer, decision)

    proposal = Proposal.objects.get(pk=decision.submission.proposal_id)
    assert (proposal.state, proposal.stage) == ("draft", "detailed_proposal")


def test_the_preparer_cannot_confirm(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    with pytest.raises(NotAllowed):
        deciding.confirm_decision(actor=officer, decision_id=decision.pk)


def test_not_even_after_a_change_of_role(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    officer.role = "approver"
    officer.save()
    with pytest.raises(NotAllowed, match="Somebody else"):
        deciding.confirm_decision(actor=officer, decision_id=decision.pk)


def test_the_database_itself_insists_on_four_eyes(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    with pytest.raises(IntegrityError, match="decision_four_eyes"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(
            state="confirmed", confirmed_by=officer, confirmed_at=decision.prepared_at
        )


@pytest.mark.parametrize(
    ("kind", "amount", "grounds", "field"),
    [
        ("selected", None, "", "amount"),
        ("selected", Decimal("0.00"), "", "amount"),
        ("selected", Decimal("150000.01"), "", "amount"),
        ("reserve", Decimal("100.00"), "", "amount"),
        ("not_selected", None, " ", "grounds"),
        ("shortlisted", None, "", "kind"),
        ("ineligible", None, "x", "kind"),
        ("nonsense", None, "", "kind"),
    ],
)
def test_what_cannot_be_decided_is_said_beside_its_field(
    kind: str,
    amount: Decimal | None,
    grounds: str,
    field: str,
    officer: User,
    reviewer: User,
) -> None:
    submission = builders.build_eligible(officer, builders.build_stage_2(officer))
    builders.build_scored(builders.build_assignment(officer, reviewer, submission))

    with pytest.raises(ValidationError) as refusal:
        deciding.prepare_decision(
            actor=officer, submission_id=submission.pk, kind=kind, amount=amount, grounds=grounds
        )

    assert set(refusal.value.message_dict) == {field}
    assert not Decision.objects.filter(submission=submission).exists()


def test_an_unconfirmed_decision_is_not_published(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    with pytest.raises(NotAllowed):
        deciding.publish_decisions(actor=officer, decision_ids=[decision.pk])
    assert not LetterBatch.objects.exists()


def test_publishing_twice_makes_one_batch(officer: User, approver: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    deciding.confirm_decision(actor=approver, decision_id=decision.pk)
    deciding.publish_decisions(actor=officer, decision_ids=[decision.pk])

    assert deciding.publish_decisions(actor=officer, decision_ids=[decision.pk]) == []
    assert LetterBatch.objects.count() == 1


def test_a_decision_sent_back_is_prepared_again(
    officer: User, approver: User, reviewer: User
) -> None:
    decision = builders.build_decision(officer, reviewer, kind="not_shortlisted")
    deciding.send_back_decision(actor=approver, decision_id=decision.pk, reason="Why?")
    with pytest.raises(WrongState):
        deciding.confirm_decision(actor=approver, decision_id=decision.pk)

    again = deciding.prepare_decision(
        actor=officer, submission_id=decision.submission_id, kind="shortlisted"
    )
    deciding.confirm_decision(actor=approver, decision_id=again.pk)

    assert again.pk == decision.pk
    events = Event.objects.filter(aggregate="decision", aggregate_id=decision.pk)
    assert list(events.values_list("name", flat=True)) == [
        "DecisionPrepared",
        "DecisionSentBack",
        "DecisionPrepared",
        "DecisionConfirmed",
    ]


def test_the_company_sees_no_trace_before_publication(
    applicant: User, officer: User, approver: User, reviewer: User
) -> None:
    submission = builders.build_submission(applicant)
    decision = builders.build_decision(officer, reviewer, submission=submission)
    deciding.confirm_decision(actor=approver, decision_id=decision.pk)

    assert not Decision.objects.visible_to(applicant).exists()
    assert submission.proposal.state == "submitted"

    deciding.publish_decisions(actor=officer, decision_ids=[decision.pk])
    assert Decision.objects.visible_to(applicant).get() == decision
