"""The sweeper, the task that sends mail, and the clearing of sessions that ended."""

from celery import shared_task
from django.core.management import call_command

from bpf_portal.core import jobs, mail
from bpf_portal.core.models import OutgoingEmail


@shared_task
def sweep() -> int:
    """Every 20 seconds by beat: take up what was left lying."""
    return jobs.sweep()


@shared_task
def send_email(pk: int) -> bool:
    return jobs.run(OutgoingEmail, pk, mail.deliver)


@shared_task
def clear_sessions() -> None:
    """Every hour by beat: a session that ended may hold what somebody typed, and nobody's text
    stays longer than it was promised. Doing it twice, or late, changes nothing."""
    call_command("clearsessions")


jobs.register(OutgoingEmail, send=send_email.delay, work=mail.deliver)
