"""A plan of who reads what: by optimisation or a rule, changed by hand. Nobody is asked yet."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models import Call, Stage, Submission
from bpf_portal.core import jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import may_run_call
from reviews.actions.plan_sending import send
from reviews.actions.staffing import Staffing, alike_pairs, staffing_of, to_staff
from reviews.events import PlanAsked, PlanChanged, PlanDiscarded, PlanFilled
from reviews.matching import Pair, Weights, Why, match, obstacle, reasons
from reviews.models import (
    PLAN_TRANSITIONS,
    Assignment,
    AssignmentPlan,
    AssignmentState,
    CallRubric,
    PlannedReview,
    PlannedState,
    PlanStep,
    PlanWay,
    PlanWork,
)

#: So many pairs are looked at while one waits, in about a second; more is for a worker.
AT_ONCE = 1_500
MOST_WANTED, MOST_LOAD = 9, 300

#: What counts more: points of `reviews.matching.Weights` [A].
FAVOURS: Mapping[str, Weights] = {
    "balanced": Weights(),
    "expertise": Weights(sector=12, country=9, human_rights=6, load=1),
    "load": Weights(sector=4, country=3, human_rights=2, load=6),
}


def make_plan(
    *,
    actor: User,
    call_id: int,
    stage: str,
    way: str,
    wanted: int,
    most: int,
    parameters: Mapping[str, Any],
) -> AssignmentPlan:
    """A plan for a call's stage; one that is open there is given up for it.

    `parameters`: for the optimiser `favour` (a key of `FAVOURS`), `experts_only` and `for_risk`;
    for a rule `value` (a sector's or country's code) and `reviewers` (ids). Few pairs are looked at
    at once, many by a worker. Raises ValidationError, NotAllowed, WrongState while one is being
    sent, or Call.DoesNotExist.
    """
    work = _ask(actor, call_id, stage, way, wanted, most, dict(parameters))
    plan = work.plan
    if work.progress_total <= AT_ONCE:
        jobs.run(PlanWork, work.pk, perform)
        plan.refresh_from_db()
    return plan


@transaction.atomic
def _ask(
    actor: User,
    call_id: int,
    stage: str,
    way: str,
    wanted: int,
    most: int,
    parameters: dict[str, Any],
) -> PlanWork:
    require(may_run_call(actor))
    call = Call.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=call_id)
    if stage not in Stage.values or way not in PlanWay.values:
        raise ValidationError(_("Choose one of the ways to plan."))
    _refuse_impossible(call, stage, way, wanted, most, parameters)
    for earlier in AssignmentPlan.objects.living().filter(call=call, stage=stage):
        _discard(earlier.pk, actor)
    plan = AssignmentPlan.objects.create(
        call=call,
        stage=stage,
        way=way,
        wanted=wanted,
        most=most,
        parameters=parameters,
        made_by=actor,
    )
    record(
        PlanAsked(call=call.code, stage=stage, way=way, wanted=wanted, most=most),
        about=plan,
        actor=actor,
        to_state=plan.state,
    )
    pairs = to_staff(actor, call, stage).count() * User.objects.in_role("reviewer").count()
    work = PlanWork.objects.create(plan=plan, step=PlanStep.FILL, progress_total=pairs)
    if pairs > AT_ONCE:
        jobs.send_after_commit(work)
    return work


def _refuse_impossible(
    call: Call, stage: str, way: str, wanted: int, most: int, parameters: Mapping[str, Any]
) -> None:
    problems: dict[str, list[Any]] = {}
    if not 1 <= wanted <= MOST_WANTED:
        problems["wanted"] = [_("Between 1 and %(n)d.") % {"n": MOST_WANTED}]
    if not 1 <= most <= MOST_LOAD:
        problems["most"] = [_("Between 1 and %(n)d.") % {"n": MOST_LOAD}]
    if way == PlanWay.OPTIMISED and parameters.get("favour") not in FAVOURS:
        problems["favour"] = [_("Choose what counts more.")]
    if way in (PlanWay.SECTOR, PlanWay.COUNTRY):
        if not parameters.get("value"):
            problems[way] = [_("Choose one.")]
        if not parameters.get("reviewers"):
            problems["reviewers"] = [_("Choose at least one reviewer.")]
    if way == PlanWay.STAGE_1 and stage != Stage.DETAILED_PROPOSAL:
        problems["way"] = [_("Only a detailed proposal was read before.")]
    if problems:
        raise ValidationError(problems)
    if not CallRubric.objects.filter(call=call, stage=stage).exists():
        raise ValidationError(_("This call has no scoring grid for this stage."))


def perform(work: PlanWork) -> None:
    """The job's work, each step in transactions of its own."""
    if work.step == PlanStep.FILL:
        fill(work)
    else:
        send(work)


