"""What happens when a corrected decision takes the place of the published one."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.events import ProposalConcluded, StageOpened
from applications.models import (
    PROPOSAL_TRANSITIONS,
    Call,
    Proposal,
    ProposalState,
    Stage,
    Submission,
)
from bpf_portal.core import money
from bpf_portal.core.access import Text
from bpf_portal.core.events import record
from reviews.actions.ranking import envelope_left
from reviews.events import AgreementGivenUp, DecisionReplaced
from reviews.models import (
    AGREEMENT_TRANSITIONS,
    DECISION_TRANSITIONS,
    Agreement,
    AgreementState,
    Decision,
    DecisionKind,
    DecisionState,
    Letter,
)

NOT_PUBLISHED = _("Only the decision that stands published can be corrected.")
LETTER_MISSING = _("The letter of this decision is still being made. Try again in a moment.")
CONTRACT_MADE = _(
    "A contract was signed on this award, or it was given up: it is changed there, not by another"
    " decision."
)
WITHDRAWN = _("The company withdrew this proposal.")
HANDED_IN = _("The company has handed in its detailed proposal: the answer is given there.")


def why_not_replaceable(old: Decision) -> Text:
    """Why no other decision can take the place of this one; empty where one can. Three queries."""
    if old.state != DecisionState.PUBLISHED:
        return NOT_PUBLISHED
    if not Letter.objects.filter(decision=old).exists():
        return LETTER_MISSING
    agreements = Agreement.objects.filter(decision=old)
    if agreements.exclude(state=AgreementState.PREPARING).exists():
        return CONTRACT_MADE
    proposal = Proposal.objects.filter(submissions=old.submission_id).values_list(
        "state", flat=True
    )
    return WITHDRAWN if proposal.get() == ProposalState.WITHDRAWN else ""


def refuse_standing_ones(new: Decision) -> None:
    """Raises ValidationError where a correction cannot take the place of the earlier decision (any
    more): that one, its contract or its proposal went on, or the envelope is spent."""
    old = Decision.objects.select_for_update(of=("self",)).get(corrections=new)
    if why_not := why_not_replaceable(old):
        raise ValidationError(str(why_not))
    if why_not := why_not_instead(old, new.kind):
        raise ValidationError(str(why_not))
    if new.kind != DecisionKind.SELECTED:
        return
    call = Call.objects.select_for_update(no_key=True).get(submissions=new.submission_id)
    left = envelope_left(call, without=new.submission_id)
    if left is not None and new.amount is not None and new.amount > left:
        text = _("The envelope of this call has %(left)s left.")
        raise ValidationError(text % {"left": money.display(left)})


def why_not_instead(old: Decision, kind: str) -> Text:
    """Why not this kind in its place; empty where it can."""
    closes = old.kind == DecisionKind.SHORTLISTED and kind != DecisionKind.SHORTLISTED
    if not closes:
        return ""
    later = Submission.objects.filter(
        proposal__submissions=old.submission_id, stage=Stage.DETAILED_PROPOSAL
    )
    return HANDED_IN if later.exists() else ""


def replace(new: Decision, actor: User) -> None:
    """In the transaction that publishes `new`: it stands from now on, the earlier one stays as it
    was told. Contract and proposal follow. Raises ValidationError, WrongState."""
    refuse_standing_ones(new)
    old = Decision.objects.select_for_update(of=("self",)).get(corrections=new)
    before = old.state
    old.state, old.standing_for = DECISION_TRANSITIONS.target(before, "replace"), None
    old.save(update_fields=["state", "standing_for"])
    new.standing_for_id, new.first_published_at = new.submission_id, old.first_published_at
    new.save()
    record(
        DecisionReplaced(
            submission=old.submission_id, kind=old.kind, by=new.pk, reason=new.correction_reason
        ),
        about=old,
        actor=actor,
        from_state=before,
        to_state=old.state,
    )
    _move_agreement(old, new, actor)
    _tell_proposal(old, new, actor)


def _move_agreement(old: Decision, new: Decision, actor: User) -> None:
    """The contract in preparation follows the award, or is given up with it."""
    agreement = Agreement.objects.select_for_update(of=("self",)).filter(decision=old).first()
    awarded = new.kind == DecisionKind.SELECTED
    if agreement is None:
        if awarded:
            Agreement.objects.create(decision=new)
        return
    if awarded:
        agreement.decision = new
        agreement.save(update_fields=["decision"])
        return
    before = agreement.state
    agreement.state = AGREEMENT_TRANSITIONS.target(before, "give_up")
    agreement.ended_on, agreement.reason = timezone.localdate(), new.correction_reason
    agreement.save()
    event = AgreementGivenUp(reason=new.correction_reason)
    record(event, about=agreement, actor=actor, from_state=before, to_state=agreement.state)


def _tell_proposal(old: Decision, new: Decision, actor: User) -> None:
    """The second stage opens after all, or closes again; else nothing changes for the company."""
    opens = new.kind == DecisionKind.SHORTLISTED
    if opens == (old.kind == DecisionKind.SHORTLISTED):
        return
    rows = Proposal.objects.select_for_update(of=("self",))
    proposal = rows.get(submissions=new.submission_id)
    before = proposal.state
    proposal.state = PROPOSAL_TRANSITIONS.target(before, "invite" if opens else "take_back")
    proposal.stage = Stage.DETAILED_PROPOSAL if opens else Stage.PRESELECTION
    proposal.version += 1
    proposal.save(update_fields=["state", "stage", "version"])
    record(
        StageOpened(stage=proposal.stage) if opens else ProposalConcluded(decision=new.kind),
        about=proposal,
        actor=actor,
        from_state=before,
        to_state=proposal.state,
    )
