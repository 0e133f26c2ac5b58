"""Decisions: prepared by an officer, confirmed by somebody else, published in a batch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.actions.checking_context import rule_parameters
from applications.actions.correcting import require_none_open
from applications.actions.exclusion_grounds import confirmed_grounds
from applications.actions.fresh_checks import why_not_on_these_checks
from applications.actions.register_asking import open_questions
from applications.events import ProposalConcluded, StageOpened
from applications.models import (
    PROPOSAL_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    Call,
    Stage,
    Submission,
    SubmissionState,
)
from bpf_portal.core import jobs, money
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState
from reviews.access import (
    may_confirm_decision,
    may_publish,
    may_run_call,
    may_send_back_decision,
)
from reviews.actions.committee_outcomes import refuse_other_outcome
from reviews.actions.ranking import envelope_left
from reviews.actions.replacing import refuse_standing_ones, replace
from reviews.events import (
    DecisionConfirmed,
    DecisionPrepared,
    DecisionPublished,
    DecisionSentBack,
)
from reviews.models import (
    DECISION_TRANSITIONS,
    KINDS_BY_STAGE,
    REFUSALS,
    TOLD,
    Agreement,
    CallRubric,
    Decision,
    DecisionKind,
    DecisionReason,
    LetterBatch,
)

REGISTER_SILENT = _(
    "A company register has not answered about this company yet: nothing can be awarded before."
    " It is asked again by itself; an officer may also record what it says."
)


def kinds_for(submission: Submission) -> tuple[DecisionKind, ...]:
    """What can be decided on this submission in its present state."""
    if submission.state == SubmissionState.INELIGIBLE:
        return (DecisionKind.INELIGIBLE,)
    if submission.state == SubmissionState.IN_REVIEW:
        return KINDS_BY_STAGE[submission.stage]
    return ()


def award_limit(submission: Submission) -> Decimal:
    """The most that can be awarded (EUR): what was asked for, within ceiling and rate."""
    parameters = rule_parameters(submission.call.rule_set)
    haulage = bool(submission.document["lead"].get("road_haulage_for_hire"))
    limits = [submission.requested]
    ceiling = parameters.grant_ceiling_haulage if haulage else parameters.grant_ceiling
    if ceiling is not None:
        limits.append(ceiling)
    if parameters.max_rate is not None:
        limits.append((submission.total * parameters.max_rate).quantize(money.CENT, ROUND_DOWN))
    return min(limits)


def why_no_award(submission: Submission) -> Text:
    """What stands in the way of an award now; empty where nothing does."""
    if open_questions(submission):
        return REGISTER_SILENT
    return why_not_on_these_checks(submission)


@transaction.atomic
def prepare_decision(
    *,
    actor: User,
    submission_id: int,
    kind: str,
    amount: Decimal | None = None,
    conditions: str = "",
    grounds: str = "",
    reasons: Mapping[int, str] | None = None,
) -> Decision:
    """Prepare what is to be decided, or prepare it again after it was sent back.

    `reasons` gives a text by criterion id. Raises ValidationError by field, WrongState, NotAllowed.
    """
    require(may_run_call(actor))
    submission = (
        Submission.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("call__rule_set")
        .get(pk=submission_id)
    )
    allowed = kinds_for(submission)
    if not allowed:
        raise WrongState("submission", submission.state, "prepare_decision")
    require_none_open(submission, "prepare_decision")
    said = Said(kind, amount, conditions, grounds, reasons or {})
    said = refuse_wrong(submission, allowed, said)
    refuse_other_outcome(submission, kind, amount)
    decision = Decision.objects.select_for_update().filter(standing_for=submission).first()
    before = decision.state if decision else ""
    decision = decision or Decision(submission=submission, standing_for=submission)
    said.store(decision, actor)
    record(
        DecisionPrepared(submission=submission.pk, kind=kind, amount=str(amount or "")),
        about=decision,
        actor=actor,
        from_state=before,
        to_state=decision.state,
    )
    return decision


@dataclass(frozen=True)
class Said:
    """What a decision says: its kind, the amount (EUR), and what the letter tells the company.

    `reasons` gives a text by criterion id.
    """

    kind: str
    amount: Decimal | None
    conditions: str
    grounds: str
    reasons: Mapping[int, str]

    def store(self, decision: Decision, actor: User) -> None:
        """Into a new decision, or again into one that was sent back. Raises WrongState."""
        if decision.pk is not None:
            decision.state = DECISION_TRANSITIONS.target(decision.state, "prepare")
            decision.version += 1
        decision.kind, decision.amount = self.kind, self.amount
        decision.conditions, decision.grounds = self.conditions, self.grounds
        decision.prepared_by, decision.prepared_at = actor, timezone.now()
        decision.save()
        decision.reasons.all().delete()
        DecisionReason.objects.bulk_create(
            DecisionReason(decision=decision, criterion_id=key, text=text)
            for key, text in self.reasons.items()
        )


def refuse_wrong(
    submission: Submission, allowed: Collection[str], said: Said, *, old: Decision | None = None
) -> Said:
    """What was said without stray spaces, or ValidationError by field. `old`: what it corrects."""
    given = {key: text.strip() for key, text in said.reasons.items() if text.strip()}
    grounds = _with_findings(submission, said.kind, said.grounds).strip()
    said = Said(said.kind, said.amount, said.conditions.strip(), grounds, given)
    _refuse_wrong(submission, allowed, said, awards_more=_awards_more(said, old))
    return said


def _awards_more(new: Said | Decision, old: Decision | None) -> bool:
    """An award that a correction leaves or lowers needs no checks as of today."""
    if new.kind != DecisionKind.SELECTED:
        return False
    before = old.amount if old is not None else None
    return before is None or new.amount is None or new.amount > before


def _refuse_wrong(
    submission: Submission, allowed: Collection[str], said: Said, *, awards_more: bool
) -> None:
    problems: dict[str, list[object]] = {}
    if said.kind not in allowed:
        problems["kind"] = [_("This cannot be decided at this stage.")]
    if said.kind == DecisionKind.SELECTED:
        # Two officers who award at once are told of each other's.
        Call.objects.select_for_update(no_key=True).get(pk=submission.call_id)
        left = envelope_left(submission.call, without=submission.pk)
        if wrong := wrong_amount(submission, said.amount, left=left):
            problems["amount"] = [wrong]
        if awards_more and (why_not := why_no_award(submission)):
            problems["kind"] = [why_not]
    elif said.amount is not None:
        problems["amount"] = [_("Only an award has an amount.")]
    if said.kind in REFUSALS and not said.grounds:
        problems["grounds"] = [_("The company must be told why.")]
    if said.reasons and not set(said.reasons) <= _criteria_of(submission):
        problems["reasons"] = [_("A reason belongs to a criterion of this call's grid.")]
    if problems:
        raise ValidationError(problems)


def wrong_amount(submission: Submission, amount: Decimal | None, *, left: Decimal | None) -> Text:
    """Why this much (EUR) cannot be awarded with so much `left` of the envelope; empty: it can."""
    if amount is None or amount <= 0:
        return _("Say how much is awarded.")
    limit = award_limit(submission)
    if amount > limit:
        return _("At most %(limit)s can be awarded here.") % {"limit": money.display(limit)}
    if left is not None and amount > left:
        return _("The envelope of this call has %(left)s left.") % {"left": money.display(left)}
    return ""


def _with_findings(submission: Submission, kind: str, grounds: str) -> str:
    """An exclusion gives the findings that people confirmed, then what the officer wrote."""
    if kind != DecisionKind.INELIGIBLE:
        return grounds
    found = [each.message for each in confirmed_grounds(submission, submission.language)]
    written = [line for line in grounds.splitlines() if line.strip() not in found]
    return "\n".join([*found, *written])


def _criteria_of(submission: Submission) -> set[int]:
    grid = CallRubric.objects.filter(call=submission.call_id, stage=submission.stage)
    return set(grid.values_list("rubric__criteria", flat=True))


def _locked(actor: User, decision_id: int) -> Decision:
    return Decision.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=decision_id)


@transaction.atomic
def confirm_decision(*, actor: User, decision_id: int) -> Decision:
    """The second pair of eyes. Raises NotAllowed for the preparer, WrongState, DoesNotExist, and
    ValidationError for an award while a register has not answered, or the checks as of today are
    too old or found something that nobody decided on."""
    decision = _locked(actor, decision_id)
    require(may_confirm_decision(actor, decision))
    if decision.replaces_id is not None:
        refuse_standing_ones(decision)
    # Registers were asked again since it was prepared, or the checks found something else: what is
    # known when the second person confirms counts.
    more = _awards_more(decision, decision.replaces)
    if more and (why_not := why_no_award(decision.submission)):
        raise ValidationError(str(why_not))
    before = decision.state
    decision.state = DECISION_TRANSITIONS.target(before, "confirm")
    decision.confirmed_by, decision.confirmed_at = actor, timezone.now()
    decision.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    record(
        DecisionConfirmed(submission=decision.submission_id, kind=decision.kind),
        about=decision,
        actor=actor,
        from_state=before,
        to_state=decision.state,
    )
    return decision


@transaction.atomic
def send_back_decision(*, actor: User, decision_id: int, reason: str) -> Decision:
    """Back to the officer, with the reason; a confirmation already given is taken back."""
    decision = _locked(actor, decision_id)
    require(may_send_back_decision(actor, decision))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    before = decision.state
    decision.state = DECISION_TRANSITIONS.target(before, "send_back")
    decision.confirmed_by = decision.confirmed_at = None
    decision.returned_reason = reason.strip()
    decision.save(update_fields=["state", "confirmed_by", "confirmed_at", "returned_reason"])
    record(
        DecisionSentBack(
            submission=decision.submission_id, kind=decision.kind, reason=reason.strip()
        ),
        about=decision,
        actor=actor,
        from_state=before,
        to_state=decision.state,
    )
    return decision


@transaction.atomic
def publish_decisions(
    *, actor: User, decision_ids: Collection[int], moment: datetime | None = None
) -> list[LetterBatch]:
    """Publish confirmed decisions together: visible to the companies at once, letters as a job.

    One batch a call. All or none: raises NotAllowed or WrongState when one of them is not
    confirmed, ValidationError when one cannot replace the earlier decision any more. Published ones
    among them are left alone, so a second click does nothing. `moment`: they are published now;
    those of the demonstration were then.
    """
    mine = Decision.objects.visible_to(actor).filter(pk__in=decision_ids)
    # In the order of everybody else: the submission before its decision.
    dossiers = Submission.objects.filter(pk__in=mine.order_by().values("submission"))
    list(dossiers.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    decisions = list(
        mine.exclude(state__in=TOLD)
        .select_for_update(of=("self",))
        .prefetch_related(
            Prefetch("submission", Submission.objects.defer("document").select_related("call"))
        )
        .order_by("pk")
    )
    by_call: dict[int, list[Decision]] = {}
    for decision in decisions:
        require(may_publish(actor, decision))
        by_call.setdefault(decision.submission.call_id, []).append(decision)
    batches = []
    for call_id, group in by_call.items():
        batch = LetterBatch.objects.create(
            call=Call(pk=call_id), published_by=actor, progress_total=len(group)
        )
        for decision in group:
            _publish(decision, batch, actor, moment or timezone.now())
        jobs.send_after_commit(batch)
        batches.append(batch)
    return batches


def _publish(decision: Decision, batch: LetterBatch, actor: User, moment: datetime) -> None:
    before = decision.state
    decision.state = DECISION_TRANSITIONS.target(before, "publish")
    decision.published_by, decision.published_at = actor, moment
    decision.first_published_at, decision.letter_batch = moment, batch
    if decision.replaces_id is not None:
        replace(decision, actor)
    else:
        _conclude(decision, actor)
    record(
        DecisionPublished(submission=decision.submission_id, kind=decision.kind, batch=batch.pk),
        about=decision,
        actor=actor,
        from_state=before,
        to_state=decision.state,
    )


def _conclude(decision: Decision, actor: User) -> None:
    """The first decision on a submission: it leaves the hands of LuxDev."""
    decision.save()
    submission = decision.submission
    submission.state = SUBMISSION_TRANSITIONS.target(submission.state, "publish_decision")
    submission.save(update_fields=["state"])
    _tell_proposal(decision, actor)
    if decision.kind == DecisionKind.SELECTED:
        Agreement.objects.create(decision=decision)


def _tell_proposal(decision: Decision, actor: User) -> None:
    """A shortlisted proposal opens again for its detailed stage; every other one is concluded."""
    proposal = decision.submission.proposal
    invited = decision.kind == DecisionKind.SHORTLISTED
    before = proposal.state
    proposal.state = PROPOSAL_TRANSITIONS.target(before, "invite" if invited else "conclude")
    if invited:
        proposal.stage = Stage.DETAILED_PROPOSAL
    proposal.version += 1
    proposal.save(update_fields=["state", "stage", "version"])
    record(
        StageOpened(stage=proposal.stage) if invited else ProposalConcluded(decision=decision.kind),
        about=proposal,
        actor=actor,
        from_state=before,
        to_state=proposal.state,
    )