@transaction.atomic
def fill(work: PlanWork) -> None:
    """Find the pairs. A plan that was given up meanwhile, or is filled already, stays as it is."""
    plan = AssignmentPlan.objects.select_for_update(of=("self",)).get(pk=work.plan_id)
    if not PLAN_TRANSITIONS.allows(plan.state, "fill"):
        return
    staffing = _with_likenesses(plan)
    planned = _optimised(plan, staffing)
    if plan.way != PlanWay.OPTIMISED:
        planned = _by_rule(plan, staffing)
    PlannedReview.objects.bulk_create(planned)
    before, plan.state = plan.state, PLAN_TRANSITIONS.target(plan.state, "fill")
    plan.save(update_fields=["state", "alike"])
    record(
        PlanFilled(reviews=sum(each.state == PlannedState.PLANNED for each in planned)),
        about=plan,
        actor=None,
        from_state=before,
        to_state=plan.state,
    )
    work.report_progress(work.progress_total, work.progress_total)


def staffing_for(plan: AssignmentPlan, actor: User, *, alone: int | None = None) -> Staffing:
    """The stage (or one submission of it) as it stands now, under the plan's limits, as this person
    may see it."""
    return staffing_of(
        actor,
        plan.call,
        plan.stage,
        alone=alone,
        wanted=plan.wanted,
        most=plan.most,
        experts_only=bool(plan.parameters.get("experts_only")),
        for_risk=bool(plan.parameters.get("for_risk", True)),
        alike=frozenset((submission, reviewer) for submission, reviewer in plan.alike),
    )


def _with_likenesses(plan: AssignmentPlan) -> Staffing:
    staffing = staffing_for(plan, plan.made_by)
    lacking = staffing.submissions if plan.way != PlanWay.OPTIMISED else _lacking(staffing)
    alike = alike_pairs(staffing, lacking)
    plan.alike = sorted(alike)
    return staffing.with_limits(alike=frozenset(alike))


def _lacking(staffing: Staffing) -> list[int]:
    """What somebody may be proposed for: too few reviewers, or a high risk."""
    papers = staffing.papers.values()
    return [each.key for each in papers if each.high_risk or len(each.has) < each.wanted]


def _optimised(plan: AssignmentPlan, staffing: Staffing) -> list[PlannedReview]:
    if plan.way != PlanWay.OPTIMISED:
        return []
    weights = FAVOURS[plan.parameters["favour"]]
    matching = match(staffing.papers.values(), staffing.readers.values(), weights)
    return [
        PlannedReview(
            plan=plan,
            submission_id=choice.paper,
            reviewer_id=choice.reader,
            why=[str(why) for why in choice.why],
        )
        for choice in matching.choices
    ]


def _by_rule(plan: AssignmentPlan, staffing: Staffing) -> list[PlannedReview]:
    """Every pair of the rule; what stands in the way of one is said with it."""
    planned = []
    for paper, reader in _pairs_of_rule(plan, staffing):
        why_not = obstacle(staffing.papers[paper], staffing.readers[reader])
        if why_not == Why.ASKED_ALREADY:
            continue
        why = reasons(staffing.papers[paper], staffing.readers[reader])
        planned.append(
            PlannedReview(
                plan=plan,
                submission_id=paper,
                reviewer_id=reader,
                why=[] if why_not else [str(each) for each in why if each != Why.LOAD],
                by_hand=True,
                state=PlannedState.REFUSED if why_not else PlannedState.PLANNED,
                refused=str(why_not or ""),
            )
        )
    return planned


