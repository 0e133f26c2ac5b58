"""Writing a proposal: beginning it, saving a part of it, giving it up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_write, may_write_for
from applications.actions import correcting, withdrawal_mails
from applications.actions.open_sections import require_open
from applications.events import ProposalBegun, ProposalWithdrawn, SubmissionWithdrawn
from applications.models import (
    PROPOSAL_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    Call,
    DueDiligence,
    Organisation,
    Proposal,
    ProposalState,
    Submission,
)
from bpf_portal.core.access import NotAllowed, Text, require
from bpf_portal.core.events import record


class ChangedElsewhere(Exception):
    """The row was saved by somebody else since the page was opened; nothing was overwritten."""

    message = _("This section was changed elsewhere since you opened it.")

    def __init__(self, current_version: int) -> None:
        super().__init__(f"version {current_version}")
        self.current_version = current_version


class FieldRefused(Exception):
    """One field cannot be stored as it is, whatever its type; the rest can."""

    field: str
    message: Text


class NotByItself(Exception):
    """The change does more than it says, so it is made when somebody presses Save; `message`."""

    def __init__(self, message: Text) -> None:
        super().__init__(str(message))
        self.message = message


@transaction.atomic
def begin_proposal(
    *, actor: User, call: Call, organisation: Organisation, language: str
) -> Proposal:
    """A new draft with the next number of its call. Raises NotAllowed for readers or closed calls.

    The call's row is locked, so two drafts begun at once get two numbers.
    """
    require(may_write_for(actor, organisation))
    locked_call = Call.objects.select_for_update().get(pk=call.pk)
    if not locked_call.is_open:
        raise NotAllowed(_("This call is not open."))
    number = next_number(locked_call)
    proposal = Proposal.objects.create(
        call=locked_call,
        number=number,
        reference=reference_of(locked_call, number),
        organisation=organisation,
        language=language,
        created_by=actor,
    )
    DueDiligence.objects.create(proposal=proposal)
    record(
        ProposalBegun(call=call.code, reference=proposal.reference),
        about=proposal,
        actor=actor,
        to_state=proposal.state,
    )
    return proposal


def next_number(call: Call) -> int:
    """The next free number of the call, whose row the caller has locked."""
    return (call.proposals.aggregate(last=Max("number"))["last"] or 0) + 1


def reference_of(call: Call, number: int) -> str:
    """The reference that stays with a proposal through both stages, e.g. BPF-2026-2-007."""
    return f"{call.code.upper()}-{number:03d}"


@contextmanager
def editing(
    *, actor: User, proposal: Proposal, expected_version: int, section: str | None = None
) -> Iterator[Proposal]:
    """Change a draft inside the block; its row is locked, and the version counts up at the end.

    `section` names what is changed: a section that an officer asked to correct may be written in a
    proposal that is handed in. Raises NotAllowed (a reader), WrongState (no longer a draft, and
    the section not open) or ChangedElsewhere (a second tab or a colleague saved first); then
    nothing of the block is written.
    """
    with transaction.atomic():
        drafts = Proposal.objects.select_related("organisation").select_for_update(of=("self",))
        locked = drafts.get(pk=proposal.pk)
        require(may_write(actor, locked))
        require_open(locked, section)
        if locked.version != expected_version:
            raise ChangedElsewhere(locked.version)
        yield locked
        locked.version += 1
        locked.updated_at = timezone.now()
        locked.save()


@transaction.atomic
def withdraw_proposal(*, actor: User, proposal_id: int, reason: str) -> Proposal:
    """The company takes its proposal back, draft or handed in. Nothing of it is deleted.

    What was handed in needs a reason, and the facility is told. Raises ValidationError (no
    reason), NotAllowed, WrongState or Proposal.DoesNotExist.
    """
    proposal = (
        Proposal.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=proposal_id)
    )
    require(may_write(actor, proposal))
    before, reason = proposal.state, reason.strip()
    proposal.state = PROPOSAL_TRANSITIONS.target(before, "withdraw")
    if before == ProposalState.SUBMITTED and not reason:
        raise ValidationError({"reason": [_("Say why: the facility has begun to examine it.")]})
    proposal.save(update_fields=["state"])
    record(
        ProposalWithdrawn(reason=reason),
        about=proposal,
        actor=actor,
        from_state=before,
        to_state=proposal.state,
    )
    for submission in _running_submissions(proposal):
        state = submission.state
        submission.state = SUBMISSION_TRANSITIONS.target(state, "withdraw")
        submission.save(update_fields=["state"])
        record(
            SubmissionWithdrawn(reason=reason),
            about=submission,
            actor=actor,
            from_state=state,
            to_state=submission.state,
        )
        correcting.withdraw_with_proposal(submission, actor)
        withdrawal_mails.tell_officers(submission, reason)
    withdrawal_mails.tell_company(proposal, reason)
    return proposal


def _running_submissions(proposal: Proposal) -> list[Submission]:
    """The submission of the present stage, if LuxDev has not decided on it yet."""
    return [
        submission
        for submission in proposal.submissions.select_for_update(of=("self",)).defer("document")
        if SUBMISSION_TRANSITIONS.allows(submission.state, "withdraw")
    ]
