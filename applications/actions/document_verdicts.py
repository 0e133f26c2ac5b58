"""What follows when a document of a proposal was scanned: it counts, or it is refused and told."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions import checking
from applications.actions.open_sections import is_open
from applications.events import DocumentInfected
from applications.models import (
    Document,
    DocumentScan,
    MembershipRole,
    Moment,
    ScanState,
    Submission,
)
from bpf_portal.core import mail
from bpf_portal.core.events import record
from bpf_portal.core.texts import in_language


def after_scan(document: Document, scan: DocumentScan) -> None:
    """In the verdict's transaction, the document's row locked.

    An infected file does not count any more, and its company is told. Where the file was handed in
    already, the submission's frozen document keeps saying what was known then; the checks are run
    again once none of its files is pending.
    """
    if document.scan == ScanState.INFECTED:
        document.removed_at = document.removed_at or timezone.now()
        record(
            DocumentInfected(document=document.pk, kind=document.kind, found=scan.signature),
            about=document.proposal,
            actor=None,
        )
        _tell_company(document)
    _check_again(document)


def _check_again(document: Document) -> None:
    holding = Submission.objects.filter(documents=document)
    # One after the other: of two files whose scans end together, the later one sees both.
    for submission in holding.select_for_update(of=("self",), no_key=True):
        others = submission.documents.exclude(pk=document.pk)
        if not others.filter(scan=ScanState.PENDING).exists():
            checking.request_check(submission=submission, moment=Moment.SCAN)


def _tell_company(document: Document) -> None:
    """Whoever sent the file, and the company's owners."""
    organisation = document.proposal.organisation_id
    people = User.objects.filter(memberships__organisation_id=organisation, is_active=True)
    owners = people.filter(memberships__role=MembershipRole.OWNER)
    for person in (people.filter(pk=document.uploaded_by_id) | owners).distinct():
        with in_language(person.language):
            _send(person, document)


def _send(person: User, document: Document) -> None:
    proposal = document.proposal
    names = {"file": document.filename, "reference": proposal.reference}
    place = reverse("proposals:section", args=[proposal.reference, "documents"])
    if is_open(proposal, "documents"):
        remedy = _("Please send a copy without a virus here:")
    else:
        remedy = _(
            "The proposal was handed in already: the programme officer sees this too and will"
            " write to you. Your proposal:"
        )
        place = reverse("proposals:detail", args=[proposal.reference])
    paragraphs = (
        _("Good day,"),
        _(
            "A virus was found in the file “%(file)s” that was sent for the proposal"
            " %(reference)s. Nobody can open it in the portal, and it does not count as handed in."
        )
        % names,
        remedy,
        f"{settings.PORTAL_URL.rstrip('/')}{place}",
        _(
            "It is wise to have the computer checked that the file comes from. Everything else in"
            " your proposal is as it was."
        ),
        "Business Partnership Facility",
    )
    subject = _("A virus in a file of %(reference)s") % names
    body = "\n\n".join(paragraphs) + "\n"
    mail.send(to=person.email, subject=subject, body=body, about=proposal)
