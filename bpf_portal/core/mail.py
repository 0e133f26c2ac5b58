"""Mail leaves through a durable row: a mail server that is down delays a mail and loses none."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models

from bpf_portal.core import jobs
from bpf_portal.core.models import OutgoingEmail


def send(*, to: str, subject: str, body: str, about: models.Model | None = None) -> OutgoingEmail:
    """Queue a plain-text mail in the caller's transaction; it leaves after the commit.

    `about` names the row it is kept with, for everybody whom that row concerns to read: no mail
    with a secret in it. A subject of several lines is folded into one: a header cannot be injected.
    """
    email = OutgoingEmail.objects.create(
        recipient=to,
        subject=" ".join(line.strip() for line in subject.splitlines()).strip()[:250],
        body=body,
        aggregate=about._meta.model_name or "" if about is not None else "",
        aggregate_id=about.pk if about is not None else None,
    )
    jobs.send_after_commit(email)
    return email


def deliver(email: OutgoingEmail) -> None:
    """Hand the mail to the server; an error goes to the job, which is tried again."""
    message = EmailMessage(
        email.subject, email.body, settings.DEFAULT_FROM_EMAIL, [email.recipient]
    )
    message.send()
