"""A dossier as handed in, on paper: the same reading as the page's."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from applications.forms.choices import Choices
from applications.models import SubmissionRevision
from applications.receipts.content import moment_with_zone
from applications.views.reading import read
from bpf_portal.core.pdf import render_pdf
from bpf_portal.core.texts import in_language

STYLESHEETS = ("letter.css", "receipt.css")


def dossier_pdf(revision: SubmissionRevision) -> bytes:
    """PDF/UA in the language of the application. Every text is escaped."""
    submission, document = revision.submission, revision.document
    with in_language(submission.language):
        title = _("Proposal %(reference)s") % {"reference": submission.reference}
        page = render_to_string(
            "receipts/dossier.html",
            {
                "title": title,
                "language": submission.language,
                "submission": submission,
                "revision": revision,
                "handed_in": moment_with_zone(revision.submitted_at),
                "reading": read(document, Choices(), ()),
                "files": document["documents"],
                "demonstration": settings.DEMO,
                "declarations": (document.get("extra") or {}).get("declarations"),
            },
        )
        return render_pdf(page, title=title, language=submission.language, stylesheets=STYLESHEETS)
