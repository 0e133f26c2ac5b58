"""Every state, every action: what the tables say is what happens, and nothing else.

Each aggregate is brought into each of its states through the actions, then every action is tried
there. Where the table has the row the state is the table's; where it has not, WrongState is raised
and the row is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from applications.actions import correcting, drafting, eligibility, submitting
from applications.actions.completeness import with_everything
from applications.actions.last_look import last_look
from applications.models import (
    CORRECTION_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    CorrectionRequest,
    CorrectionState,
    Proposal,
    ProposalState,
    Submission,
    SubmissionState,
)
from bpf_portal.core.states import TransitionTable, WrongState
from reviews.actions import assigning, deciding, interests, profiling, scoring
from reviews.models import (
    ASSIGNMENT_TRANSITIONS,
    CONFLICT_TRANSITIONS,
    DECISION_TRANSITIONS,
    Assignment,
    AssignmentState,
    Conflict,
    ConflictState,
    Decision,
    DecisionState,
)
from tests import builders

pytestmark = pytest.mark.django_db


class Cast:
    """The people of one story."""

    def __init__(self) -> None:
        self.applicant = builders.build_user("applicant")
        self.officer = builders.build_user("officer")
        self.approver = builders.build_user("approver")
        self.reviewer = builders.build_user("reviewer")

    # --- submissions ----------------------------------------------------------------------------
    def submission(self, state: str) -> Submission:
        submission = builders.build_submission(self.applicant)
        if state == SubmissionState.WITHDRAWN:
            self.withdraw(submission.proposal_id)
        elif state == SubmissionState.INELIGIBLE:
            builders.build_excluded(self.officer, submission)
        elif state != SubmissionState.RECEIVED:
            self.confirm(submission)
        if state in (SubmissionState.IN_REVIEW, SubmissionState.DECIDED):
            builders.build_scored(
                builders.build_assignment(self.officer, self.reviewer, submission)
            )
        if state == SubmissionState.DECIDED:
            builders.publish(self.officer, self.prepare(submission, "not_shortlisted"))
        return Submission.objects.get(pk=submission.pk)

    def withdraw(self, proposal_id: int) -> object:
        return drafting.withdraw_proposal(
            actor=self.applicant, proposal_id=proposal_id, reason="No money left."
        )

    def confirm(self, submission: Submission) -> object:
        return eligibility.confirm_eligible(
            actor=self.officer, submission_id=submission.pk, reason="Checked by hand."
        )

    def exclude(self, submission: Submission) -> object:
        if submission.state == SubmissionState.RECEIVED:
            builders.propose_exclusion(self.officer, submission)
        return eligibility.confirm_exclusion(actor=self.approver, submission_id=submission.pk)

    def dismiss(self, submission: Submission) -> object:
        if submission.state == SubmissionState.RECEIVED:
            builders.propose_exclusion(self.officer, submission)
        return eligibility.dismiss_exclusion(
            actor=self.approver, submission_id=submission.pk, reason="It is old enough."
        )

    def propose(self, submission: Submission) -> object:
        if submission.state == SubmissionState.RECEIVED:
            return builders.propose_exclusion(self.officer, submission)
        return eligibility.propose_exclusion(actor=self.officer, submission_id=submission.pk)

    def reconsider(self, submission: Submission) -> object:
        return eligibility.reconsider_eligibility(
            actor=self.officer, submission_id=submission.pk, reason="A new paper came."
        )

    def assign(self, submission: Submission) -> object:
        return assigning.assign_reviewers(
            actor=self.officer,
            submission_id=submission.pk,
            reviewer_ids=[self.reviewer.pk],
            due_on=timezone.localdate() + timedelta(days=5),
        )

    def prepare(self, submission: Submission, kind: str) -> Decision:
        return deciding.prepare_decision(
            actor=self.officer, submission_id=submission.pk, kind=kind, grounds="Below threshold."
        )

    # --- decisions ------------------------------------------------------------------------------
    def decision(self, state: str) -> Decision:
        decision = self.prepare(self.submission(SubmissionState.IN_REVIEW), "not_shortlisted")
        if state in (DecisionState.CONFIRMED, DecisionState.PUBLISHED):
            self.confirm_decision(decision)
        if state == DecisionState.PUBLISHED:
            self.publish(decision)
        if state == DecisionState.RETURNED:
            self.send_back(decision)
        return Decision.objects.get(pk=decision.pk)

    def confirm_decision(self, decision: Decision) -> object:
        return deciding.confirm_decision(actor=self.approver, decision_id=decision.pk)

    def send_back(self, decision: Decision) -> object:
        return deciding.send_back_decision(
            actor=self.approver, decision_id=decision.pk, reason="Please explain."
        )

    def publish(self, decision: Decision) -> object:
        return deciding.publish_decisions(actor=self.officer, decision_ids=[decision.pk])

    # --- assignments ----------------------------------------------------------------------------
    def assignment(self, state: str) -> Assignment:
        assignment = builders.build_assignment(
            self.officer, self.reviewer, declared=state != AssignmentState.ASSIGNED
        )
        if state == AssignmentState.RECUSED:
            self.declare(assignment, True)
        if state == AssignmentState.SUBMITTED:
            builders.build_scored(assignment)
        if state == AssignmentState.RELEASED:
            self.release(assignment)
        return Assignment.objects.get(pk=assignment.pk)

    def declare(self, assignment: Assignment, conflict: bool) -> object:
        return assigning.declare_interest(
            actor=self.reviewer,
            assignment_id=assignment.pk,
            conflict=conflict,
            details="A cousin works there." if conflict else "",
        )

    def release(self, assignment: Assignment) -> object:
        return assigning.release_reviewer(
            actor=self.officer, assignment_id=assignment.pk, reason="Too much at once."
        )

    def reinstate(self, assignment: Assignment) -> object:
        """An officer lifts the recusal."""
        conflict = Conflict.objects.get(person=self.reviewer)
        return interests.settle_conflict(
            actor=self.officer, conflict_id=conflict.pk, action="lift", reason="A namesake."
        )

    # --- conflicts ------------------------------------------------------------------------------
    def conflict(self, state: str) -> Conflict:
        submission = builders.build_eligible(self.officer)
        if state == ConflictState.RECUSED:
            builders.build_assignment(self.officer, self.reviewer, submission)
            return interests.recuse(self.reviewer, submission.proposal_id, "A cousin.")
        self.name_employer("Coopérative Exemple de Thiès")
        builders.build_assignment(self.officer, self.reviewer, submission, declared=False)
        conflict = Conflict.objects.get(person=self.reviewer)
        if state == ConflictState.CLEARED:
            self.settle(conflict, "clear")
        return Conflict.objects.get(pk=conflict.pk)

    def name_employer(self, *names: str) -> object:
        return profiling.save_profile(
            actor=self.reviewer,
            employers=names,
            languages=[],
            sectors=[],
            countries=[],
            human_rights=False,
        )

    def settle(self, conflict: Conflict, action: str) -> object:
        return interests.settle_conflict(
            actor=self.officer, conflict_id=conflict.pk, action=action, reason="Asked by telephone."
        )

    # --- corrections ----------------------------------------------------------------------------
    def correction(self, state: str) -> CorrectionRequest:
        asked = builders.build_correction(self.officer, self.submission(SubmissionState.RECEIVED))
        {
            CorrectionState.OPEN: lambda: None,
            CorrectionState.ANSWERED: lambda: self.answer(asked),
            CorrectionState.WITHDRAWN: lambda: self.withdraw_correction(asked),
            CorrectionState.LAPSED: lambda: self.lapse(asked),
        }[CorrectionState(state)]()
        return CorrectionRequest.objects.get(pk=asked.pk)

    def answer(self, asked: CorrectionRequest) -> object:
        """As the page does it, which names the request that it answers."""
        proposal = with_everything(asked.submission.proposal_id)
        filed = Submission.objects.get(pk=asked.submission_id)
        if asked.state == CorrectionState.OPEN:
            builders.correct(self.applicant, filed)
            proposal = with_everything(proposal.pk)
        look = last_look(proposal, self.applicant, timezone.now(), asked, filed)
        return submitting.submit(actor=self.applicant, proposal_id=proposal.pk, seen=look.document)

    def withdraw_correction(self, asked: CorrectionRequest) -> object:
        return correcting.withdraw_correction(
            actor=self.officer,
            submission_id=asked.submission_id,
            correction_id=asked.pk,
            reason="A letter has said it already.",
        )

    def lapse(self, asked: CorrectionRequest) -> object:
        """The day passes, and the beat comes by."""
        yesterday = timezone.localdate() - timedelta(days=1)
        CorrectionRequest.objects.filter(pk=asked.pk).update(due_on=yesterday)
        if not correcting.lapse_correction(correction_id=asked.pk):
            raise WrongState("correction request", asked.state, "lapse")
        return None

    # --- proposals ------------------------------------------------------------------------------
    def proposal(self, state: str) -> Proposal:
        if state == ProposalState.DRAFT:
            return builders.build_complete_proposal(self.applicant)
        wanted = {
            ProposalState.SUBMITTED: SubmissionState.RECEIVED,
            ProposalState.WITHDRAWN: SubmissionState.WITHDRAWN,
            ProposalState.CONCLUDED: SubmissionState.DECIDED,
        }[ProposalState(state)]
        return Proposal.objects.get(pk=self.submission(wanted).proposal_id)


Try = Callable[[Cast, Any], object]

CORRECTION_ACTIONS: dict[str, Try] = {
    "answer": lambda cast, c: cast.answer(c),
    "withdraw": lambda cast, c: cast.withdraw_correction(c),
    "lapse": lambda cast, c: cast.lapse(c),
}
PROPOSAL_ACTIONS: dict[str, Try] = {
    "submit": lambda cast, p: submitting.submit(actor=cast.applicant, proposal_id=p.pk),
    "withdraw": lambda cast, p: cast.withdraw(p.pk),
}
SUBMISSION_ACTIONS: dict[str, Try] = {
    "confirm_eligible": lambda cast, s: cast.confirm(s),
    "propose_exclusion": lambda cast, s: cast.propose(s),
    "dismiss_exclusion": lambda cast, s: cast.dismiss(s),
    "confirm_ineligible": lambda cast, s: cast.exclude(s),
    "reconsider_eligibility": lambda cast, s: cast.reconsider(s),
    "assign": lambda cast, s: cast.assign(s),
    "withdraw": lambda cast, s: cast.withdraw(s.proposal_id),
}
ASSIGNMENT_ACTIONS: dict[str, Try] = {
    "declare_no_conflict": lambda cast, a: cast.declare(a, False),
    "declare_conflict": lambda cast, a: cast.declare(a, True),
    "reinstate": lambda cast, a: cast.reinstate(a),
    "release": lambda cast, a: cast.release(a),
    "reopen": lambda cast, a: scoring.reopen_scores(
        actor=cast.officer, assignment_id=a.pk, reason="One justification is empty."
    ),
}
CONFLICT_ACTIONS: dict[str, Try] = {
    "confirm": lambda cast, c: cast.settle(c, "confirm"),
    "clear": lambda cast, c: cast.settle(c, "clear"),
    "lift": lambda cast, c: cast.settle(c, "lift"),
    "declare": lambda cast, c: interests.recuse(cast.reviewer, c.proposal_id, "A cousin."),
}
DECISION_ACTIONS: dict[str, Try] = {
    "prepare": lambda cast, d: cast.prepare(d.submission, "not_shortlisted"),
    "confirm": lambda cast, d: cast.confirm_decision(d),
    "send_back": lambda cast, d: cast.send_back(d),
}


def walk(table: TransitionTable[str, str], action: str, attempt: Try, cast: Cast, row: Any) -> None:
    before = row.state
    if table.allows(before, action):
        attempt(cast, row)
        row.refresh_from_db()
        assert row.state == table.target(before, action)
    else:
        with pytest.raises((WrongState, ObjectDoesNotExist)):
            attempt(cast, row)
        row.refresh_from_db()
        assert row.state == before


@pytest.mark.parametrize("action", PROPOSAL_ACTIONS)
@pytest.mark.parametrize("state", ProposalState.values)
def test_proposals_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    proposal = cast.proposal(state)
    if (state, action) == ("submitted", "submit"):  # a second click is answered with the first
        submission = submitting.submit(actor=cast.applicant, proposal_id=proposal.pk)
        assert submission == proposal.submissions.get()
        return
    walk(PROPOSAL_TRANSITIONS, action, PROPOSAL_ACTIONS[action], cast, proposal)


@pytest.mark.parametrize("action", SUBMISSION_ACTIONS)
@pytest.mark.parametrize("state", SubmissionState.values)
def test_submissions_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    submission = cast.submission(state)
    walk(SUBMISSION_TRANSITIONS, action, SUBMISSION_ACTIONS[action], cast, submission)


@pytest.mark.parametrize("action", CORRECTION_ACTIONS)
@pytest.mark.parametrize("state", CorrectionState.values)
def test_corrections_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    asked = cast.correction(state)
    if (state, action) == ("answered", "answer"):  # a second click is answered with the first
        assert cast.answer(asked) == asked.submission
        assert Submission.objects.get().revision == 2
        return
    walk(CORRECTION_TRANSITIONS, action, CORRECTION_ACTIONS[action], cast, asked)


@pytest.mark.parametrize("action", ASSIGNMENT_ACTIONS)
@pytest.mark.parametrize("state", AssignmentState.values)
def test_assignments_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    assignment = cast.assignment(state)
    walk(ASSIGNMENT_TRANSITIONS, action, ASSIGNMENT_ACTIONS[action], cast, assignment)


@pytest.mark.parametrize("action", CONFLICT_ACTIONS)
@pytest.mark.parametrize("state", ConflictState.values)
def test_conflicts_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    walk(CONFLICT_TRANSITIONS, action, CONFLICT_ACTIONS[action], cast, cast.conflict(state))


@pytest.mark.parametrize("action", DECISION_ACTIONS)
@pytest.mark.parametrize("state", DecisionState.values)
def test_decisions_obey_their_table(state: str, action: str, reference: None) -> None:
    cast = Cast()
    decision = cast.decision(state)
    walk(DECISION_TRANSITIONS, action, DECISION_ACTIONS[action], cast, decision)


@pytest.mark.parametrize(
    "table",
    [
        PROPOSAL_TRANSITIONS,
        SUBMISSION_TRANSITIONS,
        CORRECTION_TRANSITIONS,
        ASSIGNMENT_TRANSITIONS,
        CONFLICT_TRANSITIONS,
        DECISION_TRANSITIONS,
    ],
    ids=lambda table: table.aggregate,
)
def test_a_table_leads_only_to_known_states(table: TransitionTable[str, str]) -> None:
    known = {
        "proposal": ProposalState,
        "submission": SubmissionState,
        "correction request": CorrectionState,
        "assignment": AssignmentState,
        "conflict": ConflictState,
        "decision": DecisionState,
    }[table.aggregate].values
    for (state, _), target in table.transitions.items():
        assert {state, target} <= set(known)
