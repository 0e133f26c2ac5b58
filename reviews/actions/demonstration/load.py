"""Synthetic load for measurements: many submissions with reviews and decisions, written in bulk.

Nothing here goes through the actions, nothing is history and nothing is believable. The same number
gives the same rows in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Role, User
from applications.actions import checking
from applications.actions.finding_standing import STANDING_COLUMNS
from applications.actions.fingerprinting import keep_fingerprints
from applications.actions.reference import document_requirements, questions
from applications.models import (
    Call,
    CheckRun,
    DocumentRequirement,
    DueDiligence,
    Finding,
    Membership,
    Moment,
    Organisation,
    Proposal,
    Question,
    RuleSet,
    Stage,
    Submission,
    SubmissionRevision,
    TextFingerprint,
)
from bpf_portal.core import jobs
from reviews.actions.demonstration.load_plan import plan
from reviews.actions.reference import DEFAULT_RUBRIC
from reviews.models import (
    Assignment,
    CallDeclaration,
    CallRubric,
    Criterion,
    Decision,
    LetterBatch,
    Rubric,
    Score,
    ScoreSheet,
)
from reviews.scoring import WeightedScore, summarise, weighted_total

CODE_PREFIX = "bpf-load-"
CALLS = 4
REVIEWERS = 20
CHUNK = 1000
_SEED = 20160101
#: Tables that get many rows.
_WRITTEN = (
    Organisation,
    Proposal,
    DueDiligence,
    Submission,
    SubmissionRevision,
    TextFingerprint,
    CheckRun,
    Finding,
    Assignment,
    ScoreSheet,
    Score,
    Decision,
)


@dataclass(frozen=True)
class _Cast:
    officer: User
    approver: User
    reviewers: Sequence[User]


@dataclass(frozen=True)
class _Ground:
    """What all rows stand on."""

    calls: Sequence[Call]
    companies: Sequence[Organisation]
    cast: _Cast
    batches: dict[int, LetterBatch]
    criteria: Sequence[Criterion]
    rubric: Rubric


def is_there() -> bool:
    return Call.objects.filter(code__startswith=CODE_PREFIX).exists()


@transaction.atomic
def seed_load(number: int) -> None:
    """Write so many submissions. Needs the reference data; raises ValueError when some are there.

    The triggers are off meanwhile: history of invented rows would only fill the disk.
    """
    if is_there():
        raise ValueError("there are synthetic data already")
    if number < 1:
        raise ValueError("at least one submission")
    chance = random.Random(_SEED)  # noqa: S311 - not a secret
    with _without_triggers():
        ground = _lay_ground(number)
        cast = ground.cast
        planned = plan(number, ground.calls, ground.companies, cast.officer, cast.approver, chance)
        while chunk := list(islice(planned, CHUNK)):
            _write(chunk, ground, chance)
        _check_all(ground)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Nobody else can write these tables until the transaction ends."""
    tables = [connection.ops.quote_name(model._meta.db_table) for model in _WRITTEN]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        # What foreign keys have put off till the commit must be done before a table is altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _lay_ground(number: int) -> _Ground:
    cast = _Cast(
        officer=_person("officer", Role.OFFICER),
        approver=_person("approver", Role.APPROVER),
        reviewers=[_person(f"reviewer{n}", Role.REVIEWER) for n in range(1, REVIEWERS + 1)],
    )
    rubric = Rubric.objects.filter(code=DEFAULT_RUBRIC).latest("version")
    calls = [_call(position, rubric) for position in range(1, CALLS + 1)]
    now = timezone.now()
    CallDeclaration.objects.bulk_create(
        CallDeclaration(call=call, person=reviewer, confidential=True, declared_at=now)
        for call in calls
        for reviewer in cast.reviewers
    )
    batches = {
        call.pk: LetterBatch.objects.create(
            call=call, published_by=cast.officer, state=jobs.JobState.DONE, finished_at=now
        )
        for call in calls
    }
    companies = Organisation.objects.bulk_create(
        [
            Organisation(
                legal_name=f"Load {position:05d} S.à r.l.",
                country_id="LU",
                registration_number=f"LOAD{position}",
            )
            for position in range(1, number // 3 + 2)
        ],
        batch_size=CHUNK,
    )
    applicant = _person("applicant", Role.APPLICANT)
    Membership.objects.create(organisation=companies[0], user=applicant, role="owner")
    criteria = list(rubric.criteria.order_by("position"))
    return _Ground(calls, companies, cast, batches, criteria, rubric)


def _person(name: str, role: Role) -> User:
    user: User = User.objects.create_user(
        f"load-{name}@example.org", None, role=role, full_name=f"Load {name}", language="en"
    )
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)  # type: ignore[attr-defined]
    return user


