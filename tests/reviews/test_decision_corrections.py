"""A published decision is corrected by another one only, which names it and says why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, transaction
from django.utils import timezone, translation

from accounts.models import User
from applications.models import Proposal
from applications.views.outcome import published_outcomes
from applications.views.timeline import facts_of, timeline
from bpf_portal.core.access import NotAllowed
from bpf_portal.core.models import OutgoingEmail
from bpf_portal.core.states import WrongState
from reviews.actions import contracting, correcting_decisions, deciding
from reviews.actions.ranking import envelope_left, ranked
from reviews.admin.history import history
from reviews.models import Agreement, Decision, DecisionState, Letter
from reviews.reports import aggregates
from tests import builders
from tests.reviews.letters import letter_of, text_of

pytestmark = pytest.mark.django_db

WHY = "Une page de la grille n’avait pas été lue."


def published(
    officer: User, reviewer: User, *, user: User | None = None, **fields: Any
) -> Decision:
    """With its letter."""
    if user is not None:
        stage_2 = fields.get("kind") in ("selected", "reserve", "not_selected")
        build = (
            builders.build_stage_2(officer, user) if stage_2 else builders.build_submission(user)
        )
        fields["submission"] = build
    decision = builders.build_decision(officer, reviewer, **fields)
    builders.publish(officer, decision)
    decision.refresh_from_db()
    return decision


def correct(officer: User, old: Decision, kind: str, **fields: Any) -> Decision:
    return correcting_decisions.prepare_correction(
        actor=officer,
        decision_id=old.pk,
        kind=kind,
        **{"correction_reason": WHY, **fields},
    )


def put_in_place(officer: User, new: Decision) -> Decision:
    builders.publish(officer, new)
    new.refresh_from_db()
    return new


def test_it_works(officer: User, reviewer: User, applicant: User) -> None:
    old = published(officer, reviewer, user=applicant, kind="not_shortlisted")
    new = correct(officer, old, "shortlisted")
    assert not Decision.objects.visible_to(applicant).filter(pk=new.pk).exists()
    assert old.submission.decision == old

    put_in_place(officer, new)

    old.refresh_from_db()
    assert (old.state, new.state, new.replaces) == ("replaced", "published", old)
    assert old.kind == "not_shortlisted"
    assert type(old.submission).objects.get(pk=old.submission_id).decision == new
    proposal = Proposal.objects.get(pk=old.submission.proposal_id)
    assert (proposal.state, proposal.stage) == ("draft", "detailed_proposal")


def test_a_second_person_confirms_the_correction_too(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="not_shortlisted")
    new = correct(officer, old, "shortlisted")
    officer.role = "approver"
    officer.save()
    with pytest.raises(NotAllowed, match="Somebody else"):
        deciding.confirm_decision(actor=officer, decision_id=new.pk)


def test_the_new_letter_names_the_old_one_and_says_why(
    officer: User, reviewer: User, applicant: User
) -> None:
    old = published(officer, reviewer, user=applicant, kind="not_shortlisted")
    new = put_in_place(officer, correct(officer, old, "shortlisted"))

    letter, earlier = letter_of(new), letter_of(old)
    said = text_of(letter)
    assert "Décision rectificative" in said
    assert f"notre lettre {earlier.reference}" in said
    assert WHY in said
    assert earlier.reference in OutgoingEmail.objects.latest("pk").body
    assert list(Letter.objects.visible_to(applicant)) == [letter, earlier]


def test_the_company_reads_both_and_which_one_stands(
    officer: User, reviewer: User, applicant: User
) -> None:
    old = published(officer, reviewer, user=applicant, kind="shortlisted")
    put_in_place(officer, correct(officer, old, "not_shortlisted", grounds="Seuil non atteint."))

    proposal = Proposal.objects.get(pk=old.submission.proposal_id)
    assert (proposal.state, proposal.stage) == ("concluded", "preselection")
    first, second = published_outcomes(applicant, [proposal])[proposal.pk]
    assert (first.replaced, second.replaced) == (True, False)
    assert second.correction_reason == WHY
    with translation.override("en"):
        lines = [entry.sentence for entry in timeline(facts_of(applicant, proposal))]
    assert "The decision was corrected: not shortlisted." in lines


def test_only_the_standing_decision_counts(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="selected")
    call = old.submission.call
    new = correct(officer, old, "selected", amount=Decimal("90000.00"))
    everything = type(old.submission).objects.all()

    assert envelope_left(call, without=0) == Decimal("850000.00")
    put_in_place(officer, new)

    assert envelope_left(call, without=0) == Decimal("910000.00")
    line: Any = ranked(everything, call, "detailed_proposal").get()
    assert line.cumulative == Decimal("90000.00")
    year = timezone.localdate().year
    assert aggregates.counts_by_year()[year].by_kind == {"selected": 1, "shortlisted": 1}
    assert aggregates.money_of(year).awarded == Decimal("90000.00")


def test_a_correction_moves_no_award_into_another_year(officer: User, reviewer: User) -> None:
    old = builders.build_decision(officer, reviewer, kind="not_shortlisted")
    deciding.confirm_decision(actor=builders.build_user("approver"), decision_id=old.pk)
    last_year = timezone.now().replace(year=timezone.now().year - 1, day=1)
    deciding.publish_decisions(actor=officer, decision_ids=[old.pk], moment=last_year)
    builders.do_waiting_jobs()

    new = put_in_place(officer, correct(officer, old, "not_shortlisted", grounds="Autre motif."))

    assert new.published_at is not None
    assert new.published_at.year == last_year.year + 1
    assert aggregates.published_in(last_year.year).get() == new


def test_history_tells_of_both(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="not_shortlisted")
    put_in_place(officer, correct(officer, old, "shortlisted"))
    told = [each.what for each in history(old.submission, assignment_ids=[])]
    for sentence in (
        "Decision published: not shortlisted",
        "Correction of the decision prepared: shortlisted",
        "Decision replaced by a correction: not shortlisted",
        "Decision published: shortlisted",
    ):
        assert sentence in told


def test_the_contract_in_preparation_follows(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="selected")
    agreement = Agreement.objects.get(decision=old)
    lower = put_in_place(officer, correct(officer, old, "selected", amount=Decimal("90000.00")))
    agreement.refresh_from_db()
    assert (agreement.decision, agreement.state) == (lower, "preparing")

    put_in_place(officer, correct(officer, lower, "reserve"))
    agreement.refresh_from_db()
    assert (agreement.decision, agreement.state, agreement.reason) == (lower, "given_up", WHY)


def test_after_the_contract_the_award_is_not_decided_again(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="selected")
    new = correct(officer, old, "reserve")
    agreement = Agreement.objects.get(decision=old)
    contracting.give_up_agreement(actor=officer, agreement_id=agreement.pk, reason="Withdrawn.")

    with pytest.raises(ValidationError, match="contract"):
        builders.publish(officer, new)
    new.refresh_from_db()
    assert new.state == "prepared"


def test_the_second_stage_does_not_close_once_it_was_handed_in(
    officer: User, reviewer: User
) -> None:
    stage_2 = builders.build_stage_2(officer)
    old = Decision.objects.get(submission__proposal=stage_2.proposal)
    with pytest.raises(ValidationError) as refusal:
        correct(officer, old, "not_shortlisted", grounds="Seuil non atteint.")
    assert set(refusal.value.message_dict) == {"kind"}


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        (
            "selected",
            {"amount": Decimal("90000.00"), "correction_reason": " "},
            "correction_reason",
        ),
        ("selected", {"amount": Decimal("150000.01")}, "amount"),
        ("not_selected", {"grounds": ""}, "grounds"),
        ("shortlisted", {}, "kind"),
        ("nonsense", {}, "kind"),
    ],
)
def test_what_cannot_be_corrected_is_said_beside_its_field(
    kind: str, fields: dict[str, Any], field: str, officer: User, reviewer: User
) -> None:
    old = published(officer, reviewer, kind="selected")
    with pytest.raises(ValidationError) as refusal:
        correct(officer, old, kind, **fields)
    assert set(refusal.value.message_dict) == {field}
    assert Decision.objects.filter(replaces=old).count() == 0


def test_one_correction_at_a_time_and_only_of_what_stands(
    officer: User, approver: User, reviewer: User
) -> None:
    old = published(officer, reviewer, kind="not_shortlisted")
    new = correct(officer, old, "shortlisted")
    with pytest.raises(WrongState, match="correct"):
        correct(officer, old, "shortlisted")
    with pytest.raises(WrongState):
        correct(officer, new, "shortlisted")

    deciding.send_back_decision(actor=approver, decision_id=new.pk, reason="Why?")
    assert correct(officer, old, "shortlisted") == new

    correcting_decisions.drop_correction(actor=officer, decision_id=new.pk, reason="It was right.")
    again = correct(officer, old, "shortlisted")
    assert again != new
    put_in_place(officer, again)
    with pytest.raises(WrongState):
        correct(officer, old, "shortlisted")


def test_a_decision_that_corrects_none_is_not_dropped(officer: User, reviewer: User) -> None:
    decision = builders.build_decision(officer, reviewer)
    with pytest.raises(WrongState):
        correcting_decisions.drop_correction(actor=officer, decision_id=decision.pk, reason="No.")


def test_the_database_itself_keeps_what_was_published(officer: User, reviewer: User) -> None:
    old = published(officer, reviewer, kind="not_shortlisted")
    for change in ({"grounds": "Other."}, {"state": DecisionState.CONFIRMED}):
        with pytest.raises(InternalError, match="published decision"), transaction.atomic():
            Decision.objects.filter(pk=old.pk).update(**change)
    criterion = old.submission.assignments.get().score_sheet.rubric.criteria.first()
    assert criterion is not None
    with pytest.raises(InternalError, match="published decision"), transaction.atomic():
        old.reasons.create(criterion=criterion, text="Late.")


def test_an_approver_or_a_stranger_corrects_nothing(
    officer: User, approver: User, applicant: User, reviewer: User
) -> None:
    old = published(officer, reviewer, user=applicant, kind="not_shortlisted")
    for person in (approver, applicant, reviewer):
        with pytest.raises(NotAllowed):
            correct(person, old, "shortlisted")
