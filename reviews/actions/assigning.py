"""Who reviews what; a dossier opens only after the reviewer declared to have no interest in it."""

from collections.abc import Collection, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from applications.actions.correcting import register_followers
from applications.models import SUBMISSION_TRANSITIONS, Submission, not_kept_out
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from reviews.access import may_declare_interest, may_run_call
from reviews.actions import interests, reviewer_mails
from reviews.events import InterestDeclared, ReviewersAssigned, ReviewTakenBack
from reviews.models import (
    ASSIGNMENT_TRANSITIONS,
    GONE_STATES,
    READING_STATES,
    Assignment,
    AssignmentState,
    CallRubric,
    Conflict,
    ConflictState,
    Score,
    ScoreSheet,
)


@transaction.atomic
def assign_reviewers(
    *, actor: User, submission_id: int, reviewer_ids: Collection[int], due_on: date
) -> list[Assignment]:
    """Ask these reviewers; who was asked before is left as they are, who was let go is asked again.
    Returns the new assignments.

    Raises ValidationError (nobody chosen, not a reviewer, a conflict of interest, a day in the
    past, no grid), WrongState while the eligibility is not confirmed, NotAllowed.
    """
    require(may_run_call(actor))
    submission = (
        Submission.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=submission_id)
    )
    SUBMISSION_TRANSITIONS.target(submission.state, "assign")
    reviewers = _reviewers(reviewer_ids)
    refuse_past(due_on)
    if not CallRubric.objects.filter(call=submission.call_id, stage=submission.stage).exists():
        raise ValidationError(_("This call has no scoring grid for this stage."))
    _refuse_recused(submission, reviewers)
    new = enter(submission, reviewers, actor=actor, due_on=due_on)
    for assignment in new:
        # Who may have a conflict waits for an officer's look; the others are asked.
        if not interests.look_for_conflicts(assignment.reviewer, [submission]):
            reviewer_mails.ask_to_review(assignment)
    return new


def _refuse_recused(submission: Submission, reviewers: Sequence[User]) -> None:
    """Nobody is asked who has said, or been found, to have an interest in it."""
    asked = submission.assignments.exclude(state=AssignmentState.RELEASED)
    recused = Conflict.objects.filter(
        proposal=submission.proposal_id, person__in=reviewers, state=ConflictState.RECUSED
    ).exclude(person__in=asked.values("reviewer"))
    if names := [str(each.person) for each in recused.select_related("person")]:
        sentence = _("%(names)s: a conflict of interest stands, so this person cannot be asked.")
        raise ValidationError({"reviewers": [sentence % {"names": ", ".join(names)}]})


def refuse_past(due_on: date) -> None:
    if due_on < timezone.localdate():
        raise ValidationError({"due_on": [_("This day is in the past.")]})


