"""The rules: how many dossiers a second one core checks, without a database."""

import json
from collections.abc import Iterator

from django.utils import timezone

from applications.actions.checking_context import build_context, rule_parameters
from applications.checks import Dossier, check
from applications.models import Submission
from benchmarks.measurement import Measurement, measure

BATCH = 100


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

    limit = measure(f"parsing the JSON of {BATCH} dossiers", parse, n=n, repeat=repeat)
    yield limit
    yield measure(f"checking {BATCH} dossiers", check_all, n=n, repeat=repeat, against=limit)
