"""Running the checks on a submission: a durable job, findings as rows, every run kept."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db.models import Exists
from django.utils import timezone

from accounts.models import User
from applications.actions.checking_context import labels_for, rule_parameters
from applications.actions.finding_standing import STANDING_COLUMNS, restate
from applications.actions.register_asking import ask_about
from applications.actions.screening_record import keep_screening
from applications.actions.similar_proposals import unaware_of
from applications.actions.submission_context import context_of, with_countersignature
from applications.checks import CheckContext, Dossier, Report, check
from applications.checks import Finding as PureFinding
from applications.checks.context import Moment as RuleMoment
from applications.checks.decided import facts_of
from applications.checks.facts import Fact, render_observed, render_required
from applications.checks.screening import DUPLICATE
from applications.checks.texts import render_reason, rule_title
from applications.events import Checked, CheckRequested
from applications.models import (
    AS_OF_THEIR_DAY,
    COUNTERSIGNED_FROM,
    NOT_YET_REVIEWED,
    CheckRun,
    Finding,
    Moment,
    Submission,
)
from bpf_portal.core import jobs
from bpf_portal.core.events import record


def request_check(*, submission: Submission, moment: str, actor: User | None = None) -> CheckRun:
    """Leave a check of this submission as a job, under its call's rule set as it is now.

    The reference date is the day of the call's stage-1 deadline in Luxembourg (domain: not today);
    from the first check before an award on it is today.
    """
    call = submission.call
    run = CheckRun.objects.create(
        submission=submission,
        rule_set=call.rule_set,
        moment=moment,
        reference_date=_reference_date(submission, moment),
    )
    record(
        CheckRequested(check_run=run.pk, rule_set=str(call.rule_set), moment=moment),
        about=submission,
        actor=actor,
    )
    jobs.send_after_commit(run)
    ask_about(submission)
    return run


def _reference_date(submission: Submission, moment: str) -> date:
    # Nothing is awarded, and so checked as of its day, before it is reviewed.
    reviewed = submission.state not in NOT_YET_REVIEWED
    if moment in AS_OF_THEIR_DAY or (
        reviewed and submission.check_runs.filter(moment__in=AS_OF_THEIR_DAY).exists()
    ):
        return timezone.localdate()
    return timezone.localdate(submission.call.deadline_at)


def perform(run: CheckRun) -> None:
    """The job's work, in one transaction with its end: findings, outcome, event.

    The submission's own `outcome` is what its newest run said. No state changes: a machine finds,
    a person decides. An attempt before this one left nothing: it was rolled back whole.
    """
    started = time.perf_counter()
    submission = (
        Submission.objects.select_related("call__rule_set")
        .defer("search")
        .get(pk=run.submission_id)
    )
    if run.rule_set_id == submission.call.rule_set_id:
        run.rule_set = submission.call.rule_set
    parameters = rule_parameters(run.rule_set)
    context = context_of(submission, run.rule_set, run.reference_date)
    dossier, context = as_of_contract(run, submission, context)
    report = check(dossier, parameters, context)
    Finding.objects.bulk_create(
        _row(run, position, finding) for position, finding in enumerate(report.findings)
    )
    keep_screening(
        submission=submission,
        dossier=dossier,
        parameters=parameters,
        context=context,
        check_run=run,
    )
    _store(run, submission, report, (context, dossier), started)
    _tell_the_similar_ones(run, submission, report)
    record(
        Checked(
            check_run=run.pk, outcome=report.outcome.value, due_diligence=report.due_diligence.value
        ),
        about=submission,
        actor=None,
    )


def _row(run: CheckRun, position: int, finding: PureFinding) -> Finding:
    return Finding(
        check_run=run,
        position=position,
        code=finding.code,
        outcome=finding.outcome.value,
        observed=finding.observed,
        required=finding.required,
        reason=finding.reason,
        values=dict(finding.values),
        place=finding.place,
        source=finding.source,
    )


def as_of_contract(
    run: CheckRun, submission: Submission, context: CheckContext
) -> tuple[Dossier, CheckContext]:
    """The submission's dossier and the context; from the check before the contract on with the
    local partners' countersignatures, which the rules then ask for."""
    dossier = Dossier.from_frozen(submission.document)
    if not _needs_countersignature(run, submission):
        return dossier, context
    dossier = with_countersignature(dossier, submission)
    return dossier, replace(context, moment=RuleMoment.CONTRACT)