def enter(
    submission: Submission, reviewers: Sequence[User], *, actor: User, due_on: date
) -> list[Assignment]:
    """Within the caller's transaction, with the submission locked: its new assignments."""
    before, target = submission.state, SUBMISSION_TRANSITIONS.target(submission.state, "assign")
    asked = {each.reviewer_id: each for each in submission.assignments.select_for_update()}
    new = []
    for reviewer in reviewers:
        assignment = asked.get(reviewer.pk)
        if assignment is None:
            assignment = Assignment(submission=submission, reviewer=reviewer)
        elif assignment.state == AssignmentState.RELEASED:
            assignment.state = ASSIGNMENT_TRANSITIONS.target(assignment.state, "ask_again")
            assignment.submission, assignment.reviewer = submission, reviewer
            assignment.declared_at = assignment.reminded_on = None
        else:
            continue
        assignment.assigned_by, assignment.due_on = actor, due_on
        assignment.save()
        new.append(assignment)
    submission.state = target
    submission.save(update_fields=["state"])
    record(
        ReviewersAssigned(reviewers=[each.reviewer.email for each in new], due_on=str(due_on)),
        about=submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return new


@transaction.atomic
def release_reviewer(*, actor: User, assignment_id: int, reason: str) -> Assignment:
    """Take a review back from its reviewer, who is told why. What they wrote stays, unseen; asked
    again, they go on from there. A submitted sheet counts and is not taken back.

    Raises ValidationError (no reason), WrongState, NotAllowed or Assignment.DoesNotExist.
    """
    require(may_run_call(actor))
    assignment = (
        Assignment.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("submission", "reviewer")
        .defer("submission__document", "submission__search")
        .get(pk=assignment_id)
    )
    before = assignment.state
    assignment.state = ASSIGNMENT_TRANSITIONS.target(before, "release")
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    assignment.save(update_fields=["state"])
    record(
        ReviewTakenBack(
            submission=assignment.submission_id,
            reviewer=str(assignment.reviewer),
            reason=reason.strip(),
        ),
        about=assignment,
        actor=actor,
        from_state=before,
        to_state=assignment.state,
    )
    people = User.objects.filter(pk=assignment.reviewer_id, is_active=True)
    if not_kept_out(people, assignment.submission.proposal_id).exists():
        reviewer_mails.take_back(assignment, reason.strip())
    return assignment


def _reviewers(ids: Collection[int]) -> list[User]:
    reviewers = list(User.objects.in_role(Role.REVIEWER).filter(pk__in=ids))
    if not ids:
        raise ValidationError({"reviewers": [_("Choose at least one reviewer.")]})
    if len(reviewers) != len(set(ids)):
        raise ValidationError(
            {
                "reviewers": [
                    ngettext(
                        "This person is not a reviewer.",
                        "One of these people is not a reviewer.",
                        len(ids),
                    )
                ]
            }
        )
    return reviewers


def readers_of(submission: Submission) -> QuerySet[User]:
    """The reviewers of this proposal who have declared and in whose way no conflict stands."""
    readers = User.objects.filter(
        is_active=True,
        assignments__submission=submission,
        assignments__state__in=READING_STATES,
    )
    return not_kept_out(readers, submission.proposal_id)


def _readers_of_the_correction(submission: Submission) -> QuerySet[User]:
    """Those who may still read it, once they are compared with what it says now."""
    rows = submission.assignments.exclude(state__in=GONE_STATES)
    for assignment in rows.select_related("reviewer"):
        interests.look_for_conflicts(assignment.reviewer, [submission])
    return readers_of(submission)


def follow_corrections() -> None:
    """Reviewers are told when a proposal is handed in again."""
    register_followers(_readers_of_the_correction)


@transaction.atomic
def declare_interest(
    *, actor: User, assignment_id: int, conflict: bool, details: str = ""
) -> Assignment:
    """The reviewer's declaration. Without a conflict the dossier opens, with an empty score sheet;
    with one the proposal is gone from every page of that person.

    Raises ValidationError (a conflict needs its details), WrongState, NotAllowed,
    Assignment.DoesNotExist.
    """
    mine = (
        Assignment.objects.visible_to(actor)
        .select_related("submission")
        .defer("submission__document", "submission__search")
    )
    assignment = mine.get(pk=assignment_id)
    require(may_declare_interest(actor, assignment))
    if conflict:
        before = assignment.state
        interests.recuse(actor, assignment.submission.proposal_id, details)
        assignment.refresh_from_db(fields=["state", "declared_at", "conflict_details"])
    else:
        assignment = mine.select_for_update(of=("self",)).get(pk=assignment_id)
        before = assignment.state
        assignment.state = ASSIGNMENT_TRANSITIONS.target(before, "declare_no_conflict")
        assignment.declared_at = timezone.now()
        assignment.save(update_fields=["state", "declared_at"])
        _lay_out_sheet(assignment)
    record(
        InterestDeclared(
            submission=assignment.submission_id, conflict=conflict, details=details.strip()
        ),
        about=assignment,
        actor=actor,
        from_state=before,
        to_state=assignment.state,
    )
    return assignment


def _lay_out_sheet(assignment: Assignment) -> None:
    submission = assignment.submission
    rubric = CallRubric.objects.get(call=submission.call_id, stage=submission.stage).rubric
    sheet, made = ScoreSheet.objects.get_or_create(
        assignment=assignment, defaults={"rubric": rubric, "revision": submission.revision}
    )
    if made:
        Score.objects.bulk_create(
            Score(sheet=sheet, criterion=criterion) for criterion in rubric.criteria.all()
        )
