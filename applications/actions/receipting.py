"""Receipts: a mail to the company at once, and a PDF that a durable job makes and keeps."""

import hashlib

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from applications.actions.proposal_mails import link, people_of, write
from applications.models import Receipt, SubmissionRevision
from applications.receipts import receipt_lines, receipt_of, receipt_pdf
from bpf_portal.core import jobs
from bpf_portal.core.texts import in_language


def request_receipt(revision: SubmissionRevision) -> Receipt:
    """Queue the PDF and write to everybody in the company, in the caller's transaction.

    The mail does not wait for the PDF: it says the same in words.
    """
    receipt = Receipt.objects.create(revision=revision)
    jobs.send_after_commit(receipt)
    _tell_company(revision)
    return receipt


def _tell_company(revision: SubmissionRevision) -> None:
    submission = revision.submission
    with in_language(submission.language):
        said = receipt_of(revision)
        words = {"reference": submission.reference}
        for person in people_of(submission.organisation):
            write(
                person.email,
                _("%(reference)s: receipt of your proposal") % words,
                said.sentence,
                "\n".join(f"{label}: {text}" for label, text in receipt_lines(said)),
                *([said.late] if said.late else []),
                _("Read what you handed in, and download this receipt as a PDF, here:"),
                link("proposals:receipt", submission.reference, submission.stage),
                about=submission.proposal,
            )


def perform(receipt: Receipt) -> None:
    """The job's work, in one transaction with its end: the same bytes every time from then on.

    When the transaction is rolled back, the file goes too.
    """
    revision = SubmissionRevision.objects.select_related(
        "submission__call", "submission__organisation", "submitted_by"
    ).get(pk=receipt.revision_id)
    try:
        with in_language(revision.submission.language):
            content = receipt_pdf(receipt_of(revision))
        receipt.size, receipt.sha256 = len(content), hashlib.sha256(content).hexdigest()
        receipt.file.save(f"{revision.pk}.pdf", ContentFile(content), save=False)
        receipt.save(update_fields=["file", "size", "sha256"])
    except BaseException:
        if receipt.file.name:
            receipt.file.storage.delete(receipt.file.name)
        raise
