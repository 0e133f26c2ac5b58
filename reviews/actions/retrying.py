"""Work that failed is tried again because a person says so, and why."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bpf_portal.core import jobs
from bpf_portal.core.access import require
from bpf_portal.core.events import record
from bpf_portal.core.jobs import Job, JobState
from bpf_portal.core.queue import key_of
from reviews.access import may_retry_job
from reviews.events import JobRetried

#: As many as one click puts in line again.
AT_ONCE = 500


@transaction.atomic
def retry_job(*, actor: User, model: type[Job], pk: int, reason: str) -> Job:
    """Raises NotAllowed, ValidationError without a reason, WrongState for a job that runs or is
    done, DoesNotExist."""
    require(may_retry_job(actor))
    return _retry(actor, model, pk, _said(reason))


@transaction.atomic
def retry_failed(*, actor: User, model: type[Job], reason: str) -> int:
    """Put all failed jobs of a kind in line again, `AT_ONCE` at most; says how many.

    Raises NotAllowed, and ValidationError without a reason or a failed job.
    """
    require(may_retry_job(actor))
    reason = _said(reason)
    failed = model._default_manager.filter(state=JobState.FAILED).order_by("pk")
    # Locked before they are read: of two people who press at once the second finds nothing.
    pks = [job.pk for job in failed.select_for_update(of=("self",)).only("pk")[:AT_ONCE]]
    if not pks:
        raise ValidationError({"kind": [_("Nothing of this kind failed.")]})
    for pk in pks:
        _retry(actor, model, pk, reason)
    return len(pks)


def _said(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": [_("Say why.")]})
    return reason.strip()


def _retry(actor: User, model: type[Job], pk: int, reason: str) -> Job:
    before = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    job = jobs.retry(model, pk)
    record(
        JobRetried(
            job_kind=key_of(model),
            reason=reason,
            attempts=before.attempts,
            error=before.last_error,
        ),
        about=job,
        actor=actor,
        from_state=before.state,
        to_state=job.state,
    )
    return job