def _needs_countersignature(run: CheckRun, submission: Submission) -> bool:
    """Whether this is a check before the contract, or any after one."""
    if run.moment == Moment.SUBMISSION or submission.state in NOT_YET_REVIEWED:
        return False  # nothing has a contract before it is reviewed
    runs = CheckRun.objects.filter(submission=run.submission_id, pk__lte=run.pk)
    return runs.filter(moment__in=COUNTERSIGNED_FROM).exists()


def _store(
    run: CheckRun,
    submission: Submission,
    report: Report,
    inputs: tuple[CheckContext, Dossier],
    started: float,
) -> None:
    context, dossier = inputs
    run.outcome = report.outcome.value
    run.due_diligence = report.due_diligence.value
    scans = sorted(context.scans.items())
    lists = " ".join(listed.sha256 for listed in context.sanctions_lists)
    said = "".join(f" {each} {answer}" for each, answer in context.register_answers.items())
    said += "".join(f" {each}" for each in context.similar_proposals or ())
    if context.moment is not RuleMoment.SUBMISSION:
        clause = dossier.due_diligence.clause
        said += f" {context.moment} {bool(clause and clause.partner_countersigned)}"
    run.inputs_sha256 = hashlib.sha256(
        f"{submission.sha256} {run.rule_set} {run.reference_date} {scans} {lists}{said}".encode()
    ).hexdigest()
    run.duration_ms = round(1000 * (time.perf_counter() - started))
    newer = CheckRun.objects.filter(
        submission=submission.pk, pk__gt=run.pk, state=jobs.JobState.DONE
    )
    # Not where the company handed in again meanwhile: that text has a run of its own. Locked, so
    # that a decision on a finding is either seen here or made on what is written here.
    rows = Submission.objects.filter(
        ~Exists(newer), pk=submission.pk, revision=submission.revision
    ).order_by()
    locked = rows.select_for_update(of=("self",), no_key=True).only(*STANDING_COLUMNS).first()
    if locked is not None:
        locked.outcome, locked.due_diligence = run.outcome, run.due_diligence
        locked.risk_level = report.risk_level.value
        restate(locked, run, report.findings)


def _tell_the_similar_ones(run: CheckRun, submission: Submission, report: Report) -> None:
    """Whoever was checked before this proposal came is checked again: whichever of two an officer
    opens first, it names the other. A run that was asked for here asks for none."""
    finding = report.finding(DUPLICATE)
    named = finding.values.get("references") if finding else None
    if isinstance(named, list) and run.moment != Moment.SIMILAR:
        for other in unaware_of(submission, named):
            request_check(submission=other, moment=Moment.SIMILAR)


class StatedFinding(NamedTuple):
    """A stored finding in words, in the reader's language."""

    code: str
    title: str
    outcome: str
    observed: Fact
    required: Fact
    message: str
    remedy: str
    source: str
    place: str
    #: Fingerprint of what a person would decide on.
    facts: str
    #: References of the proposals that it compares this one with, for LuxDev's eyes only.
    others: Sequence[str]


#: Worst first.
_ORDER = {"fail": 0, "review": 1, "missing": 2, "pass": 3}


def rendered_findings(
    run: CheckRun,
    language: str,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    *,
    to_company: bool = False,
) -> list[StatedFinding]:
    """The findings of a run, worst first, each with message, remedy and source. One query, and
    those of the labels (countries, documents, terms) unless the page has them already.

    `to_company`: in the words for the company itself, which learns nothing of other companies."""
    labels = labels_for(language) if labels is None else labels
    stated = []
    for row in run.findings.all():
        others = row.values.get("references", ())
        text = render_reason(
            row.code, row.reason, row.values, row.source, language, labels, to_company=to_company
        )
        stated.append(
            StatedFinding(
                code=row.code,
                title=rule_title(row.code, language),
                outcome=row.outcome,
                observed=Fact("")
                if to_company and others
                else render_observed(
                    row.code, row.reason, row.observed, row.values, language, labels
                ),
                required=render_required(
                    row.code, row.reason, row.required, row.values, language, labels
                ),
                message=text.message,
                remedy=text.remedy,
                source=text.source,
                place=row.place,
                facts=facts_of(row),
                others=() if to_company else others,
            )
        )
    return sorted(stated, key=lambda finding: _ORDER[finding.outcome])
