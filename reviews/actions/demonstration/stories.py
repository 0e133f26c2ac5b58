"""What happened to a proposal once it was handed in: told step by step, by the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from applications.actions import checking, correcting, eligibility, fresh_checks
from applications.actions.drafting import editing, withdraw_proposal
from applications.actions.finding_decisions import decide_on_finding
from applications.actions.finding_standing import newest_done_run
from applications.actions.submitting import hand_in
from applications.checks.decided import facts_of
from applications.models import CheckRun, Moment, Proposal, Submission
from bpf_portal.core import jobs
from reviews.actions import assigning, correcting_decisions, deciding, interests, scoring
from reviews.actions.demonstration.conversations import keep_mails
from reviews.actions.demonstration.dates import Calendar, set_values
from reviews.actions.demonstration.files import Json, read
from reviews.actions.demonstration.scans import find_infected, wait_for_the_scanner
from reviews.models import (
    Assignment,
    CallDeclaration,
    CallRubric,
    Criterion,
    Decision,
    ScoreSheet,
)

People = Mapping[str, User]


class StepFailed(RuntimeError):
    """A step of a story did not come out as it is told; nothing is seeded."""


def tell(
    stands: Json, proposal: Proposal, author: User, people: People, calendar: Calendar
) -> Decision | None:
    """Bring the proposal to where it stands. A decision that is to be published is returned."""
    decision = None
    if "handed_in" in stands:
        submission = hand_in(actor=author, proposal_id=proposal.pk, moment=calendar.handed_in)
        keep_mails(calendar.handed_in)
        if stands.get("checked", True):
            _check(submission, calendar.handed_in)
        if "scans" in stands:
            _scan(stands["scans"], proposal, calendar.handed_in + timedelta(hours=1))
        if "correction" in stands:
            _correct(stands["correction"], submission, author, people, calendar)
        if "eligible" in stands:
            _confirm_eligibility(stands, submission, people, calendar)
        if stands.get("reviews"):
            _review(stands["reviews"], submission, people, calendar)
        if "decision" in stands:
            decision = _decide(stands["decision"], submission, people, calendar)
    elif "scans" in stands:
        _scan(stands["scans"], proposal, calendar.handed_in)
    if "withdrawn" in stands:
        withdraw_proposal(actor=author, proposal_id=proposal.pk, reason=stands["withdrawn"])
    return decision


def _check(submission: Submission, handed_in: datetime) -> None:
    run = CheckRun.objects.filter(submission=submission).latest("pk")
    if not jobs.run(CheckRun, run.pk, checking.perform):
        raise StepFailed(f"{submission}: the checks did not run")
    soon = handed_in + timedelta(minutes=1)
    set_values(run, created_at=handed_in, started_at=soon, finished_at=soon)
    submission.refresh_from_db()


def _scan(given: Json, proposal: Proposal, moment: datetime) -> None:
    """What the virus scanner said of files, by their kind; what was handed in is checked again."""
    for kind, state in given.items():
        document = proposal.documents.current().get(kind=kind)
        if state == "pending":
            wait_for_the_scanner(document)
            continue
        find_infected(document, moment)
        keep_mails(moment)
        for submission in Submission.objects.filter(documents=document):
            _check(submission, moment)


def _correct(
    given: Json, submission: Submission, author: User, people: People, calendar: Calendar
) -> None:
    """A correction that an officer asked for; `answer` is the summary that was handed in again."""
    asked_at = calendar.handed_in + timedelta(hours=12)
    asked = correcting.request_correction(
        actor=people["officer"],
        submission_id=submission.pk,
        sections=given["sections"],
        text=given["text"],
        due_on=timezone.localdate() + timedelta(days=9),
    )
    keep_mails(asked_at)
    set_values(asked, requested_at=asked_at)
    if "summary" in given:
        proposal = Proposal.objects.get(pk=submission.proposal_id)
        with editing(
            actor=author, proposal=proposal, expected_version=proposal.version, section="project"
        ) as row:
            row.summary = given["summary"]
    if given["answered"]:
        again_at = asked_at + timedelta(days=1)
        again = hand_in(actor=author, proposal_id=submission.proposal_id, moment=again_at)
        keep_mails(again_at)
        _check(again, again_at)
    submission.refresh_from_db()


def _confirm_eligibility(
    stands: Json, submission: Submission, people: People, calendar: Calendar
) -> None:
    if not stands["eligible"]:
        _exclude(stands.get("eligibility_reason", ""), submission, people, calendar)
        return
    agreed = submission.decided_outcome == "eligible"
    usual = "" if agreed else read("reviews")["eligibility"][submission.language]
    eligibility.confirm_eligible(
        actor=people["officer"],
        submission_id=submission.pk,
        reason=stands.get("eligibility_reason", usual),
        moment=calendar.confirmed_eligible,
    )
    submission.refresh_from_db()


def _exclude(reason: str, submission: Submission, people: People, calendar: Calendar) -> None:
    """The officer confirms every rule that is not met, and the approver looks a second time."""
    run = newest_done_run(submission)
    failed = run.findings.filter(outcome="fail").exclude(code__startswith="hrdd.") if run else ()
    moment = calendar.confirmed_eligible
    for finding in failed:
        decide_on_finding(
            actor=people["officer"],
            submission_id=submission.pk,
            code=finding.code,
            facts=facts_of(finding),
            action="confirm",
            moment=moment,
        )
    eligibility.propose_exclusion(
        actor=people["officer"], submission_id=submission.pk, reason=reason, moment=moment
    )
    eligibility.confirm_exclusion(
        actor=people["approver"], submission_id=submission.pk, moment=moment
    )
    submission.refresh_from_db()


def _review(
    reviews: Sequence[Json], submission: Submission, people: People, calendar: Calendar
) -> None:
    today = timezone.localdate()
    assignments = assigning.assign_reviewers(
        actor=people["officer"],
        submission_id=submission.pk,
        reviewer_ids=[people[each["who"]].pk for each in reviews],
        due_on=today,
    )
    by_reviewer = {assignment.reviewer_id: assignment for assignment in assignments}
    for given in reviews:
        reviewer = people[given["who"]]
        assignment = by_reviewer[reviewer.pk]
        set_values(
            assignment,
            assigned_at=calendar.assigned,
            due_on=timezone.localdate(calendar.assigned) + timedelta(days=21),
        )
        if given["state"] == "released":
            assigning.release_reviewer(
                actor=people["officer"],
                assignment_id=assignment.pk,
                reason=read("reviews")["taken_back"],
            )
        elif given["state"] != "assigned":
            _declare_for_call(submission, reviewer, calendar)
            _declare(given, assignment, reviewer, calendar)


def _declare_for_call(submission: Submission, reviewer: User, calendar: Calendar) -> None:
    """Once for each call: nothing to declare."""
    if CallDeclaration.objects.filter(call=submission.call_id, person=reviewer).exists():
        return
    declared = interests.declare_for_call(
        actor=reviewer, call_id=submission.call_id, interests=[], confidential=True
    )
    set_values(declared, declared_at=calendar.declared)


def _declare(given: Json, assignment: Assignment, reviewer: User, calendar: Calendar) -> None:
    conflict = given["state"] == "recused"
    declared = assigning.declare_interest(
        actor=reviewer,
        assignment_id=assignment.pk,
        conflict=conflict,
        details=read("reviews")["recusal"] if conflict else "",
    )
    set_values(declared, declared_at=calendar.declared)
    if not conflict:
        _score(given, declared, reviewer, calendar)


def _score(given: Json, assignment: Assignment, reviewer: User, calendar: Calendar) -> None:
    sheet = ScoreSheet.objects.select_related("rubric").get(assignment=assignment)
    criteria = list(sheet.rubric.criteria.order_by("position"))
    partner = assignment.submission.document["partners"][0]["legal_name"]
    answers = [
        scoring.CriterionAnswer(
            criterion.pk, value, False, _justification(criterion, value, partner, reviewer)
        )
        for criterion, value in zip(criteria, given["values"], strict=True)
    ]
    submitted = given["state"] == "submitted"
    scoring.save_scores(
        actor=reviewer,
        assignment_id=assignment.pk,
        expected_version=sheet.version,
        answers=answers,
        comment=_comment(given["values"], reviewer) if submitted else "",
    )
    set_values(sheet, updated_at=calendar.scored)
    if submitted:
        scoring.submit_scores(actor=reviewer, assignment_id=assignment.pk)
        set_values(sheet, submitted_at=calendar.scored, updated_at=calendar.scored)


def _justification(criterion: Criterion, value: int | None, partner: str, reviewer: User) -> str:
    if value is None:
        return ""
    words = read("reviews")["justifications"][criterion.code][reviewer.language]
    return str(words[str(value)]).format(partner=partner)


def _comment(values: Sequence[int], reviewer: User) -> str:
    mean = sum(values) / len(values)
    strength = "strong" if mean >= 3.5 else "fair" if mean >= 2.8 else "weak"
    return str(read("reviews")["comments"][reviewer.language][strength])


def _decide(
    given: Json, submission: Submission, people: People, calendar: Calendar
) -> Decision | None:
    grid = CallRubric.objects.get(call=submission.call_id, stage=submission.stage).rubric
    codes = dict(grid.criteria.values_list("code", "pk"))
    checked = None
    if given["kind"] == "selected":
        checked = fresh_checks.check_as_of_today(submission, Moment.AWARD, people["officer"])
        if not jobs.run(CheckRun, checked.pk, checking.perform):
            raise StepFailed(f"{submission}: the checks before the award did not run")
    decision = deciding.prepare_decision(
        actor=people["officer"],
        submission_id=submission.pk,
        kind=given["kind"],
        amount=Decimal(given["amount"]) if "amount" in given else None,
        conditions=given.get("conditions", ""),
        grounds=given.get("grounds", ""),
        reasons={codes[code]: text for code, text in given.get("reasons", {}).items()},
    )
    set_values(decision, prepared_at=calendar.prepared)
    if given["state"] == "returned":
        deciding.send_back_decision(
            actor=people["approver"], decision_id=decision.pk, reason=given["returned_reason"]
        )
    elif given["state"] in ("confirmed", "published"):
        decision = deciding.confirm_decision(actor=people["approver"], decision_id=decision.pk)
        set_values(decision, confirmed_at=calendar.decided)
    if checked is not None:
        day = timezone.localdate(calendar.prepared)
        asked_at = calendar.prepared - timedelta(hours=1)
        set_values(
            checked,
            reference_date=day,
            created_at=asked_at,
            started_at=asked_at,
            finished_at=asked_at + timedelta(minutes=1),
        )
    return decision if given["state"] == "published" else None


def prepare_correction(
    given: Json, old: Decision, people: People, calendar: Calendar
) -> Decision | None:
    """Of a published decision, confirmed by the second person; None where it was given up."""
    new = correcting_decisions.prepare_correction(
        actor=people["officer"],
        decision_id=old.pk,
        kind=old.kind,
        correction_reason=given["reason"],
        grounds=given.get("grounds", old.grounds),
        reasons={each.criterion_id: each.text for each in old.reasons.all()},
    )
    set_values(new, prepared_at=calendar.prepared)
    if "given_up" in given:
        correcting_decisions.drop_correction(
            actor=people["officer"], decision_id=new.pk, reason=given["given_up"]
        )
        return None
    new = deciding.confirm_decision(actor=people["approver"], decision_id=new.pk)
    set_values(new, confirmed_at=calendar.decided)
    return new
