"""Asking company registers: a durable job per number, which goes on until somebody answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.access import may_ask_registers
from applications.actions import checking
from applications.actions.register_asking import configured_questions
from applications.events import RegisterAnswered, RegisterAnswerRecorded, RegisterAskedAgain
from applications.models import Moment, RegisterAnswer, RegisterVerdict, Submission
from bpf_portal.core import company_registers, jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.jobs import JobState

#: A register that is away for days is asked every hour.
LONGEST_PAUSE = timedelta(hours=1)
_NAME_LENGTH = 300
_REASON_LENGTH = 10_000


def perform(answer: RegisterAnswer) -> None:
    """The job's work: ask outside any transaction, then keep what was said once.

    Killed in between, the next attempt asks again. Raises jobs.TryLater while the register is away.
    """
    if answer.verdict:
        return  # kept by an attempt that was killed before its end
    try:
        said = company_registers.ask(answer.register, answer.country, answer.number)
    except company_registers.RegisterAway as error:
        raise jobs.TryLater(str(error), longest=LONGEST_PAUSE) from error
    with transaction.atomic():
        mine = RegisterAnswer.objects.select_for_update().filter(
            pk=answer.pk, claimed_by=answer.claimed_by, verdict=""
        )
        locked = mine.first()
        if locked is None:
            raise jobs.LeaseLost(f"RegisterAnswer {answer.pk} was answered otherwise meanwhile")
        locked.verdict = RegisterVerdict.VALID if said.valid else RegisterVerdict.INVALID
        locked.name, locked.answered_at = said.name, timezone.now()
        locked.save(update_fields=["verdict", "name", "answered_at"])
        record(RegisterAnswered(verdict=locked.verdict), about=locked, actor=None)
        _check_anew(locked, actor=None)


@transaction.atomic
def ask_again(*, actor: User, answer_id: int) -> RegisterAnswer:
    """Ask the register once more, now; what it had said is no longer counted (the history keeps
    it). Raises NotAllowed, ValidationError where the register is not asked at all, DoesNotExist.
    """
    require(may_ask_registers(actor))
    answer = RegisterAnswer.objects.visible_to(actor).select_for_update().get(pk=answer_id)
    if answer.register not in company_registers.configured():
        raise ValidationError(_("This installation does not ask this register."))
    return _ask_anew(answer, actor)


def ask_again_before(submission: Submission, *, since: datetime, actor: User | None) -> int:
    """Ask anew what a register answered before that moment about this submission's company; what
    a person recorded stays. Returns how many; in the caller's transaction."""
    keys = {(each.register, each.country, each.number) for each in configured_questions(submission)}
    if not keys:
        return 0
    old = RegisterAnswer.objects.filter(
        organisation=submission.organisation_id, answered_at__lt=since, recorded_by=None
    )
    found = [
        answer
        for answer in old.select_for_update()
        if (answer.register, answer.country, answer.number) in keys
    ]
    for answer in found:
        _ask_anew(answer, actor)
    return len(found)


def _ask_anew(answer: RegisterAnswer, actor: User | None) -> RegisterAnswer:
    had, before = answer.verdict, answer.state
    answer.verdict = answer.name = answer.reason = answer.last_error = ""
    answer.answered_at = answer.recorded_by = None
    _set_state(answer, JobState.QUEUED)
    answer.attempts, answer.not_before = 0, timezone.now()
    answer.save()
    record(
        RegisterAskedAgain(before=had),
        about=answer,
        actor=actor,
        from_state=before,
        to_state=answer.state,
    )
    if had:
        _check_anew(answer, actor=actor)
    jobs.send_after_commit(answer)
    return answer


@transaction.atomic
def record_answer(
    *, actor: User, answer_id: int, verdict: str, name: str, reason: str
) -> RegisterAnswer:
    """Write down what the register said to a person, who says how they know it.

    Raises NotAllowed, ValidationError by field, DoesNotExist.
    """
    require(may_ask_registers(actor))
    answer = RegisterAnswer.objects.visible_to(actor).select_for_update().get(pk=answer_id)
    if verdict not in RegisterVerdict.values:
        raise ValidationError({"verdict": [_("Choose one of the two answers.")]})
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why: others must be able to follow it.")]})
    had, before = answer.verdict, answer.state
    answer.verdict, answer.name = verdict, name.strip()[:_NAME_LENGTH]
    answer.reason = reason.strip()[:_REASON_LENGTH]
    answer.recorded_by, answer.answered_at = actor, timezone.now()
    _set_state(answer, JobState.DONE)
    answer.save()
    record(
        RegisterAnswerRecorded(before=had, verdict=verdict, reason=answer.reason),
        about=answer,
        actor=actor,
        from_state=before,
        to_state=answer.state,
    )
    _check_anew(answer, actor=actor)
    return answer


def _set_state(answer: RegisterAnswer, state: JobState) -> None:
    """Also takes the job away from a worker that has it: what that one hears comes too late."""
    answer.state = state
    answer.claimed_by = answer.lease_until = None
    answer.finished_at = timezone.now() if state == JobState.DONE else None


def _check_anew(answer: RegisterAnswer, *, actor: User | None) -> None:
    """The company's living proposals with this number are checked again."""
    living = Submission.objects.living().filter(organisation=answer.organisation_id)
    for submission in living.select_related("call__rule_set"):
        keys = [
            (each.register, each.country, each.number) for each in configured_questions(submission)
        ]
        if (answer.register, answer.country, answer.number) in keys:
            checking.request_check(submission=submission, moment=Moment.REGISTER, actor=actor)
