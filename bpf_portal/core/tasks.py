"""The sweeper, and the task that sends mail."""

from celery import shared_task

from bpf_portal.core import jobs, mail
from bpf_portal.core.models import OutgoingEmail


@shared_task
def sweep() -> int:
    """Every 20 seconds by beat: take up what was left lying."""
    return jobs.sweep()


@shared_task
def send_email(pk: int) -> bool:
    return jobs.run(OutgoingEmail, pk, mail.deliver)


jobs.register(OutgoingEmail, send=send_email.delay, work=mail.deliver)
