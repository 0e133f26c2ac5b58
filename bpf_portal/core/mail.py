"""Mail leaves through a durable row: a mail server that is down delays a mail and loses none."""

from django.conf import settings
from django.core.mail import EmailMessage

from bpf_portal.core import jobs
from bpf_portal.core.models import OutgoingEmail


def send(*, to: str, subject: str, body: str) -> OutgoingEmail:
    """Queue a plain-text mail in the caller's transaction; it leaves after the commit.

    A subject of several lines is folded into one: a header cannot be injected.
    """
    email = OutgoingEmail.objects.create(
        recipient=to, subject=" ".join(subject.split())[:250], body=body
    )
    jobs.send_after_commit(email)
    return email


def deliver(email: OutgoingEmail) -> None:
    """Hand the mail to the server; an error goes to the job, which is tried again."""
    message = EmailMessage(
        email.subject, email.body, settings.DEFAULT_FROM_EMAIL, [email.recipient]
    )
    message.send()
