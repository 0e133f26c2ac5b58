"""From the award to the end of the project: the contract, its last day, and its end."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.actions.finding_standing import newest_done_run
from applications.actions.fresh_checks import check_as_of_today, why_not_on_these_checks
from applications.actions.register_asking import open_questions
from applications.models import COUNTERSIGNED_FROM, CheckRun, Moment, Submission
from bpf_portal.core.access import Text, require
from bpf_portal.core.events import DomainEvent, record
from reviews.access import may_run_call
from reviews.events import (
    AgreementEnded,
    AgreementGivenUp,
    AgreementMoved,
    AgreementSigned,
)
from reviews.models import AGREEMENT_TRANSITIONS, Agreement

#: A project longer than this is a typing error.
LONGEST = timedelta(days=3660)

NOT_CHECKED = _("Have the rules checked for the contract first.")
NOT_COUNTERSIGNED = _(
    "The local partner has not countersigned the clause yet. Ask it below; the rules are checked"
    " again by themselves once it has signed."
)
CLAUSE_OPEN = _("The clause is not in order: look at its finding in the dossier.")
REGISTER_SILENT = _("A company register has not answered about this company yet.")


def _locked(actor: User, agreement_id: int) -> Agreement:
    rows = Agreement.objects.visible_to(actor).select_for_update(of=("self",))
    return rows.select_related("decision").get(pk=agreement_id)


def submission_of(agreement: Agreement) -> Submission:
    rows = Submission.objects.select_related("call__rule_set", "proposal__organisation")
    return rows.get(pk=agreement.decision.submission_id)


@transaction.atomic
def check_before_contract(*, actor: User, agreement_id: int) -> CheckRun:
    """Have the rules checked as of today, the partner's countersignature included.

    Raises NotAllowed, WrongState once the contract is signed, Agreement.DoesNotExist.
    """
    require(may_run_call(actor))
    agreement = _locked(actor, agreement_id)
    AGREEMENT_TRANSITIONS.target(agreement.state, "sign")
    return check_as_of_today(submission_of(agreement), Moment.CONTRACT, actor)


def why_no_contract(submission: Submission) -> Text:
    """What stands in the way of the contract now; empty where nothing does. Six queries at most."""
    run = newest_done_run(submission)
    asked = submission.check_runs.filter(moment__in=COUNTERSIGNED_FROM)
    if run is None or not asked.filter(pk__lte=run.pk).exists():
        return NOT_CHECKED
    clause = run.findings.filter(code="hrdd.clause").first()
    if clause is not None and clause.outcome != "pass":
        return NOT_COUNTERSIGNED if clause.reason == "not_countersigned" else CLAUSE_OPEN
    return REGISTER_SILENT if open_questions(submission) else why_not_on_these_checks(submission)


@transaction.atomic
def sign_agreement(
    *, actor: User, agreement_id: int, signed_on: date, starts_on: date, ends_on: date
) -> Agreement:
    """Record the signed contract: from now on the project runs.

    Raises NotAllowed, WrongState, ValidationError by field (or as a whole where the checks before
    the contract stand in the way), Agreement.DoesNotExist.
    """
    require(may_run_call(actor))
    agreement = _locked(actor, agreement_id)
    before, target = agreement.state, AGREEMENT_TRANSITIONS.target(agreement.state, "sign")
    _refuse_days(signed_on, starts_on, ends_on)
    if why_not := why_no_contract(submission_of(agreement)):
        raise ValidationError(str(why_not))
    agreement.state, agreement.officer = target, actor
    agreement.signed_on, agreement.starts_on, agreement.ends_on = signed_on, starts_on, ends_on
    agreement.save()
    event = AgreementSigned(
        signed_on=signed_on.isoformat(),
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
    )
    _tell(event, agreement, actor, before)
    return agreement


def _refuse_days(signed_on: date, starts_on: date, ends_on: date) -> None:
    problems: dict[str, list[object]] = {}
    if signed_on > timezone.localdate():
        problems["signed_on"] = [_("This day is still to come.")]
    if not timedelta(0) < ends_on - starts_on <= LONGEST:
        problems["ends_on"] = [_("A project ends after its start, and within ten years.")]
    if abs(starts_on - signed_on) > timedelta(days=366):
        problems["starts_on"] = [_("A project starts within a year of its contract.")]
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def move_end(*, actor: User, agreement_id: int, ends_on: date, reason: str) -> Agreement:
    """Another last day of the project, and why. Raises what `sign_agreement` raises."""
    require(may_run_call(actor))
    agreement = _locked(actor, agreement_id)
    before, target = agreement.state, AGREEMENT_TRANSITIONS.target(agreement.state, "move")
    starts_on = agreement.starts_on or ends_on
    if not timedelta(0) < ends_on - starts_on <= LONGEST:
        raise ValidationError(
            {"ends_on": [_("A project ends after its start, and within ten years.")]}
        )
    said, earlier = _said(reason), agreement.ends_on
    agreement.state, agreement.ends_on, agreement.reason = target, ends_on, said
    agreement.save()
    event = AgreementMoved(before=str(earlier), ends_on=ends_on.isoformat(), reason=said)
    _tell(event, agreement, actor, before)
    return agreement


@transaction.atomic
def end_agreement(*, actor: User, agreement_id: int, ended_on: date, reason: str) -> Agreement:
    """The project is over, as planned or before. Raises what `sign_agreement` raises."""
    require(may_run_call(actor))
    agreement = _locked(actor, agreement_id)
    before, target = agreement.state, AGREEMENT_TRANSITIONS.target(agreement.state, "end")
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": [_("This day is still to come.")]})
    said = _said(reason)
    agreement.state, agreement.ended_on, agreement.reason = target, ended_on, said
    agreement.save()
    _tell(AgreementEnded(ended_on=ended_on.isoformat(), reason=said), agreement, actor, before)
    return agreement


@transaction.atomic
def give_up_agreement(*, actor: User, agreement_id: int, reason: str) -> Agreement:
    """No contract comes about after all. Raises what `sign_agreement` raises."""
    require(may_run_call(actor))
    agreement = _locked(actor, agreement_id)
    before, target = agreement.state, AGREEMENT_TRANSITIONS.target(agreement.state, "give_up")
    said = _said(reason)
    agreement.state, agreement.ended_on, agreement.reason = target, timezone.localdate(), said
    agreement.save()
    _tell(AgreementGivenUp(reason=said), agreement, actor, before)
    return agreement


def _said(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    return reason.strip()


def _tell(event: DomainEvent, agreement: Agreement, actor: User, before: str) -> None:
    record(event, about=agreement, actor=actor, from_state=before, to_state=agreement.state)
