"""The checks: the rules alone, one run with its rows, many through Celery, and a text among all."""

import json
from collections.abc import Iterator

from django.utils import timezone

from applications.actions import checking
from applications.actions.checking_context import build_context, rule_parameters
from applications.actions.similar_proposals import similar_proposals
from applications.checks import Dossier, check
from applications.models import CheckRun, Moment, Submission
from benchmarks import workers
from benchmarks.measurement import Measurement, measure
from bpf_portal.core import jobs

BATCH = 100
#: Of so many proposals at most a run each goes through Celery; fewer say nothing of a queue.
MOST_RUNS, LEAST_RUNS = 2_000, 100


def measure_group(n: int, repeat: int) -> Iterator[Measurement]:
    submission = Submission.objects.select_related("call__rule_set").earliest("pk")
    rule_set, document = submission.call.rule_set, submission.document
    parameters = rule_parameters(rule_set)
    reference_date = timezone.localdate(submission.call.deadline_at)
    context = build_context(submission.call, rule_set, reference_date)
    text = json.dumps(document)

    def parse() -> None:
        for _ in range(BATCH):
            json.loads(text)

    def check_all() -> None:
        for _ in range(BATCH):
            check(Dossier.from_frozen(document), parameters, context)

    def run_once() -> None:
        (run,) = waiting_runs(1)
        if not jobs.run(CheckRun, run.pk, checking.perform):
            raise SystemExit("the checks did not run")

    limit = measure(f"parsing the JSON of {BATCH} dossiers", parse, n=n, repeat=repeat)
    yield limit
    yield measure(f"checking {BATCH} dossiers", check_all, n=n, repeat=repeat, against=limit)
    yield measure(
        f"looking for texts like one among {n}",
        lambda: similar_proposals(submission),
        n=n,
        repeat=repeat,
    )
    alone = measure("one check run with its rows", run_once, n=n, repeat=repeat)
    yield alone
    if n >= LEAST_RUNS:
        yield workers.measure_checks(waiting_runs, min(n, MOST_RUNS), n=n, against=alone)


def waiting_runs(count: int) -> list[CheckRun]:
    """Check runs that wait, of the newest submissions in turn; nobody is told of them yet."""
    rows = Submission.objects.select_related("call").only("call__deadline_at", "call__rule_set")
    newest = list(rows.order_by("-pk")[:count])
    return CheckRun.objects.bulk_create(
        CheckRun(
            submission=each,
            rule_set_id=each.call.rule_set_id,
            moment=Moment.RERUN,
            reference_date=timezone.localdate(each.call.deadline_at),
        )
        for each in (newest[position % len(newest)] for position in range(count))
    )