def _pairs_of_rule(plan: AssignmentPlan, staffing: Staffing) -> Iterable[Pair]:
    if plan.way == PlanWay.STAGE_1:
        yield from _readers_of_stage_1(staffing)
        return
    chosen = [pk for pk in plan.parameters["reviewers"] if pk in staffing.readers]
    value = plan.parameters["value"]
    for pk, paper in staffing.papers.items():
        if value in (paper.sectors if plan.way == PlanWay.SECTOR else paper.countries):
            yield from ((pk, reader) for reader in chosen)


def _readers_of_stage_1(staffing: Staffing) -> Iterable[Pair]:
    of_proposal = {row.proposal_id: pk for pk, row in staffing.submissions.items()}
    rows = Assignment.objects.filter(
        submission__proposal__in=of_proposal,
        submission__stage=Stage.PRESELECTION,
        state=AssignmentState.SUBMITTED,
    )
    for proposal, reviewer in rows.order_by("pk").values_list(
        "submission__proposal_id", "reviewer_id"
    ):
        if reviewer in staffing.readers:
            yield of_proposal[proposal], reviewer


@transaction.atomic
def change_plan(
    *,
    actor: User,
    plan_id: int,
    submission_id: int,
    reviewer_ids: Collection[int],
    seen: Collection[int],
) -> AssignmentPlan:
    """Who is planned for one dossier from now on. `seen` are those whom the page showed.

    Raises ValidationError (somebody who may not read it, or is no reviewer), WrongState (changed
    meanwhile, or no longer open), NotAllowed, or DoesNotExist.
    """
    require(may_run_call(actor))
    plan = _locked(plan_id)
    before, target = plan.state, PLAN_TRANSITIONS.target(plan.state, "change")
    submission: Submission = to_staff(actor, plan.call, plan.stage).get(pk=submission_id)
    rows = PlannedReview.objects.filter(plan=plan, submission=submission)
    planned = set(rows.filter(state=PlannedState.PLANNED).values_list("reviewer_id", flat=True))
    if planned != set(seen):
        raise WrongState("assignment plan", plan.state, "change")
    wanted = set(reviewer_ids)
    staffing = staffing_for(plan, actor, alone=submission.pk)
    _refuse_people(staffing, submission, wanted - planned)
    rows.filter(reviewer__in=planned - wanted).delete()
    rows.filter(reviewer__in=wanted - planned).delete()  # what had been refused before
    PlannedReview.objects.bulk_create(
        PlannedReview(plan=plan, submission=submission, reviewer_id=pk, by_hand=True)
        for pk in sorted(wanted - planned)
    )
    names = [str(staffing.reviewers[pk]) for pk in sorted(wanted) if pk in staffing.reviewers]
    record(
        PlanChanged(submission=submission.pk, reviewers=names),
        about=plan,
        actor=actor,
        from_state=before,
        to_state=target,
    )
    return plan


def _refuse_people(staffing: Staffing, submission: Submission, added: set[int]) -> None:
    """A conflict keeps somebody out, and who is asked already; everything else is the officer's."""
    paper = staffing.papers[submission.pk]
    for pk in sorted(added):
        if pk not in staffing.readers:
            raise ValidationError({"reviewers": [_("One of these people is not a reviewer.")]})
        why_not = obstacle(paper, staffing.readers[pk])
        if why_not in (Why.CONFLICT, Why.ASKED_ALREADY):
            sentence = (
                _("%(name)s may have a conflict of interest and cannot be planned.")
                if why_not == Why.CONFLICT
                else _("%(name)s is asked to review it already.")
            )
            raise ValidationError({"reviewers": [sentence % {"name": staffing.reviewers[pk]}]})


@transaction.atomic
def discard_plan(*, actor: User, plan_id: int) -> AssignmentPlan:
    """Give a plan up; nobody was asked. Raises WrongState, NotAllowed or DoesNotExist."""
    require(may_run_call(actor))
    return _discard(plan_id, actor)


def _discard(plan_id: int, actor: User) -> AssignmentPlan:
    plan = _locked(plan_id)
    before, plan.state = plan.state, PLAN_TRANSITIONS.target(plan.state, "discard")
    plan.save(update_fields=["state"])
    record(PlanDiscarded(), about=plan, actor=actor, from_state=before, to_state=plan.state)
    return plan


def _locked(plan_id: int) -> AssignmentPlan:
    rows = AssignmentPlan.objects.select_for_update(of=("self",)).select_related("call")
    return rows.get(pk=plan_id)
