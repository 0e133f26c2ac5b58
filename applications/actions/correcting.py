"""A correction that an officer asks for: asked, withdrawn, or over with its day.

Locks are taken from the proposal to its submission to the request, by everybody.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_request_correction
from applications.actions import correction_mails
from applications.actions.completeness import sections_of
from applications.events import CorrectionLapsed, CorrectionRequested, CorrectionWithdrawn
from applications.models import (
    CORRECTION_TRANSITIONS,
    NOT_YET_REVIEWED,
    CorrectionRequest,
    CorrectionState,
    Submission,
    SubmissionState,
)
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import record
from bpf_portal.core.states import WrongState

#: Where a submission can still be corrected: nothing is decided.
CORRECTABLE = (SubmissionState.RECEIVED, SubmissionState.ELIGIBLE, SubmissionState.IN_REVIEW)
LONGEST = timedelta(days=366)

#: What a company is told that comes too late with a correction.
ENDED: dict[str, Text] = {
    "withdrawn": _(
        "The facility withdrew its request meanwhile. What you handed in before stands; what you"
        " wrote since is kept in your sections."
    ),
    "lapsed": _(
        "The day until which you could correct is over. What you handed in before stands; what you"
        " wrote since is kept in your sections."
    ),
}

#: Who else is told that a proposal was handed in again; entered by `reviews`.
_followers: list[Callable[[Submission], Iterable[User]]] = []


def register_followers(find: Callable[[Submission], Iterable[User]]) -> None:
    if find not in _followers:
        _followers.append(find)


def _locked(actor: User, submission_id: int) -> Submission:
    return (
        Submission.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("call")
        .defer("document", "search")
        .get(pk=submission_id)
    )


@transaction.atomic
def request_correction(
    *, actor: User, submission_id: int, sections: Collection[str], text: str, due_on: date
) -> CorrectionRequest:
    """Ask the company to correct these sections until the end of that day in Luxembourg.

    Raises ValidationError by field, WrongState (decided, withdrawn, or one is asked for already),
    NotAllowed, Submission.DoesNotExist.
    """
    require(may_request_correction(actor))
    submission = _locked(actor, submission_id)
    known = sections_of(submission.stage)
    _refuse_wrong(known, sections, text, due_on)
    if submission.state not in CORRECTABLE:
        raise WrongState("submission", submission.state, "request_correction")
    decision = getattr(submission, "decision", None)  # a relation that `reviews` declares
    if decision is not None and decision.state != "returned":
        raise WrongState(
            "submission",
            submission.state,
            "request_correction",
            _("A decision was already prepared on this proposal."),
        )
    if submission.corrections.open().exists():
        raise WrongState(
            "correction request",
            CorrectionState.OPEN,
            "request",
            _("A correction is asked for already. Withdraw that request before another."),
        )
    correction = CorrectionRequest.objects.create(
        submission=submission,
        sections=[section for section in known if section in sections],
        text=text.strip(),
        due_on=due_on,
        requested_by=actor,
    )
    record(
        CorrectionRequested(
            correction=correction.pk,
            sections=correction.sections,
            text=correction.text,
            due_on=due_on.isoformat(),
        ),
        about=submission,
        actor=actor,
        to_state=correction.state,
    )
    correction_mails.tell_company_of_request(correction)
    return correction


def require_none_open(submission: Submission, action: str) -> None:
    """What is being corrected is not judged meanwhile. Raises WrongState."""
    if submission.corrections.open().exists():
        raise WrongState(
            "submission",
            submission.state,
            action,
            _("A correction is asked of the company. Wait for it, or withdraw the request first."),
        )


def _refuse_wrong(
    known: Collection[str], sections: Collection[str], text: str, due_on: date
) -> None:
    problems: dict[str, list[object]] = {}
    if not sections:
        problems["sections"] = [_("Choose the sections that open again.")]
    elif not set(sections) <= set(known):
        problems["sections"] = [_("The dossier has no such section.")]
    if not text.strip():
        problems["text"] = [_("Say in words what is to be corrected.")]
    today = timezone.localdate()
    if due_on < today:
        problems["due_on"] = [_("This day is in the past.")]
    elif due_on > today + LONGEST:
        problems["due_on"] = [_("At most a year can be given.")]
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def withdraw_correction(
    *, actor: User, submission_id: int, correction_id: int, reason: str
) -> CorrectionRequest:
    """The officer takes the request back; what was filed stands, what was typed is kept.

    Raises ValidationError (no reason), WrongState (no longer open), NotAllowed or
    CorrectionRequest.DoesNotExist.
    """
    require(may_request_correction(actor))
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    submission = _locked(actor, submission_id)
    correction = submission.corrections.select_for_update(of=("self",)).get(pk=correction_id)
    withdraw(correction, actor, reason.strip())
    correction_mails.tell_company_of_end(correction)
    return correction


def withdraw(correction: CorrectionRequest, actor: User, reason: str) -> None:
    """Close a locked request as withdrawn, by an officer or together with its proposal."""
    before = correction.state
    target = CORRECTION_TRANSITIONS.target(before, "withdraw")
    correction.reason = reason
    close(correction, target, actor, timezone.now())
    record(
        CorrectionWithdrawn(correction=correction.pk, reason=reason),
        about=correction.submission,
        actor=actor,
        from_state=before,
        to_state=target,
    )


def withdraw_with_proposal(submission: Submission, actor: User) -> None:
    """A proposal that its company withdraws needs no correction any more."""
    for correction in submission.corrections.open().select_for_update(of=("self",)):
        withdraw(correction, actor, str(_("The company withdrew its proposal.")))


def close(correction: CorrectionRequest, state: str, actor: User | None, moment: datetime) -> None:
    correction.state = state
    correction.closed_by, correction.closed_at = actor, moment
    correction.save(update_fields=["state", "closed_by", "closed_at", "reason"])


def lapse_corrections() -> int:
    """Close every open request whose day is over; each by itself. Returns how many."""
    overdue = CorrectionRequest.objects.overdue().values_list("pk", flat=True)
    return sum(lapse_correction(correction_id=pk) for pk in overdue)


@transaction.atomic
def lapse_correction(*, correction_id: int) -> bool:
    """Close a request whose day is over; whether this call did it. What was filed stands."""
    known = CorrectionRequest.objects.get(pk=correction_id)
    Submission.objects.select_for_update(of=("self",)).only("pk").get(pk=known.submission_id)
    correction = CorrectionRequest.objects.select_for_update(of=("self",)).get(pk=correction_id)
    if correction.state != CorrectionState.OPEN or not correction.is_over():
        return False
    before = correction.state
    target = CORRECTION_TRANSITIONS.target(before, "lapse")
    close(correction, target, None, timezone.now())
    record(
        CorrectionLapsed(correction=correction.pk, due_on=correction.due_on.isoformat()),
        about=correction.submission,
        actor=None,
        from_state=before,
        to_state=target,
    )
    correction_mails.tell_company_of_end(correction)
    correction_mails.tell_officer(correction)
    return True


def require_answered(submission: Submission, correction_id: int) -> None:
    """For a hand-in that answers a request which is no longer open: pass where it was answered
    (a second click), else WrongState with what became of it."""
    closed = submission.corrections.filter(pk=correction_id).first()
    if closed is None or closed.state != CorrectionState.ANSWERED:
        state = closed.state if closed else ""
        raise WrongState("correction request", state, "answer", ENDED.get(state))


def tell_handed_in_again(submission: Submission, correction: CorrectionRequest) -> None:
    correction_mails.tell_officer(correction)
    if correction.is_renewal or submission.state in NOT_YET_REVIEWED:
        return  # whoever reviewed a proposal has no part in its project
    people = {user.pk: user for find in _followers for user in find(submission)}
    people.pop(correction.requested_by_id, None)
    for user in people.values():
        correction_mails.tell_reader(submission, user)
