"""New lists or ratings of countries: living proposals are compared with what was found before.

Whether something changed is seen from the rows themselves, whoever changed them.
"""

import hashlib
import json
from dataclasses import replace
from functools import cache

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from applications.actions import checking
from applications.actions.checking_context import ContextBuilder, rule_parameters
from applications.actions.finding_standing import newest_done_run
from applications.actions.submission_context import context_of
from applications.checks import RuleParameters, check
from applications.checks.decided import facts_of
from applications.models import (
    CountryListEntry,
    CountryRating,
    Moment,
    Rechecking,
    RuleSet,
    Submission,
    Term,
)
from bpf_portal.core import jobs
from bpf_portal.core.jobs import JobState

_STEP = 100
#: Rules whose findings come from lists and ratings, but for the due diligence as a whole.
_RULES = frozenset(
    (
        "lead.country",
        "partnership.local_partner",
        "partnership.associated_partners",
        "project.country",
    )
)
_DUE_DILIGENCE = "hrdd."


def lists_fingerprint() -> str:
    """SHA-256 of every list, rating and risk level that the rules read. Three queries."""
    entries = CountryListEntry.objects.order_by("country_list_id", "country_id").values_list(
        "country_list__code",
        "country_list__version",
        "country_list__valid_from",
        "country_id",
        "eligible_until",
    )
    ratings = CountryRating.objects.order_by("country_id", "standing", "level").values_list(
        "country_id", "standing", "level"
    )
    levels = Term.objects.exclude(level="").order_by("vocabulary", "code")
    rows = [list(entries), list(ratings), list(levels.values_list("vocabulary", "code", "level"))]
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


@transaction.atomic
def recheck_if_changed() -> Rechecking | None:
    """Leave the job where the lists are not those of the newest one; None where they are.

    The first time there is nothing to compare with: that these are the lists is all that is kept.
    """
    now = lists_fingerprint()
    newest = Rechecking.objects.select_for_update().order_by("-pk").first()
    if newest is None:
        Rechecking.objects.create(fingerprint=now, state=JobState.DONE, finished_at=timezone.now())
        return None
    if newest.fingerprint == now:
        return None
    job = Rechecking.objects.create(fingerprint=now)
    jobs.send_after_commit(job)
    return job


def recheck(job: Rechecking) -> None:
    """The job's work: run the rules on every living proposal; only where a list or rating makes
    them say something else is a check of its own asked for.

    In steps, each kept with how far it came: who takes the job up goes on from there.
    """
    builder, parameters = ContextBuilder(), cache(rule_parameters)
    job.report_progress(job.progress_done, job.progress_done + _left(job).count())
    while rows := list(_left(job).select_related("call__rule_set").order_by("pk")[:_STEP]):
        with transaction.atomic():
            _require_mine(job)
            for submission in rows:
                job.changed += _compare(submission, builder, parameters(submission.call.rule_set))
            job.done_up_to = rows[-1].pk
            job.save(update_fields=["done_up_to", "changed"])
            job.report_progress(job.progress_done + len(rows), job.progress_total)


def _left(job: Rechecking) -> QuerySet[Submission]:
    return Submission.objects.living().filter(pk__gt=job.done_up_to)


def _require_mine(job: Rechecking) -> None:
    """Hold the row until the step is kept, so that no step is done twice."""
    mine = Rechecking.objects.select_for_update().filter(pk=job.pk, claimed_by=job.claimed_by)
    if not mine.exists():
        raise jobs.LeaseLost(f"Rechecking {job.pk} was taken over by another worker")


def _compare(submission: Submission, builder: ContextBuilder, parameters: RuleParameters) -> bool:
    """Whether the checks have to run again."""
    run = newest_done_run(submission)
    if run is None:
        return False  # the run that waits will see the new lists
    rule_set: RuleSet = submission.call.rule_set
    context = context_of(submission, rule_set, run.reference_date, builder)
    # Names have a comparison of their own, which takes a thousand times longer.
    context = replace(context, sanctions_lists=())
    dossier, context = checking.as_of_contract(run, submission, context)
    now = {
        each.code: (each.outcome.value, each.reason)
        if each.code.startswith(_DUE_DILIGENCE)
        else facts_of(each)
        for each in check(dossier, parameters, context).findings
        if _reads_lists(each.code)
    }
    before = {
        row.code: (row.outcome, row.reason)
        if row.code.startswith(_DUE_DILIGENCE)
        else facts_of(row)
        for row in run.findings.all()
        if _reads_lists(row.code)
    }
    if now == before:
        return False
    checking.request_check(submission=submission, moment=Moment.LISTS)
    return True


def _reads_lists(code: str) -> bool:
    return code in _RULES or code.startswith(_DUE_DILIGENCE)