def _call(position: int, rubric: Rubric) -> Call:
    """The first is open, each other one year older."""
    now = timezone.now()
    deadline = now + timedelta(days=30 - 365 * (position - 1))
    call = Call.objects.create(
        code=f"{CODE_PREFIX}{position}",
        title_fr=f"Charge synthétique {position}",
        title_en=f"Synthetic load {position}",
        rule_set=RuleSet.objects.in_force().filter(code="bpf-2024").latest("version"),
        opens_at=deadline - timedelta(days=90),
        deadline_at=deadline,
        stage_2_deadline_at=deadline + timedelta(days=180),
        envelope=Decimal("1000000.00"),
        published=True,
    )
    DocumentRequirement.objects.bulk_create(document_requirements(call))
    Question.objects.bulk_create(questions(call))
    for stage in Stage.values:
        CallRubric.objects.create(call=call, stage=stage, rubric=rubric)
    # What is measured is a review that can go on, however old its call.
    call.review_phases.filter(score=False).delete()
    call.review_phases.update(ends_at=None)
    return call


def _write(chunk: list[Submission], ground: _Ground, chance: random.Random) -> None:
    proposals = Proposal.objects.bulk_create([each.proposal for each in chunk])
    DueDiligence.objects.bulk_create(DueDiligence(proposal=each) for each in proposals)
    reviewed = [each for each in chunk if each.state in ("in_review", "decided")]
    values = {id(each): _scores_of_two(ground, chance) for each in reviewed}
    for each in reviewed:
        _store_summary(each, values[id(each)], ground)
    Submission.objects.bulk_create(chunk)
    _file_first_revisions(chunk)
    keep_fingerprints(each.pk for each in chunk)
    pairs = [(each, seat) for each in reviewed for seat in range(len(values[id(each)]))]
    assignments = Assignment.objects.bulk_create(
        _assignment(each, seat, ground) for each, seat in pairs
    )
    sheets = ScoreSheet.objects.bulk_create(
        ScoreSheet(
            assignment=assignment,
            rubric=ground.rubric,
            comment="Synthetic.",
            total=_total(values[id(each)][seat], ground),
            submitted_at=each.submitted_at,
        )
        for assignment, (each, seat) in zip(assignments, pairs, strict=True)
    )
    Score.objects.bulk_create(
        Score(sheet=sheet, criterion=criterion, value=value, justification="Synthetic reason.")
        for sheet, (each, seat) in zip(sheets, pairs, strict=True)
        for criterion, value in zip(ground.criteria, values[id(each)][seat], strict=True)
    )
    Decision.objects.bulk_create(
        _decision(each, ground) for each in chunk if each.state == "decided"
    )


