"""The yearly renewal of the due diligence while a project runs, asked of its company.

It is answered like a correction: the sections open, and what is handed in is a revision with its
own hash, checked by itself.
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions import correction_mails
from applications.events import RenewalAsked
from applications.models import CorrectionPurpose, CorrectionRequest, Submission
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language

#: What opens: the file itself, and the documents that prove it.
SECTIONS = ("due_diligence", "documents")


@transaction.atomic
def ask_renewal(*, submission: Submission, due_on: date, officer: User) -> CorrectionRequest | None:
    """Open the due diligence of a running project until a day, and tell its company by mail.

    In the name of the officer, who is told of the answer. None while something else of this
    submission is open: two requests at once would be answered by one hand-in.
    """
    locked = Submission.objects.select_for_update(of=("self",)).only("pk").get(pk=submission.pk)
    if locked.corrections.open().exists():
        return None
    with in_language(submission.language):
        text = _(
            "Look again at the risks, the measures and the grievance channel of your project: what"
            " has changed, what was done, what is new. Sign the clause again if there is a newer"
            " text."
        )
    asked = CorrectionRequest.objects.create(
        submission=submission,
        purpose=CorrectionPurpose.RENEWAL,
        sections=list(SECTIONS),
        text=text,
        due_on=due_on,
        requested_by=officer,
    )
    record(
        RenewalAsked(correction=asked.pk, due_on=due_on.isoformat()),
        about=submission,
        actor=None,
        to_state=asked.state,
    )
    correction_mails.tell_company_of_renewal(asked)
    return asked
