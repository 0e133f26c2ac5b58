"""What the demonstration's companies and LuxDev wrote to each other, and the mails they keep."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from applications.actions.messaging import write_to_company, write_to_facility
from applications.models import Proposal
from bpf_portal.core.jobs import JobState
from bpf_portal.core.models import OutgoingEmail
from reviews.actions.demonstration.files import Json


def converse(given: Json, proposal: Proposal, officer: User) -> None:
    """The messages of a proposal, each at its time."""
    for told in given.get("messages", ()):
        moment = timezone.now() - timedelta(days=told["days_ago"], minutes=23)
        words = {"proposal_id": proposal.pk, "text": told["text"], "moment": moment}
        if told["by"] == "officer":
            write_to_company(actor=officer, **words)
        else:
            write_to_facility(actor=User.objects.get(email=told["by"]), **words)
        keep_mails(moment)


def keep_mails(moment: datetime) -> None:
    """What the last step wrote about proposals counts as sent then: nobody is written to about an
    invented story, and its mails stand in the correspondence all the same."""
    kept = OutgoingEmail.objects.filter(aggregate="proposal", state=JobState.QUEUED)
    kept.filter(recipient__endswith="@example.org").update(
        state=JobState.DONE, created_at=moment, started_at=moment, finished_at=moment
    )