def _file_first_revisions(chunk: list[Submission]) -> None:
    """Copied in the database: the documents make the journey once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO applications_submissionrevision (submission_id, number, document, sha256,"
            " submitted_at) SELECT id, 1, document, sha256, submitted_at"
            " FROM applications_submission WHERE id = ANY(%s)",
            [[each.pk for each in chunk]],
        )


def _scores_of_two(ground: _Ground, chance: random.Random) -> list[list[int]]:
    scale = range(1, ground.rubric.scale_max + 1)
    return [[chance.choice(scale) for _ in ground.criteria] for _ in range(2)]


def _total(values: Sequence[int], ground: _Ground) -> Decimal | None:
    return weighted_total(
        WeightedScore(criterion.weight, value, ground.rubric.scale_max)
        for criterion, value in zip(ground.criteria, values, strict=True)
    )


def _store_summary(
    submission: Submission, sheets: Sequence[Sequence[int]], ground: _Ground
) -> None:
    totals = [total for values in sheets if (total := _total(values, ground)) is not None]
    floored = [
        value
        for values in sheets
        for criterion, value in zip(ground.criteria, values, strict=True)
        if criterion.floor is not None
    ]
    summary = summarise(totals, floored)
    submission.review_count = summary.count
    submission.score_mean = summary.mean
    submission.score_spread = summary.spread
    submission.lowest_human_rights = summary.lowest_floored


def _assignment(submission: Submission, seat: int, ground: _Ground) -> Assignment:
    reviewers = ground.cast.reviewers
    return Assignment(
        submission=submission,
        reviewer=reviewers[(submission.proposal.number * 2 + seat) % len(reviewers)],
        state="submitted",
        assigned_by=ground.cast.officer,
        due_on=submission.submitted_at.date() + timedelta(days=30),
        declared_at=submission.submitted_at,
    )


def _decision(submission: Submission, ground: _Ground) -> Decision:
    reached = (submission.score_mean or 0) >= ground.rubric.threshold
    if submission.stage == Stage.DETAILED_PROPOSAL:
        kind = "selected" if reached else "not_selected"
    else:
        kind = "shortlisted" if reached else "not_shortlisted"
    published_at = min(submission.submitted_at + timedelta(days=30), timezone.now())
    return Decision(
        submission=submission,
        standing_for=submission,
        kind=kind,
        state="published",
        amount=submission.requested if kind == "selected" else None,
        grounds="" if reached else "Below the threshold.",
        prepared_by=ground.cast.officer,
        prepared_at=published_at,
        confirmed_by=ground.cast.approver,
        confirmed_at=published_at,
        published_by=ground.cast.officer,
        published_at=published_at,
        first_published_at=published_at,
        letter_batch=ground.batches[submission.call_id],
    )


def _check_all(ground: _Ground) -> None:
    """One real run; its outcome and findings are then copied to every other submission, in SQL."""
    first = Submission.objects.filter(call__in=ground.calls).earliest("pk")
    run = checking.request_check(submission=first, moment=Moment.SUBMISSION)
    if not jobs.run(CheckRun, run.pk, checking.perform):
        raise RuntimeError("the first submission could not be checked")
    run.refresh_from_db()
    others = Submission.objects.filter(call__in=ground.calls).exclude(pk=first.pk)
    copied = {
        field.attname: getattr(run, field.attname)
        for field in CheckRun._meta.concrete_fields
        if field.attname not in ("id", "submission_id")
    }
    CheckRun.objects.bulk_create(
        (CheckRun(submission_id=pk, **copied) for pk in others.values_list("pk", flat=True)),
        batch_size=CHUNK,
    )
    first.refresh_from_db()
    others.update(**{name: getattr(first, name) for name in STANDING_COLUMNS})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO applications_finding (check_run_id, position, code, outcome, observed,"
            " required, reason, values, place, source)"
            " SELECT r.id, f.position, f.code, f.outcome, f.observed, f.required, f.reason,"
            " f.values, f.place, f.source FROM applications_finding f, applications_checkrun r"
            " JOIN applications_submission s ON s.id = r.submission_id"
            " WHERE f.check_run_id = %s AND r.id <> %s AND s.call_id = ANY(%s)",
            [run.pk, run.pk, [call.pk for call in ground.calls]],
        )
