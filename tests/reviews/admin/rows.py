"""Many rows at once, for tests of what a page costs."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from applications.models import Call, CheckRun, Proposal, Submission
from bpf_portal.core.models import OutgoingEmail
from reviews.models import (
    Agreement,
    Assignment,
    Decision,
    ReviewerProfile,
    Score,
    ScoreSheet,
)
from tests import builders

#: Columns that the database computes or that differ in each copy.
_OWN = {"id", "search", "proposal", "reference", "documents", "number"}


def copies(original: Submission, count: int) -> list[Submission]:
    """So many more submissions like this one, each of a proposal of its own."""
    proposals = [_proposal(original.proposal, number) for number in range(count)]
    Proposal.objects.bulk_create(proposals)
    columns = {
        field.attname: getattr(original, field.attname)
        for field in Submission._meta.concrete_fields
        if field.name not in _OWN
    }
    return Submission.objects.bulk_create(
        Submission(**columns, proposal=proposal, reference=proposal.reference)
        for proposal in proposals
    )


def _proposal(original: Proposal, number: int) -> Proposal:
    columns = {
        field.attname: getattr(original, field.attname)
        for field in Proposal._meta.concrete_fields
        if field.name not in _OWN
    }
    number += 1 + Proposal.objects.filter(call=original.call).count()
    return Proposal(**columns, number=number, reference=f"{original.reference}-copy-{number}")


def assignments(submissions: list[Submission], reviewer: User, officer: User) -> None:
    Assignment.objects.bulk_create(
        Assignment(
            submission=each,
            reviewer=reviewer,
            assigned_by=officer,
            due_on=timezone.localdate(),
        )
        for each in submissions
    )


def reviewers(count: int) -> list[User]:
    """So many who read French and know nothing else."""
    made = [builders.build_user("reviewer") for _each in range(count)]
    ReviewerProfile.objects.bulk_create(
        ReviewerProfile(person=person, languages=["fr"]) for person in made
    )
    return made


def decisions(submissions: list[Submission], officer: User) -> None:
    Decision.objects.bulk_create(
        Decision(
            submission=each,
            standing_for=each,
            kind="shortlisted",
            prepared_by=officer,
            prepared_at=timezone.now(),
        )
        for each in submissions
    )


def agreements(submissions: list[Submission], officer: User) -> None:
    """An award for each, whose contract is being prepared."""
    decisions(submissions, officer)
    awards = Decision.objects.filter(submission__in=submissions)
    awards.update(kind="selected", amount=Decimal("1000.00"))
    Agreement.objects.bulk_create(Agreement(decision=each) for each in awards)


def scored(call: Call) -> None:
    """All submissions of the call as if they were reviewed."""
    Submission.objects.filter(call=call).update(
        state="in_review",
        review_count=2,
        score_mean=Decimal("71.50"),
        score_spread=Decimal("4.00"),
        lowest_human_rights=Decimal("3.0"),
    )


def jobs(submission: Submission, count: int) -> None:
    """So many mails that failed, and so many checks that wait."""
    OutgoingEmail.objects.bulk_create(
        OutgoingEmail(
            recipient="a@example.org",
            subject="Hello",
            body="Text",
            state="failed",
            finished_at=timezone.now(),
        )
        for _ in range(count)
    )
    CheckRun.objects.bulk_create(
        CheckRun(
            submission=submission,
            rule_set=submission.call.rule_set,
            moment="rerun",
            reference_date=timezone.localdate(),
        )
        for _ in range(count)
    )


def sheet_like(assignment: Assignment, submission: Submission) -> None:
    """The same reviewer's submitted sheet, with the same scores, on another submission."""
    sheet = ScoreSheet.objects.get(assignment=assignment)
    copy = Assignment.objects.create(
        submission=submission,
        reviewer=assignment.reviewer,
        assigned_by=assignment.assigned_by,
        due_on=assignment.due_on,
        state="submitted",
        declared_at=timezone.now(),
    )
    new = ScoreSheet.objects.create(
        assignment=copy, rubric=sheet.rubric, total=sheet.total, submitted_at=sheet.submitted_at
    )
    Score.objects.bulk_create(
        Score(
            sheet=new,
            criterion_id=score.criterion_id,
            value=score.value,
            justification=score.justification,
        )
        for score in sheet.scores.all()
    )
