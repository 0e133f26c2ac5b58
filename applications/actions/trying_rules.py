"""Trying rules on calls as a durable job: any number of proposals, and the result is kept."""

from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import reads_everything
from accounts.models import User
from applications.actions.simulating import (
    AT_A_TIME,
    Simulated,
    Simulation,
    simulate,
    submissions_of,
)
from applications.actions.simulation_kept import as_json
from applications.actions.simulation_words import simulation_csv
from applications.checks import InvalidParameter
from applications.models import Call, RuleSet, RuleTrial
from bpf_portal.core import jobs
from bpf_portal.core.access import YES, no, require

#: So many are tried while one waits, in about half a second; more is for a worker.
AT_ONCE = 500
#: Proposals that the page names; the CSV has all.
NAMED = 100


def try_rules(*, actor: User, rule_set_id: int, call_codes: Sequence[str]) -> RuleTrial:
    """Ask what these rules would change for what was handed in for these calls, as far as the
    actor may see it. Nothing but the answer is written, and nobody is told.

    A few proposals are tried at once, many by a worker: the row says how far it is. Raises
    NotAllowed, or ValidationError on `rules` or `calls`.
    """
    require(YES if reads_everything(actor) else no(_("Only LuxDev may do this.")))
    trial = _ask(actor, rule_set_id, call_codes)
    if trial.progress_total <= AT_ONCE:
        jobs.run(RuleTrial, trial.pk, perform)
    return trial


@transaction.atomic
def _ask(actor: User, rule_set_id: int, call_codes: Sequence[str]) -> RuleTrial:
    rules = RuleSet.objects.visible_to(actor).filter(pk=rule_set_id).first()
    if rules is None:
        raise ValidationError({"rules": [_("Choose rules that are there.")]})
    found = Call.objects.visible_to(actor).filter(code__in=call_codes)
    calls = list(found.select_related("rule_set"))
    if not calls:
        raise ValidationError({"calls": [_("Choose at least one call.")]})
    try:
        simulate(rules, calls)  # read when it is iterated over; refused here
    except InvalidParameter as error:
        raise ValidationError({"rules": [str(error)]}) from error
    trial = RuleTrial.objects.create(
        rule_set=rules,
        rule_set_revision=rules.revision,
        of_a_draft=rules.is_draft,
        parameters=rules.parameters,
        asked_by=actor,
        progress_total=submissions_of(calls, actor).count(),
    )
    trial.calls.set(calls)
    if trial.progress_total > AT_ONCE:
        jobs.send_after_commit(trial)
    return trial


def perform(trial: RuleTrial) -> None:
    """The job's work. Nothing is kept before the end, so another attempt begins anew; the progress
    is seen meanwhile, and renews the lease."""
    calls = list(trial.calls.select_related("rule_set"))
    rules = RuleSet(code=trial.rule_set.code, parameters=trial.parameters)
    trial.report_progress(0, submissions_of(calls, trial.asked_by).count())
    simulation = Simulation(NAMED)
    rows = _noting(trial, simulation, simulate(rules, calls, trial.asked_by))
    kept = {
        "csv": "".join(simulation_csv(rows)),
        "result": as_json(simulation),
        "submissions": trial.submissions,
    }
    done = simulation.whole.all.count
    trial.report_progress(done, done)
    mine = RuleTrial.objects.filter(pk=trial.pk, claimed_by=trial.claimed_by)
    if not mine.update(**kept):
        raise jobs.LeaseLost(f"RuleTrial {trial.pk} was taken over by another worker")


def _noting(
    trial: RuleTrial, simulation: Simulation, rows: Iterable[Simulated]
) -> Iterator[Simulated]:
    trial.submissions = []
    for number, row in enumerate(rows, start=1):
        simulation.add(row)
        trial.submissions.append(row.pk)
        if number % AT_A_TIME == 0:
            trial.report_progress(number, max(number, trial.progress_total))
        yield row
